"""Figures: normalised returns, intervals, counts, and tables of them."""

import csv
import io
import json
import math

import numpy as np
import pytest

from vsbench.adapters.base import Usage
from vsbench.models import call_cost
from vsbench.planning.prices import price_table
from vsbench.planning.units import episode_plan
from vsbench.records.files import UnitKey
from vsbench.records.journal import (
    Attempt,
    Decision,
    EpisodeClosed,
    EpisodeOpened,
    SampleOpened,
    TokenUsage,
    Verdict,
)
from vsbench.records.manifest import SHIPPED, Price
from vsbench.records.results import Figure, Progress
from vsbench.reporting import tables
from vsbench.reporting.formats import to_latex, to_markdown
from vsbench.runner.runs import plan
from vsbench.runner.tournaments import plan as plan_tournament
from vsbench.scoring.intervals import t_quantile, wilson
from vsbench.scoring.results import Judged, score, score_samples
from vsbench.scoring.tally import Tally
from vsbench.settings import Evaluation, RunSettings
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


def test_intervals_are_over_whole_deals() -> None:
    name, seats = "bot/oracle", ("bot/oracle", "bot/random")
    tournament = plan_tournament(RunSettings(models=seats, envs=("kuhn_poker",), episodes=4))
    (pairing,) = tournament.pairings.values()
    # The first player wins a chip, so that every deal is worth nothing to both.
    journals = {
        UnitKey("decision", "kuhn_poker", number): (
            episode_plan(pairing, pairing.environments[0], number).opening,
            EpisodeClosed(returns=(1.0, -1.0), length=2, events={"bets": (1, 0)}),
        )
        for number in range(7)
    }
    results = score(pairing, journals)
    (env,) = results.environments
    assert {episode.seats.index(name) for episode in env.episodes} == {0, 1}
    chips, bets = env.measures["return"], env.behaviours["bets"]
    # The episode without a partner is neither in the mean nor in the interval.
    assert (chips.n, chips.mean) == (3, 0.0)
    assert chips.high == -chips.low > 0.3
    assert (bets.n, bets.mean) == (3, 0.5)
    assert 0 <= bets.low < 0.5 < bets.high
    assert env.score.n == 3
    assert results.overall["decision"] == env.score


def decisions(env: str, returns: list[tuple[float, ...]]):
    """The results of a run in one environment with these returns."""
    (manifest,) = plan(RunSettings(models=("openai/gpt-4o",), envs=(env,), episodes=len(returns)))
    (planned,) = manifest.environments
    journals = {
        UnitKey("decision", env, number): (
            episode_plan(manifest, planned, number).opening,
            EpisodeClosed(returns=each, length=50, events={}),
        )
        for number, each in enumerate(returns)
    }
    return score(manifest, journals)


def test_wins_and_losses_have_wilsons_interval() -> None:
    # The model sits in both seats by turns, and wins twice.
    (env,) = decisions("breakthrough", [(1.0, -1.0), (-1.0, 1.0)]).environments
    share = wilson(1.0, 2)
    assert (env.score.low, env.score.high) == pytest.approx((100 * share.low, 100))
    assert env.measures["return"].low == pytest.approx(2 * share.low - 1)


def test_equal_episodes_have_an_interval_of_some_width() -> None:
    (env,) = decisions("overcooked", [(20.0, 20.0)] * 2).environments
    spread = 15.0
    half = t_quantile(3) * spread * math.sqrt(2 / 3) / math.sqrt(2)
    assert env.score.high - env.score.mean == pytest.approx(half)
    found = env.measures["shared return"]
    assert found.low == pytest.approx(20 - half * 0.398)
    assert found.high == pytest.approx(20 + half * 0.398)


def test_hands_of_poker_are_taken_twelve_by_twelve() -> None:
    rng = np.random.default_rng(4)
    chips = rng.choice([-2.0, -1.0, 1.0, 2.0], size=31)
    returns = [(x, -x) if number % 2 == 0 else (-x, x) for number, x in enumerate(chips)]
    (env,) = decisions("kuhn_poker", returns).environments
    assert env.measures["return"].mean == pytest.approx(chips[:24].mean())
    assert env.measures["return"].n == env.score.n == 2
    assert env.score.few
    for number in range(1, 31):
        (env,) = decisions("kuhn_poker", returns[:number]).environments
        for found in (env.score, env.measures["return"]):
            assert found.low < found.high
            assert found.low <= found.mean <= found.high


