"""An adapter of another package. After its installation: vsbench run --model parrot/polly."""

import json

from vsbench.adapters import AdapterOptions, Reply, Request
from vsbench.adapters.options import ProviderOptions, read_options


class ParrotOptions(ProviderOptions):
    """``--model-option parrot.place=2``."""

    place: int = 0
    """Which of the listed actions it repeats."""


class Parrot:
    """A bird that was listening."""

    max_output_tokens = None
    address = "its perch"

    def __init__(self, name: str, options: ParrotOptions) -> None:
        self.name = name
        self.place = options.place

    async def complete(self, request: Request) -> Reply:
        """Say one of the actions that the question lists."""
        lines = request.messages[-1].text.splitlines()
        actions = json.loads(next(line for line in lines if line.startswith("[")))
        answer = json.dumps({"action": actions[self.place % len(actions)]})
        return Reply(answer, served_model=self.name)

    async def close(self) -> None:
        """Nothing is held."""


def parrot(name: str, options: AdapterOptions) -> Parrot:
    """The factory that the entry point names."""
    return Parrot(name, read_options("parrot", options.extra, ParrotOptions))
