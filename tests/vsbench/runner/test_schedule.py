"""The order in which episodes and samples begin, how many are open, and what a limit lets begin."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest

import vsbench
from vsbench.adapters.base import OverloadedError, Reply, Request, Usage
from vsbench.errors import Exit
from vsbench.records.files import UnitKey
from vsbench.records.journal import Decision, JournalRecord
from vsbench.runner import runs
from vsbench.runner.budget import NO_EXPENSE, Budget
from vsbench.runner.observer import NullObserver, RunReport
from vsbench.runner.schedule import Forecast, Until
from vsbench.settings import run_settings
from written import MODEL, WrittenModel, choose

Made = Callable[..., WrittenModel]

DECISION = Decision(step=0, seat=0, action="bet", outcome="ok", attempts=1)


class Units(NullObserver):
    """Keeps the order in which units begin, and how many are open at once."""

    def __init__(self) -> None:
        self.begun: list[UnitKey] = []
        self.ended: list[UnitKey] = []
        self.most_open = 0

    def happened(self, directory: Path, key: UnitKey, record: JournalRecord) -> None:
        if record.type in ("episode", "sample"):
            self.begun.append(key)
        elif record.type in ("end", "verdict"):
            self.ended.append(key)
        self.most_open = max(self.most_open, len(self.begun) - len(self.ended))


def run(out: Path, **settings: object) -> RunReport:
    plan = {"models": [MODEL], "evals": ["decision"], "envs": ["kuhn_poker"], "out": out}
    return vsbench.run(**plan | settings)[0]


@pytest.mark.slow
def test_games_and_evaluations_progress_level(written_model: Made, tmp_path: Path) -> None:
    written_model()
    seen = Units()
    run(
        tmp_path / "run", envs=["kuhn_poker", "hanabi"], evals=["decision", "reasoning"],
        episodes=10, samples=40, max_connections=1, observer=seen,
    )  # fmt: skip
    for name, planned in (("decision", 10), ("reasoning", 40)):
        for env in ("kuhn_poker", "hanabi"):
            places = [
                place for place, key in enumerate(seen.begun)
                if (key.evaluation, key.env) == (name, env)
            ]  # fmt: skip
            assert len(places) == planned
            for number, place in enumerate(places):
                assert place / len(seen.begun) == pytest.approx(number / planned, abs=0.05)
    for env in ("kuhn_poker", "hanabi"):
        numbers = [k.number for k in seen.begun if (k.evaluation, k.env) == ("decision", env)]
        assert numbers == list(range(10))


def test_what_is_open_does_not_grow_with_the_plan(written_model: Made, tmp_path: Path) -> None:
    written_model()
    seen = Units()
    report = run(
        tmp_path / "run", episodes=5000, max_connections=4, observer=seen, max_tokens_total=20_000
    )
    assert report.exit is Exit.BUDGET
    assert seen.most_open <= 8
    assert len(list((tmp_path / "run/journal").rglob("*.jsonl"))) == len(seen.begun) < 200


def play(out: Path, until: Until, **settings: object) -> RunReport:
    plan = {"models": (MODEL,), "envs": ("kuhn_poker",), "evals": ("decision",), "episodes": 24}
    checked = run_settings(**plan | {"out": out} | settings)
    prepared = runs.reopen(out) if out.exists() else runs.begin(checked)
    return asyncio.run(runs.play(prepared, checked, NullObserver(), until=until))[0]


def test_a_run_is_played_in_parts(written_model: Made, tmp_path: Path) -> None:
    model = written_model()
    out, settings = tmp_path / "run", {"evals": ("decision", "reasoning"), "samples": 16}
    for episodes, samples in ((6, 3), (6, 16), (24, 16)):
        until: Until = {("decision", "kuhn_poker"): episodes, ("reasoning", "kuhn_poker"): samples}
        report = play(out, until, **settings)
        (env,), (part,) = report.results.environments, report.results.samples
        assert (env.finished, part.finished) == (episodes, samples)
        assert report.exit is Exit.COMPLETE
        assert report.results.complete == (episodes == 24)
    assert report.results.usage.replies == len(model.requests)
    whole = play(tmp_path / "whole", {}, **settings)
    assert whole.results.environments[0].episodes == env.episodes
    assert whole.results.samples[0].score == part.score


def test_a_part_that_fails_is_incomplete(written_model: Made, tmp_path: Path) -> None:
    written_model()
    settings = {"envs": ("coin_dilemma",), "episodes": 4}
    # An episode takes 100 calls of 110 tokens.
    report = play(
        tmp_path / "run", {("decision", "coin_dilemma"): 2}, max_tokens_total=15_000, **settings
    )
    assert report.exit is Exit.BUDGET
    assert report.results.environments[0].finished == 1


def priced(request: Request, seen: int) -> Reply:
    return Reply(choose(request).text, usage=Usage(input=90, output=10))


def without_latency(report: RunReport) -> list[dict]:
    found = [env.model_dump() for env in report.results.environments]
    for env in found:
        for seat in env["seats"]:
            del seat["usage"]["latency"]
    return found


@pytest.mark.parametrize(("tokens", "finished"), [(25_000, 2), (42_000, 4), (10**9, 5)])
def test_an_episode_begins_only_if_the_budget_suffices(
    written_model: Made, tmp_path: Path, tokens: int, finished: int
) -> None:
    """An episode of Coin Dilemma takes 100 calls, here of 100 tokens."""
    written_model(priced)
    seen = Units()
    report = run(
        tmp_path / "run", envs=["coin_dilemma"], episodes=5, max_tokens_total=tokens, observer=seen
    )
    assert len(seen.begun) == len(seen.ended) == finished
    if finished < 5:
        assert report.exit is Exit.BUDGET
        assert report.why == (
            f"too little is left of the limit of {tokens} tokens for another episode",
        )
    written_model(priced)
    (report,) = vsbench.resume(tmp_path / "run")
    assert report.exit is Exit.COMPLETE
    whole = run(tmp_path / "whole", envs=["coin_dilemma"], episodes=5)
    assert without_latency(report) == without_latency(whole)


@pytest.mark.slow
def test_a_distant_limit_costs_no_concurrency(written_model: Made, tmp_path: Path) -> None:
    written_model(latency=0.001)
    seen = Units()
    run(tmp_path / "run", envs=["coin_dilemma"], episodes=8, max_tokens_total=10**9, observer=seen)
    assert seen.most_open == 8


def test_a_first_episode_goes_alone_until_its_replies_tell_what_one_takes(
    written_model: Made, tmp_path: Path
) -> None:
    written_model()
    begun: list[int] = []

    class Watch(Units):
        def happened(self, directory: Path, key: UnitKey, record: JournalRecord) -> None:
            super().happened(directory, key, record)
            if record.type == "decision":
                begun.append(len(self.begun))

    run(
        tmp_path / "run", envs=["coin_dilemma", "kuhn_poker"], episodes=8,
        max_tokens_total=10**9, observer=Watch(),
    )  # fmt: skip
    assert begun[0] == 1
    assert max(begun) > 8


def test_a_game_that_is_too_long_for_the_rest_leaves_it_to_others(
    written_model: Made, tmp_path: Path
) -> None:
    written_model(priced)
    report = run(
        tmp_path / "run", envs=["coin_dilemma", "kuhn_poker"], episodes=24, max_tokens_total=25_000
    )
    coin, kuhn = report.results.environments
    assert report.exit is Exit.BUDGET
    assert (coin.finished, kuhn.finished) == (2, 24)
    events = json.loads((tmp_path / "run/results.json").read_text())
    assert events["usage"]["input"] + events["usage"]["output"] <= 25_000


def test_time_that_is_left_must_suffice_too() -> None:
    """A clock of its own: an episode takes 100 decisions of a second."""
    now = 0.0
    budget = Budget(time_limit=450, clock=lambda: now)
    forecast = Forecast(100, "decision")
    forecast.begin(0, now)
    for _ in range(100):
        now += 1.0
        forecast.add(0, DECISION, now)
    forecast.end(0)
    assert forecast.mean.seconds == 1.0
    assert forecast.cautious.seconds == pytest.approx(1.1)
    needed = forecast.turns_left(1) * forecast.cautious.seconds
    assert budget.shortage(NO_EXPENSE, needed, "another episode") is None
    now = 345.0
    stop = budget.shortage(NO_EXPENSE, needed, "another episode")
    assert stop is not None
    assert stop.cause == "time"
    assert str(stop) == "too little is left of the limit of 450 s for another episode"


def test_an_episode_may_turn_out_longer_than_known() -> None:
    forecast = Forecast(10, "decision")
    forecast.begin(3, 0.0)
    assert forecast.turns_left(3) == 10
    for _ in range(12):
        forecast.add(3, DECISION)
    assert forecast.turns_left(3) == 1
    assert forecast.turns_left(4) == 12


def test_a_limit_of_time(written_model: Made, tmp_path: Path) -> None:
    written_model(latency=0.01)
    seen = Units()
    report = run(tmp_path / "run", episodes=5000, max_connections=2, time_limit=2.0, observer=seen)
    assert report.exit is Exit.BUDGET
    (env,) = report.results.environments
    assert 0 < env.scored <= env.finished < 5000
    assert seen.most_open <= 4


def test_a_provider_that_is_down_is_not_waited_for_one_by_one(
    written_model: Made, tmp_path: Path
) -> None:
    def down(request: Request, seen: int) -> Reply:
        raise OverloadedError("down")

    written_model(down)
    seen = Units()
    report = run(
        tmp_path / "run", episodes=30, patience=0.05, max_tokens_total=10**6, observer=seen
    )
    assert report.exit is Exit.INCOMPLETE
    assert len(seen.begun) == 30
    assert seen.most_open > 4


def test_a_budget_counts_parts_of_a_run_once(written_model: Made, tmp_path: Path) -> None:
    written_model(priced)
    settings = run_settings(
        models=(MODEL,), envs=("kuhn_poker",), evals=("decision",), episodes=8, out=tmp_path / "run"
    )
    budget = Budget(max_tokens=10**6)
    for count, prepare in ((4, runs.begin), (8, lambda _: runs.reopen(tmp_path / "run"))):
        (report,) = asyncio.run(
            runs.play(
                prepare(settings), settings, NullObserver(), budget,
                until={("decision", "kuhn_poker"): count},
            )
        )  # fmt: skip
    assert budget.spent.tokens == 100 * report.results.usage.replies


def test_a_stopped_tournament_goes_on_to_the_same_results(
    written_model: Made, tmp_path: Path
) -> None:
    entrants = [MODEL, "bot/random", "bot/oracle"]
    plan = {"envs": ["kuhn_poker"], "episodes": 12}
    written_model(priced)
    whole = vsbench.tournament(entrants, **plan, out=tmp_path / "whole")
    seen = Units()
    report = vsbench.tournament(
        entrants, **plan, out=tmp_path / "stopped", max_tokens_total=2000, observer=seen
    )
    assert report.exit is Exit.BUDGET
    assert "too little is left" in report.why[0]
    assert not report.results.complete
    assert len(seen.begun) == len(seen.ended)
    played = [
        pairing.results.environments[0].scored
        for pairing in report.pairings
        if MODEL
        in (player for env in pairing.manifest.environments for player in env.seats.players)
    ]
    assert max(played) - min(played) <= 2
    again = vsbench.resume_tournament(tmp_path / "stopped")
    assert again.exit is Exit.COMPLETE
    assert again.results.games == whole.results.games
    assert again.results.ratings == whole.results.ratings


def test_an_interrupted_run_has_finished_the_first_episodes(
    written_model: Made, tmp_path: Path
) -> None:
    budget = Budget()
    model = written_model(priced)

    def interrupt(request: Request, seen: int) -> Reply:
        # Half of the calls that six episodes take.
        if len(model.requests) == 300:
            budget.stop("interrupt", "interrupted")
        return priced(request, seen)

    model.answer = interrupt
    settings = run_settings(
        models=(MODEL,), envs=("coin_dilemma",), evals=("decision",), episodes=6,
        max_connections=2, out=tmp_path / "run",
    )  # fmt: skip
    (report,) = asyncio.run(runs.play(runs.begin(settings), settings, NullObserver(), budget))
    assert report.exit is Exit.INTERRUPTED
    (env,) = report.results.environments
    assert env.scored == 2
    assert env.unfinished == 2
