"""How many calls at once a provider gets."""

import asyncio
import time
from statistics import median

import pytest

from vsbench.adapters.base import CallError, CallTimeoutError, OverloadedError, RateLimitedError
from vsbench.runner.budget import Budget
from vsbench.runner.concurrency import (
    FIRST_WINDOW,
    RANK,
    ConcurrencyLimiter,
    ProviderPausedError,
)


class Counter:
    """A provider that takes so many calls at once and turns the others away."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.busy = self.most = self.turned_away = 0

    async def serve(self, seconds: float = 0.002) -> None:
        if self.busy >= self.limit:
            self.turned_away += 1
            raise RateLimitedError("slow down")
        self.busy += 1
        self.most = max(self.most, self.busy)
        await asyncio.sleep(seconds)
        self.busy -= 1


async def call_until_served(limiter: ConcurrencyLimiter, counter: Counter, seen: list[int]) -> None:
    again = False
    while True:
        try:
            async with limiter.slot(again=again):
                await counter.serve()
            seen.append(limiter.window)
            return
        except RateLimitedError:
            again = True
            await asyncio.sleep(0.002)


@pytest.mark.parametrize("limit", [3, 10, 40])
async def test_the_window_finds_the_limit_and_stays_near_it(limit: int) -> None:
    limiter, counter, seen = ConcurrencyLimiter(64), Counter(limit), []
    calls = 100 * limit
    await asyncio.gather(*(call_until_served(limiter, counter, seen) for _ in range(calls)))
    settled = seen[calls // 4 :]
    assert 0.8 * limit <= median(settled) <= 1.2 * limit
    assert counter.turned_away < 0.1 * calls


async def test_no_more_than_the_most_however_well_it_goes() -> None:
    limiter, counter, seen = ConcurrencyLimiter(12), Counter(1000), []
    await asyncio.gather(*(call_until_served(limiter, counter, seen) for _ in range(400)))
    assert counter.most == limiter.window == 12


async def test_a_single_lasting_call_does_not_widen_the_window() -> None:
    limiter, counter = ConcurrencyLimiter(64), Counter(1000)
    for _ in range(50):
        await call_until_served(limiter, counter, [])
    assert limiter.window == FIRST_WINDOW


async def test_calls_of_one_window_that_fail_together_count_once() -> None:
    limiter = ConcurrencyLimiter(8)

    async def fail() -> None:
        async with limiter.slot():
            await asyncio.sleep(0.01)
            raise RateLimitedError("slow down")

    ends = await asyncio.gather(*(fail() for _ in range(8)), return_exceptions=True)
    assert {type(end) for end in ends} == {RateLimitedError}
    assert limiter.window == 4


@pytest.mark.parametrize("error", [CallTimeoutError("silence"), OverloadedError("down")])
async def test_other_errors_say_nothing_of_the_window(error: CallError) -> None:
    limiter = ConcurrencyLimiter(8)
    with pytest.raises(type(error)):
        async with limiter.slot():
            raise error
    assert limiter.window == 8


async def test_nobody_waits_beyond_their_patience() -> None:
    limiter, began = ConcurrencyLimiter(1, patience=5), time.monotonic()

    async def hold() -> None:
        async with limiter.slot():
            await asyncio.sleep(0.01)
            raise RateLimitedError("tomorrow", retry_after=3600)

    ends = await asyncio.gather(*(hold() for _ in range(4)), return_exceptions=True)
    assert [type(end) for end in ends] == [RateLimitedError, *[ProviderPausedError] * 3]
    assert [str(end) for end in ends] == ["tomorrow"] + 3 * [
        "the provider accepts no calls for another 3600 s"
    ]
    with pytest.raises(RateLimitedError, match="accepts no calls"):
        await hold()
    assert time.monotonic() - began < 2


async def test_advice_to_wait_holds_for_every_call() -> None:
    limiter, began = ConcurrencyLimiter(8), time.monotonic()
    with pytest.raises(RateLimitedError):
        async with limiter.slot():
            raise RateLimitedError("slow down", retry_after=0.1)
    async with limiter.slot():
        assert time.monotonic() - began >= 0.1


async def test_calls_made_again_go_first() -> None:
    limiter, order = ConcurrencyLimiter(1), []

    async def call(name: str, again: bool) -> None:
        async with limiter.slot(again=again):
            order.append(name)
            await asyncio.sleep(0)

    calls = [("a", False), ("b", False), ("c", False), ("d", True), ("e", True)]
    await asyncio.gather(*(call(*each) for each in calls))
    assert order == ["a", "d", "e", "b", "c"]


async def test_calls_of_the_first_episodes_go_first() -> None:
    limiter, order = ConcurrencyLimiter(1), []

    async def call(rank: float, again: bool = False) -> None:
        RANK.set(rank)
        async with limiter.slot(again=again):
            order.append(rank)
            await asyncio.sleep(0)

    calls = [(0.5, False), (0.4, False), (0.1, False), (0.3, True), (0.1, False), (0.0, False)]
    await asyncio.gather(*(call(*each) for each in calls))
    assert order == [0.5, 0.3, 0.0, 0.1, 0.1, 0.4]


async def test_who_gives_up_waiting_takes_no_place() -> None:
    limiter = ConcurrencyLimiter(1)

    async def hold(seconds: float) -> None:
        async with limiter.slot():
            await asyncio.sleep(seconds)

    first = asyncio.create_task(hold(0.02))
    await asyncio.sleep(0)
    second = asyncio.create_task(hold(10))
    await asyncio.sleep(0)
    second.cancel()
    await first
    async with asyncio.timeout(1):
        await hold(0)


async def test_nobody_waits_for_a_pause_when_the_run_has_stopped() -> None:
    budget, limiter = Budget(time_limit=0.05), ConcurrencyLimiter(4)
    budget.on_stop.append(limiter.release_all)
    limiter.pause(60)
    began = time.monotonic()
    with budget.deadline():
        async with limiter.slot():
            assert budget.stopped is not None
    assert 0.05 <= time.monotonic() - began < 5
