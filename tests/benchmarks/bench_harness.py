"""How fast the harness makes calls, against a bare loop of the same SDK.

Both send the same payloads at the same concurrency to a simulated provider in another process.
Ratios are taken within a round, one after the other, and the median over rounds counts. Ends with
exit status 1 when a bound is broken.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from pathlib import Path

import openai
from workload import GAME, STEPS, recorded_requests, seconds

import vsbench
from vsbench.adapters.base import AdapterOptions
from vsbench.adapters.openai.client import openai_api
from vsbench.records.journals import read_journal
from vsbench.simulation import Simulation, SimulationSettings

EPISODES = 16
CALLS = EPISODES * STEPS * 2
CONNECTIONS = 16
ROUNDS = 3
LEAST_RATIO = 0.6
LATENCY = 0.3
EPISODES_IN_STEP = 4
MOST_OVER_CHAIN = 1.1


def main() -> int:
    """Measure, print, and say whether the bounds hold."""
    ratios = []
    with Simulation(SimulationSettings(policy="legal"), process=True) as provider:
        payloads = recorded_payloads(provider.base_url)
        asyncio.run(bare_loop(provider.base_url, payloads[:32]))
        for number in range(ROUNDS):
            bare = CALLS / asyncio.run(bare_loop(provider.base_url, payloads))
            with tempfile.TemporaryDirectory() as folder:
                out = Path(folder) / "run"
                harness = CALLS / harness_run(provider.base_url, CONNECTIONS, out)
            ratios.append(harness / bare)
            print(
                f"round {number + 1}: bare loop {bare:5.0f} calls/s, "
                f"harness {harness:5.0f} calls/s, ratio {ratios[-1]:.2f}"
            )
    ratio = statistics.median(ratios)
    print(f"harness / bare loop, median: {ratio:.2f} (at least {LEAST_RATIO})")
    slow = SimulationSettings(policy="legal", latency=LATENCY)
    with Simulation(slow, process=True) as provider, tempfile.TemporaryDirectory() as folder:
        wall = harness_run(provider.base_url, 64, Path(folder) / "run", EPISODES_IN_STEP)
        over = wall / longest_chain(Path(folder) / "run")
    print(
        f"{LATENCY * 1000:.0f} ms latency: wall time {over:.3f} of the longest chain of calls "
        f"(at most {MOST_OVER_CHAIN})"
    )
    return int(ratio < LEAST_RATIO or over > MOST_OVER_CHAIN)


def recorded_payloads(base_url: str) -> list[dict]:
    """The bodies of as many calls as a run makes."""
    adapter = openai_api(f"{base_url}#bench", AdapterOptions())
    return [adapter.body(request) for request in recorded_requests(EPISODES)]


async def bare_loop(base_url: str, payloads: list[dict]) -> float:
    """Seconds for the calls alone."""
    async with openai.AsyncOpenAI(base_url=base_url, api_key="-", max_retries=0) as client:

        async def call(body: dict) -> None:
            await client.chat.completions.create(**body)

        return await seconds(call, payloads, CONNECTIONS)


def harness_run(base_url: str, connections: int, out: Path, episodes: int = EPISODES) -> float:
    """Seconds for a whole run of as many calls."""
    started = time.perf_counter()
    (report,) = vsbench.run(
        models=[f"openai-api/{base_url}#bench"],
        evals=["decision"],
        envs=[GAME],
        episodes=episodes,
        max_connections=connections,
        out=out,
    )
    wall = time.perf_counter() - started
    assert report.results.usage.replies == episodes * STEPS * 2, report
    return wall


def longest_chain(run: Path) -> float:
    """Seconds that the calls of one episode took, those of one step side by side."""
    chains = []
    for path in run.glob("journal/*/*/*.jsonl"):
        steps: dict[int, float] = {}
        for record in read_journal(path):
            if record.type == "attempt":
                steps[record.step] = max(steps.get(record.step, 0.0), record.latency)
        chains.append(sum(steps.values()))
    return max(chains)


if __name__ == "__main__":
    sys.exit(main())
