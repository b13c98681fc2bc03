"""Tournaments from Python: everybody meets everybody, and is rated.

>>> import vsbench
>>> report = vsbench.tournament(players=["gpt-4o", "sighted/oracle"], envs=["breakthrough"])
>>> report.results.ratings[0].player
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from vsbench import api
from vsbench.blocking import run_blocking
from vsbench.defects import reporting_defects
from vsbench.env_file import load_env_file
from vsbench.errors import Exit, UsageError
from vsbench.planning.permissions import check_permissions
from vsbench.planning.run import prompt_pack
from vsbench.planning.tournament import SelfPlay, make_tournament
from vsbench.prices import price_table
from vsbench.prompts import PromptPack
from vsbench.records.bounds import RESULTS_BYTES
from vsbench.records.files import (
    MANIFEST,
    PAIRINGS,
    RESULTS,
    TOURNAMENT,
    open_run,
    open_tournament,
)
from vsbench.records.manifest import Manifest
from vsbench.records.reading import read_json
from vsbench.records.results import AnchorSet
from vsbench.records.tournament import Tournament, TournamentResults
from vsbench.reporting.displays import default_observer
from vsbench.runner.directory import begun, locked, new_directory, write_json
from vsbench.runner.limits import Limits
from vsbench.runner.observer import Observer, RunReport, in_words
from vsbench.scoring.tournament import results_of_tournament
from vsbench.settings import RunSettings, run_settings


@dataclass(frozen=True)
class PreparedTournament:
    """A tournament, checked and ready to be played."""

    directory: Path
    tournament: Tournament
    pack: PromptPack
    pairings: tuple[api.Prepared, ...]
    new: bool
    """Whether its folder is yet to be made."""


@dataclass(frozen=True)
class TournamentReport:
    """How a tournament ended."""

    directory: Path
    tournament: Tournament
    results: TournamentResults
    pairings: tuple[RunReport, ...]
    problems: tuple[str, ...] = ()
    """What went wrong beside the pairings."""

    @property
    def exit(self) -> Exit:
        """The gravest of the pairings'."""
        return max(report.exit for report in self.pairings)

    @property
    def why(self) -> tuple[str, ...]:
        """What kept it from being complete."""
        of_pairings = (why for report in self.pairings for why in report.why)
        return tuple(dict.fromkeys((*of_pairings, *self.problems)))

    @property
    def hints(self) -> tuple[str, ...]:
        """What was odd about replies, and the option that helps."""
        return in_words(sum((Counter(report.odd_replies) for report in self.pairings), Counter()))


def tournament(
    players: Iterable[str],
    *,
    self_play: SelfPlay = "auto",
    observer: Observer | None = None,
    **settings: object,
) -> TournamentReport:
    """Let players meet in games, each with each, from every seat on the same deals.

    Args:
        players: at least two model ids or ``bot/...``.
        self_play: whether they play with themselves as well; auto is where that says something.
        observer: told of every journal line.
        settings: those of :class:`vsbench.settings.RunSettings` that are not of samples or seats.
            ``episodes`` counts deals.

    Raises:
        UsageError: a setting is wrong, and nothing was written.
    """
    return run_blocking(atournament(players, self_play=self_play, observer=observer, **settings))


async def atournament(
    players: Iterable[str],
    *,
    self_play: SelfPlay = "auto",
    observer: Observer | None = None,
    **settings: object,
) -> TournamentReport:
    """The asynchronous twin of :func:`tournament`."""
    checked = run_settings(models=tuple(players), **settings)
    prepared = begin(checked, self_play)
    api.warn([pairing.manifest for pairing in prepared.pairings], checked)
    return await play(prepared, checked, observer or default_observer())


def resume_tournament(
    directory: str | Path, *, observer: Observer | None = None, **settings: object
) -> TournamentReport:
    """Go on with the tournament in a directory.

    ``settings`` may hold what does not shape it: limits, connections, time-outs.

    Raises:
        UsageError: there is none, or it is not as it was begun.
    """
    return run_blocking(aresume_tournament(directory, observer=observer, **settings))


