"""Plans, begins, reopens and plays tournaments: what the Python API and the command line share."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from vsbench.defects import reporting_defects
from vsbench.env_file import load_env_file
from vsbench.errors import Exit, UsageError
from vsbench.planning.permissions import check_permissions
from vsbench.planning.prices import price_table
from vsbench.planning.run import prompt_pack
from vsbench.planning.tournament import SelfPlay, make_tournament
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
from vsbench.records.tournament import Tournament, TournamentResults
from vsbench.runner import runs
from vsbench.runner.budget import Budget
from vsbench.runner.directory import lock_run, start_run, unused_directory, write_json
from vsbench.runner.observer import Observer, RunReport, describe_hints
from vsbench.scoring.tournament import results_of_tournament
from vsbench.settings import RunSettings


@dataclass(frozen=True)
class PreparedTournament:
    """A tournament, checked and ready to be played."""

    directory: Path
    tournament: Tournament
    pack: PromptPack
    pairings: tuple[runs.Prepared, ...]
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
        return describe_hints(
            sum((Counter(report.odd_replies) for report in self.pairings), Counter())
        )


def plan(settings: RunSettings, self_play: SelfPlay = "auto") -> Tournament:
    """What the tournament of ``settings.models`` would be; nothing is written.

    Raises:
        UsageError: a setting is wrong.
    """
    pack, table = prompt_pack(settings), price_table(settings.prices)
    return make_tournament(settings, pack, table, self_play)


def begin(settings: RunSettings, self_play: SelfPlay = "auto") -> PreparedTournament:
    """A new tournament."""
    runs.keep_out_of_records(settings)
    directory = settings.out or unused_directory(Path("runs"), "tournament")
    pack = prompt_pack(settings)
    return _prepared(directory, plan(settings, self_play), pack, new=True)


def reopen(directory: Path, *, trust_prompts: bool = False) -> PreparedTournament:
    """A tournament as it was begun.

    Raises:
        UsageError: it is none, or a pairing is not as it was.
    """
    record = open_tournament(directory)
    _miss_nothing(directory)
    pack = runs.reopen_pack(directory, record, trust_prompts)
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
    budget: Budget | None = None,
) -> TournamentReport:
    """Play a tournament's pairings side by side, under a common budget.

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
        start_run(directory, record, prepared.pack, TOURNAMENT)
        if prepared.new
        else lock_run(directory),
        reporting_defects(directory),
    ):
        reports = await runs.play(prepared.pairings, settings, observer, budget)
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


def _prepared_pairing(path: Path, manifest: Manifest, pack: PromptPack) -> runs.Prepared:
    """A pairing, begun or not."""
    if not (path / MANIFEST).exists():
        return runs.Prepared(path, manifest, pack, new=True)
    if open_run(path) != manifest:
        raise UsageError(
            f"{path / MANIFEST} is not what {TOURNAMENT} says; restore it, or delete the folder "
            "to play the pairing again"
        )
    # Its copy is the tournament's, or else it is not what the record says.
    runs.reopen_pack(path, manifest, trust_prompts=True)
    return runs.Prepared(path, manifest, pack, new=False)
