"""The order in which episodes and samples begin, how many are open, and what a limit lets begin."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest

import vsbench
from vsbench.adapters.base import Reply, Request, Usage
from vsbench.errors import Exit
from vsbench.records.files import UnitKey
from vsbench.records.journal import JournalRecord
from vsbench.runner import runs
from vsbench.runner.observer import NullObserver, RunReport
from vsbench.runner.schedule import Until
from vsbench.settings import run_settings
from written import MODEL, WrittenModel, choose

Made = Callable[..., WrittenModel]


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
