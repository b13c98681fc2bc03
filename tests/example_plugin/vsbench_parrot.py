"""An adapter of another package. After its installation: vsbench run --model parrot/polly."""

import json

from vsbench.adapters import (
    Adapter,
    AdapterOptions,
    ProviderOptions,
    Reply,
    Request,
    read_options,
)


class ParrotOptions(ProviderOptions):
    """``--model-option parrot.place=2``."""

    place: int = 0
    """Which of the listed actions it repeats."""


class Parrot(Adapter):
    """A bird that was listening."""

    address = "its perch"

    def __init__(self, model: str, options: AdapterOptions) -> None:
        self.model = model
        self.place = read_options("parrot", options.extra, ParrotOptions).place

    async def complete(self, request: Request) -> Reply:
        """Say one of the actions that the question lists."""
        lines = request.messages[-1].text.splitlines()
        actions = json.loads(next(line for line in lines if line.startswith("[")))
        answer = json.dumps({"action": actions[self.place % len(actions)]})
        return Reply(answer, served_model=self.model)
