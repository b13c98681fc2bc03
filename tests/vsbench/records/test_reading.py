"""Reading what anybody may have written: plain files, limits, and nothing taken for another."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import vsbench
from forging import forge_chain
from vsbench.errors import UsageError
from vsbench.records import journals
from vsbench.records.files import open_run
from vsbench.records.journal import LINE
from vsbench.records.journals import read_journal
from vsbench.records.reading import parse_strictly, read_plain

FAULT = {
    "type": "fault",
    "step": 0,
    "seat": 0,
    "attempt": 0,
    "kind": "timeout",
    "message": "slow",
    "wait": 1.5,
}


def test_a_record_is_read() -> None:
    assert parse_strictly(LINE, json.dumps(FAULT).encode()).wait == 1.5


@pytest.mark.parametrize(
    "change",
    [
        {"step": "0"},
        {"step": True},
        {"step": 0.0},
        {"step": -1},
        {"step": 10**6},
        {"seat": 99},
        {"attempt": 2**60},
        {"wait": -1},
        {"wait": "1"},
        {"wait": 1e300},
        {"wait": float("nan")},
        {"wait": float("inf")},
        {"kind": 3},
        {"message": "a\0b"},
        {"kind": "x" * 1000},
        {"more": 1},
    ],
)
def test_nothing_is_taken_for_something_else(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"^fault\.|^no field 'fault\.more'|is not a number"):
        parse_strictly(LINE, json.dumps(FAULT | change).encode())


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"null",
        b"\xff",
        b'\xef\xbb\xbf{"type":"fault"}',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"9" * 100_000,
        json.dumps(FAULT).encode().replace(b'"step": 0', b'"step": 1, "step": 0'),
        json.dumps(FAULT).encode() + b"{}",
        json.dumps(FAULT).encode().replace(b"slow", b"\\ud800"),
        json.dumps(dict.fromkeys(map(str, range(20_000)))).encode(),
        b"[" + b"0," * 3_000_000 + b"0]",
    ],
)
def test_what_is_no_record_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_strictly(LINE, text)


def link(path: Path) -> None:
    path.symlink_to("/dev/zero")


@pytest.mark.parametrize("make", [os.mkfifo, link, Path.mkdir], ids=["FIFO", "link", "folder"])
def test_only_plain_files_are_read(tmp_path: Path, make: Callable[[Path], None]) -> None:
    make(tmp_path / "thing")
    with pytest.raises(OSError, match="not a regular file"):
        read_plain(tmp_path / "thing", 100)


def test_devices_are_not_read() -> None:
    with pytest.raises(OSError, match="not a regular file"):
        read_plain(Path("/dev/zero"), 100)


def test_large_files_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(b"x" * 101)
    with pytest.raises(OSError, match="101 bytes; the limit is 100"):
        read_plain(tmp_path / "large", 100)
    assert read_plain(tmp_path / "large", 101) == b"x" * 101


@pytest.fixture
def run(tmp_path: Path) -> Path:
    vsbench.run(
        models=["bot/greedy"],
        envs=["kuhn_poker"],
        evals=["decision", "reasoning"],
        episodes=1,
        samples=1,
        out=tmp_path / "run",
    )
    return tmp_path / "run"


HAND = "journal/decision/kuhn_poker/0000.jsonl"
SAMPLE = "journal/reasoning/kuhn_poker/0000.jsonl"


@pytest.mark.parametrize(
    ("limit", "says"), [("MAX_LINE_BYTES", "longer than"), ("MAX_JOURNAL_LINES", "more than")]
)
def test_journals_are_bounded(
    run: Path, monkeypatch: pytest.MonkeyPatch, limit: str, says: str
) -> None:
    monkeypatch.setattr(journals, limit, 2)
    with pytest.raises(UsageError, match=says):
        read_journal(run / HAND)


def change(run: Path, name: str, kind: str, fields: dict[str, Any]) -> None:
    lines = [json.loads(line) for line in (run / name).read_bytes().splitlines()]
    next(line for line in lines if line["type"] == kind).update(fields)
    (run / name).write_text("".join(json.dumps(line) + "\n" for line in lines))
    forge_chain(run)


@pytest.mark.parametrize(
    ("name", "kind", "fields"),
    [
        (HAND, "episode", {"measured": []}),
        (HAND, "episode", {"measured": [7]}),
        (HAND, "episode", {"measured": [0, 0]}),
        (HAND, "end", {"events": {str(n): [0, 0] for n in range(200)}}),
        (HAND, "episode", {"episode": 3}),
        (HAND, "episode", {"env": "coin_dilemma"}),
        (HAND, "episode", {"seats": ["bot/greedy", "bot/greedy"]}),
        (HAND, "episode", {"seats": ["bot/greedy"]}),
        (HAND, "step", {"moves": {"9": "bet"}}),
        (HAND, "step", {"rewards": []}),
        (HAND, "step", {"step": 5}),
        (HAND, "end", {"returns": []}),
        (HAND, "end", {"returns": [1e300, 0.0]}),
        (HAND, "end", {"events": {"bets": [1]}}),
        (SAMPLE, "sample", {"seat": 99}),
        (SAMPLE, "sample", {"third": 99}),
        (SAMPLE, "verdict", {"credit": 10**9}),
        (SAMPLE, "verdict", {"chance": -1.0}),
    ],
)
def test_results_of_tampered_journals_are_refused(
    run: Path, name: str, kind: str, fields: dict[str, Any]
) -> None:
    change(run, name, kind, fields)
    with pytest.raises(UsageError, match="kuhn_poker/0"):
        vsbench.results(run)


def test_results_of_swapped_journals_are_refused(run: Path) -> None:
    hand = (run / HAND).read_bytes()
    (run / HAND).write_bytes((run / SAMPLE).read_bytes())
    (run / SAMPLE).write_bytes(hand)
    forge_chain(run)
    with pytest.raises(UsageError, match="must be of the type 'episode'"):
        vsbench.results(run)


def test_carriage_returns_end_no_line(run: Path) -> None:
    (run / HAND).write_bytes((run / HAND).read_bytes().replace(b"\n", b"\r\n"))
    with pytest.raises(UsageError, match="line 1, is not a journal line"):
        vsbench.results(run)


def test_errors_do_not_repeat_what_a_file_holds(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text('{"secret": "hunter2"}')
    with pytest.raises(UsageError) as caught:
        open_run(tmp_path)
    assert "hunter2" not in str(caught.value)
