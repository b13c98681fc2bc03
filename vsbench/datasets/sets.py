"""Data sets by path."""

from __future__ import annotations

from pathlib import Path

from vsbench.datasets.published import (
    PublishedSet,
    guess_env,
    is_dataset_file,
    is_parquet,
    open_published,
    parquet_files,
)
from vsbench.datasets.samples import Dataset, load
from vsbench.errors import UsageError
from vsbench_envs import registry


def environments_in(path: Path) -> tuple[str, ...]:
    """The environments that a data set, or a folder of them, is of, in the order of the registry.

    Raises:
        UsageError: there is none, or its name does not tell.
    """
    if path.is_dir():
        refuse_empty(path)
        found = {*recorded_files(path), *(guess_env(file) or "" for file in parquet_files(path))}
    elif is_parquet(path):
        found = {guess_env(path) or ""}
    else:
        found = {load(path).header.env}
    envs = tuple(env for env in registry.names() if env in found)
    if not envs:
        raise UsageError(f"{path} does not tell which environment it is of: name it with --env")
    return envs


def open_set(path: Path, env: str) -> Dataset | PublishedSet:
    """The set of an environment in a file, or in a folder of files.

    Raises:
        UsageError: there is none, it is damaged, or it is of another environment.
    """
    file = recorded_files(path).get(env) if path.is_dir() else path
    if file is None or is_parquet(file):
        return open_published(_published_files(path, env), env)
    dataset = load(file)
    if dataset.header.env != env:
        raise UsageError(f"{file} is a data set of {dataset.header.env}, not of {env}")
    return dataset


def recorded_files(folder: Path) -> dict[str, Path]:
    """The files of recorded states in a folder, by environment."""
    return {
        file.stem: file
        for file in sorted(folder.iterdir())
        if file.suffix.lower() == ".jsonl" and is_dataset_file(file, folder)
    }


def refuse_empty(folder: Path) -> None:
    """Raise UsageError if a folder holds no data sets of either kind."""
    if not recorded_files(folder) and not parquet_files(folder):
        raise UsageError(
            f"{folder} holds no data sets: neither ENVIRONMENT.jsonl, as vsbench dataset build "
            "writes, nor Parquet files"
        )


def _published_files(path: Path, env: str) -> list[Path]:
    """Find the Parquet files about an environment. A file that is named directly always counts."""
    if not path.is_dir():
        if path.exists() and not path.is_file():
            raise UsageError(f"{path} cannot be read: it is neither a file nor a folder")
        return [path]
    refuse_empty(path)
    files = [file for file in parquet_files(path) if guess_env(file) == env]
    if not files:
        there = [file.name for file in (*recorded_files(path).values(), *parquet_files(path))]
        raise UsageError(
            f"no file in {path} has a name that speaks of {env}; there are: {', '.join(there)}"
        )
    return files
