"""Folders of data sets as they really are: with what programs leave in them."""

import shutil
from pathlib import Path

import pytest

from published_rows import row, write_rows
from vsbench.datasets.sets import environments_in, open_set, shipped_path
from vsbench.errors import UsageError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A published set, and beside it leftovers that are no Parquet at all."""
    write_rows(tmp_path / "kuhn_poker.parquet", row(), row())
    for leftover in (
        "._kuhn_poker.parquet",
        ".ipynb_checkpoints/kuhn_poker-checkpoint.parquet",
        "__MACOSX/._hanabi.parquet",
        "._hanabi.jsonl",
        ".cache/hanabi.parquet",
    ):
        (tmp_path / leftover).parent.mkdir(exist_ok=True)
        (tmp_path / leftover).write_bytes(b"Mac OS X")
    return tmp_path


def test_leftovers_are_passed_over(folder: Path) -> None:
    assert environments_in(folder) == ("kuhn_poker",)
    assert len(open_set(folder, "kuhn_poker").samples) == 2


def test_a_folder_that_itself_is_hidden_is_read(tmp_path: Path) -> None:
    (tmp_path / ".data").mkdir()
    write_rows(tmp_path / ".data/kuhn_poker.parquet", row())
    assert environments_in(tmp_path / ".data") == ("kuhn_poker",)


def test_capitals_in_endings_are_understood(tmp_path: Path) -> None:
    write_rows(tmp_path / "KUHN_POKER.PARQUET", row())
    shutil.copy(shipped_path("hanabi"), tmp_path / "hanabi.JSONL")
    assert environments_in(tmp_path) == ("hanabi", "kuhn_poker")
    assert len(open_set(tmp_path, "kuhn_poker").samples) == 1
    assert len(open_set(tmp_path, "hanabi").samples) == 400
    assert len(open_set(tmp_path / "KUHN_POKER.PARQUET", "kuhn_poker").samples) == 1


def test_an_empty_folder_is_told_of_both_kinds(tmp_path: Path) -> None:
    for read in (lambda: environments_in(tmp_path), lambda: open_set(tmp_path, "hanabi")):
        with pytest.raises(UsageError, match=r"neither ENVIRONMENT\.jsonl.* nor Parquet files"):
            read()


def test_a_folder_without_the_environment_says_what_it_has(folder: Path) -> None:
    with pytest.raises(UsageError, match=r"named after hanabi; it holds kuhn_poker\.parquet"):
        open_set(folder, "hanabi")