async def aresume_tournament(
    directory: str | Path, *, observer: Observer | None = None, **settings: object
) -> TournamentReport:
    """The asynchronous twin of :func:`resume_tournament`."""
    checked = run_settings(**settings)
    reopened = reopen(Path(directory), trust_prompts=checked.trust_prompts)
    return await play(reopened, checked, observer or default_observer())


def tournament_results(directory: str | Path, *, anchors: AnchorSet = "paper") -> TournamentResults:
    """The results of the tournament in a directory, from its pairings' journals."""
    directory = Path(directory)
    return results_of_tournament(directory, open_tournament(directory), anchors)


def plan(settings: RunSettings, self_play: SelfPlay = "auto") -> Tournament:
    """What the tournament of ``settings.models`` would be; nothing is written.

    Raises:
        UsageError: a setting is wrong.
    """
    pack, table = prompt_pack(settings), price_table(settings.prices)
    return make_tournament(settings, pack, table, self_play)


def begin(settings: RunSettings, self_play: SelfPlay = "auto") -> PreparedTournament:
    """A new tournament."""
    api.keep_out_of_records(settings)
    directory = settings.out or new_directory(Path("runs"), "tournament")
    pack = prompt_pack(settings)
    return _prepared(directory, plan(settings, self_play), pack, new=True)


def reopen(directory: Path, *, trust_prompts: bool = False) -> PreparedTournament:
    """A tournament as it was begun.

    Raises:
        UsageError: it is none, or a pairing is not as it was.
    """
    record = open_tournament(directory)
    _miss_nothing(directory)
    pack = api.reopen_pack(directory, record, trust_prompts)
    return _prepared(directory, record, pack, new=False)


def _miss_nothing(directory: Path) -> None:
    """Raise UsageError if a pairing is gone that the results speak of."""
    try:
        results = read_json(directory / RESULTS, TournamentResults, RESULTS_BYTES)
    except (OSError, ValueError):
        return
    for name in results.heads:
        if not (directory / PAIRINGS / name / MANIFEST).exists():
            raise UsageError(
                f"the pairing {name!r} had begun, and its folder is gone from "
                f"{directory / PAIRINGS}: restore it"
            )


async def play(
    prepared: PreparedTournament,
    settings: RunSettings,
    observer: Observer,
    limits: Limits | None = None,
) -> TournamentReport:
    """Play a tournament's pairings side by side, under common limits.

    Raises:
        UsageError, UnknownNameError, MissingExtraError: it cannot begin; if it is new, nothing is
            left of it.
    """
    directory, record = prepared.directory, prepared.tournament
    if not prepared.new:
        load_env_file()
        # Pairings that have not begun come from the same record.
        check_permissions((pairing.manifest for pairing in prepared.pairings), settings)
    # Each pairing has the options of its own providers, and refuses those of others.
    settings = settings.model_copy(update={"model_options": {}})
    with (
        begun(directory, record, prepared.pack, TOURNAMENT) if prepared.new else locked(directory),
        reporting_defects(directory),
    ):
        reports = await api.play(prepared.pairings, settings, observer, limits)
        results = results_of_tournament(directory, record)
        problems: tuple[str, ...] = ()
        try:
            write_json(directory / RESULTS, results)
        except OSError as error:
            problems = (f"results.json could not be written: {error.strerror}",)
    return TournamentReport(directory, record, results, tuple(reports), problems)


def _prepared(
    directory: Path, record: Tournament, pack: PromptPack, *, new: bool
) -> PreparedTournament:
    pairings = tuple(
        _prepared_pairing(directory / PAIRINGS / name, manifest, pack)
        for name, manifest in record.pairings.items()
    )
    return PreparedTournament(directory, record, pack, pairings, new)


def _prepared_pairing(path: Path, manifest: Manifest, pack: PromptPack) -> api.Prepared:
    """A pairing, begun or not."""
    if not (path / MANIFEST).exists():
        return api.Prepared(path, manifest, pack, new=True)
    if open_run(path) != manifest:
        raise UsageError(
            f"{path / MANIFEST} is not what {TOURNAMENT} says; restore it, or delete the folder "
            "to play the pairing again"
        )
    # Its copy is the tournament's, or else it is not what the record says.
    api.reopen_pack(path, manifest, trust_prompts=True)
    return api.Prepared(path, manifest, pack, new=False)
