"""Data sets of recorded runs: what models and players really did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from vsbench.bots import bot_name
from vsbench.datasets.building import NO_RECIPE, SAMPLES, Progress, assemble
from vsbench.datasets.samples import Dataset, DatasetHeader, RecordedEpisode
from vsbench.datasets.selection import Moment, fill, moments, pick
from vsbench.errors import UsageError
from vsbench.records.files import open_run, run_directories
from vsbench.records.journal import Decision, EpisodeClosed, EpisodeOpened, Step
from vsbench.records.journals import JournalFiles
from vsbench_envs import registry
from vsbench_envs.seeding import stream

Kind = tuple[int, str]
"""What is counted out: the seat that is asked about, and the group of its action."""


@dataclass(frozen=True)
class Played:
    """A finished episode of a run."""

    path: Path
    """Of its journal."""
    episode: RecordedEpisode
    decided: frozenset[tuple[int, int]]
    """Steps and seats whose moves say something: all but stand-ins, and random players' moves."""


@dataclass
class _Pool:
    """The episodes of one environment, and the runs that they are from."""

    played: list[Played] = field(default_factory=list)
    runs: dict[str, None] = field(default_factory=dict)


def from_runs(
    directories: Iterable[Path],
    envs: Sequence[str] = (),
    seed: int = 0,
    samples: int = SAMPLES,
    progress: Progress = lambda more: None,
) -> list[Dataset]:
    """A data set for each environment of some runs.

    Every seat gives equally many samples, as many as the one with the fewest decisions has, and in
    each the groups of actions have the shares of the environment's recipe as far as they occur.

    Args:
        directories: runs, or folders of runs.
        envs: environments to take; empty for all.
        seed: of the choice among moments.
        samples: at most so many in each set.
        progress: told of every episode that was read.

    Raises:
        UsageError: a run cannot be read, or nothing in the runs can be asked about.
    """
    pools: dict[str, _Pool] = {}
    for directory in _distinct(directories):
        for env, played in _episodes(directory, envs):
            pool = pools.setdefault(env, _Pool())
            pool.played.append(played)
            pool.runs[directory.name] = None
            progress(1)
    sets = [_choose(env, pool, seed, samples) for env, pool in pools.items()]
    if not sets:
        raise UsageError("these runs have no finished episodes to take samples from")
    return sets


def _distinct(directories: Iterable[Path]) -> list[Path]:
    runs = (run.resolve() for directory in directories for run in run_directories(directory))
    return list(dict.fromkeys(runs))


def _episodes(directory: Path, envs: Sequence[str]) -> Iterator[tuple[str, Played]]:
    """The finished episodes of a run, by environment."""
    manifest = open_run(directory)
    for key, lines in JournalFiles(directory, manifest).items():
        if key.evaluation != "decision" or (envs and key.env not in envs):
            continue
        path = key.path(directory)
        if lines and isinstance(lines[0], EpisodeOpened) and isinstance(lines[-1], EpisodeClosed):
            decisions = [line for line in lines if isinstance(line, Decision)]
            steps = [line for line in lines if isinstance(line, Step)]
            yield key.env, _played(path, lines[0], decisions, steps)


def _played(
    path: Path, opened: EpisodeOpened, decisions: Iterable[Decision], steps: Sequence[Step]
) -> Played:
    ids: Mapping[str, int] = registry.get(opened.env).spec.ids
    stand_ins = {(line.step, line.seat) for line in decisions if line.outcome != "ok"}
    chance = {seat for seat, player in enumerate(opened.seats) if _is_random(player)}
    try:
        moves = tuple(tuple(ids[label] for _, label in sorted(s.moves.items())) for s in steps)
    except KeyError as error:
        raise UsageError(f"{path}: {opened.env} has no action {error.args[0]!r}") from None
    decided = frozenset(
        (step.step, seat)
        for step in steps
        for seat in step.moves
        if seat not in chance and (step.step, seat) not in stand_ins
    )
    episode = RecordedEpisode(seed=opened.seed, players=opened.seats, moves=moves)
    return Played(path, episode, decided)


def _is_random(player: str) -> bool:
    return (bot_name(player) or "").partition(":")[0] == "random"


def _choose(env: str, pool: _Pool, seed: int, samples: int) -> Dataset:
    """A balanced set of an environment's moments."""
    game = registry.get(env)
    made_by = game.recipe or NO_RECIPE
    found: list[Moment] = []
    for index, played in enumerate(pool.played):
        try:
            found += moments(game, index, played.episode, made_by.group, played.decided)
        except ValueError as error:
            raise UsageError(f"{played.path} cannot be replayed: {error}") from None
    quotas = _quotas(Counter(map(_kind, found)), made_by.groups, samples)
    if not quotas:
        raise UsageError(f"the runs of {env} have no decisions that could be asked about")
    chosen = pick(found, quotas, _kind, stream(seed, "data set", env, "choice"))
    header = DatasetHeader(env=env, seed=seed, recipe=f"runs: {', '.join(pool.runs)}")
    return assemble(header, [played.episode for played in pool.played], chosen)


def _kind(moment: Moment) -> Kind:
    return moment.sample.target, moment.group


def _quotas(supply: Counter[Kind], shares: Mapping[str, float], samples: int) -> dict[Kind, int]:
    """How many of each kind: seats alike, and within each the groups by their shares."""
    by_seat: Counter[int] = Counter()
    for (seat, _), count in supply.items():
        by_seat[seat] += count
    each = min([samples // max(len(by_seat), 1), *by_seat.values()])
    return {
        (seat, group): count
        for seat in sorted(by_seat)
        for group, count in fill(
            each, shares, {group: supply[seat, group] for group in shares}
        ).items()
    }
