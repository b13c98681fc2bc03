"""The Python API: what ``import vsbench`` offers.

Functions that play come in pairs: ``run`` blocks, also in a notebook, and ``arun`` is the same as a
coroutine. Every error that is raised on purpose is a :class:`vsbench.VSBenchError`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from os import PathLike
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, TypeVar, Unpack

from vsbench.blocking import run_blocking
from vsbench.errors import UsageError
from vsbench.loggers import open_loggers, with_loggers
from vsbench.planning.tournament import SelfPlay
from vsbench.records.comparison import Comparison
from vsbench.records.files import (
    PAIRINGS,
    open_run,
    open_tournament,
    refuse_tournament,
    run_directories,
)
from vsbench.records.results import AnchorSet, Results
from vsbench.records.tournament import TournamentResults
from vsbench.reporting.displays import default_observer
from vsbench.runner import runs, tournaments
from vsbench.runner.observer import Observer, RunReport
from vsbench.runner.tournaments import TournamentReport
from vsbench.scoring.comparison import ComparedRun
from vsbench.scoring.comparison import compare as compare_runs
from vsbench.scoring.results import results_of
from vsbench.scoring.tournament import results_of_tournament
from vsbench.settings import (
    SHAPING,
    FilePath,
    PlayOptions,
    PlaySettings,
    RunOptions,
    RunSettings,
    TournamentOptions,
    describe,
    resume_settings,
    run_settings,
)
from vsbench.sources import open_runs
from vsbench.verification.run import verify as verify

if TYPE_CHECKING:
    import pandas as pd

    from vsbench.estimates.plans import RunPlan
    from vsbench.estimates.usage import RunEstimate
    from vsbench.exports.tables import TableName
    from vsbench.exports.writers import Format
    from vsbench.simulation.server import Simulation

F = TypeVar("F", bound=Callable[..., object])


def _listing(names: Iterable[str]) -> Callable[[F], F]:
    """Append a list of settings, with their types, to a function's docstring."""

    def entry(name: str) -> str:
        if name not in RunOptions.__annotations__:
            options = "PlayOptions" if name in PlaySettings.model_fields else "RunOptions"
            raise TypeError(
                f"declare the setting {name!r} in {options} too, in vsbench/settings.py"
            )
        text = f"{name} ({RunOptions.__annotations__[name].__forward_arg__}): {describe(name)}"
        return fill(text, 96, initial_indent=" " * 8, subsequent_indent=" " * 12)

    def extend(function: F) -> F:
        listed = "\n".join(map(entry, names))
        function.__doc__ = f"{function.__doc__}\n    Settings:\n{listed}\n    "
        return function

    return extend


@_listing([*SHAPING, *PlaySettings.model_fields])
def run(*, observer: Observer | None = None, **settings: Unpack[RunOptions]) -> list[RunReport]:
    """Evaluate models on games.

    >>> (report,) = vsbench.run(models="sighted/oracle", envs="kuhn_poker", episodes=60)
    >>> report.results.environments[0].score

    Args:
        observer: called for every journal line; by default progress is shown in notebooks.
        settings: see below.

    Returns:
        One report per model, in the given order.

    Raises:
        UsageError: a setting is wrong; nothing was written.
        VSBenchError: a name is unknown, or an extra is not installed; nothing was written.
    """
    return run_blocking(arun(observer=observer, **settings))


async def arun(
    *, observer: Observer | None = None, **settings: Unpack[RunOptions]
) -> list[RunReport]:
    """Evaluate models on games: :func:`run` as a coroutine."""
    checked = run_settings(**settings)
    prepared = runs.begin(checked)
    runs.warn([each.manifest for each in prepared], checked)
    return await runs.play(prepared, checked, _observer(observer, checked))


def _observer(observer: Observer | None, settings: RunSettings) -> Observer:
    """The given observer or the default one, and the loggers that the settings name."""
    return with_loggers(observer or default_observer(), open_loggers(settings.loggers))


@_listing(PlaySettings.model_fields)
def resume(
    directory: FilePath, *, observer: Observer | None = None, **settings: Unpack[PlayOptions]
) -> list[RunReport]:
    """Continue the run in a directory, or the runs in its folders, at the exact move.

    Args:
        directory: of one run, or a folder of runs. For tournaments see :func:`resume_tournament`.
        observer: as for :func:`run`.
        settings: those that do not shape a run; see below.

    Raises:
        UsageError: there is no run, it was changed, or it needs a permission.
    """
    return run_blocking(aresume(directory, observer=observer, **settings))


