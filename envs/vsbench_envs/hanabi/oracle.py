"""The oracle: a signalling code for clues, a model of the partners, and a value for every action.

An action's value is its own gain plus the expected value of the other seats' next moves.

In the code, the choice of a clue signals the card to play next. A player can usually choose among
six or seven clues. Both seats list the same answers from public knowledge: first "nothing to play",
then the cards of the hand that are likely to be playable, the likeliest first. A colour and a rank
that touch the newest card signal the first two answers; those whose newest touched card is one
position older signal the next two; all others two more; a shorter list starts again. Every hand has
a colour and a rank that touch its newest card, and usually clues of the other kinds, so almost all
answers can be signalled, in addition to the information of the clue itself.

A signalled card is to be played at once, so no memory is needed: the answer follows from the latest
moves and the present marks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import log

from vsbench_envs.game import Turn
from vsbench_envs.hanabi.percept import (
    Board,
    Cards,
    HanabiPercept,
    after_clue,
    board_of,
    expected_value,
    own_cards,
    unseen,
)
from vsbench_envs.hanabi.variant import Action, Variant, actions, actions_by_label

LIKELY_PLAYABLE = 0.2
"""Smallest probability of being playable with which a card is listed."""

PLAY, PLAY_LOW, PLAY_CRITICAL = 0.75, 0.03, 0.15
"""Value of a play now rather than later; the bonus for each rank below the highest and for a last
copy. These and the constants below are points, fitted in self-play."""

FIRST_TOKEN, SECOND_TOKEN, TOKEN_WEAR = 0.5, 0.4, 0.035
"""Value of the first information token, of the second, and the decrease with each further one."""

FADING_DECK = 9.5
"""Cards in the deck below which tokens and knowledge lose their value."""

LOSS_CHANCE = {2: 0.17, 3: 0.07}
"""Copies left -> probability that a card's other copies get lost too after one is discarded."""

NEXT_DISCARDS = (1.15, 0.2)
"""Weights of the first and the second card that a seat would discard."""

LATER_WEIGHT = 0.4
"""Factor of these weights if the seat does something else first."""

NEWER_BONUS = 0.03
"""Preference per position for discarding the newer of two cards."""

INFORMATION_VALUE = 0.01
"""Value of each factor of e by which a clue narrows down a card."""

REQUEST_BONUS = 0.3
"""Bonus for playing a signalled card at once, since signals are not remembered."""

UNWARNED_RISK = 0.6
"""Share of a discard's risk that remains if the previous seat could have given a warning."""

MIN_SLACK, LATE_DISCARD_COST = 2, 0.27
"""Number of spare turns below which a discard costs extra, and the cost."""

RISKY_PLAY_CHANCE = 0.2
"""Smallest probability with which a card is tried in the last round."""

FORBIDDEN = -1000.0
"""Value of actions that are never chosen if there is another."""


def signalled_position(
    board: Board, hand: Sequence[Cards], colour: bool, touched: Sequence[int]
) -> int | None:
    """The position that a clue signals, counted from 1; None for nothing to play.

    ``hand`` is public knowledge after the clue: the possible identities of each card.
    """
    answers = [None, *_candidates(board, hand)]
    kind = min(len(hand) - max(touched), 2)
    return answers[(2 * kind + (not colour)) % len(answers)]


def _candidates(board: Board, hand: Sequence[Cards]) -> list[int]:
    """Positions of cards that are likely, but not known, to be playable; the likeliest first."""
    playable = {card: card in board.playable for card in board.copies_left}
    chances = {
        position: expected_value(cards, playable, board.copies_left)
        for position, cards in enumerate(hand, 1)
        if not cards <= board.playable
    }
    likely = [position for position, chance in chances.items() if chance >= LIKELY_PLAYABLE]
    return sorted(likely, key=lambda position: -chances[position])


def requested_position(percept: HanabiPercept, seat: int, variant: Variant) -> int | None:
    """The position that the latest clue signals to a seat, if given since its own last move."""
    board = board_of(percept, variant)
    for move in reversed(percept.moves):
        if move.seat == seat:
            break
        action = actions_by_label(variant)[move.action]
        if action.kind == "reveal" and action.target_seat(move.seat, variant) == seat:
            hand = [board.possible(card) for card in percept.hands[seat]]
            return signalled_position(board, hand, action.clue in variant.colours, move.touched)
        board = board.before(move)
    return None


