"""Runs in experiment trackers: the real packages, with files in place of servers."""

from __future__ import annotations

import json
import logging
import socket
import struct
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import vsbench
from vsbench.cli import cli
from vsbench.errors import UsageError
from vsbench.loggers import MlflowLogger, WandbLogger, open_loggers
from vsbench.loggers.base import Outcome, RunInfo, RunLogger, Tracker
from vsbench.loggers.metrics import RunMetrics
from vsbench.records.files import open_run, planned_keys
from vsbench.records.journals import JournalFiles, chain_start
from vsbench.reporting.displays import PlainProgress
from vsbench_envs.errors import MissingExtraError

CANARY = "canary-0123456789"
SETTINGS: dict[str, Any] = {
    "models": "sighted/random",
    "envs": ["kuhn_poker", "coin_dilemma"],
    "episodes": 3,
    "samples": 4,
}


@pytest.fixture(autouse=True)
def offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Trackers keep everything in files, and nothing leaves this machine."""
    for name, value in {
        "WANDB_MODE": "offline",
        "WANDB_DIR": str(tmp_path),
        "WANDB_CACHE_DIR": str(tmp_path / "cache"),
        "WANDB_DATA_DIR": str(tmp_path / "data"),
        "WANDB_ERROR_REPORTING": "false",
        "MLFLOW_TRACKING_URI": (tmp_path / "mlruns").as_uri(),
        "MLFLOW_ALLOW_FILE_STORE": "true",
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "HTTPS_PROXY": "http://127.0.0.1:9",
    }.items():
        monkeypatch.setenv(name, value)
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            assert str(address[0]) in ("127.0.0.1", "::1", "localhost"), f"connects to {address}"
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)
    yield
    if (wandb := sys.modules.get("wandb")) is not None:
        # It reads the environment once.
        wandb.teardown()


class Recorded(RunLogger):
    """Keeps what a tracker gets."""

    def __init__(self, interval: float = 0.0) -> None:
        super().__init__(interval)
        self.runs: list[RunInfo] = []
        self.metrics: list[tuple[int, dict[str, float]]] = []
        self.outcomes: list[Outcome] = []
        self.files: dict[str, bytes] = {}

    def start(self, run: RunInfo) -> Tracker:
        self.runs.append(run)
        return self

    def log(self, metrics: Mapping[str, float], step: int) -> None:
        self.metrics.append((step, dict(metrics)))

    def finish(self, outcome: Outcome) -> None:
        self.outcomes.append(outcome)
        self.files |= {name: path.read_bytes() for name, path in outcome.files.items()}


@pytest.mark.slow
def test_running_scores_end_at_the_results(tmp_path: Path) -> None:
    logger = Recorded()
    (report,) = vsbench.run(**SETTINGS, out=tmp_path / "run", observer=logger)
    steps = [step for step, _ in logger.metrics]
    assert steps == sorted(steps)
    assert len(steps) == 6 + 16 + 1
    last, outcome = logger.metrics[-1][1], logger.outcomes[0]
    for evaluation in ("decision", "reasoning", "perception"):
        for env, score in report.results.scores(evaluation).items():
            name = f"score/{evaluation}/{env}"
            assert score is not None
            found = [last[name], last[f"{name}.low"], last[f"{name}.high"]]
            assert found == pytest.approx([score.mean, score.low, score.high])
            assert outcome.summary[name] == score.mean
    usage = report.results.usage
    assert last["tokens/input"] == usage.input
    assert last["progress/replies"] == usage.replies == steps[-1]
    assert (last["progress/episodes"], last["progress/samples"]) == (6, 16)
    assert outcome.complete


@pytest.mark.slow
def test_settings_tables_and_small_files_are_logged(tmp_path: Path) -> None:
    logger = Recorded()
    vsbench.run(**SETTINGS, out=tmp_path / "run", observer=logger)
    (run,), (outcome,) = logger.runs, logger.outcomes
    assert run.id == chain_start(tmp_path / "run").chain
    assert (run.name, run.group) == ("run", None)
    assert run.config["model_settings"]["modality"] == "image"
    assert run.config["environments"]["kuhn_poker"]["episodes"] == 3
    assert {"run.json", "results.json", "tables/episodes.csv"} <= logger.files.keys()
    assert any(name.startswith("prompts/") for name in logger.files)
    assert not any(name.startswith("journal") for name in logger.files)
    columns, rows = outcome.tables["episodes"]
    assert len(rows) == 6
    assert len(rows[0]) == len(columns)


@pytest.mark.slow
def test_a_resumed_run_continues_with_the_same_id_and_steps(tmp_path: Path) -> None:
    first, second = Recorded(), Recorded()
    whole = vsbench.run(**SETTINGS, out=tmp_path / "whole")[0].results.usage.replies
    vsbench.run(**SETTINGS, out=tmp_path / "run", max_tokens_total=200_000, observer=first)
    assert not first.outcomes[0].complete
    vsbench.resume(tmp_path / "run", observer=second)
    assert first.runs[0].id == second.runs[0].id
    assert 0 < first.metrics[-1][0] <= second.metrics[0][0]
    assert second.metrics[-1][0] == whole


def test_past_lines_count_like_new_ones(tmp_path: Path) -> None:
    vsbench.run(**SETTINGS, out=tmp_path / "run")
    manifest = open_run(tmp_path / "run")
    journals = JournalFiles(tmp_path / "run", manifest)
    counts = []
    for keys in (list(planned_keys(manifest)), list(planned_keys(manifest))[::-1]):
        metrics = RunMetrics(manifest)
        for key in keys:
            for record in journals[key]:
                metrics.add(key, record)
        counts.append(metrics.snapshot())
    assert counts[0] == pytest.approx(counts[1])


def test_pairings_share_a_group(tmp_path: Path) -> None:
    logger = Recorded()
    players = ["sighted/random", "bot/oracle"]
    vsbench.tournament(
        players, envs="kuhn_poker", episodes=1, out=tmp_path / "cup", observer=logger
    )
    assert {run.group for run in logger.runs} == {"cup"}
    assert len(logger.outcomes) == len({run.id for run in logger.runs}) == len(logger.runs)


def test_secrets_in_settings_are_redacted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_API_KEY", CANARY)
    logger = Recorded()
    vsbench.run(**SETTINGS, out=tmp_path / CANARY, observer=logger)
    assert CANARY not in json.dumps(logger.runs[0].config)


class Failing(Recorded):
    """Fails at some moment."""

    def __init__(self, moment: str) -> None:
        super().__init__()
        self.moment = moment

    def start(self, run: RunInfo) -> Tracker:
        self._fail("start")
        return super().start(run)

    def log(self, metrics: Mapping[str, float], step: int) -> None:
        self._fail("log")

    def finish(self, outcome: Outcome) -> None:
        self._fail("finish")

    def _fail(self, moment: str) -> None:
        if moment == self.moment:
            raise ConnectionError(f"the tracker at {CANARY} is down")


@pytest.mark.parametrize("moment", ["start", "log", "finish"])
def test_a_failing_logger_is_left_out_with_one_warning(
    moment: str,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MY_API_KEY", CANARY)
    other = Recorded()
    combined = vsbench.CombinedObserver(Failing(moment), other)
    (report,) = vsbench.run(**SETTINGS, out=tmp_path / "run", observer=combined)
    assert report.results.complete
    assert other.outcomes
    (warning,) = [each for each in caplog.records if each.levelno >= logging.WARNING]
    assert "Failing of run failed; the run continues without it" in warning.message
    assert CANARY not in warning.message


def test_a_slow_tracker_delays_no_call(tmp_path: Path) -> None:
    released = threading.Event()

    class Slow(Recorded):
        def start(self, run: RunInfo) -> Tracker:
            assert released.wait(30)
            return super().start(run)

        def closed(self, report: vsbench.RunReport) -> None:
            assert not self.metrics
            released.set()
            super().closed(report)

    logger = Slow()
    vsbench.run(**SETTINGS, out=tmp_path / "run", observer=logger)
    assert logger.outcomes


@pytest.mark.parametrize(
    ("spec", "problem"),
    [("tensorboard", "should be wandb"), ("wandb:", "should be wandb"), ("", "should be wandb")],
)
def test_unknown_loggers_are_named_before_anything_is_written(
    spec: str, problem: str, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match=problem):
        vsbench.run(**SETTINGS, out=tmp_path / "run", loggers=spec)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("name", ["wandb", "mlflow"])
def test_without_the_package_the_command_that_installs_it_is_named(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(MissingExtraError, match=rf"pip install 'vsbench\[{name}\]'"):
        open_loggers([name])


def test_without_a_key_for_wandb_nothing_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("wandb")
    monkeypatch.delenv("WANDB_MODE")
    monkeypatch.delenv("WANDB_API_KEY", raising=False)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(UsageError, match="set WANDB_API_KEY"):
        WandbLogger()


def test_mlflow_keeps_figures_settings_and_files(tmp_path: Path) -> None:
    mlflow = pytest.importorskip("mlflow")
    logger = MlflowLogger("games", interval=0)
    partial = vsbench.run(
        **SETTINGS, out=tmp_path / "run", max_tokens_total=200_000, observer=logger
    )
    client = mlflow.MlflowClient()
    experiment = client.get_experiment_by_name("games").experiment_id
    (stored,) = client.search_runs([experiment])
    assert stored.info.status == "KILLED"
    assert partial[0].exit is vsbench.Exit.BUDGET
    (report,) = vsbench.resume(tmp_path / "run", loggers="mlflow:games")
    (stored,) = client.search_runs([experiment])
    assert stored.info.status == "FINISHED"
    assert stored.data.params["model_settings.modality"] == "image"
    overall = report.results.overall["reasoning"]
    assert overall is not None
    assert stored.data.metrics["score/reasoning/overall"] == pytest.approx(overall.mean)
    history = client.get_metric_history(stored.info.run_id, "progress/replies")
    steps = [each.step for each in history]
    assert steps == sorted(steps)
    assert steps[-1] == report.results.usage.replies
    files = {each.path for each in client.list_artifacts(stored.info.run_id)}
    assert files == {"run.json", "results.json", "prompts", "tables"}


BLOCK = 32768


def wandb_records(path: Path) -> Iterator[Any]:
    """Read the records of an offline run: LevelDB's log format after a header of 7 bytes."""
    from wandb.proto import wandb_internal_pb2

    data, place, parts = path.read_bytes(), 7, b""
    while place + 7 <= len(data):
        if BLOCK - place % BLOCK < 7:
            place += BLOCK - place % BLOCK
            continue
        _, length, kind = struct.unpack_from("<IHB", data, place)
        parts += data[place + 7 : place + 7 + length]
        place += 7 + length
        if kind in (1, 4):
            record = wandb_internal_pb2.Record()
            record.ParseFromString(parts)
            parts = b""
            yield record


