"""Losses of decisions, by game."""

from __future__ import annotations

from fractions import Fraction

import pytest

from vsbench.analyses.values import (
    MAX_HANABI_LOSS,
    MEASURES,
    Choice,
    expected_chips,
    explain_losses,
    loss,
    measure_of,
)
from vsbench_envs import get
from vsbench_envs.breakthrough.rules import BreakthroughState
from vsbench_envs.game import State
from vsbench_envs.kuhn_poker.rules import ACTIONS, CARDS, Card, KuhnPercept
from vsbench_envs.registry import BENCHMARK, bot, names
from vsbench_envs.replay import Playthrough
from vsbench_envs.seeding import stream


def choice(state: State, seat: int, taken: str, env: str) -> Choice:
    """A decision in a state; the other seats stay."""
    game = get(env)
    ids = game.spec.ids
    playthrough = Playthrough(game, state, [seat])
    turn = playthrough.turn(seat, game.spec.oracle, stream(0, "test"))
    oracle, options = bot(game, game.spec.oracle)
    joint = {other: ids["stay"] for other in state.acting if other != seat}
    return Choice(
        game=game,
        before=state,
        turn=turn,
        seat=seat,
        taken=ids[taken],
        oracle=oracle.decide(turn, **options),
        joint={**joint, seat: ids[taken]},
    )


def poker(seat: int, card: Card, *history: str) -> KuhnPercept:
    return KuhnPercept(seat, card, history)


def test_the_value_of_kuhn_poker() -> None:
    """Best play against the equilibrium is worth -1/18 chips in the first seat."""
    for seat, history, value in ((0, (), Fraction(-1, 18)), (1, ("pass",), Fraction(1, 18))):
        best = [
            max(expected_chips(poker(seat, card, *history), move) for move in ACTIONS)
            for card in CARDS
        ]
        assert sum(best) / 3 == value


@pytest.mark.parametrize(
    ("percept", "passed", "bet"),
    [
        (poker(1, "K", "bet"), -1, 2),
        (poker(1, "J", "bet"), -1, -2),
        # Called bluffs and called kings: the equilibrium leaves a queen no preference.
        (poker(0, "Q", "pass", "bet"), -1, -1),
        (poker(0, "K"), Fraction(7, 6), Fraction(7, 6)),
    ],
)
def test_expected_chips(percept: KuhnPercept, passed: Fraction, bet: Fraction) -> None:
    assert [expected_chips(percept, move) for move in ACTIONS] == [passed, bet]


def test_folding_a_king_is_a_blunder() -> None:
    game = get("kuhn_poker")
    measure = measure_of("kuhn_poker")
    assert measure is not None
    for seed in range(6):
        state = game.new(seed)
        state.apply({0: game.spec.ids["bet"]})
        lost, best = loss(measure, choice(state, 1, "pass", "kuhn_poker"))
        card = state.percept(1).card
        assert (lost, game.spec.actions[best]) == {
            "K": (3.0, "bet"), "Q": (1.0, "bet"), "J": (0.0, "pass")
        }[card]  # fmt: skip


def test_missing_a_win_in_breakthrough_is_a_blunder() -> None:
    game = get("breakthrough")
    state = game.new(0)
    assert isinstance(state, BreakthroughState)
    # Black runs to the second row while White shuffles its other side.
    for black, white in (("a7a6", "h2h3"), ("a6a5", "h3h4"), ("a5a4", "g2g3"), ("a4a3", "g3g4")):
        state.apply({0: game.spec.ids[black]})
        state.apply({1: game.spec.ids[white]})
    state.apply({0: game.spec.ids["a3b2"]})
    measure = measure_of("breakthrough")
    assert measure is not None
    lost, best = loss(measure, choice(state, 1, "h4h5", "breakthrough"))
    # White must take the piece that is about to arrive.
    assert game.spec.actions[best] in ("a1b2", "c1b2")
    assert lost > 90


def test_leaving_a_coin_costs_about_a_coin() -> None:
    game = get("coin_dilemma")
    measure = measure_of("coin_dilemma")
    assert measure is not None
    costs = []
    for seed in range(12):
        state = game.new(seed)
        for taken in ("up", "down", "left", "right"):
            decided = choice(state, 0, taken, "coin_dilemma")
            lost, best = loss(measure, decided)
            assert lost >= 0
            assert best in (decided.oracle, decided.taken)
            # What the oracle does itself costs nothing.
            if decided.taken == decided.oracle:
                assert lost == 0
            costs.append(lost)
    assert 1 <= max(costs) <= 6


@pytest.mark.parametrize("env", ["hanabi", "tiny_hanabi", "hanabi_3p"])
def test_losses_in_hanabi_are_capped(env: str) -> None:
    game = get(env)
    measure = measure_of(env)
    assert measure is not None
    state = game.new(1)
    losses = [
        loss(measure, choice(state, 0, label, env))[0]
        for label in game.spec.labels(state.legal_actions(0))
    ]
    assert min(losses) == 0
    assert max(losses) == pytest.approx(MAX_HANABI_LOSS)


def test_a_cook_who_walks_away_loses_time() -> None:
    game = get("overcooked")
    measure = measure_of("overcooked")
    assert measure is not None
    state = game.new(0)
    lost, _ = loss(measure, choice(state, 0, "stay", "overcooked"))
    assert lost >= 0
    # At the end nothing can be lost any more.
    while state.step < 49:
        state.apply(dict.fromkeys(state.acting, game.spec.ids["stay"]))
    assert loss(measure, choice(state, 0, "stay", "overcooked"))[0] == 0


def test_every_game_of_ours_has_values() -> None:
    assert all(measure_of(env) for env in names())
    assert set(MEASURES) == set(BENCHMARK)
    told = dict(explain_losses(["kuhn_poker", "coin_dilemma", "monster_hunt"]))
    assert set(told) == {"Kuhn poker", "Coin Dilemma, Monster Hunt"}
