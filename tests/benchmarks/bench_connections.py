"""How well adaptive concurrency finds what a provider takes at once.

A simulated provider turns away calls above its capacity. The window of the limiter, sampled at
every reply once it had time to settle, and the share of calls that were turned away, are held
against bounds. Ends with exit status 1 when one is broken.
"""

import asyncio
import statistics
import sys
import time

from workload import recorded_requests

from vsbench.adapters import open_adapter
from vsbench.adapters.base import RateLimitedError, Request
from vsbench.runner.concurrency import ConcurrencyLimiter
from vsbench.simulation import Simulation, SimulationSettings

CAPACITIES = (5, 20, 50)
EPISODES = 20
LATENCY = 0.05
MOST = 64
OFF_BY = 0.2
MOST_TURNED_AWAY = 0.05


async def main() -> int:
    """Measure, print, and say whether the bounds hold."""
    broken = 0
    requests = recorded_requests(EPISODES)
    for capacity in CAPACITIES:
        settings = SimulationSettings(policy="legal", latency=LATENCY, capacity=capacity)
        with Simulation(settings, process=True) as provider:
            windows, wall = await play(provider, requests[: 100 * capacity])
            counts = provider.counts()
        window = statistics.median(windows[len(windows) // 4 :])
        turned_away = counts.failed_calls / counts.calls
        ideal = counts.finished_calls * LATENCY / capacity
        print(
            f"capacity {capacity:2}: window {window:4.1f}, {100 * turned_away:.1f} % of "
            f"{counts.calls} calls turned away, {wall / ideal:.2f} of the least time "
            f"(window within {100 * OFF_BY:.0f} %, at most {100 * MOST_TURNED_AWAY:.0f} %)"
        )
        broken += abs(window / capacity - 1) > OFF_BY or turned_away > MOST_TURNED_AWAY
    return int(broken > 0)


async def play(provider: Simulation, requests: list[Request]) -> tuple[list[int], float]:
    """The window at every reply, and the seconds in all."""
    limiter, windows = ConcurrencyLimiter(MOST), list[int]()
    adapter = open_adapter(f"openai-api/{provider.base_url}#m")

    async def call(request: Request) -> None:
        again = False
        while True:
            try:
                async with limiter.slot(again=again):
                    await adapter.complete(request)
                windows.append(limiter.window)
                return
            except RateLimitedError:
                again = True
                await asyncio.sleep(LATENCY)

    started = time.perf_counter()
    await asyncio.gather(*map(call, requests))
    wall = time.perf_counter() - started
    await adapter.close()
    return windows, wall


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
