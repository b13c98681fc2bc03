"""Estimates of usage are ranges that hold what runs then take."""

from __future__ import annotations

from pathlib import Path

import pytest

import vsbench
from vsbench.estimates.lengths import decisions_per_seat, roll_out
from vsbench.estimates.ranges import Count, Range
from vsbench.estimates.usage import RunEstimate, UsageEstimate
from vsbench.records.results import Results, Usage
from vsbench_envs.anchors import decisions

PRICES = '{"date": "2026-01-01", "prices": {"openai/gpt-4o": {"input": 2, "output": 8}}}'


def used(line: UsageEstimate, results: Results) -> Usage:
    """What a run took of the model of a line."""
    if line.evaluation == "decision":
        (env,) = (env for env in results.environments if env.env == line.env)
        usages = [seat.usage for seat in env.seats if seat.player == line.model]
    else:
        usages = [
            part.usage for part in results.samples_of(line.evaluation) if part.env == line.env
        ]
    return Usage(
        replies=sum(usage.replies for usage in usages),
        input=sum(usage.input for usage in usages),
        output=sum(usage.output for usage in usages),
    )


def lines_of(estimate: RunEstimate) -> dict[tuple[str, str], UsageEstimate]:
    return {(line.model, line.env): line for line in estimate.lines}


def check_calls(model: str, out: Path, **settings: object) -> Results:
    """Estimate and run, and compare the calls of every line."""
    estimate = vsbench.estimate(models=model, learn=False, **settings)[model]  # type: ignore[arg-type]
    (report,) = vsbench.run(models=model, out=out, **settings)  # type: ignore[arg-type]
    for line in estimate.lines:
        taken = used(line, report.results)
        assert line.calls.low <= taken.replies <= line.calls.high, line
        assert line.input.low <= taken.input <= line.input.high, line
        assert line.output.low <= taken.output <= line.output.high, line
    return report.results


@pytest.mark.parametrize("model", ["sighted/oracle", "sighted/random", "sighted/greedy"])
def test_calls_are_within_the_range(model: str, tmp_path: Path) -> None:
    games = ("hanabi", "kuhn_poker", "tiny_hanabi")
    check_calls(model, tmp_path / "run", envs=games, episodes=2, samples=2)


@pytest.mark.slow
@pytest.mark.parametrize("model", ["sighted/oracle", "sighted/random"])
def test_calls_of_the_quick_protocol_are_within_the_range(model: str, tmp_path: Path) -> None:
    check_calls(model, tmp_path / "run", protocol="vsbench-1-quick", samples=4)


def test_the_oracles_long_games_are_expected() -> None:
    estimate = vsbench.estimate(models="gpt-4o", envs="hanabi", evals="decision", learn=False)
    (line,) = estimate["openai/gpt-4o"].lines
    assert line.planned == 10
    assert line.calls.low < 130
    assert 660 < line.calls.high <= 750
    assert line.cost is not None
    assert line.cost.high / line.cost.low > 4


def test_every_seat_decides_as_often() -> None:
    found = decisions("coin_dilemma_3p")
    assert found is not None
    assert decisions_per_seat("coin_dilemma_3p").mean == Range(found.random / 3, found.oracle / 3)


def test_lengths_are_played_where_none_were_measured() -> None:
    played = roll_out("coin_dilemma_3p")
    assert (played.random, played.oracle, played.longest) == (150, 150, 150)
    hanabi = roll_out("hanabi")
    assert 5 < hanabi.random < 40 < hanabi.oracle < 76


def test_opponents_that_cost_money_count_too(tmp_path: Path) -> None:
    prices = tmp_path / "prices.json"
    prices.write_text(PRICES)
    settings = {"envs": "breakthrough", "evals": "decision", "seats": {1: "gpt-4o"}}
    (estimate,) = vsbench.estimate(
        models="sighted/oracle",
        prices=prices,
        learn=False,
        **settings,  # type: ignore[arg-type]
    ).values()
    lines = lines_of(estimate)
    paid = lines["openai/gpt-4o", "breakthrough"]
    assert paid.calls == lines["sighted/oracle", "breakthrough"].calls
    assert paid.cost is not None
    assert paid.cost.low == pytest.approx((2 * paid.input.low + 8 * paid.output.low) / 1e6)
    assert estimate.cost == paid.cost
    # A bot is measured for nothing, but its opponent is not.
    (alone,) = vsbench.estimate(models="bot/random", learn=False, **settings).values()  # type: ignore[arg-type]
    assert [line.model for line in alone.lines] == ["openai/gpt-4o"]


def test_thinking_ranges_from_none_to_its_budget() -> None:
    settings = {"envs": "kuhn_poker", "evals": "decision", "episodes": 12, "learn": False}
    lines = [
        vsbench.estimate(models="o3", **settings, **more)["openai/o3"].lines[0]  # type: ignore[arg-type]
        for more in ({}, {"thinking": 1000})
    ]
    assert lines[0].output.low == lines[1].output.low
    budget = lines[1].calls.high * 1000
    assert budget < lines[1].output.high < 1.1 * budget
    assert lines[0].output.high > 16 * budget


def test_time_is_that_of_all_calls_and_of_the_longest_chain() -> None:
    one = UsageEstimate(
        "decision", "hanabi", "a/b", 10, Range(100, 100), Range(1, 1), Range(1, 1), None,
        Range(200, 200), Range(20, 20), 0,
    )  # fmt: skip
    assert RunEstimate("a/b", (one,), 1).time == Range(200, 220)
    assert RunEstimate("a/b", (one,), 100).time == Range(20, 22)
    assert RunEstimate("a/b", (), 1).time is None


def test_the_latency_of_local_models_is_not_guessed() -> None:
    (estimate,) = vsbench.estimate(
        models="sighted/oracle", envs="kuhn_poker", episodes=2, learn=False
    ).values()
    assert estimate.time is None


def test_many_units_deviate_less() -> None:
    count = Count(Range(10, 20), below=5, above=8, most=25)
    assert count.of(1) == Range(5, 25)
    assert count.of(100) == Range(950, 2080)
    assert (count * 2).of(100) == Range(1900, 4160)


def test_an_estimate_is_a_tidy_frame() -> None:
    pytest.importorskip("pandas")
    (estimate,) = vsbench.estimate(
        models="gpt-4o", envs=("hanabi", "kuhn_poker"), evals="reasoning", learn=False
    ).values()
    frame = estimate.to_frame()
    calls = frame[frame["quantity"] == "calls"]
    assert calls["environment"].tolist() == ["hanabi", "kuhn_poker"]
    assert calls["high"].tolist() == [400, 400]
    assert estimate.plain()["total"]["calls"] == {"low": 800, "high": 800}
