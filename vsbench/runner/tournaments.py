"""Plan, begin, reopen and play tournaments, for the Python API and the command line."""

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
from vsbench.records.bounds import MAX_RESULTS_BYTES
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
    """Whether its folder does not exist yet."""


@dataclass(frozen=True)
class TournamentReport:
    """The outcome of a tournament."""

    directory: Path
    tournament: Tournament
    results: TournamentResults
    pairings: tuple[RunReport, ...]
    problems: tuple[str, ...] = ()
    """Errors outside of the pairings."""

    @property
    def exit(self) -> Exit:
        """The most severe exit code of the pairings."""
        return max(report.exit for report in self.pairings)

    @property
    def why(self) -> tuple[str, ...]:
        """Reasons why it is incomplete."""
        of_pairings = (why for report in self.pairings for why in report.why)
        return tuple(dict.fromkeys((*of_pairings, *self.problems)))

    @property
    def hints(self) -> tuple[str, ...]:
        """The odd replies in words, with the options that help, a line each."""
        return describe_hints(
            sum((Counter(report.odd_replies) for report in self.pairings), Counter())
        )


def plan(settings: RunSettings, self_play: SelfPlay = "auto") -> Tournament:
    """Plan the tournament of ``settings.models``; nothing is written.

    Raises:
        UsageError: a setting is wrong.
    """
    pack, table = prompt_pack(settings), price_table(settings.prices)
    return make_tournament(settings, pack, table, self_play)


def begin(settings: RunSettings, self_play: SelfPlay = "auto") -> PreparedTournament:
    """Prepare a new tournament."""
    runs.refuse_output_in_records(settings)
    directory = settings.out or unused_directory(Path("runs"), "tournament")
    pack = prompt_pack(settings)
    return _prepared(directory, plan(settings, self_play), pack, new=True)


def reopen(directory: Path, *, trust_prompts: bool = False) -> PreparedTournament:
    """Open the recorded tournament in a directory, to resume it.

    Raises:
        UsageError: there is none, or a pairing was changed or removed.
    """
    record = open_tournament(directory)
    _refuse_missing_pairings(directory)
    pack = runs.reopen_pack(directory, record, trust_prompts)
    return _prepared(directory, record, pack, new=False)


def _refuse_missing_pairings(directory: Path) -> None:
    """Raise UsageError if the folder of a pairing with results is missing."""
    try:
        results = read_json(directory / RESULTS, TournamentResults, MAX_RESULTS_BYTES)
    except (OSError, ValueError):
        return
    for name in results.heads:
        if not (directory / PAIRINGS / name / MANIFEST).exists():
            raise UsageError(
                f"the folder of the pairing {name!r} is missing from "
                f"{directory / PAIRINGS}: restore it"
            )


async def play(
    prepared: PreparedTournament,
    settings: RunSettings,
    observer: Observer,
    budget: Budget | None = None,
) -> TournamentReport:
    """Play a tournament's pairings concurrently, under a common budget.

    Raises:
        UsageError, UnknownNameError, MissingExtraError: it cannot begin; if it is new, nothing is
            left of it.
    """
    directory, record = prepared.directory, prepared.tournament
    if not prepared.new:
        load_env_file()
        # Pairings that have not begun come from the same record.
        check_permissions((pairing.manifest for pairing in prepared.pairings), settings)
    # A pairing refuses options of providers that do not take part in it.
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
    """Prepare a pairing, begun or not."""
    if not (path / MANIFEST).exists():
        return runs.Prepared(path, manifest, pack, new=True)
    if open_run(path) != manifest:
        raise UsageError(
            f"{path / MANIFEST} is not what {TOURNAMENT} says; restore it, or delete the folder "
            "to play the pairing again"
        )
    # The pairing's copy of the pack must be the tournament's.
    runs.reopen_pack(path, manifest, trust_prompts=True)
    return runs.Prepared(path, manifest, pack, new=False)
