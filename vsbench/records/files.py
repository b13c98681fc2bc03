"""Reading run directories: where things are, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from vsbench.errors import UsageError
from vsbench.records.journal import LINE, JournalRecord
from vsbench.records.manifest import Manifest

MANIFEST, RESULTS, PROMPTS = "run.json", "results.json", "prompts"


@dataclass(frozen=True, order=True)
class EpisodeKey:
    """Which episode: it names the journal's file."""

    evaluation: str
    env: str
    episode: int

    def path(self, run: Path) -> Path:
        """``journal/<evaluation>/<env>/<episode>.jsonl``."""
        return run / "journal" / self.evaluation / self.env / f"{self.episode:04d}.jsonl"


def open_run(directory: Path) -> Manifest:
    """The manifest of a run directory.

    Raises:
        UsageError: it is none, or of a version that this vsbench does not know.
    """
    path = directory / MANIFEST
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise UsageError(f"{directory} is not a run directory: it has no {MANIFEST}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}") from None
    try:
        return Manifest.model_validate_json(text)
    except ValidationError as error:
        problem = error.errors()[0]
        where = ".".join(str(part) for part in problem["loc"]) or "the file"
        raise UsageError(
            f"{path} is not a run that this version of vsbench reads: {where}: {problem['msg']}"
        ) from None


def run_directories(directory: Path) -> list[Path]:
    """The run in a directory, or the runs in the folders of a directory.

    Raises:
        UsageError: there is neither.
    """
    if not directory.is_dir():
        raise UsageError(f"{directory} is not a directory")
    if (directory / MANIFEST).exists():
        return [directory]
    inside = sorted(path.parent for path in directory.glob(f"*/{MANIFEST}"))
    if not inside:
        raise UsageError(f"{directory} holds no run: no {MANIFEST} in it or in its folders")
    return inside


def journal_keys(directory: Path, manifest: Manifest, evaluation: str) -> Iterator[EpisodeKey]:
    """The journals that exist, in order of environment and episode."""
    for plan in manifest.environments:
        for episode in range(plan.episodes):
            key = EpisodeKey(evaluation, plan.env, episode)
            if key.path(directory).exists():
                yield key


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
    opened = [record.type == "episode" for record in records]
    if records and (not opened[0] or any(opened[1:])):
        raise UsageError(
            f"{path} does not begin with its one 'episode' line; "
            "restore the file, or delete it to play its episode again"
        )
    steps = [record.step for record in records if record.type == "step"]
    if steps != list(range(len(steps))):
        raise UsageError(
            f"{path}: its steps do not follow each other; "
            "restore the file, or delete it to play its episode again"
        )
    return tuple(records)
