"""The rules of Hanabi, played on OpenSpiel's engine with our own deck."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import pyspiel

from vsbench_envs.hanabi.percept import Card, HanabiPercept, Move, Result, board_of, own_cards
from vsbench_envs.hanabi.variant import Action, Variant, action_ids, actions, label
from vsbench_envs.openspiel import OpenSpielState


@cache
def load_engine(variant: Variant) -> Any:
    """Load the engine's game. It asks for every card it deals, so the deck is ours."""
    return pyspiel.load_game(
        "hanabi",
        {
            "players": variant.seats,
            "colors": len(variant.colours),
            "ranks": len(variant.ranks),
            "hand_size": variant.hand,
            "max_information_tokens": variant.tokens,
            "max_life_tokens": variant.lives,
        },
    )


def parse_table(text: str, variant: Variant) -> HanabiPercept:
    """Parse the engine's text of the whole table, with all cards face up."""
    head, rest = text.split("Hands:\n")
    hands, foot = rest.split("Deck size: ")
    lives, tokens, fireworks = (line.split(": ")[1] for line in head.splitlines())
    deck, discards = foot.split("\nDiscards:")
    gone = discards.split()
    return HanabiPercept(
        seat=0,
        lives=int(lives),
        tokens=int(tokens),
        deck=int(deck),
        fireworks=tuple(int(pile[1:]) for pile in fireworks.split()),
        discards=tuple(tuple(gone.count(c + r) for r in variant.ranks) for c in variant.colours),
        hands=tuple(
            tuple(_card(line) for line in hand.splitlines() if "|" in line)
            for hand in hands.split("-----\n")
        ),
        moves=(),
    )


def _card(line: str) -> Card:
    """Parse a line such as ``R3 || X3|RYB3``: the face, the reveals, the possibilities."""
    face, _, rest = line.partition(" || ")
    possible = rest.partition("|")[2]
    ranks = possible.lstrip("RYGWB")
    return Card(face, possible.removesuffix(ranks), ranks)


@cache
def to_engine_ids(variant: Variant, seat: int) -> dict[int, int]:
    """Action id -> the engine's id, for a seat.

    The engine numbers discards, plays, colours for each target, then ranks for each target;
    targets by their distance in turn order.
    """
    hand, colours, ranks = variant.hand, len(variant.colours), len(variant.ranks)
    engine_ids: dict[int, int] = {}
    for action, action_id in action_ids(variant).items():
        if action.kind != "reveal":
            engine_ids[action_id] = action.position - 1 + (hand if action.kind == "play" else 0)
            continue
        further = (action.target_seat(seat, variant) - seat) % variant.seats - 1
        if further < 0:
            continue
        if action.clue in variant.colours:
            place = further * colours + variant.colours.index(action.clue)
        else:
            place = (
                (variant.seats - 1) * colours + further * ranks + variant.ranks.index(action.clue)
            )
        engine_ids[action_id] = 2 * hand + place
    return engine_ids


@cache
def from_engine_ids(variant: Variant, seat: int) -> dict[int, int]:
    """The engine's id -> action id, for a seat."""
    return {theirs: ours for ours, theirs in to_engine_ids(variant, seat).items()}


FULL = Variant()


class HanabiState(OpenSpielState[HanabiPercept]):
    """A game of Hanabi.

    ``deck`` lists the cards in the order of dealing; by default it is shuffled from the seed.
    """

    def __init__(
        self, seed: int, variant: Variant = FULL, deck: Sequence[str] | None = None
    ) -> None:
        super().__init__(seed, variant.seats, load_engine(variant).new_initial_state())
        self.variant = variant
        self._deck = tuple(deck or variant.shuffled(seed))
        self._drawn = 0
        self._moves: tuple[Move, ...] = ()
        self._deal()

    def _deal(self) -> None:
        """Give the engine the cards that it asks for, and read the table."""
        while self.engine_state.is_chance_node():
            self.engine_state.apply_action(self.variant.numbers[self._deck[self._drawn]])
            self._drawn += 1
        self._table = parse_table(str(self.engine_state), self.variant)

    def legal_actions(self, seat: int) -> tuple[int, ...]:
        """Plays, discards unless all tokens are there, and reveals while there is a token."""
        if seat not in self.acting:
            return ()
        ids = from_engine_ids(self.variant, seat)
        return tuple(sorted(ids[engine_id] for engine_id in self.engine_state.legal_actions()))

    def options(self, seat: int, target: int) -> tuple[int, ...]:
        """The actions of ``target`` that are legal as far as ``seat`` knows.

        Only colours and ranks in a hand can be revealed, so the legal reveals would give away the
        cards of ``seat``. All reveals that are possible as far as it knows are offered instead.
        """
        legal = self.legal_actions(target)
        if seat == target or not legal:
            return legal
        possible, tokens = self._possible_clues(seat), self._table.tokens
        options = []
        for number, action in enumerate(actions(self.variant)):
            if action.kind == "reveal" and action.target_seat(target, self.variant) == seat:
                if tokens and action.clue in possible:
                    options.append(number)
            elif number in legal:
                options.append(number)
        return tuple(options)

    def _possible_clues(self, seat: int) -> frozenset[str]:
        """The colours and ranks that the seat's hand may contain, as far as the seat knows."""
        percept = self.percept(seat)
        hand = own_cards(board_of(percept, self.variant), percept)
        return frozenset(mark for cards in hand for card in cards for mark in card)

    def percept(self, seat: int) -> HanabiPercept:
        """The table with the seat's own cards face down."""
        hands = tuple(
            tuple(replace(card, face="") for card in hand) if holder == seat else hand
            for holder, hand in enumerate(self._table.hands)
        )
        moves = self._moves[-self.variant.moves_shown :]
        return replace(self._table, seat=seat, hands=hands, moves=moves)

    def _play(self, joint: Mapping[int, int]) -> tuple[float, ...]:
        ((seat, action_id),) = joint.items()
        action, before = actions(self.variant)[action_id], self._table
        self.engine_state.apply_action(to_engine_ids(self.variant, seat)[action_id])
        self._deal()
        self._moves += (self._move(seat, action, before),)
        gain = self.engine_state.returns()[0] - self.returns[0]
        return (gain,) * self.seats

    def _move(self, seat: int, action: Action, before: HanabiPercept) -> Move:
        """Record and count a move."""
        name = label(action, self.variant)
        if action.kind == "reveal":
            self.count("reveals", seat)
            hand = before.hands[action.target_seat(seat, self.variant)]
            touched = (i for i, card in enumerate(hand, 1) if action.clue in card.face)
            return Move(seat, name, touched=tuple(touched))
        card = before.hands[seat][action.position - 1].face
        if action.kind == "discard":
            self.count("discards", seat)
            return Move(seat, name, card)
        result: Result = "scored" if self._table.score > before.score else "misplayed"
        self.count("plays" if result == "scored" else "misplays", seat)
        return Move(seat, name, card, result)
