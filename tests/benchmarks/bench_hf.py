"""How much faster the hf adapter answers in batches than one by one, on the CPU.

A tiny model answers the same questions both ways, one after the other within a round, and the
median of the rounds' ratios counts. Ends with exit status 1 when the bound is broken.
"""

import asyncio
import importlib.util
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from questions import question
from vsbench.adapters import AdapterOptions, Reply, Request, open_adapter
from vsbench_envs import registry

GAME = "coin_dilemma"
CALLS, TOKENS = 32, 32
BATCH = 8
ROUNDS = 5
LEAST_RATIO = 2.0


def main() -> int:
    """Measure, print, and say whether the bound holds."""
    if importlib.util.find_spec("torch") is None:
        print("hf: not measured, since PyTorch is not installed: make bench EXTRAS=hf")
        return 0
    ratios = []
    with tempfile.TemporaryDirectory() as folder:
        from tiny_vlm import write_vlm

        write_vlm(Path(folder))
        asyncio.run(answers(folder, BATCH))
        for number in range(ROUNDS):
            alone, one_by_one = asyncio.run(answers(folder, 1))
            together, batched = asyncio.run(answers(folder, BATCH))
            assert together == alone
            ratios.append(one_by_one / batched)
            print(
                f"round {number + 1}: one by one {CALLS / one_by_one:5.1f} calls/s, "
                f"batches of {BATCH} {CALLS / batched:5.1f} calls/s, ratio {ratios[-1]:.2f}"
            )
    ratio = statistics.median(ratios)
    print(f"hf batches / one by one, median: {ratio:.2f} (at least {LEAST_RATIO})")
    return int(ratio < LEAST_RATIO)


def questions() -> list[Request]:
    """What as many seats are asked, each with its picture."""
    game = registry.get(GAME)
    asked = (question(game.new(n), GAME, n) for n in range(CALLS))
    return [replace(request, max_tokens=TOKENS) for request in asked]


async def answers(folder: str, size: int) -> tuple[list[Reply], float]:
    """The replies, and the seconds that they took; loading is left out."""
    adapter = open_adapter(f"hf/{folder}", AdapterOptions(extra={"batch_size": str(size)}))
    asked = questions()
    started = time.perf_counter()
    replies = await asyncio.gather(*map(adapter.complete, asked))
    seconds = time.perf_counter() - started
    await adapter.close()
    return replies, seconds


if __name__ == "__main__":
    sys.exit(main())
