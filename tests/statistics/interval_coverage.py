"""Measure how often 95 % intervals contain the true value, on recorded distributions.

``python tests/statistics/interval_coverage.py [SAMPLES]`` prints the tables of docs/STATISTICS.md.
Samples are drawn from the populations of ``populations.json``, whose means are known.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from statistics import fmean, median

import numpy as np
from numpy.typing import NDArray

from vsbench.records.results import Figure
from vsbench.scoring.episodes import Scales
from vsbench.scoring.intervals import Mean, Scale, estimate, figure, mean_of_means
from vsbench.scoring.ratings import MEAN, ODDS, rate
from vsbench_envs import registry
from vsbench_envs.kuhn_poker.rules import CARDS, DEALS
from vsbench_envs.kuhn_poker.value import (
    INFORMATION_SETS,
    Frequencies,
    bot_frequencies,
    expected_chips,
    payoff,
    policy_value,
)
from vsbench_envs.spec import PlayedEpisode

FILE = Path(__file__).with_name("populations.json")

SIZES = (5, 10, 20)
REPETITIONS = 2000

RARE = 1.75
"""Skewness, up or down, from which on a population is one of rare events: ten episodes often show
none of those that matter."""

PAPER_COUNTS = {"breakthrough": 20, "kuhn_poker": 100}
"""Episodes in vsbench-1, where they are not 10; those of Kuhn poker in groups of 12."""

RATED: tuple[tuple[tuple[float, ...], int], ...] = (
    ((0.0, 0.0), 20),
    ((2.5, -2.5), 10),
    ((2.5, -2.5), 20),
    ((0.0, 0.5, 1.0, 1.5), 10),
    ((0.0, 0.5, 1.0, 1.5), 20),
)
"""Log-strengths of players, and deals. With 2.5 and -2.5 one wins 99.3 % of the deals."""


@dataclass(frozen=True)
class Population:
    """The scores of a player in a game, all equally likely."""

    game: str
    player: str
    scores: NDArray[np.float64]

    @cached_property
    def mean(self) -> float:
        """The true mean."""
        return float(self.scores.mean())

    @cached_property
    def rare(self) -> bool:
        """Whether it is of rare events."""
        spread = float(self.scores.std())
        return not spread or abs(fmean((self.scores - self.mean) ** 3)) > RARE * spread**3

    @cached_property
    def scale(self) -> Scale:
        """The prior spread and bounds; values are of whole groups already."""
        spec = registry.get(self.game).spec
        return Scales(spec).score.of_units(spec.group)

    def samples(self, size: int, times: int) -> Iterator[list[float]]:
        """Draw samples, always the same."""
        rng = np.random.default_rng([size, *f"{self.game} {self.player}".encode()])
        for _ in range(times):
            yield rng.choice(self.scores, size).tolist()


@cache
def populations() -> tuple[Population, ...]:
    """Load all populations."""
    recorded = json.loads(FILE.read_text("utf-8"))
    return tuple(
        Population(
            game,
            player,
            np.repeat([float(score) for score in found["scores"]], list(found["scores"].values())),
        )
        for game, players in recorded.items()
        for player, found in players.items()
    )


def pooled_spreads(game: str) -> dict[str, float]:
    """The root mean square, over players, of the spread of each behaviour."""
    players = json.loads(FILE.read_text("utf-8"))[game].values()
    events = registry.get(game).spec.events
    return {
        event: round(math.sqrt(fmean(found["spreads"][event] ** 2 for found in players)), 3)
        for event in events
    }


def contains(found: Figure, value: float) -> bool:
    """Whether an interval contains a value, give or take a rounding error."""
    return found.low - 1e-9 <= value <= found.high + 1e-9


def score_coverage(population: Population, size: int, times: int = REPETITIONS) -> float:
    """Share of the intervals of a game's score that contain the true mean."""
    scale = population.scale
    return fmean(
        contains(figure(sample, scale), population.mean)
        for sample in population.samples(size, times)
    )


def binary_coverage(size: int) -> dict[float, float]:
    """Win chance -> exact share of the intervals of Breakthrough's score that contain it."""
    scale = Scales(registry.get("breakthrough").spec).score
    shown = [figure([100.0] * won + [0.0] * (size - won), scale) for won in range(size + 1)]
    found = {}
    for chance in np.linspace(0.05, 0.95, 91):
        weights = [
            math.comb(size, won) * chance**won * (1 - chance) ** (size - won)
            for won in range(size + 1)
        ]
        held = (contains(figure, 100 * chance) for figure in shown)
        found[float(chance)] = sum(w for w, inside in zip(weights, held, strict=True) if inside)
    return found


def game_coverage(game: str, size: int, times: int, *, rare: bool = False) -> dict[str, float]:
    """Player -> coverage of a game's score; empty if there are no such players.

    In Breakthrough, players are all win chances.
    """
    if game == "breakthrough":
        chances = {} if rare else binary_coverage(size)
        return {f"{chance:.2f}": share for chance, share in chances.items()}
    return {
        each.player: score_coverage(each, size, times)
        for each in populations()
        if (each.game, each.rare) == (game, rare)
    }


def overall_coverage(profile: Sequence[Population], sizes: Sequence[int], times: int) -> float:
    """Share of the intervals of the overall score that contain the true mean."""
    true = fmean(population.mean for population in profile)
    draws = zip(
        *(each.samples(size, times) for each, size in zip(profile, sizes, strict=True)),
        strict=True,
    )
    return fmean(
        contains(
            mean_of_means(
                [estimate(sample, each.scale) for sample, each in zip(drawn, profile, strict=True)]
            ).figure,
            true,
        )
        for drawn in draws
    )