async def aresume(
    directory: FilePath, *, observer: Observer | None = None, **settings: Unpack[PlayOptions]
) -> list[RunReport]:
    """Continue runs: :func:`resume` as a coroutine."""
    checked = resume_settings(**settings)
    reopened = runs.reopen(Path(directory), trust_prompts=checked.trust_prompts)
    return await runs.play(reopened, checked, _observer(observer, checked))


def results(directory: FilePath, *, anchors: AnchorSet = "paper") -> list[Results]:
    """Compute the results of the run in a directory, or of the runs in its folders, from journals.

    Args:
        directory: of one run, or a folder of runs.
        anchors: normalise returns by the ``paper``'s anchors, or by those ``measured`` here.

    Raises:
        UsageError: there is no run, or it is a tournament; see :func:`tournament_results`.
    """
    directory = Path(directory)
    refuse_tournament(
        directory,
        f"vsbench.tournament_results({str(directory)!r}) gives its results, and "
        f"vsbench.results({str(directory / PAIRINGS)!r}) those of its pairings",
    )
    return [results_of(path, open_run(path), anchors) for path in run_directories(directory)]


def compare(
    base: FilePath,
    new: FilePath,
    *,
    anchors: AnchorSet = "paper",
    drop: float | None = None,
    choices: int = 0,
    incomparable: bool = False,
) -> Comparison:
    """Compare a run with a base run: differences with 95 % intervals and p values.

    >>> comparison = vsbench.compare("runs/before", "runs/after")
    >>> comparison.scores("decision")[0].difference.value
    >>> comparison.to_frame()  # needs pandas

    Args:
        base: the run compared with: its directory, a bundle, or a link.
        new: the run that may have become worse, in the same way.
        anchors: as for :func:`results`.
        drop: points of a drop, for which the episodes and samples needed are computed.
        choices: decisions and answers that cost most to list, at most.
        incomparable: compare figures in spite of settings that make them incomparable.

    Raises:
        UsageError: there is no run, or no figure is comparable; names the settings.
    """
    with ExitStack() as stack:
        opened = []
        for source in map(str, (base, new)):
            first, *others = open_runs(source, stack)
            if others:
                raise UsageError(f"{source} holds {1 + len(others)} runs; name one of them")
            opened.append(ComparedRun.open(first, source, anchors))
        return compare_runs(*opened, drop=drop, choices=choices, incomparable=incomparable)


def estimate(
    *, learn: FilePath | bool = True, **settings: Unpack[RunOptions]
) -> dict[str, RunEstimate]:
    """Estimate calls, tokens, cost and time of a run, as ranges, without calling models.

    Args:
        learn: folder of earlier runs that narrow the ranges; True for the one that new runs are
            written to, False for none.
        settings: as for :func:`run`.

    Returns:
        Model id -> its estimate, with a line per evaluation and environment.

    Raises:
        UsageError: a setting is wrong, or the folder holds no run.
        VSBenchError: a name is unknown, or an extra is not installed.
    """
    from vsbench.estimates.usage import Estimator

    checked = run_settings(**settings)
    manifests = runs.plan(checked)
    estimator = Estimator.of(checked, learn if isinstance(learn, bool) else Path(learn))
    return {manifest.model: estimator.run(manifest) for manifest in manifests}


def plan(
    *,
    half_width: float | None = None,
    detect: float | None = None,
    budget: float | None = None,
    budget_tokens: int | None = None,
    paired: bool = True,
    learn: FilePath | bool = True,
    **settings: Unpack[RunOptions],
) -> dict[str, RunPlan]:
    """Plan the episodes and samples that a precision or a budget needs, without calling models.

    >>> (found,) = vsbench.plan(models="gpt-4o", half_width=5).values()
    >>> found.commands

    Args:
        half_width: points on each side of 95 % intervals to reach.
        detect: points of a drop that a comparison of two runs is to find with 80 % probability.
        budget: US dollars to spend at most, for the best precision.
        budget_tokens: tokens to use at most, input and output together.
        paired: whether the two runs of a comparison have the same seed.
        learn: as for :func:`estimate`.
        settings: as for :func:`run`.

    Returns:
        Model id -> its plan.

    Raises:
        UsageError: there is not exactly one goal, or it cannot be planned; or a setting is wrong.
        VSBenchError: a name is unknown, or an extra is not installed.
    """
    from vsbench.estimates.plans import Goal, plan_run
    from vsbench.estimates.usage import Estimator

    goal = Goal(half_width, detect, budget, budget_tokens, paired)
    checked = run_settings(**settings)
    manifests = runs.plan(checked)
    estimator = Estimator.of(checked, learn if isinstance(learn, bool) else Path(learn))
    return {each.model: plan_run(checked, each, goal, estimator) for each in manifests}


