"""Kuhn poker: deals, pay-offs, the equilibrium, and what the pictures hide."""

from fractions import Fraction
from itertools import product

import pytest

from vsbench_envs import get
from vsbench_envs.kuhn_poker.percept import KuhnPercept
from vsbench_envs.kuhn_poker.players import THIRD, bet_probability
from vsbench_envs.kuhn_poker.rules import DEALS
from vsbench_envs.pictures import pngs
from vsbench_envs.registry import player

GAME = get("kuhn_poker")
PASS, BET = 0, 1

LINES = {
    # history: pay-off of seat 0 if its card is higher, if lower
    (PASS, PASS): (1, -1),
    (PASS, BET, PASS): (-1, -1),
    (PASS, BET, BET): (2, -2),
    (BET, PASS): (1, 1),
    (BET, BET): (2, -2),
}


@pytest.mark.parametrize(("line", "deal"), list(product(LINES, range(6))))
def test_pay_offs(line: tuple[int, ...], deal: int) -> None:
    state = GAME.new(deal)
    for move in line:
        state.apply({state.acting[0]: move})
    assert state.acting == ()
    higher = DEALS[deal][0] > DEALS[deal][1]
    expected = LINES[line][0 if higher else 1]
    assert state.returns == (expected, -expected)


def test_seeds_go_through_all_deals() -> None:
    hands = {(GAME.new(seed).percept(0).card, GAME.new(seed).percept(1).card) for seed in range(6)}
    assert len(hands) == 6


def value(alpha: Fraction, beta: Fraction) -> Fraction:
    """Seat 0's exact mean return when both play equilibria."""

    def play(deal: tuple[int, int], history: tuple[str, ...]) -> Fraction:
        line = tuple(BET if move == "bet" else PASS for move in history)
        if line in LINES:
            return Fraction(LINES[line][0 if deal[0] > deal[1] else 1])
        seat = len(history) % 2
        percept = KuhnPercept(seat, "JQK"[deal[seat]], history)
        chance = bet_probability(percept, (alpha, beta)[seat])
        return chance * play(deal, (*history, "bet")) + (1 - chance) * play(
            deal, (*history, "pass")
        )

    return sum((play(deal, ()) for deal in DEALS), Fraction(0)) / 6


@pytest.mark.parametrize("alpha", [Fraction(0), Fraction(1, 6), THIRD])
def test_every_equilibrium_has_the_value_of_the_game(alpha: Fraction) -> None:
    assert value(alpha, Fraction(0)) == Fraction(-1, 18)


def test_random_play_loses_a_ninth_of_a_chip() -> None:
    """The anchor: exact, over both seats, against alpha = 0."""

    def expected(seat_of_random: int) -> Fraction:
        def play(deal: tuple[int, int], history: tuple[str, ...]) -> Fraction:
            line = tuple(BET if move == "bet" else PASS for move in history)
            if line in LINES:
                first = LINES[line][0 if deal[0] > deal[1] else 1]
                return Fraction(first if seat_of_random == 0 else -first)
            seat = len(history) % 2
            percept = KuhnPercept(seat, "JQK"[deal[seat]], history)
            chance = (
                Fraction(1, 2) if seat == seat_of_random else bet_probability(percept, Fraction(0))
            )
            return chance * play(deal, (*history, "bet")) + (1 - chance) * play(
                deal, (*history, "pass")
            )

        return sum((play(deal, ()) for deal in DEALS), Fraction(0)) / 6

    mean = (expected(0) + expected(1)) / 2
    assert float(mean) == pytest.approx(GAME.spec.measures[0].random, abs=1e-9)


@pytest.mark.parametrize("text", ["1/2", "-1", "x", "1/0"])
def test_alpha_has_a_range(text: str) -> None:
    with pytest.raises(ValueError, match="alpha"):
        player(GAME, f"equilibrium:alpha={text}")


def test_the_other_card_shows_nowhere() -> None:
    """States that differ in the opponent's card alone give one percept, text and picture."""
    for history in [(), (PASS,), (PASS, BET), (BET, BET), (PASS, PASS)]:
        for seat in (0, 1):
            seen: dict[str, set] = {}
            for deal in range(6):
                state = GAME.new(deal)
                for move in history:
                    state.apply({state.acting[0]: move})
                percept = state.percept(seat)
                looks = (percept, GAME.view.tell(percept), pngs("kuhn_poker", percept))
                seen.setdefault(percept.card, set()).add(looks)
            assert [len(looks) for looks in seen.values()] == [1, 1, 1]


def test_labels_are_the_two_cards_and_the_chips() -> None:
    state = GAME.new(0)
    state.apply({0: BET})
    assert GAME.view.labels(state.percept(1)) == {
        "card of seat 1": "Q",
        "card of seat 0": "unknown",
        "chips of seat 1": "1",
        "chips of seat 0": "2",
    }


def test_behaviours_are_counted_by_seat() -> None:
    state = GAME.new(0)
    for seat, move in ((0, PASS), (1, BET), (0, PASS)):
        state.apply({seat: move})
    assert state.events == {"bets": (0, 1), "folds": (1, 0)}
