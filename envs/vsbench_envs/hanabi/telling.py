"""A Hanabi table in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from vsbench_envs.hanabi.percept import Card, HanabiPercept, Move, Result
from vsbench_envs.hanabi.variant import COLOURS, Variant

RESULTS: Mapping[Result, str] = {
    "": "",
    "scored": ", which scored",
    "misplayed": ", misplayed at the cost of a life",
}


def describe(percept: HanabiPercept, variant: Variant) -> str:
    """Everything that the picture shows."""
    return "\n".join(_lines(percept, variant))


def _lines(percept: HanabiPercept, variant: Variant) -> Iterator[str]:
    yield f"You are player {percept.seat}."
    yield (
        f"Lives left: {percept.lives} of {variant.lives}. "
        f"Information tokens: {percept.tokens} of {variant.tokens}. "
        f"Cards left in the deck: {percept.deck}."
    )
    piles = zip(variant.colours, percept.fireworks, strict=True)
    yield f"Fireworks: {', '.join(f'{COLOURS[letter]} {height}' for letter, height in piles)}."
    yield f"Discards: {', '.join(_gone(percept, variant)) or 'none'}."
    for further in range(1, variant.seats):
        seat = (percept.seat + further) % variant.seats
        yield f"Hand of player {seat}, oldest card first, with what player {seat} has been told:"
        yield from _hand(percept.hands[seat], variant)
    yield "Your hand, oldest card first, with what you have been told:"
    yield from _hand(percept.hands[percept.seat], variant)
    yield "Last moves, oldest first:" if percept.moves else "Nobody has moved yet."
    yield from (f"- {_move(move)}" for move in percept.moves)


def _gone(percept: HanabiPercept, variant: Variant) -> Iterator[str]:
    for letter, counts in zip(variant.colours, percept.discards, strict=True):
        for rank, count in zip(variant.ranks, counts, strict=True):
            if count:
                yield f"{letter}{rank}" + (f" x {count}" if count > 1 else "")


def _hand(hand: tuple[Card, ...], variant: Variant) -> Iterator[str]:
    for position, card in enumerate(hand, 1):
        told = (_choices(card.colours, variant.colours), _choices(card.ranks, variant.ranks))
        yield f"- card {position}: {card.face or 'unknown'}; {told[0]}; {told[1]}"


def _choices(possible: str, symbols: str) -> str:
    """What hints leave of the colours or the ranks."""
    kind = "colour" if symbols[0] in COLOURS else "rank"
    names = [COLOURS.get(symbol, symbol) for symbol in possible]
    if len(names) == 1:
        return f"{kind} {names[0]}"
    return f"any {kind}" if possible == symbols else f"{kind} {' or '.join(names)}"


def _move(move: Move) -> str:
    if move.touched:
        cards = "card " if len(move.touched) == 1 else "cards "
        pointing = cards + ", ".join(map(str, move.touched))
        return f"player {move.seat}: {move.action} (pointing to {pointing})"
    return f"player {move.seat}: {move.action} ({move.card}){RESULTS[move.result]}"
