"""What fails inside a run loses nothing that was paid for."""

import asyncio
from itertools import count
from pathlib import Path

import pytest

import vsbench
from vsbench.adapters.base import OverloadedError, Reply, Request
from vsbench.errors import Exit
from vsbench.records.files import UnitKey
from vsbench.records.journal import JournalRecord
from vsbench.records.journals import read_journal
from vsbench.runner.directory import lock_run
from vsbench.runner.observer import NullObserver
from vsbench.verification.run import verify
from written import MODEL, choose

PLAN = {"models": [MODEL], "evals": ["decision"], "envs": ["kuhn_poker", "coin_dilemma"]}


def attempts(out: Path) -> int:
    lines = [line for path in out.glob("journal/*/*/*.jsonl") for line in read_journal(path)]
    return sum(line.type == "attempt" for line in lines)


@pytest.mark.parametrize("error", [RuntimeError, RecursionError, MemoryError, UnicodeError])
@pytest.mark.slow
def test_a_defect_under_way_lets_other_calls_end(
    error: type[Exception], written_model, tmp_path: Path
) -> None:
    answered = 0

    def answer(request: Request, seen: int) -> Reply:
        nonlocal answered
        if answered >= 12 and not failed:
            failed.append(request)
            raise error("a defect of the adapter")
        answered += 1
        return choose(request)

    failed: list[Request] = []
    written_model(answer, latency=0.02)
    out = tmp_path / "run"
    with pytest.raises(error, match="a defect of the adapter"):
        vsbench.run(**PLAN, episodes=4, out=out)
    assert attempts(out) == answered
    assert answered > 12
    assert "a defect of the adapter" in (out / "error.txt").read_text()
    with lock_run(out):
        pass
    written_model()
    report = vsbench.resume(out)[0]
    assert report.exit is Exit.COMPLETE
    assert report.results.usage.replies == attempts(out)


def test_a_defect_in_one_run_lets_the_others_journal_theirs(written_model, tmp_path: Path) -> None:
    model = written_model(latency=0.02)
    bad, good = "openai-api/http://127.0.0.1:9/v1#bad", "openai-api/http://127.0.0.1:9/v1#good"

    async def play() -> None:
        await vsbench.arun(**PLAN | {"models": [bad, good]}, episodes=2, out=tmp_path / "both")

    answers = count(1)

    def answer(request: Request, seen: int) -> Reply:
        if next(answers) == 20:
            raise RuntimeError("a defect")
        return choose(request)

    model.answer = answer
    with pytest.raises(RuntimeError, match="a defect"):
        asyncio.run(play())
    runs = list((tmp_path / "both").iterdir())
    assert len(runs) == 2
    assert sum(map(attempts, runs)) == len(model.requests) - 1
    assert len(list((tmp_path / "both").glob("*/error.txt"))) == 1


HALF = "\ud83d"
"""Half of a character, as JSON lets it through where a reply is cut within an emoji."""


def test_halves_of_characters_lose_no_reply(written_model, tmp_path: Path) -> None:
    def answer(request: Request, seen: int) -> Reply:
        if len(model.requests) == 1:
            raise OverloadedError(f"busy {HALF}", retry_after=0.001)
        text = r'{"action": "\ud83d"}' if seen == 0 else f"so {HALF}"
        return Reply(text, reasoning=HALF, served_model=HALF, request_id=HALF)

    model = written_model(answer)
    (report,) = vsbench.run(**PLAN | {"envs": ["kuhn_poker"]}, episodes=1, out=tmp_path / "run")
    assert report.exit is Exit.COMPLETE
    assert attempts(tmp_path / "run") == len(model.requests) - 1
    assert verify(tmp_path / "run").ok


class Broken(NullObserver):
    """An observer with a defect."""

    def __init__(self, method: str, error: Exception) -> None:
        self.told = 0
        setattr(self, method, self._fail)
        self._error = error

    def _fail(self, *arguments: object) -> None:
        self.told += 1
        raise self._error


@pytest.mark.parametrize("method", ["opened", "happened", "closed"])
@pytest.mark.parametrize("error", [RuntimeError("a defect"), BrokenPipeError(32, "Broken pipe")])
def test_an_observer_s_errors_do_not_end_a_run(
    method: str,
    error: Exception,
    written_model,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    model, observer = written_model(), Broken(method, error)
    (report,) = vsbench.run(**PLAN, episodes=1, out=tmp_path / "run", observer=observer)
    assert report.exit is Exit.COMPLETE
    assert observer.told >= 1
    assert attempts(tmp_path / "run") == len(model.requests)
    (told,) = [
        record.getMessage() for record in caplog.records if record.name.endswith(".observer")
    ]
    assert told.startswith("Broken failed; the run continues: ")
    assert ("Traceback" in caplog.text) == isinstance(error, RuntimeError)


def test_a_line_is_written_before_anybody_is_told_of_it(written_model, tmp_path: Path) -> None:
    out, seen = tmp_path / "run", []

    class Reads(NullObserver):
        def happened(self, directory: Path, key: UnitKey, record: JournalRecord) -> None:
            seen.append(read_journal(key.path(directory))[-1] == record)

    written_model()
    vsbench.run(**PLAN, episodes=1, out=out, observer=Reads())
    assert len(seen) > 20
    assert all(seen)
