"""Loggers: observers that follow runs in Weights & Biases and MLflow.

>>> vsbench.run(models="gpt-4o", observer=vsbench.loggers.WandbLogger(project="games"))

On the command line ``--logger wandb`` and ``--logger mlflow`` do the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from vsbench.env_file import load_env_file
from vsbench.errors import UsageError
from vsbench.loggers.base import RunLogger
from vsbench.loggers.mlflow import MlflowLogger
from vsbench.loggers.wandb import WandbLogger
from vsbench.runner.observer import CombinedObserver, Observer

__all__ = ["LOGGERS", "MlflowLogger", "RunLogger", "WandbLogger", "open_loggers", "with_loggers"]

LOGGERS: dict[str, Callable[[str | None], RunLogger]] = {
    "wandb": lambda project: WandbLogger(project=project),
    "mlflow": lambda experiment: MlflowLogger(experiment=experiment),
}
"""Name -> makes the logger of a project or experiment; None for the default one."""


def open_loggers(specs: Sequence[str]) -> list[RunLogger]:
    """Open loggers from ``NAME`` or ``NAME:PROJECT``.

    Raises:
        UsageError: there is no such logger, or it is not set up.
        MissingExtraError: its package is not installed.
    """
    if specs:
        load_env_file()
    return [_open(spec) for spec in dict.fromkeys(specs)]


def _open(spec: str) -> RunLogger:
    name, colon, project = spec.partition(":")
    if name not in LOGGERS or bool(colon) != bool(project):
        known = " or ".join(f"{each}[:PROJECT]" for each in LOGGERS)
        raise UsageError(f"--logger {spec!r}: should be {known}")
    return LOGGERS[name](project or None)


def with_loggers(observer: Observer, loggers: Sequence[Observer]) -> Observer:
    """An observer that forwards to loggers, too."""
    return CombinedObserver(observer, *loggers) if loggers else observer
