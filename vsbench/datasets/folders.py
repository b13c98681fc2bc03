"""The files of data sets in a folder, those left out that programs leave beside them."""

from __future__ import annotations

from pathlib import Path

from vsbench.errors import UsageError


def is_parquet(path: Path) -> bool:
    """Whether a file's name says that it is Parquet, in capitals too."""
    return path.suffix.lower() == ".parquet"


def parquet_files(path: Path) -> list[Path]:
    """A Parquet file itself, or those in a folder and its folders, by name."""
    if not path.is_dir():
        return [path] if is_parquet(path) else []
    return sorted(file for file in path.rglob("*") if is_parquet(file) and _meant(file, path))


def recorded_files(folder: Path) -> dict[str, Path]:
    """The files of recorded states in a folder, by environment."""
    return {
        file.stem: file
        for file in sorted(folder.iterdir())
        if file.suffix.lower() == ".jsonl" and _meant(file, folder)
    }


def refuse_empty(folder: Path) -> None:
    """Raise UsageError if a folder holds no data sets of either kind."""
    if not recorded_files(folder) and not parquet_files(folder):
        raise UsageError(
            f"{folder} holds no data sets: neither ENVIRONMENT.jsonl, as vsbench dataset build "
            "writes, nor Parquet files"
        )


def _meant(file: Path, folder: Path) -> bool:
    """Whether a file is there for its own sake.

    macOS adds ``._x.parquet`` and ``__MACOSX``, notebooks ``.ipynb_checkpoints``.
    """
    parts = file.relative_to(folder).parts
    return file.is_file() and not any(part.startswith((".", "__MACOSX")) for part in parts)
