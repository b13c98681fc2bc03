"""Text of a Hanabi table: describe a percept, and parse it from its description."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from vsbench_envs.hanabi.percept import Card, HanabiPercept, Move, Result
from vsbench_envs.hanabi.variant import COLOURS, Variant

RESULT_TEXTS: Mapping[Result, str] = {
    "": "",
    "scored": ", which scored",
    "misplayed": ", misplayed at the cost of a life",
}


def describe(percept: HanabiPercept, variant: Variant) -> str:
    """Describe everything that the picture shows."""
    return "\n".join(_description_lines(percept, variant))


def _description_lines(percept: HanabiPercept, variant: Variant) -> Iterator[str]:
    yield f"You are player {percept.seat}."
    yield (
        f"Lives left: {percept.lives} of {variant.lives}. "
        f"Information tokens: {percept.tokens} of {variant.tokens}. "
        f"Cards left in the deck: {percept.deck}."
    )
    piles = zip(variant.colours, percept.fireworks, strict=True)
    yield f"Fireworks: {', '.join(f'{COLOURS[letter]} {height}' for letter, height in piles)}."
    yield f"Discards: {', '.join(_discards_text(percept, variant)) or 'none'}."
    for further in range(1, variant.seats):
        seat = (percept.seat + further) % variant.seats
        yield f"Hand of player {seat}, oldest card first, with what player {seat} has been told:"
        yield from _hand_lines(percept.hands[seat], variant)
    yield "Your hand, oldest card first, with what you have been told:"
    yield from _hand_lines(percept.hands[percept.seat], variant)
    yield "Last moves, oldest first:" if percept.moves else "Nobody has moved yet."
    yield from (f"- {_move_text(move)}" for move in percept.moves)


def _discards_text(percept: HanabiPercept, variant: Variant) -> Iterator[str]:
    for letter, counts in zip(variant.colours, percept.discards, strict=True):
        for rank, count in zip(variant.ranks, counts, strict=True):
            if count:
                yield f"{letter}{rank}" + (f" x {count}" if count > 1 else "")


def _hand_lines(hand: tuple[Card, ...], variant: Variant) -> Iterator[str]:
    for position, card in enumerate(hand, 1):
        colours = _possibilities(card.colours, variant.colours)
        ranks = _possibilities(card.ranks, variant.ranks)
        yield f"- card {position}: {card.face or 'unknown'}; {colours}; {ranks}"


def _possibilities(possible: str, symbols: str) -> str:
    """Describe the colours or ranks that are still possible."""
    kind = "colour" if symbols[0] in COLOURS else "rank"
    names = [COLOURS.get(symbol, symbol) for symbol in possible]
    if len(names) == 1:
        return f"{kind} {names[0]}"
    return f"any {kind}" if possible == symbols else f"{kind} {' or '.join(names)}"


def _move_text(move: Move) -> str:
    if move.touched:
        cards = "card " if len(move.touched) == 1 else "cards "
        pointing = cards + ", ".join(map(str, move.touched))
        return f"player {move.seat}: {move.action} (pointing to {pointing})"
    return f"player {move.seat}: {move.action} ({move.card}){RESULT_TEXTS[move.result]}"


LETTER_BY_COLOUR = {name: letter for letter, name in COLOURS.items()}
RESULT_BY_TEXT = {words: result for result, words in RESULT_TEXTS.items()}

SEAT_LINE = re.compile(r"You are player (\d+)\.")
COUNTS_LINE = re.compile(
    r"Lives left: (\d+) of \d+\. Information tokens: (\d+) of \d+\. "
    r"Cards left in the deck: (\d+)\."
)
FIREWORKS_LINE = re.compile(r"Fireworks: (.+)\.")
DISCARDS_LINE = re.compile(r"Discards: (.+)\.")
HAND_LINE = re.compile(r"(?:Hand of player (\d+)|(Your hand)), oldest card first, .*")
CARD_LINE = re.compile(r"- card \d+: (\w+); (.+); (.+)")
MOVE_LINE = re.compile(r"- player (\d+): (.+?) \((?:pointing to cards? ([\d, ]+)|(\w+))\)(.*)")


def parse(text: str, variant: Variant) -> HanabiPercept:
    """Parse the percept in a text.

    Raises:
        LookupError, ValueError: something is missing or unknown.
    """
    lines = text.splitlines()
    (seat,) = _first_match(SEAT_LINE, lines)
    lives, tokens, deck = map(int, _first_match(COUNTS_LINE, lines))
    piles = dict(pile.rsplit(" ", 1) for pile in _first_match(FIREWORKS_LINE, lines)[0].split(", "))
    discards = _parse_discards(_first_match(DISCARDS_LINE, lines)[0])
    hands = _parse_hands(lines, int(seat), variant)
    return HanabiPercept(
        seat=int(seat),
        lives=lives,
        tokens=tokens,
        deck=deck,
        fireworks=tuple(int(piles[COLOURS[letter]]) for letter in variant.colours),
        discards=tuple(
            tuple(discards.get(letter + rank, 0) for rank in variant.ranks)
            for letter in variant.colours
        ),
        hands=tuple(hands[holder] for holder in range(variant.seats)),
        moves=tuple(_parse_move(match) for match in map(MOVE_LINE.fullmatch, lines) if match),
    )


def _first_match(pattern: re.Pattern[str], lines: list[str]) -> tuple[str, ...]:
    """The groups of the first line that matches a pattern."""
    for line in lines:
        if match := pattern.fullmatch(line):
            return match.groups()
    raise ValueError(f"no line reads {pattern.pattern!r}")


def _parse_discards(text: str) -> dict[str, int]:
    """Card -> number of discarded copies."""
    if text == "none":
        return {}
    counts = (entry.partition(" x ") for entry in text.split(", "))
    return {card: int(count or 1) for card, _, count in counts}


def _parse_hands(lines: list[str], seat: int, variant: Variant) -> dict[int, tuple[Card, ...]]:
    """Seat -> hand."""
    hands: dict[int, tuple[Card, ...]] = {}
    holder = None
    for line in lines:
        if heading := HAND_LINE.fullmatch(line):
            holder = seat if heading[2] else int(heading[1])
            hands[holder] = ()
        elif (match := CARD_LINE.fullmatch(line)) and holder is not None:
            face = "" if match[1] == "unknown" else match[1]
            colours = _parse_choices(match[2], variant.colours)
            hands[holder] += (Card(face, colours, _parse_choices(match[3], variant.ranks)),)
    return hands


def _parse_choices(text: str, symbols: str) -> str:
    """The possible colour letters or ranks of a card."""
    kind, _, names = text.partition(" ")
    if kind == "any":
        return symbols
    return "".join(LETTER_BY_COLOUR.get(name, name) for name in names.split(" or "))


def _parse_move(match: re.Match[str]) -> Move:
    seat, action, touched, card, outcome = match.groups()
    positions = tuple(map(int, touched.split(", "))) if touched else ()
    return Move(int(seat), action, card or "", RESULT_BY_TEXT[outcome], positions)
