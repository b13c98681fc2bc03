"""The shipped sets, by their data cards: the recipes' mixes and balances hold."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from functools import cache

import pytest

from vsbench.datasets.building import with_recipe
from vsbench.datasets.cards import Card, card
from vsbench.datasets.samples import Dataset, load, states
from vsbench.datasets.sets import shipped_path
from vsbench.reporting.datasets import card_tables

pytestmark = pytest.mark.slow

CHANCE = {
    "hanabi": 8.8,
    "overcooked": 16.7,
    "breakthrough": 4.2,
    "kuhn_poker": 50.0,
    "atari_pong": 33.3,
    "coin_dilemma": 25.4,
    "monster_hunt": 29.3,
    "battle_of_the_colors": 26.5,
}
"""Percent that a random guess is right in the paper's sets."""

PONG = "atari_pong"
"""Takes long to replay, so that only a game of it is described."""

OFF = {"hanabi": -3.0, "coin_dilemma": -5.4, "monster_hunt": -2.2, "battle_of_the_colors": -5.4}
"""Where ours differ. In Hanabi the paper's options are the legal actions, which tell the one who
is asked its own cards. In the grid games the bots seldom walk into walls, so that few
actions have the same outcome as another."""

every = pytest.mark.parametrize(
    # One worker describes a set for all of its tests.
    "env",
    [pytest.param(env, marks=pytest.mark.xdist_group(env)) for env in with_recipe() if env != PONG],
)


@cache
def described(env: str) -> Card:
    return card(load(shipped_path(env)), slow=False)


def at_tables(env: str) -> dict[str, int]:
    """Samples by who sat where."""
    return {name.replace("bot/", ""): count for name, count in described(env).lineups.items()}


@every
@pytest.mark.slow
def test_four_hundred_samples_over_the_whole_episode(env: str) -> None:
    found = described(env)
    assert found.samples == 400
    expected = (100, 200, 100) if env == "kuhn_poker" else (133, 133, 133)
    for count, fair in zip(found.thirds.values(), expected, strict=True):
        assert abs(count - fair) <= 1


@every
def test_both_seats_are_asked_about_alike(env: str) -> None:
    assert described(env).targets == {0: 200, 1: 200}


@pytest.mark.parametrize("env", with_recipe())
def test_no_moment_is_asked_about_twice(env: str) -> None:
    samples = load(shipped_path(env)).samples
    assert len({(sample.episode, sample.step, sample.target) for sample in samples}) == 400


@every
@pytest.mark.slow
def test_guessing_is_worth_what_it_is_in_the_paper(env: str) -> None:
    measured = 100 * described(env).random_guess
    assert abs(measured - CHANCE[env] - OFF.get(env, 0)) < 0.5
    assert OFF.get(env) is None or abs(OFF[env]) > 2


def test_coin_dilemma_mixes_kindness_and_greed() -> None:
    assert at_tables("coin_dilemma") == {
        "common_welfare + common_welfare": 100,
        "self_interest + self_interest": 100,
        "common_welfare + self_interest": 50,
        "self_interest + common_welfare": 50,
        "random + self_interest": 50,
        "self_interest + random": 50,
    }


def test_monster_hunt_mixes_hunters_and_gatherers() -> None:
    assert at_tables("monster_hunt") == {
        "to_the_monster + to_the_monster": 80,
        "wait_in_middle + wait_in_middle": 80,
        "wait_in_corner + wait_in_corner": 80,
        "nearest_apple + nearest_apple": 80,
        "random + nearest_apple": 40,
        "nearest_apple + random": 40,
    }


def test_battle_of_the_colors_mixes_agreement_and_insistence() -> None:
    assert at_tables("battle_of_the_colors") == {
        "common_welfare + common_welfare": 100,
        "self_interest + self_interest": 100,
        "common_welfare + self_interest": 50,
        "self_interest + common_welfare": 50,
        "both_red + both_red": 50,
        "both_blue + both_blue": 50,
    }


def test_kuhn_poker_pairs_every_alpha() -> None:
    tables = at_tables("kuhn_poker")
    alphas = [f"equilibrium:alpha={alpha}" for alpha in ("0", "1/6", "1/3")]
    assert set(tables) == {f"{one} + {other}" for one in alphas for other in alphas}
    assert set(tables.values()) <= {44, 45, 46}