def frame(
    directories: FilePath | Iterable[FilePath],
    table: TableName = "figures",
    *,
    anchors: AnchorSet = "paper",
) -> pd.DataFrame:
    """Read a table of runs or tournaments as a pandas data frame.

    >>> decisions = vsbench.frame("runs", "decisions")
    >>> decisions.groupby("environment").stand_in.mean()

    Args:
        directories: of runs or tournaments, or folders of runs.
        table: ``runs``, ``figures``, ``episodes``, ``decisions``, ``samples``, ``attempts`` or
            ``tournaments``. ``docs/EXPORT.md`` lists the columns.
        anchors: as for :func:`results`.

    Raises:
        UsageError: there is no such table or no run, or a journal is damaged.
        MissingExtraError: pandas is not installed.
    """
    from vsbench.exports.tables import frame as read

    return read(_places(directories), table, anchors)


def export(
    directories: FilePath | Iterable[FilePath],
    to: FilePath,
    *,
    tables: TableName | Iterable[TableName] = (),
    format: Format = "parquet",  # noqa: A002
    anchors: AnchorSet = "paper",
    force: bool = False,
) -> list[Path]:
    """Export runs and tournaments as tidy tables, a file each.

    Args:
        directories: of runs or tournaments, or folders of runs; all share the tables.
        to: folder of the files.
        tables: as for :func:`frame`; by default all but ``attempts``.
        format: ``parquet``, ``csv`` or ``jsonl``.
        anchors: as for :func:`results`.
        force: overwrite existing files.

    Returns:
        The files.

    Raises:
        UsageError: a file exists or cannot be written, there is no run, or a journal is damaged.
        MissingExtraError: Parquet needs pyarrow.
    """
    from vsbench.exports.files import export_tables
    from vsbench.exports.tables import check_tables, open_sources

    with ExitStack() as stack:
        sources = open_sources(_places(directories), stack)
        return export_tables(
            sources, Path(to), check_tables(tables), form=format, anchors=anchors, force=force
        )


def _places(directories: FilePath | Iterable[FilePath]) -> list[str]:
    if isinstance(directories, str | PathLike):
        directories = [directories]
    return [str(directory) for directory in directories]


def replay(
    directory: FilePath,
    episode: str,
    to: FilePath | None = None,
    *,
    dataset: FilePath | None = None,
    trust_prompts: bool = False,
) -> Path:
    """Write a replay of a recorded episode, as a web page or as an animated GIF.

    Args:
        directory: of one run.
        episode: environment and number, for example ``kuhn_poker/3``; or a sample, as in
            ``reasoning/kuhn_poker/3``.
        to: file to write, a GIF if its name ends in ``.gif``; by default a page in the run's
            ``replays/``.
        dataset: a file or folder with the run's data sets, unless they ship.
        trust_prompts: render prompts that are not vsbench's own, in a process with limits.

    Returns:
        The file.

    Raises:
        UsageError: there is no such run or episode, or the file cannot be written.
    """
    from vsbench.viewer.pages import write_page

    return write_page(
        Path(directory),
        episode,
        None if to is None else Path(to),
        datasets=None if dataset is None else Path(dataset),
        trust_prompts=trust_prompts,
    )


def tournament(
    players: Iterable[str],
    *,
    self_play: SelfPlay = "auto",
    observer: Observer | None = None,
    **settings: Unpack[TournamentOptions],
) -> TournamentReport:
    """Play models and bots against each other in a round robin, and rate them.

    Every deal is played once from every seat, and all pairings play the same deals.

    >>> report = vsbench.tournament(["gpt-4o", "bot/oracle"], envs="breakthrough", episodes=20)
    >>> report.results.ratings[0].player

    Args:
        players: at least two model ids or ``bot/...``.
        self_play: whether players also play themselves; ``auto`` in games that are not purely
            competitive.
        observer: as for :func:`run`.
        settings: as for :func:`run`, without ``models``, ``evals``, ``samples`` and ``seats``.
            ``episodes`` counts deals.

    Raises:
        UsageError: a setting is wrong; nothing was written.
        VSBenchError: a name is unknown, or an extra is not installed; nothing was written.
    """
    return run_blocking(atournament(players, self_play=self_play, observer=observer, **settings))


