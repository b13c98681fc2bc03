"""A code in which a clue points at the card to play next.

Whoever gives a clue can mostly choose among six or seven; so the choice itself can say something.
Both seats list the same answers from what everybody knows: first "nothing to play", then the
cards of the hand that are likely enough to be playable, the likeliest first. A colour and a rank
that touch the newest card stand for the first two answers, those that end one card short of it for
the next two, all others for two more, and round again in a shorter list. The newest card always
has a colour and a rank, and mostly there are clues of the other sorts: nearly every answer can be
given, and what the clue tells about colours and ranks comes on top.

A pointed card is meant to be played at once. Nothing needs remembering: the answer follows from
the latest moves and from what the marks say now.
"""

from __future__ import annotations

from collections.abc import Sequence

from vsbench_envs.hanabi.actions import by_label
from vsbench_envs.hanabi.knowledge import Board, Cards, board_of, mean
from vsbench_envs.hanabi.percept import HanabiPercept
from vsbench_envs.hanabi.variant import Variant

LIKELY = 0.2
"""The chance of being playable from which a card is listed."""


def pointed(
    board: Board, hand: Sequence[Cards], colour: bool, touched: Sequence[int]
) -> int | None:
    """The position that a clue points at, or None for nothing to play.

    ``hand`` is what each card may be after the clue, as everybody knows; positions count from 1.
    """
    answers = [None, *_candidates(board, hand)]
    short = min(len(hand) - max(touched), 2)
    return answers[(2 * short + (not colour)) % len(answers)]


def _candidates(board: Board, hand: Sequence[Cards]) -> list[int]:
    """Positions of cards that may well be playable and are not known to be, the likeliest first."""
    playable = {card: card in board.playable for card in board.left}
    chances = {
        position: mean(cards, playable, board.left)
        for position, cards in enumerate(hand, 1)
        if not cards <= board.playable
    }
    likely = [position for position, chance in chances.items() if chance >= LIKELY]
    return sorted(likely, key=lambda position: -chances[position])


def asked(percept: HanabiPercept, seat: int, variant: Variant) -> int | None:
    """The position that the latest clue since a seat's own last move asks it to play."""
    board = board_of(percept, variant)
    for move in reversed(percept.moves):
        if move.seat == seat:
            break
        action = by_label(variant)[move.action]
        if action.kind == "reveal" and action.aimed(move.seat, variant) == seat:
            hand = [board.possible(card) for card in percept.hands[seat]]
            return pointed(board, hand, action.clue in variant.colours, move.touched)
        board = board.before(move)
    return None
