"""Data sets by path, whoever made them."""

from __future__ import annotations

from pathlib import Path

from vsbench.datasets.folders import is_parquet, parquet_files, recorded_files, refuse_empty
from vsbench.datasets.official import guess_env
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


def open_set(path: Path, env: str) -> Dataset | OfficialSet:
    """The set of an environment in a file, or in a folder of files.

    Raises:
        UsageError: there is none, it is damaged, or it is of another environment.
    """
    file = recorded_files(path).get(env) if path.is_dir() else path
    if file is None or is_parquet(file):
        return open_official(path, env)
    dataset = load(file)
    if dataset.header.env != env:
        raise UsageError(f"{file} is a data set of {dataset.header.env}, not of {env}")
    return dataset
