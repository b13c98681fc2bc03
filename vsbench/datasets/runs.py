"""Build data sets from recorded runs, that is from decisions of models and bots."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from vsbench.bots import bot_name
from vsbench.datasets.building import NO_RECIPE, SAMPLES, assemble
from vsbench.datasets.samples import Dataset, DatasetHeader, Progress, RecordedEpisode
from vsbench.datasets.selection import Candidate, candidates, fill, pick
from vsbench.errors import UsageError
from vsbench.records.files import open_run, run_directories
from vsbench.records.journal import Decision, EpisodeClosed, EpisodeOpened, Step
from vsbench.records.journals import JournalFiles
from vsbench_envs import registry
from vsbench_envs.seeding import stream

Kind = tuple[int, str]
"""The unit of quotas: the target seat, and the group of its action."""


@dataclass(frozen=True)
class FinishedEpisode:
    """A finished episode of a run."""

    path: Path
    """The journal."""
    episode: RecordedEpisode
    decided: frozenset[tuple[int, int]]
    """Steps and seats whose moves can be predicted: not stand-ins, nor moves of random bots."""


@dataclass
class _Pool:
    """The episodes of one environment, and the names of their runs."""

    episodes: list[FinishedEpisode] = field(default_factory=list)
    runs: dict[str, None] = field(default_factory=dict)


def from_runs(
    directories: Iterable[Path],
    envs: Sequence[str] = (),
    seed: int = 0,
    samples: int = SAMPLES,
    progress: Progress = lambda more: None,
) -> list[Dataset]:
    """Build a data set for each environment of some runs.

    All seats get equally many samples, at most as many as the one with the fewest decisions has.
    Within a seat, groups of actions have the shares of the game's recipe, as far as they occur.

    Args:
        directories: runs, or folders of runs.
        envs: environments to use; empty for all.
        seed: of the selection.
        samples: maximum in each set.
        progress: called for every episode.

    Raises:
        UsageError: a run cannot be read, or the runs have no suitable decisions.
    """
    pools: dict[str, _Pool] = {}
    for directory in _distinct_runs(directories):
        for env, episode in _episodes(directory, envs):
            pool = pools.setdefault(env, _Pool())
            pool.episodes.append(episode)
            pool.runs[directory.name] = None
            progress(1)
    sets = [_select(env, pool, seed, samples) for env, pool in pools.items()]
    if not sets:
        raise UsageError("these runs have no finished episodes to take samples from")
    return sets


def _distinct_runs(directories: Iterable[Path]) -> list[Path]:
    runs = (run.resolve() for directory in directories for run in run_directories(directory))
    return list(dict.fromkeys(runs))


def _episodes(directory: Path, envs: Sequence[str]) -> Iterator[tuple[str, FinishedEpisode]]:
    """Yield the finished episodes of a run, with their environments."""
    manifest = open_run(directory)
    for key, lines in JournalFiles(directory, manifest).items():
        if key.evaluation != "decision" or (envs and key.env not in envs):
            continue
        path = key.path(directory)
        if lines and isinstance(lines[0], EpisodeOpened) and isinstance(lines[-1], EpisodeClosed):
            decisions = [line for line in lines if isinstance(line, Decision)]
            steps = [line for line in lines if isinstance(line, Step)]
            yield key.env, _finished_episode(path, lines[0], decisions, steps)


def _finished_episode(
    path: Path, opened: EpisodeOpened, decisions: Iterable[Decision], steps: Sequence[Step]
) -> FinishedEpisode:
    ids: Mapping[str, int] = registry.get(opened.env).spec.ids
    stand_ins = {(line.step, line.seat) for line in decisions if line.outcome != "ok"}
    random_seats = {seat for seat, player in enumerate(opened.seats) if _is_random(player)}
    try:
        moves = tuple(tuple(ids[label] for _, label in sorted(s.moves.items())) for s in steps)
    except KeyError as error:
        raise UsageError(f"{path}: {opened.env} has no action {error.args[0]!r}") from None
    decided = frozenset(
        (step.step, seat)
        for step in steps
        for seat in step.moves
        if seat not in random_seats and (step.step, seat) not in stand_ins
    )
    episode = RecordedEpisode(seed=opened.seed, players=opened.seats, moves=moves)
    return FinishedEpisode(path, episode, decided)


def _is_random(player: str) -> bool:
    return (bot_name(player) or "").partition(":")[0] == "random"


def _select(env: str, pool: _Pool, seed: int, samples: int) -> Dataset:
    """Select a balanced set of an environment's decisions."""
    game = registry.get(env)
    recipe = game.recipe or NO_RECIPE
    found: list[Candidate] = []
    for index, finished in enumerate(pool.episodes):
        try:
            found += candidates(game, index, finished.episode, recipe.group, finished.decided)
        except ValueError as error:
            raise UsageError(f"{finished.path} cannot be replayed: {error}") from None
    quotas = _quotas(Counter(map(_kind, found)), recipe.groups, samples)
    if not quotas:
        raise UsageError(f"the runs of {env} have no decisions to make samples of")
    selected = pick(found, quotas, _kind, stream(seed, "data set", env, "choice"))
    header = DatasetHeader(env=env, seed=seed, recipe=f"runs: {', '.join(pool.runs)}")
    return assemble(header, [finished.episode for finished in pool.episodes], selected)


def _kind(candidate: Candidate) -> Kind:
    return candidate.sample.target, candidate.group


def _quotas(supply: Counter[Kind], shares: Mapping[str, float], samples: int) -> dict[Kind, int]:
    """Quotas by kind: equal for all seats, and by the groups' shares within a seat."""
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
