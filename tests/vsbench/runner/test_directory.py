"""Run directories: a failed start leaves nothing behind, and nobody plays in one twice at once."""

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import filelock
import pytest

import vsbench
from vsbench.errors import Exit, UsageError
from vsbench.printable import folder_name
from vsbench.records.files import run_directories
from vsbench.runner.directory import lock_run, unused_directory
from written import MODEL

PLAN = {"models": [MODEL], "evals": ["decision"], "envs": ["kuhn_poker"], "episodes": 1}
TOURNAMENT = {"players": ["bot/oracle", "bot/random"], "envs": ["kuhn_poker"], "episodes": 1}


class DiskFull:
    """Lets a number of writes pass and refuses later ones; removing always works."""

    def __init__(self, patch: pytest.MonkeyPatch, inside: Path, passing: int) -> None:
        self.inside, self.passing = inside, passing
        self.writes: list[str] = []
        for name in ("mkdir", "rename", "replace", "open"):
            patch.setattr(os, name, self._counted(getattr(os, name)))
        patch.setattr("io.open", self._counted(open))

    def _counted(self, write: Callable[..., object]) -> Callable[..., object]:
        def counting(path: object, *arguments: object, **options: object) -> object:
            if self._is_write(path, write, arguments):
                self.writes.append(f"{write.__name__} {path}")
                if len(self.writes) > self.passing:
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
            return write(path, *arguments, **options)

        return counting

    def _is_write(self, path: object, write: Callable[..., object], arguments: tuple) -> bool:
        if not isinstance(path, str | Path) or not Path(path).is_relative_to(self.inside):
            return False
        if write is open:
            return bool(arguments) and "w" in str(arguments[0])
        return not (arguments and arguments[0] in (os.O_RDONLY, os.O_RDONLY | os.O_CLOEXEC))


def start(what: str, out: Path) -> Exit:
    if what == "run":
        return vsbench.run(**PLAN, out=out)[0].exit
    return vsbench.tournament(**TOURNAMENT, out=out).exit


