"""Find data sets, of recorded states or published, by path or environment."""

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
from vsbench_envs.errors import UnknownNameError

SHIPPED = Path(__file__).parent / "shipped"


def environments_in(path: Path) -> tuple[str, ...]:
    """List the environments of a data set or a folder of them, in the order of the registry.

    Raises:
        UsageError: there is none, or a file's name implies none.
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
        raise UsageError(f"{path} is not named after an environment: give --env")
    return envs


def open_set(path: Path, env: str) -> Dataset | PublishedSet:
    """Open the set of an environment in a file or a folder.

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
    """List the files of recorded states in a folder, by environment."""
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
        names = [file.name for file in (*recorded_files(path).values(), *parquet_files(path))]
        raise UsageError(f"no file in {path} is named after {env}; it holds {', '.join(names)}")
    return files


def shipped_path(env: str) -> Path:
    """The file of the set that ships for an environment.

    Raises:
        UsageError: it has none.
    """
    path = SHIPPED / f"{env}.jsonl"
    if not path.exists():
        raise UsageError(
            f"no data set ships for {env}; build one with: vsbench dataset build --env {env} "
            "--out sets, and give its path: in a run, by --dataset sets"
        )
    return path


def find_set(name: str) -> Path:
    """Find the file of a data set by its path, or by an environment whose set ships.

    Raises:
        UsageError, UnknownNameError: there is no such set.
    """
    path = Path(name)
    # A package of a game, as "vsbench envs new" writes it, has the name of its environment.
    if (path.exists() and not path.is_dir()) or path.suffix or len(path.parts) > 1:
        return path
    if name not in registry.names():
        raise UnknownNameError("environment or file", name, registry.names())
    return shipped_path(name)
