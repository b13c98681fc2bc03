"""The log: what is in it, where it goes, and what stays out of it."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from click.testing import CliRunner

import vsbench
from vsbench.cli import cli
from vsbench.errors import UsageError
from vsbench.logs import MAX_MESSAGE, configure

LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (debug|info|warning|error) +[\w.]+ .*")
CANARY = "canary-0123456789"


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A model that fails now and then, as its id."""
    monkeypatch.setenv("VSBENCH_API_KEY", CANARY)
    with vsbench.simulate(rates={"server_error": 0.4}, seed=3) as simulation:
        yield f"openai-api/{simulation.base_url}#any"


def played(model: str, out: Path, *options: str) -> str:
    """Play, and return what is shown on stderr."""
    run = ["run", "--model", model, "--env", "kuhn_poker", "--eval", "decision", "--episodes", "6"]
    done = CliRunner().invoke(cli, [*options, *run, "--out", str(out)])
    assert done.exit_code == 0, done.output
    return done.stderr


def test_a_file_has_retries_and_the_episodes_that_they_are_of(
    provider: str, tmp_path: Path
) -> None:
    quiet = played(provider, tmp_path / "before")
    shown = played(provider, tmp_path / "run", "--log-file", str(tmp_path / "log.txt"))
    lines = (tmp_path / "log.txt").read_text().splitlines()
    assert all(LINE.fullmatch(line) for line in lines)
    assert any("[decision/kuhn_poker/" in line and "; retry 1 in" in line for line in lines)
    assert not any(" debug " in line for line in lines)
    assert len(shown.splitlines()) == len(quiet.splitlines())


def test_debug_logs_every_call_and_journal_line_and_what_sdks_say(
    provider: str, tmp_path: Path
) -> None:
    log = tmp_path / "log.jsonl"
    played(provider, tmp_path / "run", "--log-level", "debug", "--log-file", str(log))
    records = [json.loads(line) for line in log.read_text().splitlines()]
    journal = [each for each in records if each["logger"] == "vsbench.runner.journal"]
    written = [p.read_text().count("\n") for p in (tmp_path / "run").glob("journal/*/*/*")]
    assert len(journal) == sum(written)
    assert {each["unit"] for each in journal} == {f"decision/kuhn_poker/{n}" for n in range(6)}
    loggers = {each["logger"].partition(".")[0] for each in records}
    assert {"vsbench", "openai", "httpx2"} <= loggers
    assert "PIL" not in loggers
    assert "canary" not in log.read_text()


def test_without_a_file_the_log_is_on_stderr(provider: str, tmp_path: Path) -> None:
    shown = played(provider, tmp_path / "run", "--log-level", "info")
    assert [line for line in shown.splitlines() if LINE.fullmatch(line) and "retry 1" in line]


def test_the_log_is_appended_to_and_logging_is_restored(tmp_path: Path) -> None:
    log, logger = tmp_path / "log.txt", logging.getLogger("vsbench.test")
    before = (list(logging.getLogger().handlers), logging.getLogger("vsbench").level)
    for number in range(2):
        with ExitStack() as stack:
            configure("info", log, stack)
            logger.info("session %d", number)
        logger.info("between the sessions")
    assert re.findall(r"session \d|between", log.read_text()) == ["session 0", "session 1"]
    assert (list(logging.getLogger().handlers), logging.getLogger("vsbench").level) == before


def test_warnings_stay_on_stderr_as_they_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with ExitStack() as stack:
        configure("error", tmp_path / "log.txt", stack)
        logging.getLogger("vsbench.test").warning("mind the %s", "gap")
    assert capsys.readouterr().err == "mind the gap\n"
    assert (tmp_path / "log.txt").read_text() == ""


def test_messages_are_one_bounded_line_without_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOME_TOKEN", CANARY)
    log = logging.getLogger("vsbench.test")
    with ExitStack() as stack:
        configure("debug", tmp_path / "log.txt", stack)
        log.info("one\nline \x1b[31m")
        log.info("Authorization: Bearer abc-%s and %s", 1, CANARY)
        log.info("x" * 10 * MAX_MESSAGE)
        try:
            raise RuntimeError(CANARY)
        except RuntimeError:
            log.exception("a traceback of many lines")
    one, secret, long, *trace = (tmp_path / "log.txt").read_text().splitlines()
    assert one.endswith(r"one\nline \x1b[31m")
    assert secret.endswith("Authorization: Bearer [key] and [key]")
    assert len(long) < 1.1 * MAX_MESSAGE
    assert trace[-1] == "RuntimeError: [key]"


@pytest.mark.parametrize(
    ("file", "problem"),
    [("missing/log.txt", "not a directory; create it first"), ("run/log.txt", "inside the run")],
)
def test_a_file_that_cannot_be_written_is_named(tmp_path: Path, file: str, problem: str) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "run.json").touch()
    with ExitStack() as stack, pytest.raises(UsageError, match=problem):
        configure(None, tmp_path / file, stack)
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["run.json"]


def test_the_environment_sets_the_level(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VSBENCH_LOG_LEVEL", "loud")
    done = CliRunner().invoke(cli, ["protocols"])
    assert done.exit_code == 2
    assert "'loud' is not one of" in done.output
