"""Verify the record of a tournament."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from vsbench.bots import bot_name
from vsbench.errors import UsageError
from vsbench.reconstruction.exchanges import recorded_prompts
from vsbench.reconstruction.findings import DiffersError, Finding, Place
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
from vsbench.verification.results import compare, compare_results, read_results
from vsbench.verification.units import REPLAY_ERRORS
from vsbench_envs import registry

_TOURNAMENT = Place(whole="the tournament")


def check_tournament(directory: Path, *, trust_prompts: bool = False) -> list[Finding]:
    """What differs in a tournament's folder, but for what differs within its pairings.

    ``trust_prompts`` is for the pairings' prompts; here it only says that an unknown pack is no
    finding.

    Raises:
        UsageError: the record of the tournament or of a pairing cannot be read.
        MissingExtraError: a game needs what is not installed here.
    """
    tournament = open_tournament(directory)
    try:
        _check_plan(tournament)
    except DiffersError as error:
        return [error.finding]
    findings = [*_strays(directory, tournament), *_other_pairings(directory, tournament)]
    _, doubts = recorded_prompts(directory, tournament, trust_prompts)
    findings += [replace(finding, place=_TOURNAMENT) for finding in doubts]
    return findings + _other_results(directory, tournament)


def _check_plan(tournament: Tournament) -> None:
    """Raise DiffersError unless this is a tournament that somebody could have begun."""
    for game in tournament.games:
        about = f"the plan of {game.env}"
        try:
            spec = registry.get(game.env).spec
            for name in filter(None, map(bot_name, tournament.entrants)):
                registry.bot(registry.get(game.env), name)
        except (LookupError, ValueError) as error:
            raise _TOURNAMENT.differs("plan", about, game.env, str(error)) from None
        _TOURNAMENT.expect("plan", f"{about}: seats", game.seats, spec.seats)


def _strays(directory: Path, tournament: Tournament) -> Iterator[Finding]:
    """What is no part of the tournament."""
    known = {TOURNAMENT, RESULTS, PROMPTS, PAIRINGS, ERROR}
    known |= {f"{PAIRINGS}/{name}" for name in tournament.pairings}
    for path in sorted([*directory.glob("*"), *directory.glob(f"{PAIRINGS}/*")]):
        name = path.relative_to(directory).as_posix()
        if name not in known and not path.name.startswith("."):
            about = "no part of this tournament"
            yield _TOURNAMENT.differs("file", name, "there", about).finding


def _other_pairings(directory: Path, tournament: Tournament) -> Iterator[Finding]:
    """Pairings that were begun otherwise than the tournament says."""
    for name, manifest in tournament.pairings.items():
        path = directory / PAIRINGS / name
        if (path / MANIFEST).exists():
            about = f"{PAIRINGS}/{name}/{MANIFEST}"
            try:
                recorded = open_run(path).model_dump(mode="json")
                compare(_TOURNAMENT, "plan", about, recorded, manifest.model_dump(mode="json"))
            except DiffersError as error:
                yield error.finding


def _other_results(directory: Path, tournament: Tournament) -> list[Finding]:
    """How the results differ from what the journals amounted to when they were written."""
    try:
        recorded = read_results(directory, TournamentResults, _TOURNAMENT)
        if recorded is None:
            there = "the figures can be worked out again"
            return [_TOURNAMENT.differs("stale", RESULTS, "not written", there).finding]
        now = {
            name: files.chain().head
            for name, files in journals_of_pairings(directory, tournament).items()
        }
        then = journals_of_pairings(directory, tournament, recorded.heads)
        for name, head in recorded.heads.items():
            chain = then[name].chain_at(head.lines) if name in then else None
            about = f"{RESULTS} › heads › {name}"
            _TOURNAMENT.expect("results", about, head.chain, chain)
        compare_results(
            recorded, score_tournament(tournament, then, heads=recorded.heads), _TOURNAMENT
        )
    except DiffersError as error:
        return [error.finding]
    except (UsageError, OSError, *REPLAY_ERRORS) as error:
        problem = f"{type(error).__name__}: {error}"
        return [_TOURNAMENT.differs("results", "the journals", "senseless", problem).finding]
    if recorded.heads != now:
        about = "of fewer lines than there are"
        return [_TOURNAMENT.differs("stale", RESULTS, about, "of all").finding]
    return []
