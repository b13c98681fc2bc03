"""Exceptions of commands: messages, exit codes, and reports of unexpected errors."""

import errno
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from unittest.mock import Mock

import click
import pytest

from vsbench import cli
from vsbench.adapters.base import Reply, Request
from vsbench.errors import UsageError
from vsbench_envs.errors import MissingExtraError
from written import MODEL, WrittenModel, choose

KUHN = ("--env", "kuhn_poker", "--eval", "decision", "--episodes", "2")


@pytest.fixture(autouse=True)
def _temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.delenv("VSBENCH_DEBUG", raising=False)


def ending(
    monkeypatch: pytest.MonkeyPatch, *arguments: str, command: click.Command = cli.cli
) -> int:
    monkeypatch.setattr(sys, "argv", ["vsbench", *arguments])
    with pytest.raises(SystemExit) as ended:
        cli.main(command)
    assert isinstance(ended.value.code, int)
    return ended.value.code


def failing(error: BaseException) -> click.Command:
    """A command that ends with an error, whatever its arguments."""

    @click.command(context_settings={"ignore_unknown_options": True})
    @click.argument("arguments", nargs=-1)
    def command(arguments: tuple[str, ...]) -> None:
        raise error

    return command


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("a defect"),
        RecursionError("too deep"),
        MemoryError(),
        UnicodeEncodeError("utf-8", "\udcff", 0, 1, "surrogates"),
        AssertionError(),
        FileNotFoundError(errno.ENOENT, "No such file or directory", "vsbench/data/gone.json"),
        ExceptionGroup("several", [ValueError("one")]),
    ],
    ids=repr,
)
def test_a_defect_is_written_to_a_file(
    error: Exception,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert ending(monkeypatch, "run", "--model", "m", command=failing(error)) == 70
    _, told = capsys.readouterr()
    assert told.count("\n") == 1
    found = re.search(r"please report it with the file (\S+error\.txt)", told)
    assert found
    text = Path(found[1]).read_text()
    assert type(error).__name__ in text
    assert "Traceback" in text
    assert "command: vsbench run --model m" in text
    assert "vsbench 0." in text
    assert "Python 3." in text


def test_with_nowhere_to_write_the_defect_is_shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(tempfile, "mkstemp", Mock(side_effect=OSError(errno.ENOSPC, "full")))
    command = failing(RuntimeError("a defect"))
    assert ending(monkeypatch, "run", command=command) == 70
    assert "RuntimeError: a defect" in capsys.readouterr().err


def test_debugging_shows_the_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VSBENCH_DEBUG", "1")
    monkeypatch.setattr(sys, "argv", ["vsbench"])
    with pytest.raises(RuntimeError, match="a defect"):
        cli.main(failing(RuntimeError("a defect")))


def test_no_key_is_written_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MY_SERVER_API_KEY", "canary-one")
    monkeypatch.setenv("UNRELATED_SETTING", "of the environment")
    secrets = "canary-one, sk-canary-two, Bearer canary-three, http://me:canary-four@host/v1"
    command = failing(RuntimeError(f"cannot send {secrets}"))
    model = "openai-api/http://me:canary-five@host/v1#m"
    assert ending(monkeypatch, "run", "--model", model, command=command) == 70
    (report,) = tmp_path.iterdir()
    text = report.read_text()
    assert "cannot send" in text
    assert "@host/v1" in text
    assert "canary" not in text + capsys.readouterr().err
    assert "of the environment" not in text


NO_DEFECTS = {
    "bad input": (UsageError("this is wrong"), 2, "vsbench: this is wrong"),
    "a missing extra": (MissingExtraError("pip install it"), 2, "vsbench: pip install it"),
    "a click error": (click.BadParameter("no number"), 2, "no number"),
    "Ctrl-C": (KeyboardInterrupt(), 130, "interrupted"),
    "a full disk": (
        OSError(errno.ENOSPC, "No space left on device", "/some/file"),
        2,
        "/some/file: No space left on device",
    ),
    "output on a full disk": (
        OSError(errno.ENOSPC, "No space left on device"),
        2,
        "output cannot be written: No space left on device",
    ),
    "no permission": (PermissionError(errno.EACCES, "Permission denied", "/x"), 2, "/x: Perm"),
}


@pytest.mark.parametrize("case", NO_DEFECTS)
def test_what_a_person_can_mend_is_no_defect(
    case: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    error, code, message = NO_DEFECTS[case]
    assert ending(monkeypatch, "results", "x", command=failing(error)) == code
    assert message in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_defect_in_a_run_is_written_to_its_directory(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    written_model: Callable[..., WrittenModel],
) -> None:
    broken = True

    def answer(request: Request, seen: int) -> Reply:
        if broken:
            raise RuntimeError("a defect")
        return choose(request)

    written_model(answer)
    out, mine = tmp_path / "run", tmp_path / "mine"
    assert ending(monkeypatch, "run", "--model", MODEL, *KUHN, "--out", str(out)) == 70
    (out / "error.txt").unlink()
    mine.write_text("precious")
    (out / "error.txt").symlink_to(mine)
    resume = ("run", "--resume", str(out))
    assert ending(monkeypatch, *resume) == 70
    assert f"{out / 'error.txt'}" in capsys.readouterr().err
    assert "in answer" in (out / "error.txt").read_text()
    assert {path.name for path in tmp_path.iterdir()} == {"run", "mine"}
    assert mine.read_text() == "precious"
    broken = False
    assert ending(monkeypatch, *resume) == 0
    assert ending(monkeypatch, "replay", str(out)) == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("run", "--model", "openai-api/http://127.0.0.1:1/v1#\udcff"),
        ("run", "--model", "sighted/random", "--seat", "1=openai-api/http://127.0.0.1:1/#\udcff"),
        ("run", "--model", "sighted/random", "--dataset", "\udcff"),
        ("tournament", "--player", "bot/random", "--player", "anthropic/\udcff"),
    ],
    ids=ascii,
)
def test_arguments_that_are_no_text(
    arguments: tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert ending(monkeypatch, *arguments, "--env", "kuhn_poker") == 2
    assert "is not text in Unicode" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize(
    "where",
    [
        "| head -c 1 >/dev/null",
        "--json | head -c 1 >/dev/null",
        "2>&- >/dev/null",
        "<&- >&- 2>&-",
        ">/dev/full",
        "--json >/dev/full",
    ],
)
@pytest.mark.slow
def test_a_run_whose_output_goes_nowhere_ends_well(where: str, tmp_path: Path) -> None:
    out = tmp_path / "run"
    arguments = " ".join(["run --model sighted/random", *KUHN, f"--out {out}"])
    shell = f"set -o pipefail; '{sys.executable}' -m vsbench {arguments} {where}"
    done = subprocess.run(["bash", "-c", shell], stderr=subprocess.PIPE, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
    assert '"complete": true' in (out / "results.json").read_text()


@pytest.mark.parametrize(
    "environment",
    [
        {"LC_ALL": "C", "PYTHONIOENCODING": "ascii", "TERM": "dumb", "COLUMNS": "1"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "HOME": ""},
        {"TMPDIR": "/nowhere/at/all", "PYTHONIOENCODING": "latin-1"},
    ],
    ids=str,
)
@pytest.mark.slow
def test_odd_surroundings(environment: dict[str, str], tmp_path: Path) -> None:
    out = tmp_path / "run"
    for arguments in (
        ("run", "--model", "sighted/random", *KUHN, "--out", str(out)),
        ("results", str(out)),
    ):
        done = subprocess.run(
            [sys.executable, "-m", "vsbench", *arguments],
            capture_output=True,
            timeout=120,
            env=os.environ | environment,
        )
        assert done.returncode == 0, done.stderr
        assert b"Traceback" not in done.stderr


def test_a_working_directory_that_is_gone(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    shell = f"cd '{gone}' && rmdir '{gone}' && '{sys.executable}' -m vsbench"
    arguments = f"run --model sighted/random {' '.join(KUHN)}"
    done = subprocess.run(
        ["bash", "-c", f"{shell} {arguments}"], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
