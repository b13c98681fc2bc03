"""What benchmarks have models asked, and how calls are timed."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from vsbench.adapters import Request
from vsbench.players.questions import DecisionQuestion
from vsbench.prompts import PromptPack
from vsbench.runner.runs import plan
from vsbench.settings import RunSettings
from vsbench_envs import registry
from vsbench_envs.seeding import stream

GAME = "coin_dilemma"
STEPS = 50

T = TypeVar("T")


def recorded_requests(episodes: int) -> list[Request]:
    """As many requests as a run of random play makes, two a step."""
    game, pack = registry.get(GAME), PromptPack.shipped()
    (manifest,) = plan(RunSettings(models=("openai-api/http://127.0.0.1:9/v1#m",), envs=(GAME,)))
    requests = []
    for episode in range(episodes):
        rng = stream("bench", episode)
        state = game.new(episode)
        while state.acting:
            for seat in state.acting:
                legal = game.spec.labels(state.legal_actions(seat))
                situation = DecisionQuestion(
                    GAME, episode, 0, state.step, seat, state.percept(seat), legal
                )
                messages = situation.first(pack, manifest.model_settings)
                requests.append(Request(messages, manifest.model_settings.answer_tokens, seed=1))
            state.apply({seat: rng.choice(state.legal_actions(seat)) for seat in state.acting})
    return requests


async def seconds(
    call: Callable[[T], Awaitable[object]], inputs: Iterable[T], at_once: int
) -> float:
    """Seconds for a call of each input, so many at once."""
    room = asyncio.Semaphore(at_once)

    async def one(value: T) -> None:
        async with room:
            await call(value)

    started = time.perf_counter()
    await asyncio.gather(*map(one, inputs))
    return time.perf_counter() - started
