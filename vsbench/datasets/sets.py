"""Data sets by path, whoever made them."""

from __future__ import annotations

from pathlib import Path

from vsbench.datasets.official import guess_env, parquet_files
from vsbench.datasets.official_set import OfficialSet, open_official
from vsbench.datasets.samples import Dataset, load
from vsbench.errors import UsageError
from vsbench_envs import registry


def environments_in(path: Path) -> tuple[str, ...]:
    """The environments that a data set, or a folder of them, is of, in the order of the registry.

    Raises:
        UsageError: there is none, or its name does not tell.
    """
    if path.is_dir():
        found = {file.stem for file in path.glob("*.jsonl")}
        found |= {guess_env(file) or "" for file in path.rglob("*.parquet")}
    elif path.suffix == ".parquet":
        found = {guess_env(file) or "" for file in parquet_files(path)}
    else:
        found = {load(path).header.env}
    envs = tuple(env for env in registry.names() if env in found)
    if not envs:
        raise UsageError(f"{path} does not tell which environment it is of: name it with --env")
    return envs


def open_set(path: Path, env: str) -> Dataset | OfficialSet:
    """The set of an environment in a file, or in a folder of files.

    Raises:
        UsageError: there is none, it is damaged, or it is of another environment.
    """
    own = path / f"{env}.jsonl"
    if path.suffix == ".parquet" or (path.is_dir() and not own.exists()):
        return open_official(path, env)
    file = own if path.is_dir() else path
    dataset = load(file)
    if dataset.header.env != env:
        raise UsageError(f"{file} is a data set of {dataset.header.env}, not of {env}")
    return dataset
