"""A model that tests write in a line, in place of a provider."""

import asyncio
import json
from collections.abc import Callable
from random import Random

from vsbench.adapters.base import Reply, Request, Usage

MODEL = "openai-api/http://127.0.0.1:9/v1#written"
"""Its id."""

Answer = Callable[[Request, int], Reply]
"""From a request and how often this very request came before; may raise what adapters raise."""


def legal_actions(request: Request) -> list[str]:
    """The array of legal actions in the last message."""
    line = next(
        line for line in reversed(request.messages[-1].text.splitlines()) if line.startswith("[")
    )
    return json.loads(line)


def choose(request: Request, seen: int = 0) -> Reply:
    """A legal action that depends on the request's seed alone."""
    action = Random(request.seed).choice(legal_actions(request))
    return Reply(json.dumps({"action": action}), usage=Usage(input=100, output=10))


def stumble(request: Request, seen: int) -> Reply:
    """Like ``choose``, but now and then it needs another attempt, or all of them."""
    return Reply("hm, bet or pass") if request.seed % 4 == 0 else choose(request)


class WrittenModel:
    """An adapter around a test's answer."""

    max_output_tokens = None
    address = "the test"

    def __init__(self, answer: Answer = choose, latency: float = 0.0) -> None:
        self.answer = answer
        self.latency = latency
        self.requests: list[Request] = []
        self.open = 0
        self.most_open = 0

    async def complete(self, request: Request) -> Reply:
        seen = self.requests.count(request)
        self.requests.append(request)
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        try:
            # Different calls take different times, so that their order is never the same.
            await asyncio.sleep(self.latency * Random(len(self.requests)).random())
            return self.answer(request, seen)
        finally:
            self.open -= 1

    async def close(self) -> None:
        return
