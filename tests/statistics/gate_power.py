"""Measure false alarms and power of comparisons, of the gate, and of sequential looks.

``python tests/statistics/gate_power.py [PAIRS]`` prints the tables of docs/STATISTICS.md. Pairs of
runs are drawn from the populations of ``populations.json``: of unchanged models, and of models that
play a share of their episodes at random.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from statistics import fmean

import numpy as np
from numpy.typing import NDArray

from interval_coverage import Population, contains, populations
from score_changes import comparison_of
from vsbench.protocols import protocol
from vsbench.records.comparison import Judgement
from vsbench.scoring.differences import DifferenceOfMeans, of_answers, of_episodes, paired_mean
from vsbench.scoring.gate import judge
from vsbench.scoring.results import PERCENT
from vsbench.scoring.sequential import Look, Series, look, next_batch
from vsbench.settings import Evaluation
from vsbench_envs import registry

PAIRS = 2000

MODELS = 20
"""Combinations of players that are taken for models."""

SHARED = (0.0, 0.25, 0.5, 0.9)
"""Shares of episodes that turn out the same in both runs, where seeds are common: 0 in every fourth
pair, and so on."""

GAMES = tuple(dict.fromkeys(population.game for population in populations()))

CLUSTER = 10
"""Samples of a recorded episode."""

ELEMENTS = 12
"""Elements that a picture is asked about."""

EASE = 0.6
"""Chance of answering a sample correctly, on average."""

GUESSED = 0.25
"""Chance of guessing an answer."""

ANSWERS = 50
"""Pairs of runs whose answers did not change, for models of which only the play did."""

PILOTS = 8
"""Pairs of runs that estimate a drop that is found."""

Numbers = NDArray[np.float64]
Model = Mapping[str, Population]
Parts = Mapping[str, DifferenceOfMeans]


@dataclass(frozen=True)
class Design:
    """The sizes of two runs."""

    title: str
    units: Mapping[str, int]
    """Units of each game, those of Kuhn poker being 12 hands."""
    samples: int = 0
    """Samples of each game, for reasoning and as many for perception."""
    same_seeds: bool = True


@dataclass(frozen=True)
class Change:
    """A change of a model for the worse."""

    episodes: Mapping[str, float] = field(default_factory=dict)
    """Game -> share of its episodes that are played at random."""
    guessed: float = 0.0
    """Share of the predictions that are guessed."""


UNCHANGED = Change()


def of_protocol(name: str, *, same_seeds: bool = True) -> Design:
    """The sizes of two runs of a protocol."""
    games = {game.env: game for game in protocol(name).games}
    units = {game: max(1, games[game].episodes // games[game].group) for game in GAMES}
    samples = games[GAMES[0]].samples
    return Design(name, units, samples.count, same_seeds)


def designs() -> list[Design]:
    """The sizes that are measured."""
    plain = [
        Design(f"{n} units of each game", dict.fromkeys(GAMES, n), same_seeds=same)
        for n in (10, 20)
        for same in (True, False)
    ]
    published = [
        of_protocol(name, same_seeds=same)
        for name in ("vsbench-1", "vsbench-1-quick")
        for same in (True, False)
    ]
    return [*plain, *published]


@cache
def models(*, able: bool = False) -> list[Model]:
    """Players of all games, combined at random; able ones score 25 and are not of rare events."""
    rng = np.random.default_rng(7)
    by_game = {
        game: [
            each
            for each in populations()
            if each.game == game and not (able and (each.rare or each.mean < 25))
        ]
        for game in GAMES
    }
    return [
        {game: found[int(rng.integers(len(found)))] for game, found in by_game.items()}
        for _ in range(MODELS)
    ]


@cache
def random_play(game: str) -> Population:
    """The scores of random play."""
    return next(each for each in populations() if (each.game, each.player) == (game, "random"))


def scores_of(
    population: Population,
    design: Design,
    change: Change,
    shared: float,
    rng: np.random.Generator,
) -> tuple[Numbers, Numbers]:
    """The scores of a game in both runs."""
    game, n = population.game, design.units[population.game]
    base, new = rng.choice(population.scores, n), rng.choice(population.scores, n)
    if design.same_seeds:
        new = np.where(rng.random(n) < shared, base, new)
    at_random = rng.random(n) < change.episodes.get(game, 0.0)
    return base, np.where(at_random, rng.choice(random_play(game).scores, n), new)


def played(
    model: Model, design: Design, change: Change, shared: float, rng: np.random.Generator
) -> dict[str, DifferenceOfMeans]:
    """Play both runs and compare the episodes of each game."""
    found = {}
    for game, population in model.items():
        base, new = scores_of(population, design, change, shared, rng)
        difference = of_episodes(
            dict(enumerate(base.tolist())),
            dict(enumerate(new.tolist())),
            population.scale,
            same_seeds=design.same_seeds,
        )
        assert difference
        found[game] = difference
    return found


def answered(
    evaluation: Evaluation, samples: int, guessed: float, rng: np.random.Generator
) -> dict[str, DifferenceOfMeans]:
    """Answer the samples of each game in both runs, and compare the answers.

    Samples of a recorded episode are similarly hard, and most are nearly always or nearly never
    answered correctly.
    """
    binary = evaluation == "reasoning"
    found = {}
    for game in GAMES:
        clusters = np.arange(samples) // CLUSTER
        level = rng.beta(10 * EASE, 10 * (1 - EASE), samples // CLUSTER + 1)[clusters]
        chances = rng.beta(level, 1 - level)
        guesses = rng.random(samples) < guessed
        trials = 1 if binary else ELEMENTS
        base = rng.binomial(trials, chances) / trials
        new = rng.binomial(trials, np.where(guesses, GUESSED, chances)) / trials
        difference = of_answers(
            dict(enumerate(base.tolist())),
            dict(enumerate(new.tolist())),
            dict(enumerate(clusters.tolist())),
            scale=PERCENT,
            binary=binary,
        )
        assert difference
        found[game] = difference
    return found


@cache
def unchanged_answers(samples: int, number: int) -> Mapping[Evaluation, Parts]:
    """Answers of both runs that differ by chance alone, one of a few pairs."""
    rng = np.random.default_rng([17, number])
    return {
        "reasoning": answered("reasoning", samples, 0.0, rng),
        "perception": answered("perception", samples, 0.0, rng),
    }


def judged(
    design: Design, model: Model, number: int, rng: np.random.Generator, change: Change = UNCHANGED
) -> Judgement:
    """Judge a pair of runs of a model that changed."""
    shared = SHARED[number % len(SHARED)]
    parts: dict[Evaluation, Parts] = {"decision": played(model, design, change, shared, rng)}
    if design.samples:
        parts |= unchanged_answers(design.samples, number % ANSWERS)
        if change.guessed:
            parts["reasoning"] = answered("reasoning", design.samples, change.guessed, rng)
    return judge(comparison_of(parts))


def false_alarms(design: Design, pairs: int) -> float:
    """Share of the pairs of unchanged models that are judged a regression."""
    rng, alarms = np.random.default_rng(11), 0
    for number in range(pairs):
        model = models()[number // len(SHARED) % MODELS]
        parts: dict[Evaluation, Parts] = {
            "decision": played(model, design, UNCHANGED, SHARED[number % len(SHARED)], rng)
        }
        if design.samples:
            for evaluation in ("reasoning", "perception"):
                parts[evaluation] = answered(evaluation, design.samples, 0.0, rng)
        alarms += judge(comparison_of(parts)).verdict == "regression"
    return alarms / pairs


def spoilt(share: float) -> Change:
    """The change of a model that plays a share of all its episodes at random."""
    return Change(dict.fromkeys(GAMES, share))


def share_for(wanted: Callable[[float], float], room: float) -> float:
    """The share of random play with which a score drops as far as comparisons say they find.

    Args:
        wanted: Share -> the drop that is found, in points.
        room: Points by which random play is worse.
    """
    share = 0.3
    for _ in range(3):
        share = min(1.0, wanted(share) / room)
    return share


def room_of(model: Model) -> float:
    """Points by which random play is worse than a model."""
    return fmean(model[game].mean - random_play(game).mean for game in GAMES)


def overall_power(design: Design, pairs: int) -> tuple[float, float]:
    """The mean drop of the score that comparisons say they find, and the share that finds it.

    Models of which even random play is not that much worse are left out.
    """
    rng = np.random.default_rng(13)
    drops, found = [], []
    for place, model in enumerate(models(able=True)):

        def wanted(share: float, model: Model = model) -> float:
            pilots = (judged(design, model, n, rng, spoilt(share)) for n in range(PILOTS))
            return fmean(pilot.detectable["decision"] for pilot in pilots)

        if (share := share_for(wanted, room_of(model))) == 1.0:
            continue
        for number in range(place, pairs, MODELS):
            result = judged(design, model, number // MODELS, rng, spoilt(share))
            drops.append(result.detectable["decision"])
            found.append(result.verdict == "regression")
    return fmean(drops), fmean(found)


def reasoning_power(design: Design, pairs: int) -> tuple[float, float]:
    """The same for the overall accuracy of predictions."""
    rng = np.random.default_rng(19)
    model = models(able=True)[0]
    results: list[Judgement] = []

    def wanted(share: float) -> float:
        change = Change(guessed=share)
        results[:] = [judged(design, model, n, rng, change) for n in range(PILOTS)]
        return fmean(result.detectable["reasoning"] for result in results)

    change = Change(guessed=share_for(wanted, 100 * (EASE - GUESSED)))
    results = [judged(design, model, number, rng, change) for number in range(pairs)]
    return (
        fmean(result.detectable["reasoning"] for result in results),
        fmean(result.verdict == "regression" for result in results),
    )


def collapse_power(design: Design, game: str, pairs: int) -> float:
    """Share of the pairs in which random play in one game is found in that game's score."""
    rng, found = np.random.default_rng(23), 0
    for number in range(pairs):
        model = models(able=True)[number % MODELS]
        result = judged(design, model, number // MODELS, rng, Change({game: 1.0}))
        found += ("decision", game) in result.regressions
    return found / pairs


@dataclass(frozen=True)
class Sequence:
    """How sequential comparisons end."""

    regressions: float
    """Share of them."""
    saved: float
    """Mean share of the planned cost that is not spent."""
    looks: float
    """Mean number."""
    drop: float
    """Mean drop that all planned episodes say they find."""
    regressions_without: float
    """Share of regressions if all planned episodes were played."""


def sequence(design: Design, pairs: int, *, drop: bool) -> Sequence:
    """Compare pairs sequentially, of unchanged models or of a drop that all episodes would find."""
    rng = np.random.default_rng(29)
    ends: list[tuple[Look, Look, int]] = []
    for place, model in enumerate(models(able=True)):

        def wanted(share: float, model: Model = model) -> float:
            change = spoilt(share)
            pilots = [looked(model, design, change, n, rng) for n in range(PILOTS)]
            return fmean(last.detectable for _, last, _ in pilots)

        share = share_for(wanted, room_of(model)) if drop else 0.0
        if share < 1.0:
            numbers = range(place, pairs, MODELS)
            ends += [looked(model, design, spoilt(share), n // MODELS, rng) for n in numbers]
    stopped, full, looks = zip(*ends, strict=True)
    return Sequence(
        regressions=fmean(each.verdict == "regression" for each in stopped),
        saved=fmean(each.saved for each in stopped),
        looks=fmean(looks),
        drop=fmean(each.detectable for each in full),
        regressions_without=fmean(each.verdict == "regression" for each in full),
    )


def looked(
    model: Model, design: Design, change: Change, number: int, rng: np.random.Generator
) -> tuple[Look, Look, int]:
    """Compare a pair of runs sequentially.

    Returns:
        The look at which it stops, that at all planned episodes, and the number of looks.
    """
    shared = SHARED[number % len(SHARED)]
    differences = {}
    for game, population in model.items():
        base, new = scores_of(population, design, change, shared, rng)
        differences[game] = (new - base).tolist()

    def series(counts: Mapping[str, int]) -> dict[str, Series]:
        return {
            game: Series(
                differences[game][: counts[game]],
                design.units[game],
                population.scale,
                cost=cost_of(game),
            )
            for game, population in model.items()
        }

    counts, looks = dict.fromkeys(model, 0), 0
    full = look(series(design.units))
    assert full
    while True:
        played = series(counts)
        if found := look(played):
            looks += 1
            if found.verdict:
                return found, full, looks
        counts = next_batch(played)


@cache
def cost_of(game: str) -> float:
    """Decisions of a unit."""
    spec = registry.get(game).spec
    return float(spec.typical_length * spec.group)


def difference_coverage(n: int, shared: float, share: float, times: int) -> dict[bool, float]:
    """Coverage of a game's paired difference, of populations of rare events and of others."""
    rng = np.random.default_rng(31)
    covered: dict[bool, list[bool]] = {False: [], True: []}
    for population in populations():
        design = Design("", {population.game: n})
        change = Change({population.game: share})
        true = share * (random_play(population.game).mean - population.mean)
        for _ in range(times):
            base, new = scores_of(population, design, change, shared, rng)
            found = paired_mean((new - base).tolist(), 1, population.scale).figure
            covered[population.rare].append(contains(found, true))
    return {rare: fmean(held) for rare, held in covered.items()}


def main(pairs: int = PAIRS) -> None:
    """Print the error rates of comparisons."""
    print(f"Paired differences of a game: coverage of 95 % intervals in %, {pairs // 20} each\n")
    print("| random play in | episodes the same | n = 5 | n = 10 | n = 20 | rare events, n = 10 |")
    print("|---|---|---|---|---|---|")
    for share, shared in itertools.product((0.0, 0.1, 0.3), (0.0, 0.5)):
        held = {n: difference_coverage(n, shared, share, pairs // 20) for n in (5, 10, 20)}
        cells = [f"{100 * each[False]:.1f}" for each in held.values()]
        rare = f"{100 * held[10][True]:.1f}"
        print(f"| {share:.0%} | {shared:.0%} | {' | '.join([*cells, rare])} |", flush=True)
    print(f"\nThe gate, in %, {pairs} pairs of runs each\n")
    print("| runs | seeds | false alarms | drop said to be found | found |")
    print("|---|---|---|---|---|")
    for design in designs():
        alarms = false_alarms(design, pairs)
        drop, power = overall_power(design, pairs)
        seeds = "common" if design.same_seeds else "different"
        print(
            f"| {design.title} | {seeds} | {100 * alarms:.1f} | {drop:.1f} | {100 * power:.1f} |",
            flush=True,
        )
    full = of_protocol("vsbench-1")
    drop, power = reasoning_power(full, pairs)
    print(f"\nReasoning, vsbench-1: a drop of {drop:.1f} points is found in {100 * power:.1f} %.")
    print("\nRandom play in one game, vsbench-1, is found in that game in %:")
    for game in GAMES:
        print(f"{game} {100 * collapse_power(full, game, pairs // 10):.0f}", flush=True)
    print(f"\nSequential, in %, {pairs} pairs of runs each\n")
    print("| runs | models | regressions | without stopping | drop | saved | looks |")
    print("|---|---|---|---|---|---|---|")
    for design in (*designs()[:4:2], full):
        for drops in (False, True):
            ends = sequence(design, pairs, drop=drops)
            print(
                f"| {design.title} | {'worse' if drops else 'unchanged'} "
                f"| {100 * ends.regressions:.1f} | {100 * ends.regressions_without:.1f} "
                f"| {ends.drop if drops else 0:.1f} | {100 * ends.saved:.0f} | {ends.looks:.1f} |",
                flush=True,
            )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
