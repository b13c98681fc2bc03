"""What things are worth to the oracle, in points. The constants were fitted in self-play."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from vsbench_envs.hanabi.knowledge import Board
from vsbench_envs.hanabi.percept import HanabiPercept

PLAY, PLAY_LOW, PLAY_CRITICAL = 0.75, 0.03, 0.15
"""A play now rather than later; more for each rank below the highest and for a last copy."""

FIRST_TOKEN, SECOND_TOKEN, TOKEN_WEAR = 0.5, 0.4, 0.035
"""The first information token, the second, and how much less each further one is worth."""

FADING = 9.5
"""Cards in the deck below which tokens and knowledge lose their worth."""

LOST_WITH = {2: 0.17, 3: 0.07}
"""The chance that a card's other copies get lost too after one of so many is discarded."""


@dataclass(frozen=True)
class Worths:
    """The worths at one moment."""

    board: Board
    percept: HanabiPercept

    @cached_property
    def stakes(self) -> dict[str, int]:
        """What discarding each card loses, in hundredths of a point."""
        board = self.board
        stakes = dict.fromkeys(board.left, 0)
        for card in board.useful:
            points = board.reach[card[0]] - board.variant.ranks.index(card[1])
            stakes[card] = round(100 * points * LOST_WITH.get(board.left[card], 1.0))
        return stakes

    def stake(self, card: str) -> float:
        """What discarding a card loses."""
        return self.stakes[card] / 100

    def play(self, card: str) -> float:
        """Playing a card that fits."""
        low = len(self.board.variant.ranks) - 1 - self.board.variant.ranks.index(card[1])
        return PLAY + PLAY_LOW * low + PLAY_CRITICAL * (card in self.board.critical)

    @property
    def misplay(self) -> float:
        """A life; the last one is worth the game."""
        return 1.0 + (self.percept.score if self.percept.lives == 1 else 0)

    @cached_property
    def fading(self) -> float:
        """1 while there is time to use tokens and knowledge, 0 with the last card drawn."""
        return min(1.0, self.percept.deck / FADING)

    def token(self, number: int) -> float:
        """The first, second ... information token."""
        worth = FIRST_TOKEN if number == 1 else SECOND_TOKEN - TOKEN_WEAR * (number - 2)
        return max(0.0, worth) * self.fading
