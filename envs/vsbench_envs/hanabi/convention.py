"""A bot that plays by the conventions of human players and remembers the meaning of clues.

A seat's percepts contain every move. From them the bot recalls, for each card, the meaning of its
clues, which the marks on the table do not show. The *chop* is the card to discard next.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain

from vsbench_envs.game import Turn
from vsbench_envs.hanabi.percept import (
    Board,
    Card,
    Cards,
    HanabiPercept,
    Move,
    after_clue,
    board_of,
    expected_value,
    get_board,
    new_moves,
    own_cards,
    unseen,
)
from vsbench_envs.hanabi.variant import Action, Variant, action_ids, actions, actions_by_label

PLAY_VALUE, LOW_RANK_VALUE = 1000, 30
WANTED_VALUE, UNWANTED_COST = 100, 250
USELESS_VALUE = 100
MISLEADING_VALUE = -3000
"""Value of a clue: for each playable card and for each rank below 5; for each useful card touched,
and the cost of each other one; for each card known to be useless; and if it misleads."""

MANY_TOKENS = 5
"""Number of tokens from which a good clue without a play is better than a discard."""

GOOD_CLUE = 100
"""Value of a clue that saves one card."""

RISKY_PLAY_CHANCE = 0.2
"""Smallest probability with which a card is tried in the last round."""


@dataclass(frozen=True)
class HeldCard:
    """A card in a hand, with the meaning of its clues."""

    card: Card
    """The marks; the face is not remembered."""
    touched: bool = False
    """Whether a clue has touched it."""
    meant: Cards = frozenset()
    """Possible identities by the clue that focused on it; empty without such a clue."""

    def believed(self, board: Board) -> Cards:
        """The identities that the card is believed to have."""
        possible = board.possible(self.card)
        return (possible & self.meant) or possible


Hand = tuple[HeldCard, ...]


def chop(hand: Hand) -> int | None:
    """The position to discard next: the oldest card that no clue has touched."""
    return next((position for position, held in enumerate(hand, 1) if not held.touched), None)


def interpret_clue(board: Board, hand: Hand, clue: str, touched: Sequence[int]) -> Hand:
    """A hand after a clue, by convention.

    A clue focuses on one card: the chop if it is touched, else the newest of the cards touched for
    the first time, else the newest that may be playable. It says that this card is playable; the
    chop may instead be the last copy of a useful card.
    """
    after = [
        HeldCard(after_clue(held.card, clue, pointed), held.touched or pointed, held.meant)
        for held, pointed in ((held, p in touched) for p, held in enumerate(hand, 1))
    ]
    chop_position = chop(hand)
    newly_touched = [position for position in touched if not hand[position - 1].touched]
    focus, meaning = chop_position, board.playable | board.critical
    if chop_position not in newly_touched:
        candidates = newly_touched or [p for p in touched if _may_be_playable(board, after[p - 1])]
        focus, meaning = max(candidates, default=None), board.playable
    if focus is not None:
        held = after[focus - 1]
        after[focus - 1] = replace(held, meant=board.possible(held.card) & meaning)
    return tuple(after)


def _may_be_playable(board: Board, held: HeldCard) -> bool:
    believed = held.believed(board)
    return bool(believed & board.playable) and not believed <= board.playable


@dataclass(frozen=True)
class GameMemory:
    """All hands and the board at one moment, as remembered."""

    board: Board
    deck: int
    hands: tuple[Hand, ...]

    def after(self, move: Move) -> GameMemory:
        """The memory after a move."""
        variant = self.board.variant
        action = actions_by_label(variant)[move.action]
        hands = list(self.hands)
        if action.kind == "reveal":
            target = action.target_seat(move.seat, variant)
            hands[target] = interpret_clue(self.board, hands[target], action.clue, move.touched)
            return replace(self, hands=tuple(hands))
        hand = list(hands[move.seat])
        del hand[action.position - 1]
        if self.deck:
            hand.append(HeldCard(Card("", variant.colours, variant.ranks)))
        hands[move.seat] = tuple(hand)
        return GameMemory(self.board.after(move), max(0, self.deck - 1), tuple(hands))


def recall(percepts: Sequence[HanabiPercept], variant: Variant) -> GameMemory:
    """Recall the game from the first percept on."""
    first, *later = percepts
    if len(first.moves) < variant.moves_shown:
        memory, moves = _dealt(variant), first.moves
    else:
        memory, moves = _first_impression(first, variant), ()
    for move in chain(moves, *map(new_moves, later)):
        memory = memory.after(move)
    return memory


def _dealt(variant: Variant) -> GameMemory:
    """The memory before the first move."""
    empty_board = get_board(
        variant,
        (0,) * len(variant.colours),
        ((0,) * len(variant.ranks),) * len(variant.colours),
    )
    hand = (HeldCard(Card("", variant.colours, variant.ranks)),) * variant.hand
    return GameMemory(
        empty_board, variant.deck - variant.seats * variant.hand, (hand,) * variant.seats
    )


def _first_impression(percept: HanabiPercept, variant: Variant) -> GameMemory:
    """The memory of a player who joins late: marks without their meaning."""
    hands = [
        tuple(
            HeldCard(replace(card, face=""), touched=1 in (len(card.colours), len(card.ranks)))
            for card in hand
        )
        for hand in percept.hands
    ]
    return GameMemory(board_of(percept, variant), percept.deck, tuple(hands))


@dataclass(frozen=True)
class Clue:
    """A possible clue and its value."""

    action: Action
    value: int
    """Highest for cards that its target can then play, then for useful cards that it saves."""
    plays: bool = False
    """Whether its target can then play another card."""
    saves: bool = False
    """Whether its target can then play, or keeps its chop."""


@dataclass(frozen=True)
class CardChange:
    """The effect of a clue on one card of its target's hand."""

    face: str
    was: HeldCard
    now: HeldCard
    before: Cards
    """Believed identities before the clue."""
    after: Cards
    """Believed identities after it."""

    def becomes(self, cards: Cards) -> bool:
        """Whether the clue makes it known to be one of these."""
        return self.after <= cards and not self.before <= cards

    def misleads(self, playable: Cards) -> bool:
        """Whether the belief would be wrong, or the card would be misplayed."""
        contradicts = self.now.meant != self.was.meant and self.face not in self.after
        return contradicts or (self.after <= playable and self.face not in playable)


