"""vsbench from a notebook's cell: an event loop is running already."""

import asyncio
import builtins
import sys
import threading
from collections.abc import Callable
from contextvars import ContextVar
from pathlib import Path
from types import ModuleType

import pytest

import vsbench
from vsbench.blocking import run_blocking
from vsbench.errors import UsageError
from vsbench.runner.observer import NullObserver
from vsbench.verification.run import verify

QUICK = {"envs": ["kuhn_poker"], "episodes": 1}


def cells(folder: Path) -> dict[str, Callable[[], object]]:
    """What people call in cells, one after the other."""
    run, tournament = folder / "run", folder / "tournament"
    return {
        "run": lambda: vsbench.run(models=["sighted/random"], evals=["decision"], out=run, **QUICK),
        "resume": lambda: vsbench.resume(run),
        "results": lambda: vsbench.results(run),
        "verify": lambda: verify(run),
        "tournament": lambda: vsbench.tournament(
            ["bot/random", "bot/oracle"], out=tournament, **QUICK
        ),
        "resume_tournament": lambda: vsbench.resume_tournament(tournament),
        "tournament_results": lambda: vsbench.tournament_results(tournament),
    }


async def test_everything_works_while_a_loop_runs(tmp_path: Path) -> None:
    for call in cells(tmp_path).values():
        assert call()


async def test_mistakes_are_told_as_elsewhere() -> None:
    with pytest.raises(UsageError, match="name a model"):
        vsbench.run()


async def test_observers_are_told(tmp_path: Path) -> None:
    class Seen(NullObserver):
        ended = False

        def closed(self, report: object) -> None:
            self.ended = True

    seen = Seen()
    vsbench.run(
        models=["sighted/random"], evals=["decision"], out=tmp_path / "run", observer=seen, **QUICK
    )
    assert seen.ended


async def test_progress_shows_in_a_notebook(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    kernel = type("ZMQInteractiveShell", (), {})()
    monkeypatch.setattr(builtins, "get_ipython", lambda: kernel, raising=False)
    monkeypatch.setitem(sys.modules, "IPython", ModuleType("IPython"))
    vsbench.run(models=["sighted/random"], evals=["decision"], out=tmp_path / "run", **QUICK)
    assert "1/1 done" in capsys.readouterr().out


def test_nothing_is_printed_elsewhere(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    vsbench.run(models=["sighted/random"], evals=["decision"], out=tmp_path / "run", **QUICK)
    assert capsys.readouterr() == ("", "")


async def test_an_interrupt_cancels_what_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    ended, begun = threading.Event(), threading.Event()

    async def work() -> None:
        begun.set()
        try:
            await asyncio.sleep(60)
        finally:
            ended.set()

    def interrupted(self: object, timeout: float | None = None) -> None:
        assert begun.wait(30)
        monkeypatch.undo()
        raise KeyboardInterrupt

    monkeypatch.setattr("vsbench.blocking.Future.result", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run_blocking(work())
    assert ended.is_set()


async def test_context_travels_along() -> None:
    name = ContextVar("name", default="nobody")
    name.set("somebody")

    async def read() -> str:
        return name.get()

    assert run_blocking(read()) == "somebody"
