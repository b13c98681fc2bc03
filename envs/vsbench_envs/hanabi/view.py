"""The view of Hanabi: hands with marks, fireworks above discards, the latest moves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from vsbench_envs.hanabi.layout import Layout, build_scene
from vsbench_envs.hanabi.percept import Card, HanabiPercept, Move
from vsbench_envs.hanabi.text import describe, parse
from vsbench_envs.hanabi.variant import COLOURS, Variant
from vsbench_envs.scene import Scene, SceneView

NO_CARD = Card("", "", "")
NO_MOVE = Move(-1, "")


class HanabiView(SceneView[HanabiPercept]):
    """One picture: the other hands, the own hand below, counters and piles on the right.

    Marks under each card show the colours and ranks that its holder knows to be possible.
    """

    def __init__(self, variant: Variant) -> None:
        self.variant = variant

    @cached_property
    def scene(self) -> Scene:
        """The table and its slots."""
        return build_scene(Layout(self.variant))

    def describe(self, percept: HanabiPercept) -> str:
        """Describe the table in sentences and lists."""
        return describe(percept, self.variant)

    def _read_text(self, text: str) -> HanabiPercept:
        return parse(text, self.variant)

    def labels(self, percept: HanabiPercept) -> dict[str, str]:
        """Label lives, tokens, every firework, and each card with its marks.

        A card's labels are its face (``unknown`` in the own hand) and, for each colour and rank,
        whether it is still possible; all are ``none`` where a hand has no card left.
        """
        labels = {"lives": str(percept.lives), "tokens": str(percept.tokens)}
        for letter, height in zip(self.variant.colours, percept.fireworks, strict=True):
            labels[f"{COLOURS[letter]} firework"] = str(height)
        for seat in range(self.variant.seats):
            for position, card in enumerate(self._padded(percept.hands[seat]), 1):
                labels |= self._card_labels(f"card {position} of player {seat}", card)
        return labels

    def _card_labels(self, name: str, card: Card) -> Iterator[tuple[str, str]]:
        present = card != NO_CARD
        yield name, (card.face or "unknown") if present else "none"
        for symbol in self.variant.colours + self.variant.ranks:
            possible = "yes" if symbol in card.colours + card.ranks else "no"
            yield f"{name} may be {COLOURS.get(symbol, symbol)}", possible if present else "none"

    def _padded(self, hand: tuple[Card, ...]) -> tuple[Card, ...]:
        return hand + (NO_CARD,) * (self.variant.hand - len(hand))

    def values(self, percept: HanabiPercept) -> dict[str, Any]:
        """The value of every slot; hands are numbered from the own one in turn order."""
        seats = self.variant.seats
        values: dict[str, Any] = {
            "lives": percept.lives,
            "tokens": percept.tokens,
            "deck": percept.deck,
        }
        for letter, height, counts in zip(
            self.variant.colours, percept.fireworks, percept.discards, strict=True
        ):
            values[f"firework {letter}"] = height
            for rank, count in zip(self.variant.ranks, counts, strict=True):
                values[f"gone {letter}{rank}"] = count
        for offset in range(seats):
            seat = (percept.seat + offset) % seats
            values[f"seat {offset}"] = seat
            for position, card in enumerate(self._padded(percept.hands[seat])):
                values |= self._card_values(f"{offset} {position}", card)
        for row in range(self.variant.moves_shown):
            move = percept.moves[row] if row < len(percept.moves) else NO_MOVE
            values |= self._move_values(row, move)
        return values

    def _card_values(self, at: str, card: Card) -> Iterator[tuple[str, Any]]:
        present = card != NO_CARD
        yield f"card {at}", card.face or ("?" if present else "")
        for symbol in self.variant.colours + self.variant.ranks:
            yield f"mark {at} {symbol}", symbol in card.colours + card.ranks if present else None

    def _move_values(self, row: int, move: Move) -> Iterator[tuple[str, Any]]:
        yield f"mover {row}", move.seat
        yield f"action {row}", move.action
        yield f"card moved {row}", move.card
        yield f"result {row}", move.result
        for position in range(1, self.variant.hand + 1):
            yield f"touched {row} {position}", position in move.touched if move.touched else None

    def percept(self, values: Mapping[str, Any]) -> HanabiPercept:
        """Rebuild the percept from the values of the slots."""
        seat, seats = values["seat 0"], self.variant.seats
        moves = (self._move(values, row) for row in range(self.variant.moves_shown))
        return HanabiPercept(
            seat=seat,
            lives=values["lives"],
            tokens=values["tokens"],
            deck=values["deck"],
            fireworks=tuple(values[f"firework {letter}"] for letter in self.variant.colours),
            discards=tuple(
                tuple(values[f"gone {letter}{rank}"] for rank in self.variant.ranks)
                for letter in self.variant.colours
            ),
            hands=tuple(self._hand(values, (holder - seat) % seats) for holder in range(seats)),
            moves=tuple(move for move in moves if move != NO_MOVE),
        )

    def _hand(self, values: Mapping[str, Any], offset: int) -> tuple[Card, ...]:
        def possible(at: str, symbols: str) -> str:
            return "".join(symbol for symbol in symbols if values[f"mark {at} {symbol}"])

        ats = [f"{offset} {position}" for position in range(self.variant.hand)]
        return tuple(
            Card(
                values[f"card {at}"].replace("?", ""),
                possible(at, self.variant.colours),
                possible(at, self.variant.ranks),
            )
            for at in ats
            if values[f"card {at}"]
        )

    def _move(self, values: Mapping[str, Any], row: int) -> Move:
        positions = range(1, self.variant.hand + 1)
        return Move(
            values[f"mover {row}"],
            values[f"action {row}"],
            values[f"card moved {row}"],
            values[f"result {row}"],
            tuple(p for p in positions if values[f"touched {row} {p}"]),
        )
