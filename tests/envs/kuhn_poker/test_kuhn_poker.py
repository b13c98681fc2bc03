"""Kuhn poker: deals, payoffs, equilibria, view, and hidden cards."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations, product

import pytest

from vsbench_envs import get
from vsbench_envs.errors import UnreadableError
from vsbench_envs.kuhn_poker.bots import THIRD, bet_probability
from vsbench_envs.kuhn_poker.rules import ACTIONS, CARDS, DEALS, KuhnPercept
from vsbench_envs.pictures import pngs
from vsbench_envs.registry import bot

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
        bot(GAME, f"equilibrium:alpha={text}")


def test_nothing_reveals_the_other_card() -> None:
    """States that differ only in the opponent's card have the same percept, text and picture."""
    for history in [(), (PASS,), (PASS, BET), (BET, BET), (PASS, PASS)]:
        for seat in (0, 1):
            seen: dict[str, set] = {}
            for deal in range(6):
                state = GAME.new(deal)
                for move in history:
                    state.apply({state.acting[0]: move})
                percept = state.percept(seat)
                looks = (percept, GAME.view.describe(percept), pngs("kuhn_poker", percept))
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


HISTORIES = sorted({line[:length] for line in LINES for length in range(len(line) + 1)})


def percepts() -> Iterator[KuhnPercept]:
    """All percepts of the game."""
    for history, seat, card in product(HISTORIES, (0, 1), CARDS):
        yield KuhnPercept(seat, card, tuple(ACTIONS[move] for move in history))


WORDS = {
    (): "Nobody has acted yet.",
    ("bet",): "The first player bet.",
    ("pass", "pass"): "The first player passed, then the second player passed.",
    ("pass", "bet", "pass"): (
        "The first player passed, then the second player bet, then the first player passed."
    ),
}


def test_facts_state_ante_and_betting() -> None:
    stated = {history: GAME.view.facts(KuhnPercept(1, "K", history)) for history in WORDS}
    assert {history: facts["betting"] for history, facts in stated.items()} == WORDS
    assert all(list(facts) == ["ante", "betting"] for facts in stated.values())
    assert {facts["ante"] for facts in stated.values()} == {
        "Each player has paid an ante of one chip."
    }


def test_facts_say_nothing_of_cards_or_seats() -> None:
    facts: dict[tuple[str, ...], set[tuple[str, ...]]] = {}
    for percept in percepts():
        stated = tuple(GAME.view.facts(percept).values())
        facts.setdefault(percept.history, set()).add(stated)
    assert {len(stated) for stated in facts.values()} == {1}
    assert len(set.union(*facts.values())) == len(HISTORIES)


def test_every_percept_has_a_picture_of_its_own() -> None:
    everything = list(percepts())
    looks = {GAME.view.draw(percept)[0].tobytes(): percept for percept in everything}
    assert len(looks) == len(everything)
    assert all(GAME.view.read(GAME.view.draw(percept)) == percept for percept in everything)


def test_the_text_can_be_read_back() -> None:
    view = GAME.view
    for percept in percepts():
        text = view.describe(percept)
        message = "\n\n".join([text, *view.facts(percept).values(), "Your legal actions:"])
        assert view.read_text(text) == view.read_text(message) == view.drawn(percept) == percept


def test_the_text_describes_the_picture_and_repeats_the_facts() -> None:
    percept = KuhnPercept(0, "Q", ("pass", "bet"))
    assert GAME.view.describe(percept) == (
        "You are the first player and hold the queen (Q). The opponent's card lies face down. "
        "The pot holds 3 chips: 1 chip from you and 2 chips from the opponent.\n"
        "The first player passed, then the second player bet."
    )
    assert all(
        GAME.view.facts(p)["betting"] in GAME.view.describe(p).splitlines() for p in percepts()
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("queen (Q)", "queen (K)"),
        ("queen (Q)", "knave"),
        ("3 chips", "4 chips"),
        ("2 chips from the opponent", "1 chip from the opponent"),
        ("the second player bet", "the second player passed"),
        ("The first player passed", "The second player passed"),
        ("You are the first", "I am the first"),
    ],
)
def test_text_of_no_hand_is_refused(old: str, new: str) -> None:
    text = GAME.view.describe(KuhnPercept(0, "Q", ("pass", "bet")))
    assert old in text
    with pytest.raises(UnreadableError):
        GAME.view.read_text(text.replace(old, new))


def test_nothing_is_drawn_over_anything_else() -> None:
    scene = GAME.view.scene
    boxes = []
    for name, slot in scene.slots.items():
        (left, top), (width, height) = slot.at, slot._sprites[slot.values[0]].size
        assert left + width <= scene.background.width, name
        assert top + height <= scene.background.height, name
        boxes.append((name, left, top, left + width, top + height))
    for one, two in combinations(boxes, 2):
        apart = one[3] <= two[1] or two[3] <= one[1] or one[4] <= two[2] or two[4] <= one[2]
        assert apart, (one, two)
