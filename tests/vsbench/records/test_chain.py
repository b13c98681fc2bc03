"""What a run wrote stays written: its lines hang together, and gaps never close."""

import json
import logging
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import vsbench
from forging import kill_after
from vsbench.errors import Exit, UsageError
from vsbench.records.chain import Head, digest, first_head, follow_chain, next_chain, unsealed
from vsbench.records.files import open_run
from vsbench.records.journals import JournalFiles
from vsbench.verification.run import verify
from written import MODEL

GAMES = {"models": [MODEL], "envs": ["kuhn_poker"], "evals": ["decision"], "episodes": 4}


@pytest.fixture
def run(written_model: Callable[..., object], tmp_path: Path) -> Path:
    written_model()
    assert vsbench.run(**GAMES, out=tmp_path / "run")[0].exit is Exit.COMPLETE
    return tmp_path / "run"


def journals(run: Path) -> list[Path]:
    return sorted(run.glob("journal/*/*/*.jsonl"))


def kinds(run: Path) -> set[str]:
    return {finding.kind for finding in verify(run).findings}


def head(run: Path) -> Head:
    return JournalFiles(run, open_run(run)).chain().head


def test_a_seal_is_no_part_of_the_record() -> None:
    start = first_head(b"{}")
    after, line = start.sealed("journal/a", b'{"type":"end"}')
    assert line == b'{"type":"end","line":0,"chain":"' + after.chain.encode() + b'"}'
    record, seal = unsealed("journal/a", line)
    assert (record, seal.line, seal.chain) == (b'{"type":"end"}', 0, after.chain)
    assert after.chain == next_chain(start.chain, digest("journal/a", record))


@pytest.mark.parametrize(
    "line",
    [
        b"{}",
        b'{"line":0,"chain":"00"}',
        b'{"type":"end","line":-1,"chain":"' + b"0" * 32 + b'"}',
        b'{"type":"end","line":01,"chain":"' + b"0" * 32 + b'"}',
        b'{"type":"end","line":"1","chain":"' + b"0" * 32 + b'"}',
        b'{"type":"end","line":1,"chain":"' + b"0" * 32 + b'"}\r',
        b'{"type":"end","message":",\\"line\\":1,\\"chain\\":\\"' + b"0" * 32 + b'\\""}',
    ],
)
def test_lines_without_a_seal_are_refused(line: bytes) -> None:
    with pytest.raises(ValueError, match="does not end with"):
        unsealed("journal/a", line)


def test_the_lines_of_a_run_hang_together(run: Path) -> None:
    seals = JournalFiles(run, open_run(run)).chain()
    total = sum(path.read_bytes().count(b"\n") for path in journals(run))
    assert (seals.head.lines, seals.gaps, seals.broken) == (total, (), None)
    results = json.loads((run / "results.json").read_bytes())
    assert results["head"] == seals.head.model_dump()
    assert not verify(run).findings


def test_a_line_that_is_changed_breaks_the_chain(run: Path) -> None:
    path = journals(run)[1]
    text = path.read_text()
    path.write_text(text.replace('"latency":', '"latency":1', 1))
    assert "chain" in kinds(run)
    with pytest.raises(UsageError, match="were changed: line"):
        vsbench.resume(run)


def test_the_chain_begins_with_the_manifest(run: Path) -> None:
    text = (run / "run.json").read_text()
    (run / "run.json").write_text(text.replace('"detail": "high"', '"detail": "low"'))
    assert "chain" in kinds(run)


def test_lines_cannot_move_to_another_journal() -> None:
    start = first_head(b"{}")
    _, line = start.sealed("journal/a", b'{"type":"end"}')
    _, moved = unsealed("journal/b", line)
    assert follow_chain(start, [moved]).broken == 0


def test_losing_episodes_cannot_be_played_until_lucky(
    run: Path, written_model: Callable[..., object], caplog: pytest.LogCaptureFixture
) -> None:
    lost = journals(run)[2]
    lines = lost.read_bytes().count(b"\n")
    lost.unlink()
    before = head(run)
    written_model()
    with caplog.at_level(logging.WARNING):
        assert vsbench.resume(run)[0].exit is Exit.COMPLETE
    assert f"{lines} lines that this run wrote are missing" in caplog.text
    assert head(run).lines > before.lines
    findings = [finding for finding in verify(run).findings if finding.kind == "chain"]
    (finding,) = findings
    assert finding.recorded.startswith(f"{lines} missing")
    assert "kuhn_poker/0002" in finding.recorded
    # And so it stays, however often the run goes on.
    vsbench.resume(run)
    assert [f for f in verify(run).findings if f.kind == "chain"] == findings


def test_the_end_of_a_run_cannot_be_taken_back_once_it_was_shown(
    run: Path, written_model: Callable[..., object]
) -> None:
    shown = head(run)
    last = max(
        journals(run), key=lambda path: json.loads(path.read_text().splitlines()[-1])["line"]
    )
    last.unlink()
    written_model()
    vsbench.resume(run)
    assert head(run).lines > shown.lines
    assert "chain" in kinds(run)


def test_a_kill_leaves_no_gap(run: Path, written_model: Callable[..., object]) -> None:
    for lines in (0, 1, 7, head(run).lines - 1):
        killed = Path(shutil.copytree(run, run.with_name(f"killed-{lines}")))
        kill_after(killed, lines)
        written_model()
        assert vsbench.resume(killed)[0].exit is Exit.COMPLETE
        assert not verify(killed).findings
