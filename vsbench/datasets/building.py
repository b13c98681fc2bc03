"""Build a data set by its game's recipe. The same seed gives the same bytes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from vsbench.bots import workers
from vsbench.datasets.samples import (
    Dataset,
    DatasetHeader,
    Progress,
    RecordedEpisode,
    dump,
    parse,
)
from vsbench.datasets.selection import Candidate, candidates, cross, pick
from vsbench.errors import UsageError
from vsbench.records.manifest import BOT
from vsbench_envs import registry
from vsbench_envs.game import Game
from vsbench_envs.recipe import Recipe
from vsbench_envs.rollout import rollout
from vsbench_envs.seeding import derive, stream

SAMPLES = 400
"""Samples in a set, as in the paper."""

NO_RECIPE = Recipe(lineups=())
"""For games whose sets come from recorded runs only."""

RECIPE = "benchmark"
"""The name of all recipes, in headers."""

MAX_ROUNDS = 8
"""Rounds of further episodes to find enough rare decisions."""

PARALLEL_STEPS = 4000
"""Steps from which worker processes are faster, in spite of their start."""

Kind = tuple[tuple[int, int], str]
"""The unit of quotas: lineup and target seat, and the group of the action."""

Job = tuple[int, tuple[str, ...]]
"""An episode to record: its seed, and the bots by seat, ``name:option=value,...``."""


def build(
    env: str,
    seed: int = 0,
    samples: int = SAMPLES,
    progress: Progress = lambda more: None,
    recipe: Recipe | None = None,
) -> Dataset:
    """Build the data set of an environment by a recipe, by default that of the game.

    Bots that search use all processors.

    Raises:
        UsageError: the game has no recipe, or its bots rarely do what the recipe asks for.
        MissingExtraError: the game needs an extra that is not installed.
    """
    builder = _Builder(registry.get(env), recipe or recipe_of(env), seed, samples, progress)
    episodes, selected = builder.run()
    return assemble(DatasetHeader(env=env, seed=seed, recipe=RECIPE), episodes, selected)


def planned_episodes(env: str, samples: int = SAMPLES) -> int:
    """The episodes of the first round; rare decisions may need more rounds."""
    found = recipe_of(env)
    lineups = range(len(found.lineups))
    return sum(_episodes_per_round(found, lineup, samples) for lineup in lineups)


def _episodes_per_round(found: Recipe, lineup: int, samples: int) -> int:
    whole = sum(share for plan in found.lineups for share in plan.shares)
    wanted = samples * sum(found.lineups[lineup].shares) / whole
    return max(1, round(wanted / found.per_episode))


class _Builder:
    def __init__(
        self, game: Game[Any], found: Recipe, seed: int, samples: int, progress: Progress
    ) -> None:
        self._game = game
        self._recipe = found
        self._seed = seed
        self._samples = samples
        self._progress = progress
        seats = {
            (lineup, seat): share
            for lineup, plan in enumerate(found.lineups)
            for seat, share in enumerate(plan.shares)
        }
        self._quotas = cross(samples, seats, found.groups)
        self._episodes: list[RecordedEpisode] = []
        self._lineups: list[int] = []
        """The lineup of each episode."""
        self._candidates: list[Candidate] = []

    def run(self) -> tuple[list[RecordedEpisode], list[Candidate]]:
        """Record episodes until there are enough decisions of every kind, and select."""
        rounds = 0
        while missing := self._missing():
            if rounds == MAX_ROUNDS:
                (lineup, seat), group = min(missing)
                bots = " and ".join(self._recipe.lineups[lineup].bots)
                raise UsageError(
                    f"when {bots} play {self._game.spec.id}, seat {seat} hardly ever takes an "
                    f"action of the group {group!r}: {missing[min(missing)]} are missing"
                )
            self._record(missing)
            rounds += 1
        rng = stream(self._seed, "data set", self._game.spec.id, "choice")
        return self._episodes, pick(self._candidates, self._quotas, self._kind, rng)

    def _kind(self, candidate: Candidate) -> Kind:
        sample = candidate.sample
        return (self._lineups[sample.episode], sample.target), candidate.group

    def _missing(self) -> dict[Kind, int]:
        """The quotas that are not filled."""
        counts = Counter(map(self._kind, self._candidates))
        return {kind: quota for kind, quota in self._quotas.items() if counts[kind] < quota}

    def _record(self, missing: Mapping[Kind, int]) -> None:
        """Record another round of episodes of the lineups that lack decisions."""
        jobs: list[Job] = []
        for lineup in sorted({lineup for (lineup, _), _ in missing}):
            bots = self._recipe.lineups[lineup].bots
            first = self._lineups.count(lineup)
            count = _episodes_per_round(self._recipe, lineup, self._samples)
            for number in range(first, first + count):
                jobs.append((game_seed(self._game, self._seed, bots, number), bots))
                self._lineups.append(lineup)
        recorded = record_all(self._game, jobs, self._progress)
        for index, episode in enumerate(recorded, len(self._episodes)):
            self._candidates += candidates(self._game, index, episode, self._recipe.group)
        self._episodes += recorded


def assemble(
    header: DatasetHeader, episodes: Sequence[RecordedEpisode], selected: Iterable[Candidate]
) -> Dataset:
    """Make a data set of selected decisions. Episodes without any are left out.

    Samples are shuffled, so that the first of them are representative of all.
    """
    selected = list(selected)
    used = sorted({candidate.sample.episode for candidate in selected})
    index = {episode: position for position, episode in enumerate(used)}
    samples = [
        candidate.sample.model_copy(update={"episode": index[candidate.sample.episode]})
        for candidate in selected
    ]
    samples.sort(key=lambda sample: (sample.episode, sample.step, sample.target))
    stream(header.seed, "data set", header.env, "order").shuffle(samples)
    content = dump(header, tuple(episodes[episode] for episode in used), tuple(samples))
    return parse(content, f"the data set of {header.env}")


@cache
def with_recipe() -> tuple[str, ...]:
    """The environments whose games have a recipe, if installed."""
    return tuple(env for env, game in registry.installed().items() if game.recipe is not None)


def recipe_of(env: str) -> Recipe:
    """The recipe of an environment.

    Raises:
        UsageError: it has none.
        UnknownNameError: there is no such environment.
    """
    found = registry.get(env).recipe
    if found is None:
        raise UsageError(
            f"there is no recipe for {env}, only for {', '.join(with_recipe())}; "
            "vsbench dataset build --from-run makes a set from runs of any environment, and "
            "Game.recipe gives a game of your own one"
        )
    return found


def game_seed(game: Game[Any], seed: int, bots: Sequence[str], number: int) -> int:
    """The seed of the ``number``-th episode of a lineup; starts are equally frequent."""
    strata = game.spec.strata
    drawn = derive(seed, "data set", game.spec.id, *bots, number)
    return drawn - drawn % strata + number % strata


def record(game: Game[Any], seed: int, bots: Sequence[str]) -> RecordedEpisode:
    """Record an episode of bots. All randomness derives from its seed."""
    joints = (joint for _, joint in rollout(game, seed, bots) if joint)
    return RecordedEpisode(
        seed=seed,
        players=tuple(BOT + name for name in bots),
        moves=tuple(tuple(action for _, action in sorted(joint.items())) for joint in joints),
    )


def record_all(game: Game[Any], jobs: Sequence[Job], progress: Progress) -> list[RecordedEpisode]:
    """Record episodes, on all processors if that is faster."""
    recorded = []
    for episode in _record_each(game, jobs):
        recorded.append(episode)
        progress(1)
    return recorded


def _record_each(game: Game[Any], jobs: Sequence[Job]) -> Iterator[RecordedEpisode]:
    names = {name for _, bots in jobs for name in bots}
    slow = any(registry.bot(game, name)[0].slow for name in names)
    if slow or len(jobs) * game.spec.typical_length > PARALLEL_STEPS:
        yield from workers().map(_record_job, ((game.spec.id, *job) for job in jobs))
    else:
        yield from (record(game, *job) for job in jobs)


def _record_job(job: tuple[str, int, tuple[str, ...]]) -> RecordedEpisode:
    env, seed, bots = job
    return record(registry.get(env), seed, bots)