def test_overall_is_the_plain_mean_of_means() -> None:
    envs = ("coin_dilemma", "monster_hunt")
    (manifest,) = plan(RunSettings(models=("openai/gpt-4o",), envs=envs, episodes=3))
    journals = {
        UnitKey("decision", planned.env, number): (
            episode_plan(manifest, planned, number).opening,
            EpisodeClosed(returns=(10.0 * number, 0.0), length=50, events={}),
        )
        for planned in manifest.environments
        for number in range(3)
    }
    results = score(manifest, journals)
    one, two = (env.score for env in results.environments)
    overall = results.overall["decision"]
    assert overall.mean == pytest.approx((one.mean + two.mean) / 2)
    assert overall.n == 2
    assert overall.high - overall.low < max(one.high - one.low, two.high - two.low)
    # Without anything scored in a game, there is no mean over all.
    del journals[UnitKey("decision", "coin_dilemma", 1)]
    assert score(manifest, journals).overall["decision"] is not None
    del journals[UnitKey("decision", "coin_dilemma", 0)]
    assert score(manifest, journals).overall["decision"] is None


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
    assert table.rows[0][2:] == (
        f"4.00 [{split['own_coins']['0'].low:.2f}, {split['own_coins']['0'].high:.2f}]",
        f"0.50 [0.00, {split['own_coins']['1'].high:.2f}]",
    )
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


def answered(worth: list[float], episodes: list[int | None], sources: str) -> list[Judged]:
    return [
        Judged(
            SampleOpened(
                env="coin_dilemma", sample=number, dataset="", player="openai/gpt-4o",
                source=source, episode=episode,
            ),
            Verdict(outcome="ok", answer=None, credit=credit),
        )
        for number, (credit, episode, source) in enumerate(
            zip(worth, episodes, sources, strict=True)
        )
    ]  # fmt: skip


def test_answers_about_one_recorded_episode_count_together() -> None:
    settings = RunSettings(models=("openai/gpt-4o",), envs=("coin_dilemma",), evals=("reasoning",))
    (planned,) = plan(settings)[0].environments
    assert planned.samples is not None
    # Twelve episodes with four samples each, all right or all wrong.
    worth = [float(episode % 3 > 0) for episode in range(12) for _ in range(4)]
    episodes: list[int | None] = [episode for episode in range(12) for _ in range(4)]

    def score_of(evaluation: Evaluation, samples: list[Judged], dataset: str) -> Figure:
        own = planned.model_copy(
            update={"samples": planned.samples.model_copy(update={"dataset": dataset})}
        )
        whole = Progress.whole(len(samples))
        result, mean = score_samples(evaluation, own, samples, whole, Tally())
        assert mean is not None
        assert result.score.mean == pytest.approx(100 * sum(worth) / len(worth))
        return result.score

    def width(figure: Figure) -> float:
        return figure.high - figure.low

    mixed = answered(worth, episodes, "ab" * 24)
    alone = answered(worth, [None] * 48, "ab" * 24)
    by_source = answered(worth, episodes, "".join("ab"[int(credit)] for credit in worth))
    for evaluation in ("reasoning", "perception"):
        together = score_of(evaluation, mixed, "mine.jsonl")
        assert width(together) > 1.6 * width(score_of(evaluation, alone, "mine.jsonl"))
        # Where each source is right or wrong throughout, only a stratified design says so.
        assert width(score_of(evaluation, by_source, SHIPPED)) < width(together)
        assert score_of(evaluation, by_source, "mine.jsonl") == together
    # Samples are the units of accuracy, episodes those of perception.
    assert score_of("reasoning", mixed, SHIPPED).n == 48
    assert score_of("perception", mixed, SHIPPED).n == 12