@pytest.mark.parametrize("what", ["run", "tournament"])
def test_a_disk_that_is_full_at_any_write_of_a_start(
    what: str, written_model, tmp_path: Path
) -> None:
    written_model()
    (tmp_path / "first").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        disk = DiskFull(patch, tmp_path / "first", 10**6)
        start(what, tmp_path / "first" / "runs" / "mine")
    shutil.rmtree(tmp_path / "first")
    # Some of the templates stand for all of them.
    records = [n for n, write in enumerate(disk.writes) if write.endswith(".starting/run.json")]
    (last,) = records[-1:]
    tried = {*range(10), last // 2, *range(last - 8, last + 1)}
    out = tmp_path / "runs" / "mine"
    for passing in sorted(tried):
        with pytest.MonkeyPatch.context() as patch:
            DiskFull(patch, tmp_path, passing)
            with pytest.raises(UsageError, match="No space left on device"):
                start(what, out)
        assert list(tmp_path.iterdir()) == [], f"after {passing} writes"
    assert start(what, out) is Exit.COMPLETE


def test_a_start_that_was_killed_is_no_obstacle(written_model, tmp_path: Path) -> None:
    written_model()
    whole = tmp_path / "whole"
    vsbench.run(**PLAN, out=whole)
    killed = tmp_path / "killed"
    # As it is right before the record gets its name.
    (killed / ".starting").mkdir(parents=True)
    (killed / ".lock").touch()
    shutil.copytree(whole / "prompts", killed / "prompts")
    shutil.copy(whole / "run.json", killed / ".starting/run.json")
    assert vsbench.run(**PLAN, out=killed)[0].exit is Exit.COMPLETE
    assert {path.name for path in killed.iterdir()} == {path.name for path in whole.iterdir()}


def test_a_folder_of_prompts_is_not_taken_for_a_start(written_model, tmp_path: Path) -> None:
    written_model()
    mine = tmp_path / "prompts" / "mine.j2"
    mine.parent.mkdir()
    mine.write_text("precious")
    with pytest.raises(UsageError, match="not empty"):
        vsbench.run(**PLAN, out=tmp_path)
    assert mine.read_text() == "precious"


def test_a_model_that_cannot_be_opened_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.chdir(tmp_path)
    for _ in range(2):
        with pytest.raises(UsageError, match="OPENAI_API_KEY"):
            vsbench.run(models=["sighted/oracle", "gpt-4o"], envs=["kuhn_poker"])
        assert list(tmp_path.iterdir()) == []


PLACES = {
    "a file": (lambda path: path.write_text("mine"), "Not a directory"),
    "below a file": (lambda path: path.parent.write_text("mine"), "Not a directory"),
    "a dangling link": (lambda path: path.symlink_to("nowhere/at/all"), "File exists"),
}


@pytest.mark.parametrize("case", PLACES)
def test_places_that_are_no_directories(case: str, written_model, tmp_path: Path) -> None:
    written_model()
    make, why = PLACES[case]
    out = tmp_path / "a" / "b" if case == "below a file" else tmp_path / "a"
    make(out)
    before = list(tmp_path.iterdir())
    with pytest.raises(UsageError, match=f"cannot be written: {why}"):
        vsbench.run(**PLAN, out=out)
    assert list(tmp_path.iterdir()) == before


def test_a_name_that_is_too_long(written_model, tmp_path: Path) -> None:
    written_model()
    with pytest.raises(UsageError, match="cannot be written: File name too long"):
        vsbench.run(**PLAN, out=tmp_path / ("x" * 300))
    assert list(tmp_path.iterdir()) == []


class Refusing:
    """A lock on a file system that answers with an error."""

    def __init__(self, number: int) -> None:
        self._error = OSError(number, os.strerror(number))

    def __call__(self, *arguments: object, **options: object) -> "Refusing":
        return self

    def acquire(self, **options: object) -> None:
        raise self._error

    def release(self) -> None:
        raise self._error


@pytest.mark.parametrize("name", ["ENOLCK", "EOPNOTSUPP", "ENOSYS", "EINVAL"])
def test_file_systems_without_locks(
    name: str,
    written_model,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    import fcntl

    def flock(file: int, operation: int) -> None:
        raise OSError(getattr(errno, name), "no locks here")

    written_model()
    monkeypatch.setattr(fcntl, "flock", flock)
    assert vsbench.run(**PLAN, out=tmp_path / "run")[0].exit is Exit.COMPLETE
    assert vsbench.resume(tmp_path / "run")[0].exit is Exit.COMPLETE
    assert caplog.text.count("(no locks here): make sure") == 2


@pytest.mark.parametrize("name", ["EROFS", "EACCES", "ENOSPC"])
def test_a_directory_that_cannot_be_written_cannot_be_locked(
    name: str, written_model, tmp_path: Path
) -> None:
    written_model()
    out = tmp_path / "run"
    vsbench.run(**PLAN, out=out)
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*")}
    refusing = Refusing(getattr(errno, name))
    problem = f"cannot be written: {os.strerror(getattr(errno, name))}"
    with pytest.raises(UsageError, match=problem), lock_run(out, refusing):
        pass
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*")} == before


def test_two_commands_do_not_play_the_same_run(written_model, tmp_path: Path) -> None:
    written_model()
    out = tmp_path / "run"
    vsbench.run(**PLAN, out=out)
    with lock_run(out), pytest.raises(UsageError, match="another vsbench process is running"):
        vsbench.resume(out)
    assert vsbench.resume(out)[0].exit is Exit.COMPLETE


def test_two_starts_in_the_same_place(written_model, tmp_path: Path) -> None:
    """The second neither begins nor removes what the first has made."""
    written_model()
    out = tmp_path / "run"
    out.mkdir()
    first = filelock.FileLock(out / ".lock")
    with first, pytest.raises(UsageError, match="another vsbench process is running"):
        vsbench.run(**PLAN, out=out)
    assert out.exists()
    assert vsbench.run(**PLAN, out=out)[0].exit is Exit.COMPLETE


NAMES = [
    "m" * 300,
    "m" * 5000,
    "模型" * 200,
    "é" * 300,
    "..",
    ".",
    "../../etc/passwd",
    "a\nb\x1b[31m",
    'CON:*?"<>|',
    " ",
    "-",
    "org/name:tag@1",
]


@pytest.mark.parametrize("name", NAMES)
def test_any_model_makes_a_folder_s_name(name: str, tmp_path: Path) -> None:
    path = unused_directory(tmp_path, f"openai-api/http://host/v1#{name}")
    assert path.parent == tmp_path
    path.mkdir()
    assert path.name == path.resolve().name
    assert len(os.fsencode(path.name)) < 120
    assert path.name.isascii()
    assert folder_name(name).strip("-.") == folder_name(name) != ""


@pytest.mark.parametrize("tail", ["m" * 300, "模型" * 200], ids=["long", "not ASCII"])
def test_models_whose_names_look_alike_have_their_own_folders(
    tail: str, written_model, tmp_path: Path
) -> None:
    written_model()
    models = [f"openai-api/http://127.0.0.1:9/{place}#{tail}" for place in ("v1", "v2")]
    reports = vsbench.run(**PLAN | {"models": models}, out=tmp_path / "both")
    assert [report.exit for report in reports] == [Exit.COMPLETE] * 2
    assert len(run_directories(tmp_path / "both")) == 2
    report = vsbench.tournament(models, envs=["kuhn_poker"], episodes=1, out=tmp_path / "t")
    assert report.exit is Exit.COMPLETE
    assert vsbench.resume_tournament(tmp_path / "t").exit is Exit.COMPLETE
