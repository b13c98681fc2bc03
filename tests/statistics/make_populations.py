"""Record return distributions of bots, good and bad, to measure the coverage of intervals on.

``python tests/statistics/make_populations.py [GAME ...]`` plays the episodes and writes
``populations.json``: for each game and player the distribution of the score over groups of
``GameSpec.group`` episodes, and for each counted behaviour its spread over them. The same seeds
give the same file. It takes about half an hour of processor time.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

from vsbench_envs import registry
from vsbench_envs.registry import bot
from vsbench_envs.replay import Playthrough
from vsbench_envs.seeding import stream

FILE = Path(__file__).with_name("populations.json")

DIGITS = 3
"""Digits after the point that are kept of scores and spreads."""

PLAYERS: dict[str, tuple[str, ...]] = {
    "hanabi": (
        "oracle", "convention", "beginner", "greedy", "greedy:chance=0.4", "greedy:chance=0.8",
        "oracle~0.02", "oracle~0.05", "oracle~0.1", "convention~0.02", "beginner~0.05",
        "beginner~0.15", "greedy~0.1", "random",
    ),
    "overcooked": (
        "human", "human:noise=0", "human:noise=0.2", "human:noise=0.3", "human:noise=0.5",
        "human:noise=0.7", "human:noise=0.85", "random",
    ),
    "breakthrough": ("greedy", "greedy~0.3", "greedy~0.6", "random"),
    "atari_pong": (
        "skilled", "skilled:aim=0", "skilled:error=6", "skilled~0.2", "oracle~0.1", "oracle~0.3",
        "oracle", "greedy", "novice:lapse=0.1", "novice", "random",
    ),
    "kuhn_poker": ("equilibrium", "equilibrium:alpha=1/3", "greedy", "greedy~0.3", "random"),
    "coin_dilemma": (
        "oracle", "straight", "self_interest", "oracle~0.2", "oracle~0.5", "oracle~0.8",
        "self_interest~0.3", "random",
    ),
    "monster_hunt": (
        "oracle", "to_the_monster", "wait_in_corner", "nearest_apple", "oracle~0.2", "oracle~0.5",
        "oracle~0.8", "nearest_apple~0.3", "to_the_monster~0.3", "random",
    ),
    "battle_of_the_colors": (
        "oracle", "self_interest", "both_red", "oracle~0.2", "oracle~0.5", "oracle~0.8",
        "self_interest~0.3", "both_blue~0.3", "random",
    ),
}  # fmt: skip
"""Game -> players. ``oracle~0.1`` is the oracle with a tenth of its moves at random."""

EPISODES = {
    "hanabi": 200,
    "overcooked": 200,
    "breakthrough": 40,
    "atari_pong": 80,
    "kuhn_poker": 4800,
}
USUAL_EPISODES = 600


def play(game_id: str, player: str, seed: int) -> tuple[float, dict[str, float]]:
    """Play an episode; the score, and the mean count of each behaviour over the player's seats."""
    game = registry.get(game_id)
    spec = game.spec
    name, _, noise = player.partition("~")
    # Consecutive seeds take turns at the starts, then at the seats.
    seat = seed // spec.strata % spec.seats
    seats = list(range(spec.seats)) if spec.opponent is None else [seat]
    players = [name if seat in seats else str(spec.opponent) for seat in range(spec.seats)]
    bots = [bot(game, written) for written in players]
    playthrough = Playthrough(game, game.new(seed), range(spec.seats))
    state: Any = playthrough.state
    while state.acting:
        joint = {}
        for seat in state.acting:
            rng = stream(seed, "rollout", state.step, seat)
            decider, options = bots[seat]
            turn = playthrough.turn(seat, players[seat], rng)
            if seat in seats and noise and rng.random() < float(noise):
                joint[seat] = rng.choice(turn.legal)
            else:
                joint[seat] = decider.decide(turn, **options)
        playthrough.apply(joint)
    summary = state.summary
    counts = {
        event: sum(summary.events.get(event, (0,) * spec.seats)[seat] for seat in seats)
        / len(seats)
        for event in spec.events
    }
    return spec.score(summary, seats), counts


def population(game_id: str, player: str) -> dict[str, Any]:
    """Play the episodes of a player and summarise them."""
    spec = registry.get(game_id).spec
    seeds = range(EPISODES.get(game_id, USUAL_EPISODES))
    episodes = [play(game_id, player, seed) for seed in seeds]

    def by_group(values: list[float]) -> list[float]:
        return [fmean(group) for group in batched(values, spec.group)]

    scores = Counter(round(score, DIGITS) for score in by_group([score for score, _ in episodes]))
    return {
        "scores": {str(score): times for score, times in sorted(scores.items())},
        "spreads": {
            event: round(stdev(by_group([counts[event] for _, counts in episodes])), DIGITS)
            for event in spec.events
        },
    }


def batched(values: list[float], size: int) -> Iterator[list[float]]:
    """Cut a list into parts of a size."""
    for start in range(0, len(values), size):
        yield values[start : start + size]


def main(games: list[str]) -> None:
    """Write the populations of some games, or of all, beside those that are there."""
    found = json.loads(FILE.read_text("utf-8")) if FILE.exists() else {}
    wanted = [(game, player) for game in games or PLAYERS for player in PLAYERS[game]]
    with ProcessPoolExecutor() as pool:
        recorded = pool.map(population, *zip(*wanted, strict=True))
        for (game, player), row in zip(wanted, recorded, strict=True):
            found.setdefault(game, {})[player] = row
            print(game, player, flush=True)
    FILE.write_text(to_json(found), encoding="utf-8")


def to_json(found: dict[str, Any]) -> str:
    """Spell the populations with a line for each, in the order of ``PLAYERS``."""
    parts = []
    for game in PLAYERS:
        if game in found:
            rows = [
                f"  {json.dumps(player)}: {json.dumps(found[game][player])}"
                for player in PLAYERS[game]
            ]
            parts.append(f"{json.dumps(game)}: {{\n" + ",\n".join(rows) + "\n}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


if __name__ == "__main__":
    main(sys.argv[1:])
