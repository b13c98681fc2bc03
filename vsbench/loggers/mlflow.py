"""Follow runs in MLflow."""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any, TypeVar

from vsbench.errors import UsageError
from vsbench.loggers.base import INTERVAL, Outcome, RunInfo, RunLogger, Tracker
from vsbench_envs.errors import MissingExtraError

RUN_ID = "vsbench.run_id"
"""Tag with the run's id, by which a resumed run is found again."""

MAX_PARAMS, MAX_METRICS = 100, 1000
"""Of one request."""

MAX_VALUE = 500
"""Characters of a parameter's value that every server accepts."""

NOT_IN_NAMES = re.compile(r"[^\w.\-/: ]")

T = TypeVar("T")


class MlflowLogger(RunLogger):
    """Logs runs to MLflow.

    Every run directory is an MLflow run. ``MLFLOW_TRACKING_URI`` and the other variables of MLflow
    apply.

    Args:
        experiment: name of the experiment, created if missing; None for
            ``MLFLOW_EXPERIMENT_NAME``, or else ``vsbench``.
        tracking_uri: of the server or database; None for MLflow's own setting.
        interval: seconds between metrics; 0 logs after every episode and sample.

    Raises:
        MissingExtraError: mlflow is not installed.
        UsageError: runs cannot be stored there.
    """

    def __init__(
        self,
        experiment: str | None = None,
        *,
        tracking_uri: str | None = None,
        interval: float = INTERVAL,
    ) -> None:
        super().__init__(interval)
        self._experiment = experiment or os.environ.get("MLFLOW_EXPERIMENT_NAME") or "vsbench"
        self._client = _client(tracking_uri)
        self._creating = threading.Lock()

    def start(self, run: RunInfo) -> Tracker:
        """Begin an MLflow run, or continue the one with the same id."""
        with self._creating:
            experiment = self._experiment_id()
        found = self._client.search_runs([experiment], f"tags.`{RUN_ID}` = '{run.id}'")
        if found:
            run_id = found[0].info.run_id
            self._client.update_run(run_id, status="RUNNING")
            return _MlflowRun(self._client, run_id)
        tags = {RUN_ID: run.id, "mlflow.source.name": "vsbench"}
        if run.group:
            tags["vsbench.tournament"] = run.group
        run_id = self._client.create_run(experiment, run_name=run.name, tags=tags).info.run_id
        from mlflow.entities import Param

        params = [Param(_name(key), value[:MAX_VALUE]) for key, value in _flat("", run.config)]
        for some in _chunks(params, MAX_PARAMS):
            self._client.log_batch(run_id, params=some)
        return _MlflowRun(self._client, run_id)

    def _experiment_id(self) -> str:
        found = self._client.get_experiment_by_name(self._experiment)
        if found is not None:
            return str(found.experiment_id)
        return str(self._client.create_experiment(self._experiment))


class _MlflowRun:
    """A run in MLflow."""

    def __init__(self, client: Any, run_id: str) -> None:
        self._client = client
        self._run_id = run_id
        self._step = 0

    def log(self, metrics: Mapping[str, float], step: int) -> None:
        """Log metrics at a step."""
        from mlflow.entities import Metric

        self._step = step
        now = int(time.time() * 1000)
        found = [Metric(_name(key), float(value), now, step) for key, value in metrics.items()]
        for some in _chunks(found, MAX_METRICS):
            self._client.log_batch(self._run_id, metrics=some)

    def finish(self, outcome: Outcome) -> None:
        """Log the summary as metrics, and the files as artifacts."""
        self.log(outcome.summary, self._step)
        for name, path in outcome.files.items():
            folder = str(PurePosixPath(name).parent)
            self._client.log_artifact(self._run_id, str(path), None if folder == "." else folder)
        status = "FINISHED" if outcome.complete else "KILLED"
        self._client.set_terminated(self._run_id, status=status)


def _client(tracking_uri: str | None) -> Any:
    try:
        from mlflow import MlflowClient
        from mlflow.exceptions import MlflowException
    except ImportError:
        raise MissingExtraError(
            "logging to MLflow needs mlflow: pip install 'vsbench[mlflow]'"
        ) from None
    try:
        return MlflowClient(tracking_uri=tracking_uri)
    except ImportError as error:
        raise MissingExtraError(
            f"storing MLflow runs on this machine needs more than the extra ({error}): "
            "pip install mlflow, or set MLFLOW_TRACKING_URI to a server"
        ) from None
    except MlflowException as error:
        raise UsageError(f"MLflow cannot store runs: {error}") from None


def _flat(prefix: str, value: object) -> Iterator[tuple[str, str]]:
    """Settings with dotted names."""
    if isinstance(value, Mapping):
        for key, each in value.items():
            yield from _flat(f"{prefix}.{key}" if prefix else str(key), each)
    elif isinstance(value, list) and any(isinstance(each, Mapping) for each in value):
        for number, each in enumerate(value):
            yield from _flat(f"{prefix}.{number}", each)
    else:
        yield prefix, str(value)


def _name(text: str) -> str:
    """A name that MLflow accepts."""
    return str(PurePosixPath(NOT_IN_NAMES.sub("_", text)))


def _chunks(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
