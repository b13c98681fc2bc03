"""Kuhn poker: what a move wins on average against the equilibrium that the opponent plays."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from vsbench_envs.kuhn_poker.bots import bet_probability
from vsbench_envs.kuhn_poker.percept import CARDS, Card, KuhnPercept
from vsbench_envs.kuhn_poker.rules import ACTIONS

History = tuple[str, ...]


def expected_chips(percept: KuhnPercept, move: str) -> Fraction:
    """Chips that a move wins on average if the rest is played best; exact."""
    history = (*percept.history, move)
    beliefs = _beliefs(percept)
    return sum((w * _won(percept, other, history) for other, w in beliefs.items()), Fraction())


def _beliefs(percept: KuhnPercept) -> dict[Card, Fraction]:
    """The chance of each card of the opponent, given what it has done."""
    weights: dict[Card, Fraction] = {}
    for card in CARDS:
        if card != percept.card:
            weights[card] = Fraction(1)
            for place, move in enumerate(percept.history):
                if place % 2 != percept.seat:
                    weights[card] *= _chance(percept, card, percept.history[:place], move)
    total = sum(weights.values())
    # Where the equilibrium would never have played so, one card is as likely as the other.
    return {card: w / total if total else Fraction(1, 2) for card, w in weights.items()}


def _won(percept: KuhnPercept, other: Card, history: History) -> Fraction:
    """Chips won on average against a card, after some moves."""
    shown = 1 if CARDS.index(percept.card) > CARDS.index(other) else -1
    if history == ("pass", "pass"):
        return Fraction(shown)
    if history[-2:] == ("bet", "bet"):
        return Fraction(2 * shown)
    if history[-2:] == ("bet", "pass"):
        bettor = len(history) % 2
        return Fraction(1 if bettor == percept.seat else -1)
    if len(history) % 2 == percept.seat:
        later = replace(percept, history=history)
        best = max(ACTIONS, key=lambda move: expected_chips(later, move))
        return _won(percept, other, (*history, best))
    return sum(
        (
            _chance(percept, other, history, move) * _won(percept, other, (*history, move))
            for move in ACTIONS
        ),
        Fraction(),
    )


def _chance(percept: KuhnPercept, card: Card, history: History, move: str) -> Fraction:
    """The chance that the equilibrium makes a move with a card."""
    asked = replace(percept, seat=1 - percept.seat, card=card, history=history)
    bets = bet_probability(asked, Fraction(0))
    return bets if move == "bet" else 1 - bets
