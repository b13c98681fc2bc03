"""Which .env file is read: the person's own, and never that of a run from anybody."""

import os
from pathlib import Path

import pytest

from vsbench.env_file import find_env_file, load_env_file
from vsbench.errors import UsageError

PLACES = {
    "": "home/.env",
    "project": "home/project/.env",
    "project/nothing/here": "home/project/.env",
    "run": "home/.env",
    "run/journal/decision": "home/.env",
    "tournament": "home/.env",
    "tournament/pairings/a--b": "home/.env",
    "run/inner/tournament": "home/.env",
}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Folders that all have a file of their own."""
    home = tmp_path / "home"
    for place in (*PLACES, "run/journal", "tournament/pairings", "run/inner"):
        (home / place).mkdir(parents=True, exist_ok=True)
        if place != "project/nothing/here":
            (home / place / ".env").write_text("VSBENCH_TEST_PLACE=here\n")
    (home / "run/run.json").write_text("{}")
    (home / "tournament/tournament.json").write_text("{}")
    (home / "tournament/pairings/a--b/run.json").write_text("{}")
    (home / "run/inner/tournament/tournament.json").write_text("{}")
    return home


@pytest.mark.parametrize("place", PLACES)
def test_the_nearest_that_is_no_run_s(
    place: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(home / place)
    assert find_env_file() == home.parent / PLACES[place]


def test_what_is_passed_over_is_told(
    home: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.chdir(home / "run")
    find_env_file()
    assert f"ignoring {home / 'run/.env'}" in caplog.text


@pytest.mark.parametrize("record", ["a dangling link", "a folder"])
def test_a_record_of_any_kind_makes_a_run(
    record: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = home / "project/run.json"
    place.symlink_to("nowhere") if record == "a dangling link" else place.mkdir()
    monkeypatch.chdir(home / "project")
    assert find_env_file() == home / ".env"


def test_it_fills_in_and_never_overrides(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(home)
    (home / ".env").write_text("VSBENCH_TEST_NEW=file\nVSBENCH_TEST_OLD=file\n")
    monkeypatch.setenv("VSBENCH_TEST_OLD", "mine")
    monkeypatch.setenv("VSBENCH_TEST_NEW", "")
    monkeypatch.delenv("VSBENCH_TEST_NEW")
    load_env_file()
    assert (os.environ["VSBENCH_TEST_NEW"], os.environ["VSBENCH_TEST_OLD"]) == ("file", "mine")


def test_a_file_that_is_no_text(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(home)
    (home / ".env").write_bytes(b"KEY=\xff\xfe\n")
    with pytest.raises(UsageError, match=r"\.env cannot be read"):
        load_env_file()


def test_a_folder_of_that_name_is_passed_over(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "project/.env").unlink()
    (home / "project/.env").mkdir()
    monkeypatch.chdir(home / "project")
    assert find_env_file() == home / ".env"


def test_a_working_directory_that_is_gone(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = home / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert find_env_file() is None
    load_env_file()
