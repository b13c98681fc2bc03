"""What is offered as an answer tells nothing that the one who is asked may not know."""

from __future__ import annotations

from random import Random

import pytest

from vsbench.datasets.samples import Dataset, options_at, right_answers, walk
from vsbench_envs import get
from vsbench_envs.hanabi.rules import FULL, HanabiState

HANABI = get("hanabi")


def told(deck: tuple[str, ...], *moves: str) -> HanabiState:
    """A game with this deck after some moves."""
    state = HanabiState(0, deck=deck)
    for label in moves:
        (seat,) = state.acting
        state.apply({seat: HANABI.spec.ids[label]})
    return state


def hands(state: HanabiState, seat: int) -> tuple[str, ...]:
    """The faces of a seat's cards, as the other sees them."""
    return tuple(card.face for card in state.percept(1 - seat).hands[seat])


@pytest.mark.parametrize("seed", range(8))
def test_reveals_do_not_tell_ones_own_hand(seed: int) -> None:
    deck = list(FULL.shuffled(seed))
    one = told(tuple(deck), f"reveal rank {deck[5][1]}")
    # Other cards from the bottom of the deck in the hand of the one who is asked.
    deck[:5], deck[40:45] = deck[40:45], deck[:5]
    other = told(tuple(deck), f"reveal rank {deck[5][1]}")
    assert hands(one, 0) != hands(other, 0)
    assert one.percept(0) == other.percept(0)
    assert one.legal_actions(1) != other.legal_actions(1)
    assert options_at(HANABI, one, 0, 1) == options_at(HANABI, other, 0, 1)


@pytest.mark.parametrize("seed", range(4))
def test_whatever_is_legal_is_offered(seed: int) -> None:
    rng, state = Random(seed), HANABI.new(seed)
    while state.acting:
        (target,) = state.acting
        legal = state.legal_actions(target)
        offered = options_at(HANABI, state, 1 - target, target)
        assert set(HANABI.spec.labels(legal)) <= set(offered)
        assert options_at(HANABI, state, target, target) == HANABI.spec.labels(legal)
        reveals = [label for label in offered if label.startswith("reveal")]
        assert bool(reveals) == bool(state.percept(0).tokens)
        state.apply({target: rng.choice(legal)})


def test_what_a_hand_was_told_narrows_the_options() -> None:
    """Seat 1 holds red cards only, and is told so."""
    *others, a, b, c, d, e = sorted(FULL.shuffled(1), key=lambda card: card[0] == "R")
    state = told(
        (*others[:5], a, b, c, d, e, *others[5:]), "reveal red", f"reveal rank {others[0][1]}"
    )
    offered = options_at(HANABI, state, 1, 0)
    ranks = {f"reveal rank {rank}" for rank in "12345"}
    reveals = {label for label in offered if label.startswith("reveal")}
    assert reveals == {"reveal red"} | ranks


def test_elsewhere_the_legal_actions_are_offered(poker: Dataset, coins: Dataset) -> None:
    for dataset in (poker, coins):
        for _, sample, state in walk(dataset):
            legal = dataset.game.spec.labels(state.legal_actions(sample.target))
            assert options_at(dataset.game, state, sample.seat, sample.target) == legal


def test_only_the_same_outcome_is_as_good() -> None:
    game = get("kuhn_poker")
    assert right_answers(game, game.new(0), 0, 1) == ("bet",)
