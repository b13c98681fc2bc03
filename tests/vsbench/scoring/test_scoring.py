"""Figures: normalised returns, intervals, counts, and tables of them."""

import csv
import io
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vsbench.adapters.base import Usage
from vsbench.models import call_cost
from vsbench.planning.prices import price_table
from vsbench.planning.units import episode_plan
from vsbench.records.files import UnitKey
from vsbench.records.journal import Attempt, Decision, EpisodeClosed, EpisodeOpened, TokenUsage
from vsbench.records.manifest import Price
from vsbench.records.results import Figure
from vsbench.reporting import tables
from vsbench.reporting.formats import to_latex, to_markdown
from vsbench.runner.runs import plan
from vsbench.runner.tournaments import plan as plan_tournament
from vsbench.scoring.intervals import blocks, figure, mean_figure, wilson
from vsbench.scoring.results import score
from vsbench.settings import RunSettings
from vsbench_envs import get
from vsbench_envs.spec import EpisodeSummary


def test_random_is_0_and_the_oracle_100() -> None:
    spec = get("kuhn_poker").spec
    at = {
        value: spec.score(EpisodeSummary((value, -value), 2, {}), (0,)) for value in (-1 / 9, 0.0)
    }
    assert at[-1 / 9] == pytest.approx(0)
    assert at[0.0] == pytest.approx(100)


def test_the_model_s_own_seats_count() -> None:
    spec = get("kuhn_poker").spec
    episode = EpisodeSummary((2.0, -2.0), 2, {})
    assert spec.measures[0].extract(episode, (0,)) == 2
    assert spec.measures[0].extract(episode, (1,)) == -2


def test_an_interval_covers_the_mean_as_often_as_it_says() -> None:
    rng = np.random.default_rng(1)
    samples = rng.normal(3.0, 1.0, size=(200, 30))
    covered = sum(f.low <= 3.0 <= f.high for f in map(figure, samples))
    assert 0.88 <= covered / 200 <= 0.98


def test_groups_are_the_units() -> None:
    values = [0.0, 1.0] * 60
    single, grouped = figure(values), figure(values, group=2)
    assert single.n == 120
    assert (grouped.n, grouped.low, grouped.high) == (60, 0.5, 0.5)
    assert figure(values[:3], group=2).n == 3


def test_a_missing_episode_leaves_the_other_groups_as_they_are() -> None:
    numbers = [number for number in range(8) if number != 1]
    values = [float(number % 2) for number in numbers]
    # Without 1, 0 stands alone; each of the others still has its partner.
    assert blocks(values, 2, numbers) == [0.5, 0.5, 0.5]
    assert figure(values, 2, numbers).n == 3
    assert blocks([1.0, 2.0, 3.0], 2, [0, 3, 5]) == [1.0, 2.0, 3.0]


def test_intervals_are_over_deals_also_when_an_episode_is_missing() -> None:
    name, seats = "bot/oracle", ("bot/oracle", "bot/random")
    tournament = plan_tournament(RunSettings(models=seats, envs=("kuhn_poker",), episodes=4))
    (pairing,) = tournament.pairings.values()
    # Whoever sits first wins a chip, so that every deal is worth nothing to both.
    journals = {
        UnitKey("decision", "kuhn_poker", number): (
            episode_plan(pairing, pairing.environments[0], number).opening,
            EpisodeClosed(returns=(1.0, -1.0), length=2, events={"bets": (1, 0)}),
        )
        for number in range(8)
        if number != 1
    }
    results = score(pairing, journals)
    (env,) = results.environments
    assert {episode.seats.index(name) for episode in env.episodes} == {0, 1}
    chips, bets = env.measures["return"], env.behaviours["bets"]
    # The odd episode is in the mean, and the interval reaches it.
    assert (chips.n, chips.low, chips.high) == (3, 0.0, chips.mean)
    assert (bets.n, bets.low, bets.high) == (3, 0.5, bets.mean)
    overall = results.overall["decision"]
    assert env.score.n == 3
    assert (overall.low, overall.high) == pytest.approx((env.score.low, env.score.high))


def test_one_episode_has_no_interval() -> None:
    assert figure([4.0]) == Figure(mean=4.0, low=None, high=None, n=1)


@given(st.lists(st.floats(-100, 100), min_size=2, max_size=20))
def test_intervals_repeat_and_hold_the_mean(values: list[float]) -> None:
    one, two = figure(values), figure(values)
    assert one == two
    assert one.low - 1e-9 <= one.mean <= one.high + 1e-9


def test_overall_is_the_plain_mean_of_means() -> None:
    overall = mean_figure([[0.0, 2.0], [10.0] * 8])
    assert overall.mean == 5.5
    assert overall.low < 5.5 < overall.high


def test_cached_tokens_cost_less() -> None:
    price = Price(input=2.0, output=8.0, cached=0.5)
    usage = Usage(input=1_000_000, output=100_000, cached=400_000)
    assert call_cost(usage, price) == pytest.approx(0.6 * 2 + 0.4 * 0.5 + 0.8)
    assert call_cost(usage, None) is None


def test_the_price_table_is_dated_and_sane() -> None:
    table = price_table()
    assert len(table.date) == 10
    assert all(0 <= price.input <= price.output for price in table.prices.values())


