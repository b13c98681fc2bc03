"""Progress displays, and estimates of the time to go under an injected clock."""

from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console
from rich.text import Text

from vsbench.records.files import UnitKey
from vsbench.records.journal import Attempt, Fault, Step, TokenUsage, Verdict
from vsbench.reporting.displays import LiveProgress
from vsbench.reporting.progress import RunProgress
from vsbench.runner import runs
from vsbench.settings import Evaluation, run_settings

VERDICT = Verdict(outcome="ok", answer="up", right=("up",), credit=1.0)


def attempt(latency: float) -> Attempt:
    return Attempt(
        step=0, seat=0, attempt=0, prompt="00", reply="up", outcome="ok", answer="up", stop="stop",
        max_tokens=10, usage=TokenUsage(), latency=latency,
    )  # fmt: skip


class Watched:
    """Progress of a run whose records and clock are set by the test."""

    def __init__(self, **settings: object) -> None:
        (manifest,) = runs.plan(run_settings(models=("sighted/random",), **settings))
        self.now = 1000.0
        self.run = RunProgress(manifest, (), lambda: self.now)

    def reply(self, evaluation: Evaluation, env: str, number: int, latency: float = 1.0) -> None:
        self.run.add(UnitKey(evaluation, env, number), attempt(latency))

    def answer(self, env: str, number: int, latency: float = 1.0) -> None:
        self.reply("reasoning", env, number, latency)
        self.run.add(UnitKey("reasoning", env, number), VERDICT)

    def step(self, env: str, episode: int, step: int, latency: float = 1.0) -> None:
        self.reply("decision", env, episode, latency)
        line = Step(step=step, moves={0: "up"}, rewards=(0.0, 0.0), digest="00")
        self.run.add(UnitKey("decision", env, episode), line)

    def eta(self) -> float:
        assert self.run.eta is not None
        return self.run.eta


def asked(samples: int) -> Watched:
    return Watched(envs=("kuhn_poker",), evals=("reasoning",), samples=samples)


def test_nothing_is_foretold_from_the_first_reply() -> None:
    watched = asked(100)
    assert watched.run.eta is None
    assert not watched.run.active
    watched.now += 14
    watched.answer("kuhn_poker", 0, latency=0.3)
    assert watched.run.eta is None
    assert watched.run.active


def test_the_start_does_not_count() -> None:
    watched = asked(100)
    watched.now += 3600
    for number in range(20):
        watched.now += 1
        watched.answer("kuhn_poker", number)
    assert watched.eta() == pytest.approx(80, rel=0.1)


def test_a_slow_first_call_is_forgotten() -> None:
    watched = asked(400)
    watched.now += 120
    watched.answer("kuhn_poker", 0, latency=120)
    for number in range(1, 200):
        watched.now += 1
        watched.answer("kuhn_poker", number)
    assert watched.eta() == pytest.approx(200, rel=0.1)


def test_a_run_that_comes_to_a_halt_takes_longer() -> None:
    watched = asked(100)
    for number in range(50):
        watched.now += 1
        watched.answer("kuhn_poker", number)
    before = watched.eta()
    watched.now += 60
    assert watched.eta() > 2 * before


def test_a_long_game_takes_as_long_as_its_replies_however_many_are_at_once() -> None:
    """300 sequential steps take 300 times the latency of a reply."""
    watched = Watched(envs=("atari_pong", "kuhn_poker"), evals=("decision",), episodes=10)
    for step in range(30):
        watched.now += 2
        for episode in range(10):
            watched.step("atari_pong", episode, step, latency=2.0)
    (pong, _) = watched.run.environments.values()
    assert watched.eta() == pytest.approx((pong.length - 30) * 2, rel=0.1)


def test_work_is_counted_by_game() -> None:
    """An episode of a long game counts as more work than one of a short game."""
    watched = Watched(envs=("atari_pong", "kuhn_poker"), evals=("decision",), episodes=10)
    pong, kuhn = watched.run.environments.values()
    assert pong.work_left > 20 * kuhn.work_left
    left = pong.work_left
    for step in range(10):
        watched.step("atari_pong", 0, step)
    assert left - pong.work_left == pytest.approx(20, abs=1)


def test_what_an_earlier_part_did_is_done_but_sets_no_pace() -> None:
    plan = {"envs": ("kuhn_poker",), "evals": ("reasoning",), "samples": 100}
    (manifest,) = runs.plan(run_settings(models=("sighted/random",), **plan))
    keys = [UnitKey("reasoning", "kuhn_poker", number) for number in range(90)]
    watched = Watched(**plan)
    past = [(key, line) for key in keys for line in (attempt(9.0), VERDICT)]
    watched.run = RunProgress(manifest, past, lambda: watched.now)
    assert watched.run.eta is None
    for number in range(90, 98):
        watched.now += 1
        watched.answer("kuhn_poker", number)
    assert 2 <= watched.eta() < 10


def test_a_finished_run_has_nothing_to_go() -> None:
    watched = asked(10)
    for number in range(10):
        watched.answer("kuhn_poker", number)
    assert watched.eta() == 0


def test_a_fault_is_told_as_well() -> None:
    watched = asked(10)
    key = UnitKey("reasoning", "kuhn_poker", 0)
    fault = Fault(step=0, seat=0, attempt=0, kind="overloaded", message="", wait=3.0)
    watched.run.add(key, fault)
    assert watched.run.active
    assert watched.run.retry == ("overloaded", watched.now + 3)


@pytest.mark.parametrize("width", [80, 100, 120])
def test_the_live_table_is_not_cropped(width: int) -> None:
    out = StringIO()
    display = LiveProgress(Console(file=out, width=width, force_terminal=True))
    (manifest,) = runs.plan(run_settings(models=("sighted/random",)))
    display.opened(Path("run"), manifest, ())
    display.stop()
    shown = Text.from_ansi(out.getvalue()).plain
    assert "Battle of the Colors" in shown
    assert "1200" in shown
    assert "…" not in shown
