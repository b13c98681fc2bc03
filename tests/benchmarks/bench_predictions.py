"""How fast the harness asks for predictions, and whether memory stays flat.

The benchmark's 3200 predictions are asked of a simulated provider in another process; memory is
taken when a quarter of the verdicts is in and when all are. Then the predictions of one game are
held against a bare loop of the SDK with the same bodies. Ends with exit status 1 when a bound is
broken.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import openai
from workload import seconds

import vsbench
from vsbench.adapters import Request, open_adapter
from vsbench.planning.units import planned_samples
from vsbench.prompts import PromptPack
from vsbench.records.files import UnitKey
from vsbench.records.journal import JournalRecord, Verdict
from vsbench.runner.observer import NullObserver
from vsbench.runner.runs import plan
from vsbench.settings import RunSettings
from vsbench.simulation import Simulation, SimulationSettings

CONNECTIONS = 64
ROUNDS = 5
GAME = "coin_dilemma"
"""Where throughput is compared, as for episodes: replays and pictures of others take longer."""
LEAST_RATIO = 0.6
MOST_GROWTH = 1.2


class Memory(NullObserver):
    """Remembers what the process takes, in MiB, at every verdict."""

    def __init__(self) -> None:
        self.taken: list[float] = []

    def happened(self, directory: Path, key: UnitKey, record: JournalRecord) -> None:
        """Look at every verdict."""
        if isinstance(record, Verdict):
            pages = int(Path("/proc/self/statm").read_text().split()[1])
            self.taken.append(pages * 4 / 1024)


def main() -> int:
    """Measure, print, and say whether the bounds hold."""
    with Simulation(SimulationSettings(policy="legal"), process=True) as provider:
        model = f"openai-api/{provider.base_url}#m"
        memory = Memory()
        wall = predict(model, memory)
        calls = len(memory.taken)
        quarter, whole = memory.taken[calls // 4], memory.taken[-1]
        print(f"{calls} predictions in {wall:.1f} s, {calls / wall:.0f} a second")
        print(
            f"memory: {quarter:.0f} MiB at a quarter, {whole:.0f} MiB at the end, "
            f"{whole / quarter:.2f} times as much (at most {MOST_GROWTH})"
        )
        bodies = bodies_of(model)
        ratios = []
        for _ in range(ROUNDS):
            alone = asyncio.run(bare_loop(provider.base_url, bodies))
            ratios.append(alone / predict(model, NullObserver(), GAME))
    ratio = statistics.median(ratios)
    print(f"{GAME}: predictions / bare SDK loop, median: {ratio:.2f} (at least {LEAST_RATIO})")
    return int(whole / quarter > MOST_GROWTH or ratio < LEAST_RATIO)


def predict(model: str, observer: NullObserver, *envs: str) -> float:
    """Seconds for a run of predictions."""
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        (report,) = vsbench.run(
            models=[model],
            envs=envs,
            evals=["reasoning"],
            max_connections=CONNECTIONS,
            out=Path(folder) / "run",
            observer=observer,
        )
        wall = time.perf_counter() - started
    assert report.results.complete, report.why
    return wall


def bodies_of(model: str) -> list[dict[str, Any]]:
    """What such a run sends."""
    settings = RunSettings(models=(model,), envs=(GAME,), evals=("reasoning",))
    (manifest,) = plan(settings)
    pack = PromptPack.shipped()
    adapter: Any = open_adapter(model)
    return [
        adapter.body(Request(asked.question().first(pack, manifest.model_settings), 8192, seed=1))
        for environment in manifest.environments
        for asked in planned_samples(manifest, environment, "reasoning")
    ]


async def bare_loop(base_url: str, bodies: list[dict[str, Any]]) -> float:
    """Seconds for the calls alone."""
    async with openai.AsyncOpenAI(base_url=base_url, api_key="-", max_retries=0) as client:

        async def call(body: dict[str, Any]) -> None:
            await client.chat.completions.create(**body)

        return await seconds(call, bodies, CONNECTIONS)


if __name__ == "__main__":
    sys.exit(main())
