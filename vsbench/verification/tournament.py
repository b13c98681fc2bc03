"""Verify a tournament's own record: its plan, its pairings' settings and its results.

The pairings are runs, and verified as such; see :mod:`vsbench.verification.run`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from vsbench.errors import UsageError
from vsbench.reconstruction.exchanges import recorded_prompts
from vsbench.reconstruction.findings import Finding, Location, MismatchError
from vsbench.records.files import (
    ERROR,
    MANIFEST,
    PAIRINGS,
    PROMPTS,
    RESULTS,
    TOURNAMENT,
    open_run,
    open_tournament,
)
from vsbench.records.tournament import Tournament, TournamentResults
from vsbench.scoring.tournament import journals_of_pairings, score_tournament
from vsbench.verification.inventory import check_game
from vsbench.verification.results import (
    compare_results,
    compare_values,
    load_results,
    results_missing,
)
from vsbench.verification.units import REPLAY_ERRORS

_TOURNAMENT = Location(scope="the tournament")


def verify_tournament(directory: Path, *, trust_prompts: bool = False) -> list[Finding]:
    """Verify a tournament's directory, except for the inside of its pairings.

    Args:
        directory: of the tournament.
        trust_prompts: do not report an unknown prompt pack.

    Raises:
        UsageError: the record of the tournament or of a pairing cannot be read.
        MissingExtraError: a game needs an extra that is not installed.
    """
    tournament = open_tournament(directory)
    try:
        for game in tournament.games:
            check_game(_TOURNAMENT, game.env, tournament.entrants, game.seats)
    except MismatchError as error:
        return [error.finding]
    findings = [
        *_unexpected_files(directory, tournament),
        *_changed_pairings(directory, tournament),
    ]
    pack, doubts = recorded_prompts(directory, tournament, trust_prompts)
    pack.close()
    findings += [replace(finding, location=_TOURNAMENT) for finding in doubts]
    return findings + _check_results(directory, tournament)


def _unexpected_files(directory: Path, tournament: Tournament) -> Iterator[Finding]:
    known = {TOURNAMENT, RESULTS, PROMPTS, PAIRINGS, ERROR}
    known |= {f"{PAIRINGS}/{name}" for name in tournament.pairings}
    for path in sorted([*directory.glob("*"), *directory.glob(f"{PAIRINGS}/*")]):
        name = path.relative_to(directory).as_posix()
        if name not in known and not path.name.startswith("."):
            yield _TOURNAMENT.mismatch("file", name, "a file", "no part of this tournament").finding


def _changed_pairings(directory: Path, tournament: Tournament) -> Iterator[Finding]:
    """Compare the manifests of pairings with those that the tournament planned."""
    for name, manifest in tournament.pairings.items():
        path = directory / PAIRINGS / name
        if (path / MANIFEST).exists():
            subject = f"{PAIRINGS}/{name}/{MANIFEST}"
            planned = manifest.model_dump(mode="json")
            try:
                recorded = open_run(path).model_dump(mode="json")
                compare_values(_TOURNAMENT, "plan", subject, recorded, planned)
            except MismatchError as error:
                yield error.finding


def _check_results(directory: Path, tournament: Tournament) -> list[Finding]:
    """Compare the results with the journals as they were when they were written."""
    try:
        recorded = load_results(directory, TournamentResults, _TOURNAMENT)
        if recorded is None:
            return [results_missing(_TOURNAMENT)]
        now = {
            name: files.chain().head
            for name, files in journals_of_pairings(directory, tournament).items()
        }
        then = journals_of_pairings(directory, tournament, recorded.heads)
        for name, head in recorded.heads.items():
            chain = then[name].chain_at(head.lines) if name in then else None
            _TOURNAMENT.expect("results", f"{RESULTS} › heads › {name}", head.chain, chain)
        rebuilt = score_tournament(tournament, then, heads=recorded.heads)
        compare_results(recorded, rebuilt, _TOURNAMENT)
    except MismatchError as error:
        return [error.finding]
    except (UsageError, OSError, *REPLAY_ERRORS) as error:
        problem = f"{type(error).__name__}: {error}"
        return [_TOURNAMENT.mismatch("results", "the journals", "invalid", problem).finding]
    if recorded.heads != now:
        return [_TOURNAMENT.mismatch("stale", RESULTS, "of fewer lines", "of all lines").finding]
    return []
