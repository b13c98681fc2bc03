"""Answers that are cut off, and models that do not take the room they would need."""

from collections.abc import Callable
from pathlib import Path

import pytest

import vsbench
from vsbench.adapters.base import BadRequestError, ContextExceededError, Reply, Request
from vsbench.errors import Exit
from vsbench.records.journal import JournalRecord
from vsbench.records.journals import read_journal
from vsbench.runner.observer import RunReport
from vsbench.verification.run import verify
from written import MODEL, WrittenModel, choose

Made = Callable[..., WrittenModel]

CUT_OFF = Reply("I thi", stop="length")
ILLEGAL = Reply('{"action": "raise"}')
EPISODES = 3

TOO_LONG = "maximum context length exceeded"


def play(out: Path, **settings: object) -> RunReport:
    plan = {"models": [MODEL], "evals": ["decision"], "envs": ["kuhn_poker"], "episodes": EPISODES}
    plan |= {"out": out, "max_connections": 1, "max_tokens": 100}
    return vsbench.run(**plan | settings)[0]


def records(out: Path) -> list[JournalRecord]:
    return [line for path in sorted(out.glob("journal/*/*/*")) for line in read_journal(path)]


def taking(most: int, answer: Callable[[Request], Reply]) -> Callable[[Request, int], Reply]:
    """A model that takes requests for so many tokens at most."""

    def complete(request: Request, seen: int) -> Reply:
        if request.max_tokens > most:
            raise ContextExceededError(TOO_LONG)
        return answer(request)

    return complete


@pytest.mark.parametrize(("most", "size"), [(100, 100), (199, 128), (200, 128), (450, 256)])
def test_the_largest_size_that_was_accepted_stays(
    written_model: Made, tmp_path: Path, most: int, size: int
) -> None:
    model = written_model(taking(most, lambda request: CUT_OFF))
    report = play(tmp_path / "run", attempts=5)
    assert report.exit is Exit.COMPLETE
    lines = records(tmp_path / "run")
    assert {line.outcome for line in lines if line.type == "decision"} == {"truncated"}
    # The first, with the limit not yet raised, is no attempt.
    assert {line.attempts for line in lines if line.type == "decision"} == {6}
    faults = [line for line in lines if line.type == "fault"]
    assert {(line.kind, line.wait) for line in faults} == {("context_exceeded", 0.0)}
    # Halving 65,536 until it is taken; episodes that had asked by then found out by themselves.
    assert 7 <= len(faults) <= 10 * EPISODES
    assert [request.max_tokens for request in model.requests[-2:]] == [size, size]
    assert report.results.usage.replies + len(faults) == len(model.requests)
    assert verify(tmp_path / "run").ok


def test_a_conversation_that_gets_too_long_is_settled(written_model: Made, tmp_path: Path) -> None:
    def complete(request: Request, seen: int) -> Reply:
        if len(request.messages) > 2:
            raise ContextExceededError(TOO_LONG)
        return ILLEGAL

    model = written_model(complete)
    report = play(tmp_path / "run", feedback=True)
    assert report.exit is Exit.COMPLETE
    lines = records(tmp_path / "run")
    decisions = [line for line in lines if line.type == "decision"]
    assert {(line.outcome, line.attempts) for line in decisions} == {("illegal", 1)}
    faults = [line for line in lines if line.type == "fault"]
    assert {(line.kind, line.wait, line.attempt) for line in faults} == {
        ("context_exceeded", None, 1)
    }
    assert len(model.requests) == 2 * len(decisions)
    assert verify(tmp_path / "run").ok


def test_what_was_settled_stays_settled(written_model: Made, tmp_path: Path) -> None:
    """A run that stops between a fault and its decision asks nothing again."""

    def complete(request: Request, seen: int) -> Reply:
        if len(request.messages) > 2:
            raise ContextExceededError(TOO_LONG)
        return ILLEGAL

    written_model(complete)
    play(tmp_path / "run", episodes=1, feedback=True)
    (path,) = (tmp_path / "run").glob("journal/*/*/*")
    whole = path.read_bytes()
    for kind in (b'"decision"', b'"step"'):
        at = whole.index(b'{"type":' + kind)
        path.write_bytes(whole[:at])
        (tmp_path / "run/results.json").unlink()
        model = written_model(lambda request, seen: choose(request))
        (report,) = vsbench.resume(tmp_path / "run")
        assert report.exit is Exit.COMPLETE
        first = next(line for line in records(tmp_path / "run") if line.type == "decision")
        assert (first.outcome, first.attempts) == ("illegal", 1)
        assert all(len(request.messages) == 2 for request in model.requests)
        assert verify(tmp_path / "run").ok


def test_a_first_question_that_is_too_long_is_told_at_once(
    written_model: Made, tmp_path: Path
) -> None:
    model = written_model(taking(50, lambda request: CUT_OFF))
    report = play(tmp_path / "run")
    assert report.exit is Exit.INCOMPLETE
    assert report.why == (TOO_LONG,)
    assert len(model.requests) == 1
    assert issubclass(ContextExceededError, BadRequestError)
    written_model()
    assert vsbench.resume(tmp_path / "run")[0].exit is Exit.COMPLETE


def test_a_journal_may_not_settle_otherwise(written_model: Made, tmp_path: Path) -> None:
    written_model(lambda request, seen: ILLEGAL if not seen else choose(request))
    play(tmp_path / "run", episodes=1, feedback=True)
    (path,) = (tmp_path / "run").glob("journal/*/*/*")
    lines = path.read_bytes().splitlines(keepends=True)
    at = next(i for i, line in enumerate(lines) if b'"type":"attempt"' in line)
    fault = (
        b'{"type":"fault","step":0,"seat":%d,"attempt":1,"kind":"overloaded",'
        b'"message":"","wait":null}\n'
    )
    seat = next(line.seat for line in records(tmp_path / "run") if line.type == "attempt")
    kept = [line for line in lines if b'"type":"attempt"' not in line]
    kept.insert(at, lines[at])
    kept.insert(at + 1, fault % seat)
    path.write_bytes(b"".join(kept))
    assert not verify(tmp_path / "run").ok
