"""What a clue would bring by the conventions."""

from __future__ import annotations

from dataclasses import dataclass

from vsbench_envs.hanabi.actions import Action
from vsbench_envs.hanabi.knowledge import Cards
from vsbench_envs.hanabi.memory import Held, Table, spare, understood
from vsbench_envs.hanabi.percept import HanabiPercept

PLAY, PLAY_LOW = 1000, 30
WANTED, UNWANTED = 100, 250
USELESS = 100
MISLEADING = -3000


@dataclass(frozen=True)
class Clue:
    """A clue that could be given."""

    action: Action
    worth: int
    """Above all, cards that it lets its target play; then those it rightly keeps."""
    plays: bool = False
    """Whether it lets its target play another card."""
    saves: bool = False
    """Whether its target has a play, or keeps the card that it would have discarded."""


@dataclass(frozen=True)
class Change:
    """What a clue does to one card of its target's hand."""

    face: str
    was: Held
    now: Held
    before: Cards
    """What the card was taken to be."""
    after: Cards
    """What it will be taken to be."""

    def becomes(self, cards: Cards) -> bool:
        """Whether the clue makes it known that it is one of these."""
        return self.after <= cards and not self.before <= cards

    def misleads(self, playable: Cards) -> bool:
        """Whether the card would be taken for what it is not, or played wrongly."""
        lie = self.now.meant != self.was.meant and self.face not in self.after
        return lie or (self.after <= playable and self.face not in playable)


def weigh(action: Action, percept: HanabiPercept, table: Table, certain: Cards) -> Clue:
    """What a clue would bring; ``certain`` are cards that the giver knows itself to hold."""
    board, target = table.board, action.aimed(percept.seat, table.board.variant)
    faces = [card.face for card in percept.hands[target]]
    hand = table.hands[target]
    touched = [position for position, face in enumerate(faces, 1) if action.clue in face]
    changes = [
        Change(face, was, now, was.believed(board), now.believed(board))
        for face, was, now in zip(
            faces, hand, understood(board, hand, action.clue, touched), strict=True
        )
    ]
    if any(change.misleads(board.playable) for change in changes):
        return Clue(action, MISLEADING)

    playing = {change.face for change in changes if change.before <= board.playable}
    plays = {change.face for change in changes if change.becomes(board.playable)} - playing
    kept = {change.face for change in changes if change.was.touched} | certain
    new = [change.face for change in changes if change.now.touched and not change.was.touched]
    wanted = (set(new) & board.useful) - kept
    useless = [change for change in changes if change.becomes(frozenset(board.left) - board.useful)]
    worth = (
        sum(PLAY + PLAY_LOW * (5 - int(face[1])) for face in plays)
        + WANTED * len(wanted)
        - UNWANTED * (len(new) - len(wanted))
        + USELESS * len(useless)
        + sum(len(change.before) - len(change.after) for change in changes)
    )
    old = spare(hand)
    return Clue(action, worth, bool(plays), bool(plays) or old in touched)