async def atournament(
    players: Iterable[str],
    *,
    self_play: SelfPlay = "auto",
    observer: Observer | None = None,
    **settings: Unpack[TournamentOptions],
) -> TournamentReport:
    """Play a round robin: :func:`tournament` as a coroutine."""
    runs_only = RunOptions.__annotations__.keys() - TournamentOptions.__annotations__.keys()
    if given := [name for name in settings if name in runs_only]:
        raise UsageError(f"{', '.join(given)}: not a setting of tournaments")
    checked = run_settings(models=tuple(players), **settings)
    prepared = tournaments.begin(checked, self_play)
    runs.warn([pairing.manifest for pairing in prepared.pairings], checked)
    return await tournaments.play(prepared, checked, _observer(observer, checked))


def resume_tournament(
    directory: FilePath, *, observer: Observer | None = None, **settings: Unpack[PlayOptions]
) -> TournamentReport:
    """Continue the tournament in a directory.

    Args:
        directory: of the tournament.
        observer: as for :func:`run`.
        settings: as for :func:`resume`.

    Raises:
        UsageError: there is none, it was changed, or it needs a permission.
    """
    return run_blocking(aresume_tournament(directory, observer=observer, **settings))


async def aresume_tournament(
    directory: FilePath, *, observer: Observer | None = None, **settings: Unpack[PlayOptions]
) -> TournamentReport:
    """Continue a tournament: :func:`resume_tournament` as a coroutine."""
    checked = resume_settings(**settings)
    reopened = tournaments.reopen(Path(directory), trust_prompts=checked.trust_prompts)
    return await tournaments.play(reopened, checked, _observer(observer, checked))


def tournament_results(directory: FilePath, *, anchors: AnchorSet = "paper") -> TournamentResults:
    """Compute the results of the tournament in a directory from its pairings' journals.

    Raises:
        UsageError: there is no tournament.
    """
    directory = Path(directory)
    return results_of_tournament(directory, open_tournament(directory), anchors)


def simulate(
    *,
    process: bool = False,
    port: int = 0,
    policy: str = "oracle",
    dataset: FilePath | None = None,
    seed: int = 0,
    latency: float = 0.0,
    jitter: float = 0.0,
    faults: float = 0.0,
    odd: float = 0.0,
    rates: Mapping[str, float] | None = None,
    capacity: int | None = None,
) -> Simulation:
    """Serve a simulated model provider on this machine, for tests and rehearsals.

    >>> with vsbench.simulate(latency=0.3, faults=0.1) as provider:
    ...     model = f"openai-api/{provider.base_url}#any"
    ...     vsbench.run(models=model, envs="kuhn_poker", episodes=6)

    Args:
        process: serve from a process of its own instead of a thread.
        port: 0 picks a free one.
        policy: what answers: ``oracle``, ``greedy``, ``random``, ``legal`` (a random listed action)
            or ``blind`` (the oracle from text alone); or a mixture, ``oracle=0.8,random=0.2``.
        dataset: published data sets to look up answers in.
        seed: of faults and delays.
        latency: mean seconds to an answer.
        jitter: seconds by which the latency varies at most.
        faults: share of calls that fail, over all kinds of faults.
        odd: share of calls that get odd replies, over all kinds.
        rates: fault -> share of calls, for single kinds.
        capacity: concurrent calls; more are rejected as by a rate limit.

    Raises:
        ValueError: a number is out of its range.
        UnknownNameError: there is no such fault.
    """
    from vsbench.simulation.server import Simulation
    from vsbench.simulation.settings import SimulationSettings

    settings = SimulationSettings(
        port=port,
        policy=policy,
        dataset=None if dataset is None else Path(dataset),
        seed=seed,
        latency=latency,
        jitter=jitter,
        faults=faults,
        odd=odd,
        rates=rates or {},
        capacity=capacity,
    )
    return Simulation(settings, process=process)
