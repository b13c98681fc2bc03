"""Reading templates: regular files within limits, and nothing else."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from vsbench.prompts import PromptError, PromptPack, fingerprint, is_known, pack


def write(folder: Path, name: str, data: bytes = b"text") -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def linked(folder: Path) -> None:
    write(folder, "elsewhere.txt", b"a secret")
    (folder / "a.j2").symlink_to(folder / "elsewhere.txt")


def endless(folder: Path) -> None:
    (folder / "a.j2").symlink_to("/dev/zero")


def many(folder: Path) -> None:
    for number in range(5):
        write(folder, f"{number}.j2")


def deep(folder: Path) -> None:
    write(folder, "/".join("abcdefghi") + "/a.j2")


@pytest.mark.parametrize(
    ("build", "problem"),
    [
        (linked, "a link"),
        (endless, "a link"),
        (lambda folder: os.mkfifo(folder / "a.j2"), "not a regular file"),
        (lambda folder: (folder / "a.j2").mkdir(), "not a regular file|cannot be read"),
        (lambda folder: write(folder, "a.j2", b"\xff\xfe"), "not UTF-8"),
        (lambda folder: write(folder, "a.j2", b"a\0b"), "NUL"),
        (lambda folder: write(folder, "a.j2", b"x" * 2000), "larger than 1,000 bytes"),
        (lambda folder: [write(folder, f"{i}.j2", b"x" * 900) for i in range(3)], "in all"),
        (lambda folder: write(folder, "a\n\x1b[31m.j2"), "names may contain only"),
        (lambda folder: write(folder, ".j2"), "names may contain only"),
        (many, "more than 4 templates"),
        (deep, "nested too deeply"),
    ],
)
def test_odd_things_are_named(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    build: Callable[[Path], object],
    problem: str,
) -> None:
    monkeypatch.setattr(pack, "MAX_FILE_BYTES", 1000)
    monkeypatch.setattr(pack, "MAX_BYTES", 2000)
    monkeypatch.setattr(pack, "MAX_FILES", 4)
    build(tmp_path)
    with pytest.raises(PromptError, match=problem) as error:
        _ = PromptPack(tmp_path).sha256
    assert str(tmp_path)[:20] in str(error.value)
    assert str(error.value).isprintable()


def test_the_number_of_files_of_any_kind_is_limited(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pack, "MAX_ENTRIES", 10)
    for number in range(11):
        write(tmp_path, f"{number}.txt")
    with pytest.raises(PromptError, match="more than 10 files"):
        _ = PromptPack(tmp_path).templates


def test_a_folder_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(PromptError, match="cannot be read"):
        _ = PromptPack(tmp_path / "nowhere").templates


def test_folders_that_are_links_are_not_entered(tmp_path: Path) -> None:
    write(tmp_path, "pack/a.j2")
    write(tmp_path, "other/b.j2")
    (tmp_path / "pack/c").symlink_to(tmp_path / "other")
    assert list(PromptPack(tmp_path / "pack").templates) == ["a.j2"]


def test_line_ends_and_byte_order_marks_do_not_matter(tmp_path: Path) -> None:
    write(tmp_path, "a/x.j2", b"one\ntwo\n")
    write(tmp_path, "b/x.j2", b"\xef\xbb\xbfone\r\ntwo\r\n")
    assert PromptPack(tmp_path / "a").sha256 == PromptPack(tmp_path / "b").sha256


def test_what_is_fingerprinted_is_what_is_rendered(tmp_path: Path) -> None:
    write(tmp_path, "a.j2", b"{{ role('user') }}before")
    pack = PromptPack(tmp_path)
    before = pack.sha256
    write(tmp_path, "a.j2", b"{{ role('user') }}after")
    assert pack.render("a.j2", {})[0].text == "before"
    assert PromptPack(tmp_path).sha256 != before


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ({"a": "b", "c": "d"}, {"a": "b\0c\0d"}),
        ({"a": "bc"}, {"ab": "c"}),
        ({"a": "", "b": ""}, {"a": "b"}),
        ({"a": "1:b1:c1:d"}, {"a": "b", "c": "d"}),
    ],
)
def test_fingerprints_keep_names_and_texts_apart(one: dict[str, str], two: dict[str, str]) -> None:
    assert fingerprint(one) != fingerprint(two)


def test_known_packs(tmp_path: Path) -> None:
    assert is_known(PromptPack.shipped())
    PromptPack.shipped().eject(tmp_path)
    assert is_known(PromptPack(tmp_path))
    rules = tmp_path / "kuhn_poker/v1/_rules.j2"
    rules.write_text(rules.read_text() + "The oracle would bet.")
    assert not is_known(PromptPack(tmp_path))
