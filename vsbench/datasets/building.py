"""Build a data set by its recipe."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from vsbench.bots import workers
from vsbench.datasets.samples import Dataset, DatasetHeader, RecordedEpisode, dump, parse
from vsbench.datasets.selection import Moment, cross, moments, pick
from vsbench.errors import UsageError
from vsbench.records.manifest import BOT
from vsbench_envs import registry
from vsbench_envs.game import Game
from vsbench_envs.recipe import Recipe
from vsbench_envs.rollout import rollout
from vsbench_envs.seeding import derive, stream

SAMPLES = 400
"""In a set, as in the paper."""

NO_RECIPE = Recipe(lineups=())
"""Of games whose sets come from recorded runs only."""

RECIPE = "benchmark"
"""The name of the recipes here."""

ROUNDS = 8
"""How often more episodes are played for moments that are rare."""

Kind = tuple[tuple[int, int], str]
"""What is counted out: the table and the seat that is asked about, and the group of its action."""


def build(
    env: str, seed: int = 0, samples: int = SAMPLES, progress: Progress = lambda more: None
) -> Dataset:
    """A data set of an environment by its recipe.

    Searching players use all processors.

    Raises:
        UsageError: there is no recipe, or its players hardly ever do what it asks for.
        MissingExtraError: the game needs what is not installed.
    """
    game, made_by = registry.get(env), recipe(env)
    tables = _Build(game, made_by, seed, samples, progress).run()
    header = DatasetHeader(env=env, seed=seed, recipe=RECIPE)
    return assemble(header, *tables)


def planned(env: str, samples: int = SAMPLES) -> int:
    """The episodes that a set begins with; rare moments may take more."""
    made_by = recipe(env)
    return sum(_episodes_at(made_by, table, samples) for table in range(len(made_by.lineups)))


def _episodes_at(made_by: Recipe, table: int, samples: int) -> int:
    """Episodes of a table in one round."""
    whole = sum(share for plan in made_by.lineups for share in plan.shares)
    wanted = samples * sum(made_by.lineups[table].shares) / whole
    return max(1, round(wanted / made_by.per_episode))


class _Build:
    """A set in the making."""

    def __init__(
        self, game: Game[Any], made_by: Recipe, seed: int, samples: int, progress: Progress
    ) -> None:
        self._game = game
        self._recipe = made_by
        self._seed = seed
        self._samples = samples
        self._progress = progress
        seats = {
            (table, seat): share
            for table, plan in enumerate(made_by.lineups)
            for seat, share in enumerate(plan.shares)
        }
        self._quotas = cross(samples, seats, made_by.groups)
        self._episodes: list[RecordedEpisode] = []
        self._tables: list[int] = []
        """By episode: at which table it was played."""
        self._moments: list[Moment] = []

    def run(self) -> tuple[list[RecordedEpisode], list[Moment]]:
        """Play until there are moments of every kind, and choose."""
        rounds = 0
        while short := self._short():
            if rounds == ROUNDS:
                (table, seat), group = min(short)
                players = " and ".join(self._recipe.lineups[table].bots)
                raise UsageError(
                    f"where {players} play {self._game.spec.id}, seat {seat} hardly ever "
                    f"takes an action of the group {group!r}: {short[min(short)]} are missing"
                )
            self._play(short)
            rounds += 1
        rng = stream(self._seed, "data set", self._game.spec.id, "choice")
        return self._episodes, pick(self._moments, self._quotas, self._kind, rng)

    def _kind(self, moment: Moment) -> Kind:
        sample = moment.sample
        return (self._tables[sample.episode], sample.target), moment.group

    def _short(self) -> dict[Kind, int]:
        """The moments that are missing, by kind."""
        have = Counter(map(self._kind, self._moments))
        return {key: quota for key, quota in self._quotas.items() if have[key] < quota}

    def _play(self, short: Mapping[Kind, int]) -> None:
        """Another round of episodes at the tables that lack moments."""
        booked: list[Booking] = []
        for table in sorted({table for (table, _), _ in short}):
            players = self._recipe.lineups[table].bots
            first = self._tables.count(table)
            for number in range(first, first + _episodes_at(self._recipe, table, self._samples)):
                booked.append((game_seed(self._game, self._seed, players, number), players))
                self._tables.append(table)
        played_now = record_all(self._game, booked, self._progress)
        for index, episode in enumerate(played_now, len(self._episodes)):
            self._moments += moments(self._game, index, episode, self._recipe.group)
        self._episodes += played_now


def assemble(
    header: DatasetHeader, episodes: Sequence[RecordedEpisode], chosen: Iterable[Moment]
) -> Dataset:
    """The data set of some moments. Episodes that none is from are left out.

    Samples are in an order drawn by lot, so that the first of them are a fair part of all.
    """
    chosen = list(chosen)
    kept = sorted({moment.sample.episode for moment in chosen})
    index = {episode: place for place, episode in enumerate(kept)}
    samples = [
        moment.sample.model_copy(update={"episode": index[moment.sample.episode]})
        for moment in chosen
    ]
    samples.sort(key=lambda sample: (sample.episode, sample.step, sample.target))
    stream(header.seed, "data set", header.env, "order").shuffle(samples)
    text = dump(header, tuple(episodes[episode] for episode in kept), tuple(samples))
    return parse(text, f"the data set of {header.env}")


@cache
def with_recipe() -> tuple[str, ...]:
    """The environments that sets can be made of without a recorded run."""
    return tuple(env for env, game in registry.installed().items() if game.recipe is not None)


def recipe(env: str) -> Recipe:
    """The recipe of an environment.

    Raises:
        UsageError, UnknownNameError: there is none, or no such environment.
    """
    found = registry.get(env).recipe
    if found is None:
        raise UsageError(
            f"there is no recipe for {env}, only for {', '.join(with_recipe())}; "
            "vsbench dataset build --from-run makes a set of any environment's runs, and "
            "Game.recipe gives a game of your own one"
        )
    return found


Progress = Callable[[int], None]
"""Told how much more is done."""

MANY_STEPS = 4000
"""So many take longer than starting other processes does."""

Booking = tuple[int, tuple[str, ...]]
"""A seed, and bots by seat: ``name:option=value,...``."""


def game_seed(game: Game[Any], seed: int, players: Sequence[str], number: int) -> int:
    """The seed of the ``number``-th episode of a pairing; starts are equally frequent."""
    strata = game.spec.strata
    drawn = derive(seed, "data set", game.spec.id, *players, number)
    return drawn - drawn % strata + number % strata


def record(game: Game[Any], seed: int, players: Sequence[str]) -> RecordedEpisode:
    """Play an episode. All chance, the players' too, comes from its seed."""
    joints = (joint for _, joint in rollout(game, seed, players) if joint)
    return RecordedEpisode(
        seed=seed,
        players=tuple(BOT + name for name in players),
        moves=tuple(tuple(action for _, action in sorted(joint.items())) for joint in joints),
    )


def record_all(
    game: Game[Any], booked: Sequence[Booking], progress: Progress
) -> list[RecordedEpisode]:
    """Play some episodes; where that takes long, on all processors."""
    recorded = []
    for episode in _play(game, booked):
        recorded.append(episode)
        progress(1)
    return recorded


def _play(game: Game[Any], booked: Sequence[Booking]) -> Iterator[RecordedEpisode]:
    names = {name for _, players in booked for name in players}
    searching = any(registry.bot(game, name)[0].slow for name in names)
    if searching or len(booked) * game.spec.typical_length > MANY_STEPS:
        yield from workers().map(_record, ((game.spec.id, *booking) for booking in booked))
    else:
        yield from (record(game, *booking) for booking in booked)


def _record(booking: tuple[str, int, tuple[str, ...]]) -> RecordedEpisode:
    env, seed, players = booking
    return record(registry.get(env), seed, players)