@dataclass(frozen=True)
class Heuristics:
    """Values of plays, discards and tokens at one moment, in points."""

    board: Board
    percept: HanabiPercept

    @cached_property
    def discard_costs(self) -> dict[str, int]:
        """The expected loss from discarding each card, in hundredths of a point."""
        board = self.board
        discard_costs = dict.fromkeys(board.copies_left, 0)
        for card in board.useful:
            points = board.attainable[card[0]] - board.variant.ranks.index(card[1])
            discard_costs[card] = round(
                100 * points * LOSS_CHANCE.get(board.copies_left[card], 1.0)
            )
        return discard_costs

    def discard_cost(self, card: str) -> float:
        """The expected loss from discarding a card."""
        return self.discard_costs[card] / 100

    def play_value(self, card: str) -> float:
        """The value of playing a playable card."""
        low = len(self.board.variant.ranks) - 1 - self.board.variant.ranks.index(card[1])
        return PLAY + PLAY_LOW * low + PLAY_CRITICAL * (card in self.board.critical)

    @property
    def misplay_cost(self) -> float:
        """The cost of a life; the last one costs the whole score."""
        return 1.0 + (self.percept.score if self.percept.lives == 1 else 0)

    @cached_property
    def time_factor(self) -> float:
        """1 while there is time to use tokens and knowledge, 0 with the last card drawn."""
        return min(1.0, self.percept.deck / FADING_DECK)

    def token_value(self, number: int) -> float:
        """The value of the information token with this number, counted from 1."""
        value = FIRST_TOKEN if number == 1 else SECOND_TOKEN - TOKEN_WEAR * (number - 2)
        return max(0.0, value) * self.time_factor


class PartnerModel:
    """A model of another seat's next move.

    ``own_copies`` are the cards that the observing seat is certain to hold itself.
    """

    def __init__(
        self, percept: HanabiPercept, seat: int, heuristics: Heuristics, own_copies: frozenset[str]
    ) -> None:
        self.hand = percept.hands[seat]
        self.faces = [card.face for card in self.hand]
        self.heuristics = heuristics
        self.board = heuristics.board
        self.must_clue = percept.tokens == self.board.variant.tokens
        self.own_copies = own_copies
        self.known = [self.board.possible(card) for card in self.hand]
        self.requested_position = requested_position(percept, seat, self.board.variant)

    @cached_property
    def planned_card(self) -> str:
        """The card that it will play if it gets no other clue; empty for none."""
        position = self._position_played(self.known, self.requested_position)
        return self.faces[position - 1] if position else ""

    def value(self, claimed: frozenset[str] = frozenset()) -> float:
        """The value of its next move; ``claimed`` are cards that other partners will play."""
        position = self._position_played(self.known, self.requested_position)
        return self._move_value(self.known, position, claimed)

    def value_after_clue(self, clue: str, claimed: frozenset[str]) -> float:
        """The value of its next move after a clue, plus the value of the clue's information."""
        touched = [position for position, face in enumerate(self.faces, 1) if clue in face]
        known = [
            self.board.possible(after_clue(card, clue, clue in card.face)) for card in self.hand
        ]
        colour = clue in self.board.variant.colours
        played = self._position_played(
            known, signalled_position(self.board, known, colour, touched)
        )
        information = sum(
            log(len(before) / len(after))
            for position, (before, after) in enumerate(zip(self.known, known, strict=True), 1)
            if position != played
        )
        value = self._move_value(known, played, claimed)
        return value + INFORMATION_VALUE * self.heuristics.time_factor * information

    def _position_played(self, known: Sequence[Cards], requested: int | None) -> int | None:
        """The position that it will play: the signalled one, or one known to be playable."""
        plays = [p for p, cards in enumerate(known, 1) if cards <= self.board.playable]
        return requested or min(plays, key=lambda p: self.faces[p - 1][1], default=None)

    def _move_value(
        self, known: Sequence[Cards], played: int | None, claimed: frozenset[str]
    ) -> float:
        discards = self._discards(known, played)
        if played is None:
            return -discards * (LATER_WEIGHT if self.must_clue else 1.0)
        face = self.faces[played - 1]
        fits = face in self.board.playable and face not in claimed
        if fits:
            gain = self.heuristics.play_value(face)
        else:
            gain = -self.heuristics.misplay_cost - self.heuristics.discard_cost(face)
        return gain - LATER_WEIGHT * discards

    def _discards(self, known: Sequence[Cards], played: int | None) -> float:
        """The expected cost of its next discards."""
        order = [
            position for position in discard_order(self.heuristics, known) if position != played
        ]
        costs = (
            weight * self._discard_loss(self.faces[position - 1])
            for weight, position in zip(NEXT_DISCARDS, order, strict=False)
        )
        return self.heuristics.time_factor * sum(costs)

    def _discard_loss(self, face: str) -> float:
        """The loss from discarding a card; nothing if another copy is in a hand."""
        duplicate = self.faces.count(face) > 1 or face in self.own_copies
        return 0.0 if duplicate else self.heuristics.discard_cost(face)