def evaluate_clue(
    action: Action, percept: HanabiPercept, memory: GameMemory, certain: Cards
) -> Clue:
    """Evaluate a clue; ``certain`` are the cards that the giver is certain to hold itself."""
    board, target = memory.board, action.target_seat(percept.seat, memory.board.variant)
    faces = [card.face for card in percept.hands[target]]
    hand = memory.hands[target]
    touched = [position for position, face in enumerate(faces, 1) if action.clue in face]
    changes = [
        CardChange(face, was, now, was.believed(board), now.believed(board))
        for face, was, now in zip(
            faces, hand, interpret_clue(board, hand, action.clue, touched), strict=True
        )
    ]
    if any(change.misleads(board.playable) for change in changes):
        return Clue(action, MISLEADING_VALUE)

    already_playable = {change.face for change in changes if change.before <= board.playable}
    plays = {change.face for change in changes if change.becomes(board.playable)} - already_playable
    already_known = {change.face for change in changes if change.was.touched} | certain
    new = [change.face for change in changes if change.now.touched and not change.was.touched]
    wanted = (set(new) & board.useful) - already_known
    useless = [
        change for change in changes if change.becomes(frozenset(board.copies_left) - board.useful)
    ]
    value = (
        sum(PLAY_VALUE + LOW_RANK_VALUE * (5 - int(face[1])) for face in plays)
        + WANTED_VALUE * len(wanted)
        - UNWANTED_COST * (len(new) - len(wanted))
        + USELESS_VALUE * len(useless)
        + sum(len(change.before) - len(change.after) for change in changes)
    )
    chop_card = chop(hand)
    return Clue(action, value, bool(plays), bool(plays) or chop_card in touched)


