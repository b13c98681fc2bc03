"""Planned episodes give the promised intervals and find the promised drops, on recorded play."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import fmean

import numpy as np
import pytest

from interval_coverage import Population, populations, profiles
from vsbench.estimates.plans import Environment, Goal, cheapest
from vsbench.estimates.precision import EpisodeScore, detectable_effect, half_width
from vsbench.records.manifest import EnvironmentPlan
from vsbench.records.results import EnvironmentResult, EpisodeResult, Progress
from vsbench.runner.runs import plan
from vsbench.scoring.differences import DifferenceOfMeans, of_episodes, overall
from vsbench.scoring.intervals import Scale, estimate, figure, mean_of_means
from vsbench.settings import RunSettings
from vsbench_envs import registry

EARLIER = 300
"""Units of the earlier run that a variance is learnt from."""

TIMES = 200
"""Repetitions, each with samples of its own."""

GAMES = sorted(registry.BENCHMARK)


def planned(game: str) -> EnvironmentPlan:
    (manifest,) = plan(RunSettings(models=("bot/random",), envs=(game,), evals=("decision",)))
    (found,) = manifest.environments
    return found


def learnt(population: Population) -> EpisodeScore:
    """The score of a game, its variance learnt from an earlier run of the player."""
    group = registry.get(population.game).spec.group
    (units,) = population.samples(EARLIER, 1)
    scores = [score for score in units for _ in range(group)]
    episodes = tuple(
        EpisodeResult(episode=number, seats=(), returns=(), length=1, score=score)
        for number, score in enumerate(scores)
    )
    earlier = EnvironmentResult(
        env=population.game, score=None, measures={}, behaviours={}, seats=(), episodes=episodes,
        **Progress.whole(len(episodes)).model_dump(),
    )  # fmt: skip
    return EpisodeScore(planned(population.game), [earlier])


def groups(score: EpisodeScore, count: int) -> int:
    """Units of an interval in so many episodes."""
    return count // registry.get(score.env).spec.group


def choose(scores: Sequence[EpisodeScore], goal: Goal) -> list[int]:
    """The fewest units, all at the same price, that reach a goal."""
    assert goal.target is not None
    environments = [Environment(score, (), 0) for score in scores]
    counts = cheapest(environments, goal, goal.target, lambda line: line.input)
    return [groups(score, count) for score, count in zip(scores, counts, strict=True)]


def usual(game: str) -> list[Population]:
    return [each for each in populations() if each.game == game and not each.rare]


@pytest.mark.parametrize("game", GAMES)
def test_planned_episodes_give_the_promised_width(game: str) -> None:
    scale = usual(game)[0].scale
    for population in usual(game):
        score = learnt(population)
        # As wide as about 15 units give.
        target = score.half_width(15 * registry.get(game).spec.group)
        (n,) = choose([score], Goal(half_width=target))
        widths = []
        for sample in population.samples(n, TIMES):
            if scale.binary:
                found = figure(sample, scale)
                widths.append((found.high - found.low) / 2)
            else:
                widths.append(half_width(estimate(sample, scale)))
        assert fmean(widths) == pytest.approx(target, rel=0.12), population.player


@pytest.mark.parametrize("game", GAMES)
def test_shipped_spreads_promise_no_less_than_what_usual_players_get(game: str) -> None:
    """Without earlier runs, a plan is right for the typical player: pooled over all of them."""
    score, scale, n = EpisodeScore(planned(game)), usual(game)[0].scale, 20
    promised = half_width(score.mean(n * registry.get(game).spec.group))
    squares = [
        half_width(estimate(sample, scale)) ** 2
        for population in populations()
        if population.game == game
        for sample in population.samples(n, 40)
    ]
    assert 0.6 < np.sqrt(fmean(squares)) / promised < 1.15


def test_a_planned_overall_score_is_as_precise_as_promised() -> None:
    for profile in profiles(6):
        sizes = choose([learnt(population) for population in profile], Goal(half_width=5))
        scales = [population.scale for population in profile]
        true = fmean(population.mean for population in profile)
        halves, covered = [], []
        for samples in drawn(profile, sizes):
            parts = [estimate(*each) for each in zip(samples, scales, strict=True)]
            found = mean_of_means(parts)
            halves.append(half_width(found))
            covered.append(abs(found.value - true) <= halves[-1])
        assert fmean(halves) == pytest.approx(5, rel=0.08)
        assert fmean(covered) > 0.91


@pytest.mark.slow
def test_a_planned_comparison_finds_the_drop() -> None:
    """Of all games together: 80 % of drops of the planned size, and 5 % false alarms."""
    found, alarms = comparisons(drop=8.0, models=4)
    assert 0.75 < found < 0.88
    assert alarms < 0.065


def comparisons(drop: float, models: int) -> tuple[float, float]:
    """Share of planned comparisons that find a drop of the planned size, and of false alarms."""
    shares = []
    for lost in (drop, 0.0):
        found = []
        for profile in profiles(models):
            scores = [learnt(population) for population in profile]
            sizes = choose(scores, Goal(detect=drop, paired=False))
            scales = [population.scale for population in profile]
            for samples in drawn(profile, [2 * n for n in sizes]):
                parts = [
                    welch(each[:n], [score - lost for score in each[n:]], scale)
                    for each, n, scale in zip(samples, sizes, scales, strict=True)
                ]
                found.append(overall(parts).p_worse < 0.05)
        shares.append(fmean(found))
    return shares[0], shares[1]


def drawn(profile: Sequence[Population], sizes: Sequence[int]) -> Iterator[tuple[list[float], ...]]:
    """Samples of each game of a model, again and again."""
    draws = [population.samples(n, TIMES) for population, n in zip(profile, sizes, strict=True)]
    return zip(*draws, strict=True)


def welch(base: Sequence[float], new: Sequence[float], scale: Scale) -> DifferenceOfMeans:
    found = of_episodes(dict(enumerate(base)), dict(enumerate(new)), scale, same_seeds=False)
    assert found is not None
    return found


@pytest.mark.parametrize("game", ["hanabi", "coin_dilemma", "battle_of_the_colors"])
def test_paired_seeds_need_fewer_episodes(game: str) -> None:
    """Seeds in common make the correlation of a quarter that plans assume."""
    scale = usual(game)[0].scale
    population = min(usual(game), key=lambda each: abs(float(each.scores.std()) - scale.spread))
    score = learnt(population)
    apart, paired = (
        choose([score], Goal(detect=0.7 * score.spread, paired=paired))[0]
        for paired in (False, True)
    )
    assert paired < apart
    drop = detectable_effect([score.mean(paired)], paired=True)
    rng = np.random.default_rng(0)
    found = []
    for sample in population.samples(2 * paired, TIMES):
        base, other = sample[:paired], sample[paired:]
        new = [(x if rng.random() < 0.25 else y) - drop for x, y in zip(base, other, strict=True)]
        difference = of_episodes(
            dict(enumerate(base)), dict(enumerate(new)), scale, same_seeds=True
        )
        assert difference is not None
        found.append(difference.p_worse < 0.05)
    assert 0.7 < fmean(found) < 0.93