def test_breakthrough_pairs_search_depths() -> None:
    pairs: Counter[str] = Counter()
    for table, count in at_tables("breakthrough").items():
        depths = sorted(player.removeprefix("alphabeta:depth=") for player in table.split(" + "))
        pairs["".join(depths)] += count
    assert set(pairs) == {"34", "35", "45", "46", "44", "55"}
    assert set(pairs.values()) <= {66, 68}


def test_overcooked_seldom_stays() -> None:
    assert described("overcooked").groups == {"stay": 40, "others": 360}


def test_hanabi_plays_discards_and_reveals() -> None:
    assert described("hanabi").groups == {"play": 89, "discard": 133, "reveal": 178}


def test_pong_moves_as_often_as_it_stays() -> None:
    dataset = load(shipped_path(PONG))
    actions = Counter(sample.answers[0] for sample in dataset.samples)
    assert actions == {"stay": 134, "up": 133, "down": 133}
    assert Counter(map(dataset.third, dataset.samples)) == {0: 134, 1: 133, 2: 133}
    sources = Counter(sample.source.removeprefix("bot/") for sample in dataset.samples)
    assert set(sources) == {"oracle", "oracle:patience=0", "skilled:aim=4", "skilled:aim=-4"}
    assert set(sources.values()) == {100}


def test_a_game_of_pong() -> None:
    dataset = load(shipped_path(PONG))
    length, index = min((len(e.moves), index) for index, e in enumerate(dataset.episodes))
    samples = tuple(
        sample.model_copy(update={"episode": 0})
        for sample in dataset.samples
        if sample.episode == index
    )
    game = replace(dataset, episodes=(dataset.episodes[index],), samples=samples)
    found = card(game, slow=False)
    assert length < 300
    assert found.random_guess == pytest.approx(CHANCE[PONG] / 100, abs=0.001)
    assert found.self_predictions is not None
    assert found.self_predictions.accuracy > 0.9
    assert found.trajectory_quality > 0.9


@every
def test_the_play_is_worth_predicting(env: str) -> None:
    """Whoever played knows better than any guess."""
    found = described(env)
    best = max(predictor.accuracy for predictor in found.predictors)
    if found.self_predictions is not None and found.self_predictions.asked == found.samples:
        best = found.self_predictions.accuracy
    assert best > max(found.random_guess, found.most_common_guess) + 0.1


def test_players_predict_their_own_kind() -> None:
    clear = tuple(
        sample
        for sample in load(shipped_path("battle_of_the_colors")).samples
        if sample.source in ("bot/both_red", "bot/both_blue")
    )
    found = card(replace(load(shipped_path("battle_of_the_colors")), samples=clear), slow=False)
    assert found.self_predictions is not None
    assert found.self_predictions.asked == 100
    accuracy = {predictor.name: predictor.accuracy for predictor in found.predictors}
    assert found.self_predictions.accuracy > max(accuracy["random"], 0.7)


def test_quality_is_the_mean_return_between_the_anchors(coins: Dataset) -> None:
    totals = [sum(list(states(coins.game, episode))[-1].returns) for episode in coins.episodes]
    (measure,) = coins.game.spec.measures
    mean = sum(totals) / len(totals)
    expected = (mean - measure.random) / (measure.best - measure.random)
    assert card(coins).trajectory_quality == pytest.approx(expected)


def test_coverage_is_relative_to_random_play(poker: Dataset, coins: Dataset) -> None:
    """Play that is all alike covers little, and other random play about as much."""
    found = card(coins)
    assert 0.8 < found.state_action_coverage < 1.3
    moves = sum(len(episode.moves) * 2 for episode in coins.episodes)
    assert 0.9 * moves < found.state_action_pairs <= moves
    same = replace(poker, episodes=poker.episodes[:1] * len(poker.episodes))
    alike = card(replace(same, samples=tuple(s for s in same.samples if s.episode == 0)))
    assert alike.state_action_pairs == len(poker.episodes[0].moves)
    assert alike.state_action_coverage < 0.3


def test_cards_are_shown_and_written(coins: Dataset) -> None:
    found = card(coins)
    assert Card.model_validate_json(found.model_dump_json()) == found
    shown = card_tables(found)
    assert (
        shown[0].title
        == f"Coin Dilemma: 40 samples from {found.episodes} episodes (benchmark, seed 3)"
    )
    assert ("random guess (expected)", "options", "40", "20.0 %") in shown[0].rows
    assert json.loads(found.model_dump_json())["targets"] == {"0": 20, "1": 20}