def decide(turn: Turn[HanabiPercept], variant: Variant) -> int:
    """Choose the first of the preferred actions."""
    legal = [actions(variant)[action] for action in turn.legal]
    player = ConventionPlayer(turn.percept, recall(turn.percepts, variant), legal)
    return action_ids(variant)[next(player.preferences())]


class ConventionPlayer:
    """The preferences of one seat, from its percept and memory."""

    def __init__(self, percept: HanabiPercept, memory: GameMemory, legal: list[Action]) -> None:
        self.percept = percept
        self.memory = memory
        self.board = memory.board
        self.legal = legal
        self.unseen = unseen(self.board, percept)
        certain = own_cards(self.board, percept)
        believed = [held.believed(self.board) for held in memory.hands[percept.seat]]
        self.own = [(c & b) or c for c, b in zip(certain, believed, strict=True)]

    def preferences(self) -> Iterator[Action]:
        """Generate legal actions in order of preference."""
        clues = self._clues
        if self._next_seat_needs_warning:
            yield from (clue.action for clue in clues if clue.saves)
        yield from self._plays()
        yield from (clue.action for clue in clues if clue.plays)
        yield from self._risky_plays()
        discards = [action for action in self.legal if action.kind == "discard"]
        if discards:
            yield from (a for a in discards if not self._own(a) & self.board.useful)
            if self.percept.tokens >= MANY_TOKENS:
                yield from (clue.action for clue in clues if clue.value >= GOOD_CLUE)
            chop_card = chop(self.memory.hands[self.percept.seat])
            yield from (a for a in discards if a.position == chop_card)
        yield from (clue.action for clue in clues if clue.value > -GOOD_CLUE)
        yield from sorted(discards, key=self._risk)
        yield from (clue.action for clue in clues)

    def _own(self, action: Action) -> Cards:
        return self.own[action.position - 1]

    def _risk(self, action: Action) -> float:
        board = self.board
        cost = {
            card: 3 * (card in board.critical)
            + (card in board.playable)
            - (card not in board.useful)
            for card in self.unseen
        }
        return expected_value(self._own(action), cost, self.unseen)

    def _plays(self) -> list[Action]:
        """Plays of cards believed to be playable, the lowest rank first."""
        plays = [a for a in self.legal if a.kind == "play" and self._own(a) <= self.board.playable]
        return sorted(plays, key=lambda a: min(card[1] for card in self._own(a)))

    def _risky_plays(self) -> list[Action]:
        """Plays with a fair chance, in the last round and with a life to spare."""
        if self.percept.deck or self.percept.lives == 1:
            return []
        fits = {card: card in self.board.playable for card in self.unseen}
        chance = {
            a: expected_value(self._own(a), fits, self.unseen)
            for a in self.legal
            if a.kind == "play"
        }
        return sorted(
            (a for a in chance if chance[a] > RISKY_PLAY_CHANCE), key=lambda a: -chance[a]
        )

    @cached_property
    def _next_seat(self) -> int:
        return (self.percept.seat + 1) % len(self.percept.hands)

    @cached_property
    def _next_seat_needs_warning(self) -> bool:
        """Whether the next seat is about to discard a last copy."""
        hand = self.memory.hands[self._next_seat]
        believed = [held.believed(self.board) for held in hand]
        busy = any(b <= self.board.playable or not b & self.board.useful for b in believed)
        chop_card = chop(hand)
        if busy or chop_card is None or self.percept.tokens == self.board.variant.tokens:
            return False
        return self.percept.hands[self._next_seat][chop_card - 1].face in self.board.critical

    @cached_property
    def _clues(self) -> list[Clue]:
        """All clues, the best first."""
        certain = frozenset(card for cards in self.own if len(cards) == 1 for card in cards)
        reveals = (action for action in self.legal if action.kind == "reveal")
        clues = [evaluate_clue(action, self.percept, self.memory, certain) for action in reveals]
        return sorted(clues, key=lambda clue: -clue.value)