def test_wandb_keeps_figures_settings_and_files(tmp_path: Path) -> None:
    pytest.importorskip("wandb")
    (report,) = vsbench.run(**SETTINGS, out=tmp_path / "run", loggers="wandb:games")
    (path,) = tmp_path.glob("wandb/offline-run-*/*.wandb")
    kinds: dict[str, list[Any]] = {}
    for record in wandb_records(path):
        kind = record.WhichOneof("record_type")
        kinds.setdefault(kind, []).append(getattr(record, kind))
    run = kinds["run"][0]
    assert (run.project, run.run_id) == ("games", chain_start(tmp_path / "run").chain)
    config = {item.key: json.loads(item.value_json) for item in run.config.update}
    assert config["model_settings"]["modality"] == "image"
    summary = {
        item.key or item.nested_key[0]: json.loads(item.value_json)
        for record in kinds["summary"]
        for item in record.update
    }
    overall = report.results.overall["decision"]
    assert overall is not None
    assert summary["score/decision/overall"] == pytest.approx(overall.mean)
    steps = [
        json.loads(item.value_json)
        for record in kinds["history"]
        for item in record.item
        if (item.key or item.nested_key[0]) == "progress/replies"
    ]
    assert steps == sorted(steps)
    assert steps[-1] == report.results.usage.replies
    tables = {path.name.partition("_")[0] for path in path.parent.rglob("*.table.json")}
    assert tables == {"figures", "episodes"}
    assert kinds["exit"][0].exit_code == 0