@pytest.fixture
def results():
    from datetime import UTC, datetime

    (manifest,) = plan(RunSettings(models=("openai/gpt-4o",), envs=("kuhn_poker",), episodes=2))
    assert manifest.created <= datetime.now(UTC)
    attempt = Attempt(
        step=0,
        seat=0,
        attempt=0,
        prompt="",
        reply="",
        outcome="illegal",
        stop="stop",
        max_tokens=1,
        usage=TokenUsage(input=10, output=5),
        cost=0.5,
        latency=1.0,
    )
    opened = EpisodeOpened(
        env="kuhn_poker",
        episode=0,
        seed=0,
        seats=manifest.environments[0].seats.players,
        measured=(0,),
    )
    decision = Decision(step=0, seat=0, action="bet", outcome="illegal", attempts=1)
    closed = EpisodeClosed(returns=(2.0, -2.0), length=2, events={"bets": (1, 0)})
    half = [opened.model_copy(update={"episode": 1}), attempt]
    whole = (opened, attempt, decision, closed)
    keys = [UnitKey("decision", "kuhn_poker", episode) for episode in (0, 1)]
    return score(manifest, dict(zip(keys, (whole, tuple(half)), strict=True)))


def test_results_count_finished_episodes_and_all_calls(results) -> None:
    (env,) = results.environments
    assert not results.complete
    assert (env.planned, env.finished) == (2, 1)
    assert env.measures["return"].mean == 2.0
    assert env.behaviours["bets"].mean == 1.0
    assert results.usage.replies == 2
    assert results.usage.cost == 1.0
    assert env.seats[0].decisions["illegal"] == 1


def test_formats_hold_the_same_figures(results) -> None:
    rows = list(csv.DictReader(io.StringIO(tables.to_csv([results]))))
    assert float(next(r for r in rows if r["figure"] == "return")["value"]) == 2.0
    assert json.loads(tables.to_json([results]))[0]["usage"]["cost"] == 1.0
    table = tables.environments_table(results)
    for text in (to_markdown(table), to_latex(table)):
        assert "Kuhn poker" in text
        assert "1/2" in text
    assert r"\toprule" in to_latex(table)
    assert to_latex(table).count(r"95 \%") == 1


@given(st.integers(1, 400), st.data())
def test_shares_lie_between_nothing_and_everything(n: int, data: st.DataObject) -> None:
    right = data.draw(st.integers(0, n))
    found = wilson([1.0] * right + [0.0] * (n - right))
    assert found.low is not None
    assert found.high is not None
    assert 0 <= found.low <= found.mean <= found.high <= 100


@settings(max_examples=25)
@given(st.lists(st.sampled_from((0.0, 0.1, 1 / 3, 1.0)), min_size=2, max_size=9), st.integers(1, 3))
def test_intervals_contain_their_means_and_nothing_impossible(
    values: list[float], group: int
) -> None:
    for found in (
        figure(values, group),
        figure(values[:1] * 7),
        mean_figure([values, values[:1] * 3]),
    ):
        assert found.low is not None
        assert found.high is not None
        assert min(values) <= found.low <= found.mean <= found.high <= max(values)


def test_the_mean_of_all_values_is_within_the_interval_over_whole_groups() -> None:
    found = figure([0.0] * 4 + [90.0], group=2)
    assert (found.low, found.mean, found.high) == (0.0, 18.0, 18.0)


def test_behaviours_are_told_by_seat() -> None:
    (manifest,) = plan(RunSettings(models=("openai/gpt-4o",), envs=("coin_dilemma",), episodes=2))
    (planned,) = manifest.environments
    taken = [{"own_coins": (3, 0), "other_coins": (1, 2)}, {"own_coins": (5, 1)}]
    journals = {
        UnitKey("decision", "coin_dilemma", number): (
            episode_plan(manifest, planned, number).opening,
            EpisodeClosed(returns=(0.0, 0.0), length=50, events=events),
        )
        for number, events in enumerate(taken)
    }
    results = score(manifest, journals)
    split = results.environments[0].behaviours_by_seat
    means = {
        event: {seat: found.mean for seat, found in seats.items()} for event, seats in split.items()
    }
    assert means == {"own_coins": {"0": 4.0, "1": 0.5}, "other_coins": {"0": 0.5, "1": 1.0}}
    table = tables.behaviours_table(results)
    assert table.columns == ("environment", "behaviour", "red player", "blue player")
    assert table.rows[0][2:] == ("4.00 [3.00, 5.00]", "0.50 [0.00, 1.00]")
    figures = {
        row["figure"]: row["value"] for row in csv.DictReader(io.StringIO(tables.to_csv([results])))
    }
    assert float(figures["other_coins, seat 1"]) == 1.0


def test_seats_of_others_have_no_behaviours_of_ours() -> None:
    (manifest,) = plan(RunSettings(models=("openai/gpt-4o",), envs=("kuhn_poker",), episodes=3))
    (planned,) = manifest.environments
    journals = {
        UnitKey("decision", "kuhn_poker", number): (
            episode_plan(manifest, planned, number).opening,
            EpisodeClosed(returns=(1.0, -1.0), length=2, events={"bets": (1, 4)}),
        )
        for number in range(3)
    }
    results = score(manifest, journals)
    split = results.environments[0].behaviours_by_seat["bets"]
    assert {seat: (found.mean, found.n) for seat, found in split.items()} == {
        "0": (1.0, 2),
        "1": (4.0, 1),
    }
    assert tables.behaviours_table(results).rows == ()