def discard_order(heuristics: Heuristics, known: Sequence[Cards]) -> list[int]:
    """Positions of a hand in the order to discard them, by public knowledge."""
    board: Board = heuristics.board
    risks = {
        position: expected_value(cards, heuristics.discard_costs, board.copies_left) / 100
        - NEWER_BONUS * position
        for position, cards in enumerate(known, 1)
    }
    return sorted(risks, key=lambda position: round(risks[position], 9))


def decide(turn: Turn[HanabiPercept], variant: Variant) -> int:
    """Choose the action with the highest value."""
    evaluator = ActionEvaluator(turn.percept, variant)
    return max(turn.legal, key=lambda action: evaluator.value(actions(variant)[action]))


class ActionEvaluator:
    """The value of each action to one seat, from its percept."""

    def __init__(self, percept: HanabiPercept, variant: Variant) -> None:
        self.percept = percept
        self.variant = variant
        self.board = board_of(percept, variant)
        self.heuristics = Heuristics(self.board, percept)
        self.unseen = unseen(self.board, percept)
        self.own = own_cards(self.board, percept)
        certain = frozenset(card for cards in self.own if len(cards) == 1 for card in cards)
        self.partners = {
            seat: PartnerModel(percept, seat, self.heuristics, certain)
            for seat in range(variant.seats)
            if seat != percept.seat
        }

    def value(self, action: Action) -> float:
        """The gain of an action plus the expected value of the partners' next moves."""
        if action.kind == "reveal":
            return self._reveal(action)
        gain = self._play if action.kind == "play" else self._discard
        return gain(action.position) + sum(self._partner_values.values())

    @cached_property
    def _partner_values(self) -> dict[int, float]:
        """The expected value of each partner's next move without a clue."""
        return {seat: partner.value() for seat, partner in self.partners.items()}

    def _reveal(self, action: Action) -> float:
        target = action.target_seat(self.percept.seat, self.variant)
        claimed = frozenset(p.planned_card for seat, p in self.partners.items() if seat != target)
        value = self.partners[target].value_after_clue(action.clue, claimed)
        others = sum(self._partner_values.values()) - self._partner_values[target]
        tokens = self.percept.tokens
        cost = self.heuristics.token_value(tokens) if tokens < self.variant.tokens else 0.0
        return value + others - cost

    def _play(self, position: int) -> float:
        cards, percept = self.own[position - 1], self.percept
        playable = cards & self.board.playable
        if playable and playable == cards:
            return self.heuristics.play_value(min(playable, key=_rank))
        if playable and position == self._requested_position:
            return self.heuristics.play_value(min(playable, key=_rank)) + REQUEST_BONUS
        if percept.deck == 0 and percept.lives > 1:
            fits = {card: card in playable for card in self.unseen}
            chance = expected_value(cards, fits, self.unseen)
            return chance if chance > RISKY_PLAY_CHANCE else FORBIDDEN
        return FORBIDDEN

    @cached_property
    def _requested_position(self) -> int | None:
        return requested_position(self.percept, self.percept.seat, self.variant)

    def _discard(self, position: int) -> float:
        if position != self._own_discard:
            return FORBIDDEN
        risk = (
            expected_value(self.own[position - 1], self.heuristics.discard_costs, self.unseen) / 100
        )
        late = self.percept.deck > 0 and self._slack < MIN_SLACK
        return (
            self.heuristics.token_value(self.percept.tokens + 1)
            - risk * (UNWARNED_RISK if self._could_be_warned else 1.0)
            - (LATE_DISCARD_COST if late else 0.0)
        )

    @cached_property
    def _own_discard(self) -> int:
        """The position to discard: a useless card, else the one that partners expect."""
        for position, cards in enumerate(self.own, 1):
            if not cards & self.board.useful:
                return position
        hand = self.percept.hands[self.percept.seat]
        return discard_order(self.heuristics, [self.board.possible(card) for card in hand])[0]

    @property
    def _could_be_warned(self) -> bool:
        """Whether the previous seat had a token for a warning."""
        if not self.percept.moves:
            return False
        gained = self.percept.moves[-1].action.startswith("discard")
        return self.percept.tokens > gained

    @property
    def _slack(self) -> int:
        """Spare turns if every useful card is to be played."""
        return self.percept.deck + self.variant.seats - len(self.board.useful)


def _rank(card: str) -> tuple[str, str]:
    """Sort key: rank, then colour to break ties."""
    return card[1], card[0]