@pytest.mark.slow
def test_the_command_line_logs_runs_and_tournaments(tmp_path: Path) -> None:
    mlflow = pytest.importorskip("mlflow")
    run = ["run", "--model", "sighted/random", "--env", "kuhn_poker", "--eval", "decision"]
    cup = ["tournament", "--player", "sighted/random", "--player", "bot/oracle"]
    cup += ["--env", "kuhn_poker"]
    for number, command in enumerate((run, cup)):
        out = ["--episodes", "2", "--out", str(tmp_path / str(number)), "--logger", "mlflow:games"]
        done = CliRunner().invoke(cli, [*command, *out])
        assert done.exit_code == 0, done.output
    client = mlflow.MlflowClient()
    stored = client.search_runs([client.get_experiment_by_name("games").experiment_id])
    groups = [each.data.tags.get("vsbench.tournament") for each in stored]
    assert sorted(map(str, groups)) == ["1", "None"]


def test_a_display_and_a_logger_follow_the_same_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    logger, out = Recorded(), (tmp_path / "shown.txt").open("w+")
    with out:
        combined = vsbench.CombinedObserver(PlainProgress(out), logger)
        vsbench.run(**SETTINGS, out=tmp_path / "run", observer=combined)
        out.seek(0)
        assert "22/22 done" in out.read()
    assert logger.outcomes
