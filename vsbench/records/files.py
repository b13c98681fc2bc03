"""The layout of run and tournament directories, and opening their records."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar, cast

from vsbench.errors import UsageError
from vsbench.records.bounds import MAX_MANIFEST_BYTES
from vsbench.records.manifest import Conditions, Manifest
from vsbench.records.reading import read_json
from vsbench.records.tournament import Tournament
from vsbench.settings import Evaluation

MANIFEST, RESULTS, PROMPTS, JOURNALS = "run.json", "results.json", "prompts", "journal"

LOCK = ".lock"
"""Locked while a run is played; stays as an empty file."""

TOURNAMENT, PAIRINGS = "tournament.json", "pairings"
"""A tournament's record, and the folder of its pairings, each of which is a run."""

RECORDS = {MANIFEST: "run", TOURNAMENT: "tournament"}
"""File -> kind of the directory that holds it, which is also the command that resumes it."""

REPLAYS = "replays"
"""A folder for pages and pictures made from a run; not part of the record."""

ERROR = "error.txt"
"""An unexpected error that ended a run, to be reported; not part of the record."""

C = TypeVar("C", bound=Conditions)


@dataclass(frozen=True, order=True)
class UnitKey:
    """Identifies an episode or a sample of a run, and with it the journal's file."""

    evaluation: Evaluation
    env: str
    number: int
    """Of the episode, or of the sample in its data set."""

    @property
    def name(self) -> str:
        """``journal/<evaluation>/<env>/<number>.jsonl``, below the run's directory."""
        return f"{JOURNALS}/{self.evaluation}/{self.env}/{self.number:04d}.jsonl"

    def path(self, run: Path) -> Path:
        """Return the journal's path in a run directory."""
        return run / self.name

    @property
    def written(self) -> str:
        """As commands take it: ``kuhn_poker/3``, or for a sample ``reasoning/kuhn_poker/3``."""
        name = f"{self.env}/{self.number}"
        return name if self.evaluation == "decision" else f"{self.evaluation}/{name}"

    @property
    def page(self) -> str:
        """The name of a page or animation of it, without suffix."""
        name = f"{self.env}-{self.number:04d}"
        return name if self.evaluation == "decision" else f"{self.evaluation}-{name}"

    def replay(self, run: Path, suffix: str = ".html") -> Path:
        """Return the default path of a page or animation of it."""
        return run / REPLAYS / f"{self.page}{suffix}"


_JOURNAL = re.compile(rf"{JOURNALS}/(decision|reasoning|perception)/([^/]+)/(\d+)\.jsonl")


def journal_key(name: str) -> UnitKey | None:
    """Return the key of the journal that a file of a run is, by its name below the run's directory;
    None if it is no journal."""
    match = _JOURNAL.fullmatch(name)
    if match is None:
        return None
    key = UnitKey(cast(Evaluation, match[1]), match[2], int(match[3]))
    return key if key.name == name else None


def open_run(directory: Path) -> Manifest:
    """Read the manifest of a run directory.

    Raises:
        UsageError: the directory holds no run, or one of an unknown version.
    """
    return _open(directory, MANIFEST, Manifest)


def open_tournament(directory: Path) -> Tournament:
    """Read the record of a tournament directory.

    Raises:
        UsageError: the directory holds no tournament, or one of an unknown version.
    """
    return _open(directory, TOURNAMENT, Tournament)


def refuse_tournament(directory: Path, instead: str) -> None:
    """Raise UsageError if a directory that should hold runs is a tournament's."""
    if (directory / TOURNAMENT).exists():
        raise UsageError(f"{directory} holds a tournament; {instead}")


def _open(directory: Path, name: str, schema: type[C]) -> C:
    path, what = directory / name, RECORDS[name]
    try:
        return read_json(path, schema, MAX_MANIFEST_BYTES)
    except FileNotFoundError:
        raise UsageError(f"{directory} is not a {what} directory: it has no {name}") from None
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise UsageError(
            f"{path} is not a {what} that this version of vsbench reads: {error}"
        ) from None


def run_directories(directory: Path) -> list[Path]:
    """Find runs: the directory itself, the pairings of a tournament, or runs in its subfolders.

    Raises:
        UsageError: there are none.
    """
    if not directory.is_dir():
        raise UsageError(f"{directory} is not a directory")
    if (directory / MANIFEST).exists():
        return [directory]
    if (directory / TOURNAMENT).exists():
        directory = directory / PAIRINGS
    runs = sorted(path.parent for path in directory.glob(f"*/{MANIFEST}"))
    if not runs:
        raise UsageError(f"{directory} holds no run: no {MANIFEST} in it or in its subfolders")
    return runs


def planned_keys(manifest: Manifest) -> Iterator[UnitKey]:
    """Yield the keys of all journals of a complete run, by evaluation, environment and number."""
    for evaluation in manifest.evaluations:
        for plan in manifest.environments:
            for number in plan.numbers(evaluation):
                yield UnitKey(evaluation, plan.env, number)
