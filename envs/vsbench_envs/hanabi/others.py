"""What the oracle expects of the other seats, with and without a clue."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from math import log

from vsbench_envs.hanabi.knowledge import Board, Cards, mean, told
from vsbench_envs.hanabi.percept import HanabiPercept
from vsbench_envs.hanabi.pointing import asked, pointed
from vsbench_envs.hanabi.worths import Worths

NEXT_DISCARDS = (1.15, 0.2)
"""How heavily the first and the second card count that a seat would discard."""

LATER = 0.4
"""How much less heavily they count if the seat has something else to do first."""

NEWER = 0.03
"""Of two cards that look alike the newer is discarded, by this much for each position."""

KNOWLEDGE = 0.01
"""For each factor of e by which a clue narrows down a card."""


class Other:
    """Another seat, and what it will do next.

    ``doubles`` are cards that the observing seat knows itself to hold.
    """

    def __init__(
        self, percept: HanabiPercept, seat: int, worths: Worths, doubles: frozenset[str]
    ) -> None:
        self.hand = percept.hands[seat]
        self.faces = [card.face for card in self.hand]
        self.worths = worths
        self.board = worths.board
        self.has_to_clue = percept.tokens == self.board.variant.tokens
        self.doubles = doubles
        self.known = [self.board.possible(card) for card in self.hand]
        self.asked = asked(percept, seat, self.board.variant)

    @cached_property
    def plan(self) -> str:
        """The card that it will play if it gets no other clue; empty for none."""
        position = self._chosen(self.known, self.asked)
        return self.faces[position - 1] if position else ""

    def deed(self, claimed: frozenset[str] = frozenset()) -> float:
        """The worth of its next move, ``claimed`` cards being those that others will play."""
        position = self._chosen(self.known, self.asked)
        return self._worth(self.known, position, claimed)

    def deed_after(self, clue: str, claimed: frozenset[str]) -> float:
        """The same after a clue, and the worth of what the clue tells besides."""
        touched = [position for position, face in enumerate(self.faces, 1) if clue in face]
        known = [self.board.possible(told(card, clue, clue in card.face)) for card in self.hand]
        colour = clue in self.board.variant.colours
        played = self._chosen(known, pointed(self.board, known, colour, touched))
        learnt = sum(
            log(len(before) / len(after))
            for position, (before, after) in enumerate(zip(self.known, known, strict=True), 1)
            if position != played
        )
        worth = self._worth(known, played, claimed)
        return worth + KNOWLEDGE * self.worths.fading * learnt

    def _chosen(self, known: Sequence[Cards], asked: int | None) -> int | None:
        """The position that it will play: what it was asked to, or what it knows to fit."""
        plays = [p for p, cards in enumerate(known, 1) if cards <= self.board.playable]
        return asked or min(plays, key=lambda p: self.faces[p - 1][1], default=None)

    def _worth(self, known: Sequence[Cards], played: int | None, claimed: frozenset[str]) -> float:
        discards = self._discards(known, played)
        if played is None:
            return -discards * (LATER if self.has_to_clue else 1.0)
        face = self.faces[played - 1]
        fits = face in self.board.playable and face not in claimed
        gain = self.worths.play(face) if fits else -self.worths.misplay - self.worths.stake(face)
        return gain - LATER * discards

    def _discards(self, known: Sequence[Cards], played: int | None) -> float:
        """What its next discards will cost."""
        order = [position for position in spares(self.worths, known) if position != played]
        costs = (
            weight * self._loss(self.faces[position - 1])
            for weight, position in zip(NEXT_DISCARDS, order, strict=False)
        )
        return self.worths.fading * sum(costs)

    def _loss(self, face: str) -> float:
        """What discarding a card loses; nothing if another copy is at hand."""
        doubled = self.faces.count(face) > 1 or face in self.doubles
        return 0.0 if doubled else self.worths.stake(face)


def spares(worths: Worths, known: Sequence[Cards]) -> list[int]:
    """Positions in the order in which to discard them, by what everybody knows of a hand."""
    board: Board = worths.board
    risks = {
        position: mean(cards, worths.stakes, board.left) / 100 - NEWER * position
        for position, cards in enumerate(known, 1)
    }
    return sorted(risks, key=lambda position: round(risks[position], 9))
