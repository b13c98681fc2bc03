"""What a step with its picture costs: ``python tests/benchmarks/bench_envs.py [GAME ...]``.

For every registered game, over random play: the median CPU time of a joint move, the percept of a
seat, its pictures and their encoding as PNG; the largest PNG; the longest side. None of it waits,
so CPU time is what it takes, and a busy machine disturbs it less. Exits with status 1 when a game
breaks its bounds.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from statistics import median
from time import process_time
from typing import Any

from vsbench_envs import Game, get, names
from vsbench_envs.canvas import encode
from vsbench_envs.seeding import stream

STEPS = 200
WARM_UP = 20
"""Steps that are not counted: the first ones paint the sprites."""

MILLISECONDS = 5.0
ATARI_MILLISECONDS = 10.0
"""An emulator runs four frames a step, and all four are shown."""
KILOBYTES = 40.0
PIXELS = 768


@dataclass(frozen=True)
class Cost:
    """What was measured on one game; ``limit`` is in milliseconds."""

    game_id: str
    limit: float
    milliseconds: float
    kilobytes: float
    pixels: int

    @property
    def within_bounds(self) -> bool:
        """Whether all three are met."""
        return (
            self.milliseconds < self.limit and self.kilobytes < KILOBYTES and self.pixels <= PIXELS
        )


def measure(game: Game[Any]) -> Cost:
    """Play at random, the pictures going to each seat in turn."""
    luck = stream("bench", game.spec.id)
    times, sizes, sides = [], [], []
    state = game.new(0)
    for step in range(STEPS + WARM_UP):
        if not state.acting:
            state = game.new(step)
        joint = {seat: luck.choice(state.legal_actions(seat)) for seat in state.acting}
        start = process_time()
        state.apply(joint)
        images = game.view.draw(state.percept(step % game.spec.seats))
        pngs = [encode(image) for image in images]
        times.append(process_time() - start)
        sizes += [len(png) for png in pngs]
        sides += [max(image.size) for image in images]
    limit = ATARI_MILLISECONDS if game.spec.extra == "atari" else MILLISECONDS
    return Cost(game.spec.id, limit, 1000 * median(times[WARM_UP:]), max(sizes) / 1000, max(sides))


def main(chosen: list[str]) -> int:
    """Print the table; 1 if a bound is broken."""
    costs = [measure(get(name)) for name in chosen]
    print(f"{'game':24} {'ms':>6} {'limit':>6} {'KB':>6} {'pixels':>7}")
    for cost in costs:
        print(
            f"{cost.game_id:24} {cost.milliseconds:6.2f} {cost.limit:6.0f} "
            f"{cost.kilobytes:6.1f} {cost.pixels:7}{'' if cost.within_bounds else '  too much'}"
        )
    return 0 if all(cost.within_bounds for cost in costs) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or names()))
