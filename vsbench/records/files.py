"""Reading run directories: where things are, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from vsbench.errors import UsageError
from vsbench.records.journal import LINE, JournalRecord
from vsbench.records.manifest import Conditions, Manifest
from vsbench.records.tournament import Tournament
from vsbench.settings import Evaluation

MANIFEST, RESULTS, PROMPTS = "run.json", "results.json", "prompts"

TOURNAMENT, PAIRINGS = "tournament.json", "pairings"
"""A tournament's record, and the folder of its pairings, each of them a run."""

RECORDS = {MANIFEST: "run", TOURNAMENT: "tournament"}
"""What a folder holds that has one of these files; commands that go on with it are named alike."""

REPLAYS = "replays"
"""A folder for pages and pictures made from a run; it is no part of the record."""

C = TypeVar("C", bound=Conditions)


@dataclass(frozen=True, order=True)
class EpisodeKey:
    """Which episode or sample: it names the journal's file."""

    evaluation: Evaluation
    env: str
    episode: int
    """Or the number of the sample."""

    def path(self, run: Path) -> Path:
        """``journal/<evaluation>/<env>/<episode>.jsonl``."""
        return run / "journal" / self.evaluation / self.env / f"{self.episode:04d}.jsonl"


Journals = Mapping[EpisodeKey, tuple[JournalRecord, ...]]
"""The lines of journals, of finished units or not."""


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
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise UsageError(f"{directory} is not a {what} directory: it has no {name}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}") from None
    try:
        return schema.model_validate_json(text)
    except ValidationError as error:
        problem = error.errors()[0]
        where = ".".join(str(part) for part in problem["loc"]) or "the file"
        raise UsageError(
            f"{path} is not a {what} that this version of vsbench reads: {where}: {problem['msg']}"
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


def planned_keys(manifest: Manifest) -> Iterator[EpisodeKey]:
    """The journals that a complete run has, by evaluation, environment and number."""
    for evaluation in manifest.evaluations:
        for plan in manifest.environments:
            for number in plan.numbers(evaluation):
                yield EpisodeKey(evaluation, plan.env, number)


def read_journals(directory: Path, manifest: Manifest) -> Journals:
    """Every planned journal that exists.

    Raises:
        UsageError: a journal is damaged.
    """
    paths = {key: key.path(directory) for key in planned_keys(manifest)}
    return {key: read_journal(path) for key, path in paths.items() if path.exists()}


def read_journal(path: Path) -> tuple[JournalRecord, ...]:
    """The whole lines of a journal; a last line torn by a crash is passed over.

    Raises:
        UsageError: naming the line that is not of the format.
    """
    text = path.read_bytes()
    return parse_journal(path, text[: text.rfind(b"\n") + 1])


def parse_journal(path: Path, text: bytes) -> tuple[JournalRecord, ...]:
    """The records in a journal's text; ``path`` is for the error's message."""
    records: list[JournalRecord] = []
    for number, line in enumerate(text.splitlines(), 1):
        try:
            records.append(LINE.validate_json(line))
        except ValidationError as error:
            problem = error.errors()[0]
            raise UsageError(
                f"{path}, line {number}, is not a journal line ({problem['msg']}); "
                "restore the file, or delete it to play its episode again"
            ) from None
    opened = [record.type in ("episode", "sample") for record in records]
    if records and (not opened[0] or any(opened[1:])):
        raise UsageError(
            f"{path} does not begin with its one 'episode' or 'sample' line; "
            "restore the file, or delete it to play its episode again"
        )
    steps = [record.step for record in records if record.type == "step"]
    if steps != list(range(len(steps))):
        raise UsageError(
            f"{path}: its steps do not follow each other; "
            "restore the file, or delete it to play its episode again"
        )
    return tuple(records)
