"""Reads a Hanabi table back from the words that tell it."""

from __future__ import annotations

import re

from vsbench_envs.hanabi.percept import Card, HanabiPercept, Move
from vsbench_envs.hanabi.telling import RESULTS
from vsbench_envs.hanabi.variant import COLOURS, Variant

LETTERS = {name: letter for letter, name in COLOURS.items()}
OUTCOMES = {words: result for result, words in RESULTS.items()}

SEAT = re.compile(r"You are player (\d+)\.")
SUPPLIES = re.compile(
    r"Lives left: (\d+) of \d+\. Information tokens: (\d+) of \d+\. "
    r"Cards left in the deck: (\d+)\."
)
FIREWORKS = re.compile(r"Fireworks: (.+)\.")
DISCARDS = re.compile(r"Discards: (.+)\.")
HAND = re.compile(r"(?:Hand of player (\d+)|(Your hand)), oldest card first, .*")
CARD = re.compile(r"- card \d+: (\w+); (.+); (.+)")
MOVE = re.compile(r"- player (\d+): (.+?) \((?:pointing to cards? ([\d, ]+)|(\w+))\)(.*)")


def read(text: str, variant: Variant) -> HanabiPercept:
    """The table in a text.

    Raises:
        LookupError, ValueError: something is missing or unknown.
    """
    lines = text.splitlines()
    (seat,) = _first(SEAT, lines)
    lives, tokens, deck = map(int, _first(SUPPLIES, lines))
    piles = dict(pile.rsplit(" ", 1) for pile in _first(FIREWORKS, lines)[0].split(", "))
    gone = _gone(_first(DISCARDS, lines)[0])
    hands = _hands(lines, int(seat), variant)
    return HanabiPercept(
        seat=int(seat),
        lives=lives,
        tokens=tokens,
        deck=deck,
        fireworks=tuple(int(piles[COLOURS[letter]]) for letter in variant.colours),
        discards=tuple(
            tuple(gone.get(letter + rank, 0) for rank in variant.ranks)
            for letter in variant.colours
        ),
        hands=tuple(hands[holder] for holder in range(variant.seats)),
        moves=tuple(_move(match) for match in map(MOVE.fullmatch, lines) if match),
    )


def _first(pattern: re.Pattern[str], lines: list[str]) -> tuple[str, ...]:
    """The groups of the first line of a form."""
    for line in lines:
        if match := pattern.fullmatch(line):
            return match.groups()
    raise ValueError(f"no line reads {pattern.pattern!r}")


def _gone(text: str) -> dict[str, int]:
    """Card -> how many are discarded."""
    if text == "none":
        return {}
    counts = (entry.partition(" x ") for entry in text.split(", "))
    return {card: int(count or 1) for card, _, count in counts}


def _hands(lines: list[str], seat: int, variant: Variant) -> dict[int, tuple[Card, ...]]:
    """Every hand by its holder."""
    hands: dict[int, tuple[Card, ...]] = {}
    holder = None
    for line in lines:
        if heading := HAND.fullmatch(line):
            holder = seat if heading[2] else int(heading[1])
            hands[holder] = ()
        elif (match := CARD.fullmatch(line)) and holder is not None:
            face = "" if match[1] == "unknown" else match[1]
            colours = _choices(match[2], variant.colours)
            hands[holder] += (Card(face, colours, _choices(match[3], variant.ranks)),)
    return hands


def _choices(text: str, symbols: str) -> str:
    """The colour letters or ranks that a card may be."""
    kind, _, names = text.partition(" ")
    if kind == "any":
        return symbols
    return "".join(LETTERS.get(name, name) for name in names.split(" or "))


def _move(match: re.Match[str]) -> Move:
    seat, action, touched, card, outcome = match.groups()
    positions = tuple(map(int, touched.split(", "))) if touched else ()
    return Move(int(seat), action, card or "", OUTCOMES[outcome], positions)
