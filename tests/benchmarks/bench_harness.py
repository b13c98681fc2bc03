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

import vsbench
from vsbench.adapters.base import AdapterOptions, Request
from vsbench.adapters.openai.factory import openai_api
from vsbench.api import plan
from vsbench.players.conversation import Conversation
from vsbench.players.questions import Situation
from vsbench.prompts import PromptPack
from vsbench.records.files import read_journal
from vsbench.settings import RunSettings
from vsbench.simulation import Simulation, SimulationSettings
from vsbench_envs import registry
from vsbench_envs.seeding import stream

GAME = "coin_dilemma"
EPISODES, STEPS = 16, 50
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
    """The bodies of as many calls as a run makes, from random play."""
    game, pack = registry.get(GAME), PromptPack.shipped()
    model = f"{base_url}#bench"
    adapter = openai_api(model, AdapterOptions())
    (manifest,) = plan(RunSettings(models=(f"openai-api/{model}",), envs=(GAME,)))
    payloads = []
    for episode in range(EPISODES):
        rng = stream("bench", episode)
        state = game.new(episode)
        while state.acting:
            for seat in state.acting:
                legal = game.spec.labels(state.legal_actions(seat))
                situation = Situation(
                    GAME, episode, 0, state.step, seat, state.percept(seat), legal
                )
                asked = Conversation(pack, manifest.asking, situation)
                payloads.append(adapter.body(Request(asked.messages, asked.max_tokens, seed=1)))
            state.apply({seat: rng.choice(state.legal_actions(seat)) for seat in state.acting})
    return payloads


async def bare_loop(base_url: str, payloads: list[dict]) -> float:
    """Seconds for the calls alone."""
    connections = asyncio.Semaphore(CONNECTIONS)
    async with openai.AsyncOpenAI(base_url=base_url, api_key="-", max_retries=0) as client:

        async def call(body: dict) -> None:
            async with connections:
                await client.chat.completions.create(**body)

        started = time.perf_counter()
        await asyncio.gather(*map(call, payloads))
        return time.perf_counter() - started


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