def profiles(number: int) -> list[list[Population]]:
    """Combine players of all games at random into models."""
    rng = np.random.default_rng(1)
    by_game: dict[str, list[Population]] = {}
    for population in populations():
        if not population.rare:
            by_game.setdefault(population.game, []).append(population)
    return [
        [found[int(rng.integers(len(found)))] for found in by_game.values()] for _ in range(number)
    ]


def plug_in_coverage(policy: Frequencies, hands: int, times: int) -> tuple[float, float]:
    """Coverage of the plug-in value, and by what its variance is smaller than that of the mean."""
    equilibrium = bot_frequencies("equilibrium")
    assert equilibrium is not None
    true = expected_chips(policy, equilibrium)
    rng = np.random.default_rng(hands)
    covered, values, means = [], [], []
    for _ in range(times):
        played, chips = [], []
        for hand in range(hands):
            episode, won = _play(hand, policy, equilibrium, rng)
            played.append(episode)
            chips.append(won)
        found = policy_value(played, "equilibrium")
        assert found is not None
        mean = Mean(found.mean, found.error, found.df, found.n, found.bounds)
        covered.append(contains(mean.figure, true))
        values.append(found.mean)
        means.append(fmean(chips))
    return fmean(covered), float(np.var(means) / np.var(values))


def _play(
    hand: int, policy: Frequencies, opponent: Frequencies, rng: np.random.Generator
) -> tuple[PlayedEpisode, float]:
    """Play a hand of Kuhn poker: twelve in a row are all deals from both seats."""
    deal, seat = DEALS[hand % len(DEALS)], hand // len(DEALS) % 2
    cards = CARDS[deal[0]], CARDS[deal[1]]
    moves: tuple[str, ...] = ()
    while (chips := payoff(seat, cards, moves)) is None:
        mover = len(moves) % 2
        bets = (policy if mover == seat else opponent)[cards[mover], moves]
        moves = (*moves, "bet" if rng.random() < bets else "pass")
    return PlayedEpisode(hand, seat, moves), chips


def policies(number: int) -> list[Frequencies]:
    """Policies of Kuhn poker: random mixtures, and the equilibrium."""
    rng = np.random.default_rng(2)
    equilibrium = bot_frequencies("equilibrium")
    assert equilibrium is not None
    mixtures = [
        dict(zip(INFORMATION_SETS, rng.beta(0.5, 0.5, len(INFORMATION_SETS)).tolist(), strict=True))
        for _ in range(number - 1)
    ]
    return [*mixtures, equilibrium]


def rating_coverage(strengths: Sequence[float], deals: int, times: int) -> tuple[float, float]:
    """Coverage of ratings and of their differences, for players of known log-strengths."""
    rng = np.random.default_rng(deals)
    players = len(strengths)
    logs = np.asarray(strengths) - fmean(strengths)
    chances = 1 / (1 + np.exp(logs[None, :] - logs[:, None]))
    elo = MEAN + ODDS / math.log(10) * logs
    ratings, differences = [], []
    for _ in range(times):
        # A deal is played from both seats: won twice, shared, or lost twice.
        won = rng.random((deals, players, players)) < chances
        wins = np.triu(won, 1).astype(float)
        wins += np.transpose(np.triu(1.0 - won, 1), (0, 2, 1))
        found = rate([wins])
        ratings += [contains(figure, x) for figure, x in zip(found.elo, elo, strict=True)]
        differences += [
            contains(each.points, elo[each.first] - elo[each.second]) for each in found.differences
        ]
    return fmean(ratings), fmean(differences)


def main(times: int = REPETITIONS) -> None:
    """Print the coverage of each kind of figure."""
    print(f"Coverage of 95 % intervals in %, {times} samples each\n")
    print("| game | players |" + "".join(f" n = {size} |" for size in SIZES) + " worst at 10 |")
    print("|---|---|" + "---|" * (len(SIZES) + 1))
    for game in dict.fromkeys(population.game for population in populations()):
        for rare in (False, True):
            by_size = {size: game_coverage(game, size, times, rare=rare) for size in SIZES}
            if not by_size[10]:
                continue
            title = f"{registry.get(game).spec.title}{', rare events' if rare else ''}"
            cells = [f"{100 * fmean(shares.values()):.1f}" for shares in by_size.values()]
            worst = f"{100 * min(by_size[10].values()):.1f}"
            print(f"| {title} | {len(by_size[10])} | {' | '.join([*cells, worst])} |", flush=True)
    print("\n| overall of 8 games | median | worst |\n|---|---|---|")
    combined = profiles(20)
    games = [population.game for population in combined[0]]
    for title, counts in (
        ("n = 10 in each", [10] * len(games)),
        ("n = 20 in each", [20] * len(games)),
        ("as vsbench-1", [PAPER_COUNTS.get(game, 10) for game in games]),
    ):
        shares = [overall_coverage(each, counts, max(50, times // 8)) for each in combined]
        print(f"| {title} | {100 * median(shares):.1f} | {100 * min(shares):.1f} |", flush=True)
    print("\n| plug-in value, hands | coverage | worst | variance smaller by |\n|---|---|---|---|")
    for hands in (60, 240, 1200):
        found_ = [plug_in_coverage(policy, hands, max(50, times // 5)) for policy in policies(8)]
        covered, factors = zip(*found_, strict=True)
        print(
            f"| {hands} | {100 * fmean(covered):.1f} | {100 * min(covered):.1f} "
            f"| {median(factors):.1f} |",
            flush=True,
        )
    print("\n| ratings: log-strengths, deals | ratings | differences |\n|---|---|---|")
    for strengths, deals in RATED:
        shares_ = rating_coverage(strengths, deals, max(50, times // 5))
        cells = [f"{100 * share:.1f}" for share in shares_]
        print(f"| {', '.join(map(str, strengths))}; {deals} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
