"""Follow runs in Weights & Biases."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from types import ModuleType
from typing import Any

from vsbench.errors import UsageError
from vsbench.loggers.base import INTERVAL, Outcome, RunInfo, RunLogger, Tracker
from vsbench_envs.errors import MissingExtraError

STEP = "progress/replies"
"""The metric that charts are drawn over."""


class WandbLogger(RunLogger):
    """Logs runs to Weights & Biases.

    Every run directory is a W&B run; pairings of a tournament share a group. ``WANDB_MODE=offline``
    and the other variables of W&B apply.

    Args:
        project: name of the project; None for ``WANDB_PROJECT``, or else ``vsbench``.
        entity: user or team; None for the default one.
        interval: seconds between metrics; 0 logs after every episode and sample.

    Raises:
        MissingExtraError: wandb is not installed.
        UsageError: nobody is logged in.
    """

    def __init__(
        self,
        project: str | None = None,
        *,
        entity: str | None = None,
        interval: float = INTERVAL,
    ) -> None:
        super().__init__(interval)
        self._wandb = _import()
        self._project = project or os.environ.get("WANDB_PROJECT") or "vsbench"
        self._entity = entity
        _check_login(self._wandb)

    def start(self, run: RunInfo) -> Tracker:
        """Begin a W&B run, or continue the one with the same id."""
        opened = self._wandb.init(
            project=self._project,
            entity=self._entity,
            id=run.id,
            name=run.name,
            group=run.group,
            job_type="vsbench",
            config=dict(run.config),
            resume="allow",
            # Several models are played at once.
            reinit="create_new",
            # The display of the run stays as it is.
            settings=self._wandb.Settings(console="off", silent=True),
        )
        opened.define_metric("*", step_metric=STEP)
        if opened.url:
            print(f"{run.name}: {opened.url}", file=sys.stderr)
        return _WandbRun(self._wandb, opened)


class _WandbRun:
    """A run in W&B."""

    def __init__(self, wandb: ModuleType, run: Any) -> None:
        self._wandb = wandb
        self._run = run

    def log(self, metrics: Mapping[str, float], step: int) -> None:
        """Log metrics; the step is one of them."""
        self._run.log(dict(metrics))

    def finish(self, outcome: Outcome) -> None:
        """Log tables, the summary, and the files as an artifact."""
        for name, (columns, rows) in outcome.tables.items():
            data = [[*map(_cell, row)] for row in rows]
            table = self._wandb.Table(columns=list(columns), data=data)
            self._run.log({f"tables/{name}": table})
        self._run.summary.update(dict(outcome.summary))
        artifact = self._wandb.Artifact(f"run-{self._run.id}", type="vsbench-run")
        for name, path in outcome.files.items():
            artifact.add_file(str(path), name=name)
        self._run.log_artifact(artifact)
        self._run.finish(exit_code=0 if outcome.complete else 1)


def _cell(value: object) -> object:
    """A cell of a table; lists as JSON."""
    return json.dumps(value) if isinstance(value, tuple) else value


def _import() -> ModuleType:
    try:
        import wandb
    except ImportError:
        raise MissingExtraError(
            "logging to W&B needs wandb: pip install 'vsbench[wandb]'"
        ) from None
    return wandb


def _check_login(wandb: ModuleType) -> None:
    """Raise UsageError if W&B would ask for a key, in the middle of a run."""
    if os.environ.get("WANDB_MODE", "online") != "online":
        return
    if not wandb.login(prompt=False, verify=False):
        raise UsageError(
            "W&B has no API key: set WANDB_API_KEY or call wandb login, or set WANDB_MODE=offline"
        )
