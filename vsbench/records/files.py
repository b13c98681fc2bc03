"""Run directories: where things are in them, and what is planned."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from vsbench.errors import UsageError
from vsbench.records.bounds import MANIFEST_BYTES
from vsbench.records.manifest import Conditions, Manifest
from vsbench.records.reading import read_json
from vsbench.records.tournament import Tournament
from vsbench.settings import Evaluation

MANIFEST, RESULTS, PROMPTS = "run.json", "results.json", "prompts"

LOCK = ".lock"
"""Held while a run is played; left behind empty."""

TOURNAMENT, PAIRINGS = "tournament.json", "pairings"
"""A tournament's record, and the folder of its pairings, each of them a run."""

RECORDS = {MANIFEST: "run", TOURNAMENT: "tournament"}
"""What a folder holds that has one of these files; commands that go on with it are named alike."""

REPLAYS = "replays"
"""A folder for pages and pictures made from a run; it is no part of the record."""

ERROR = "error.txt"
"""An unexpected error that ended a run, to be reported; it is no part of the record."""

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
        return f"journal/{self.evaluation}/{self.env}/{self.number:04d}.jsonl"

    def path(self, run: Path) -> Path:
        """The file in a run's directory."""
        return run / self.name

    def replay(self, run: Path, suffix: str = ".html") -> Path:
        """Where a page or film of it is written unless somebody says otherwise."""
        return run / REPLAYS / f"{self.env}-{self.number:04d}{suffix}"


def open_run(directory: Path) -> Manifest:
    """The manifest of a run directory.

    Raises:
        UsageError: it is none, or of a version that this vsbench does not know.
    """
    return _open(directory, MANIFEST, Manifest)


def open_tournament(directory: Path) -> Tournament:
    """The record of a tournament.

    Raises:
        UsageError: it is none, or of a version that this vsbench does not know.
    """
    return _open(directory, TOURNAMENT, Tournament)


def refuse_tournament(directory: Path, instead: str) -> None:
    """Raise UsageError if a directory that should hold runs is a tournament's."""
    if (directory / TOURNAMENT).exists():
        raise UsageError(f"{directory} holds a tournament; {instead}")


def _open(directory: Path, name: str, schema: type[C]) -> C:
    path, what = directory / name, RECORDS[name]
    try:
        return read_json(path, schema, MANIFEST_BYTES)
    except FileNotFoundError:
        raise UsageError(f"{directory} is not a {what} directory: it has no {name}") from None
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise UsageError(
            f"{path} is not a {what} that this version of vsbench reads: {error}"
        ) from None


def run_directories(directory: Path) -> list[Path]:
    """The run in a directory, the pairings of a tournament, or the runs in a directory's folders.

    Raises:
        UsageError: there is neither.
    """
    if not directory.is_dir():
        raise UsageError(f"{directory} is not a directory")
    if (directory / MANIFEST).exists():
        return [directory]
    if (directory / TOURNAMENT).exists():
        directory = directory / PAIRINGS
    inside = sorted(path.parent for path in directory.glob(f"*/{MANIFEST}"))
    if not inside:
        raise UsageError(f"{directory} holds no run: no {MANIFEST} in it or in its folders")
    return inside


def planned_keys(manifest: Manifest) -> Iterator[UnitKey]:
    """The journals that a complete run has, by evaluation, environment and number."""
    for evaluation in manifest.evaluations:
        for plan in manifest.environments:
            for number in plan.numbers(evaluation):
                yield UnitKey(evaluation, plan.env, number)
