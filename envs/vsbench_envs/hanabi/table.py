"""The picture's background and its slots."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from PIL import Image

from vsbench_envs.canvas import Brush
from vsbench_envs.hanabi import art, supplies
from vsbench_envs.hanabi.actions import actions, label
from vsbench_envs.hanabi.layout import LEFT, MARGIN, PANEL, ROW, WIDTH, Layout
from vsbench_envs.scene import Choice, Scene, Slot

ROCKETS, LANTERNS = (118, 32), (202, 32)
DECK = (80, 32)
PILE = (32, 68)
GONE = (32, 21)
COLUMN = 35
FIRST_COLUMN = PANEL + 23
PILES_TOP = 178
GONE_TOP = 314
PITCH = 25

WHO = (84, 22)
WHAT = (216, 22)
TOUCHED = (22, 22)
WHICH = (34, 22)
RESULT = (200, 22)
POINTING = MARGIN + WHO[0] + WHAT[0]
WHICH_LEFT = POINTING + 146

RESULTS = {"": "", "scored": "scored", "misplayed": "misplayed: one life lost"}


def table(layout: Layout) -> Scene:
    """The scene of a variant's table."""
    slots = dict([*_supplies(layout), *_piles(layout), *_hands(layout), *_moves(layout)])
    return Scene(_background(layout), slots)


def _supplies(layout: Layout) -> Iterator[tuple[str, Slot]]:
    variant = layout.variant
    lives, tokens = range(variant.lives + 1), range(variant.tokens + 1)
    rockets = partial(supplies.rockets, most=variant.lives, size=ROCKETS)
    lanterns = partial(supplies.lanterns, most=variant.tokens, size=LANTERNS)
    yield "lives", Choice((PANEL, 32), lives, rockets)
    yield "tokens", Choice((PANEL, 86), tokens, lanterns)
    deck = partial(supplies.deck, size=DECK)
    yield "deck", Choice((PANEL + 126, 32), range(variant.deck + 1), deck)


def _piles(layout: Layout) -> Iterator[tuple[str, Slot]]:
    """The fireworks, and under each the discards of its colour."""
    variant = layout.variant
    for column, letter in enumerate(variant.colours):
        left = FIRST_COLUMN + column * COLUMN
        firework = partial(art.firework, letter, size=PILE)
        heights = range(len(variant.ranks) + 1)
        yield f"firework {letter}", Choice((left, PILES_TOP), heights, firework)
        for row, rank in enumerate(variant.ranks):
            copies = variant.copies(letter + rank)
            gone = partial(art.gone, letter, copies=copies, size=GONE)
            at = (left, GONE_TOP + row * PITCH)
            yield f"gone {letter}{rank}", Choice(at, range(copies + 1), gone)


def _hands(layout: Layout) -> Iterator[tuple[str, Slot]]:
    variant, seats = layout.variant, range(layout.variant.seats)
    below, mark = layout.card[1] + 4, layout.mark
    faces = ("", "?", *variant.cards)
    for place in seats:
        number = (MARGIN + _title(place)[1], layout.hand_top(place))
        yield f"seat {place}", Choice(number, seats, partial(_seat, mine=place == 0))
        for position in range(variant.hand):
            at, (left, top) = f"{place} {position}", layout.slot(place, position)
            card = partial(art.card, size=layout.card)
            shown = ("", "?") if place == 0 else faces
            yield f"card {at}", Choice((left + 18, top), shown, card)
            for row, symbols in enumerate((variant.colours, variant.ranks)):
                for column, symbol in enumerate(symbols):
                    spot = (left + column * mark[0], top + below + row * mark[1])
                    sprite = partial(art.mark, symbol, size=mark)
                    yield f"mark {at} {symbol}", Choice(spot, (None, True, False), sprite)


def _title(place: int) -> tuple[str, int]:
    """What stands over a hand, and the width that it takes; its holder's number follows."""
    return ("Hand of player", 117) if place else ("Your hand: you are player", 200)


def _seat(seat: int, mine: bool) -> Image.Image:
    return art.phrase(str(seat), (14, 22), 17, "yellow" if mine else "cream")


def _moves(layout: Layout) -> Iterator[tuple[str, Slot]]:
    variant = layout.variant
    deeds = ("", *(label(action, variant) for action in actions(variant)))
    for row in range(variant.moves_shown):
        top, left = layout.moves_top + 28 + row * ROW, MARGIN
        yield f"who {row}", Choice((left, top), (-1, *range(variant.seats)), _who)
        left += WHO[0]
        yield f"what {row}", Choice((left, top), deeds, _what)
        left += WHAT[0]
        for position in range(1, variant.hand + 1):
            pointed = partial(art.touched, position, size=TOUCHED)
            yield f"touched {row} {position}", Choice((left, top), (None, True, False), pointed)
            left += TOUCHED[0] + 4
        left = WHICH_LEFT
        faces = ("", *variant.cards)
        yield f"which {row}", Choice((left, top), faces, partial(art.small_card, size=WHICH))
        left += WHICH[0] + 10
        yield f"result {row}", Choice((left, top), tuple(RESULTS), _result)


def _who(seat: int) -> Image.Image:
    return art.phrase(f"player {seat}" if seat >= 0 else "", WHO, 17, "fog")


def _what(deed: str) -> Image.Image:
    return art.phrase(deed, WHAT, 17)


def _result(result: str) -> Image.Image:
    return art.phrase(RESULTS[result], RESULT, 17, "ember")


def _legend(brush: Brush, middle: int) -> None:
    """What the marks under the cards mean, right-aligned over the first hand."""
    size, right = (19, 22), MARGIN + LEFT
    for left, possible, text in (
        (right - 210, True, "still possible"),
        (right - 86, False, "ruled out"),
    ):
        art.paint_mark(brush, (left, middle - size[1] // 2), "3", possible, size)
        brush.text((left + size[0] + 5, middle), text, 15, "fog", "lm")


def _background(layout: Layout) -> Image.Image:
    variant = layout.variant

    def paint(brush: Brush) -> None:
        own, moves = layout.hand_top(0), layout.moves_top + 14
        panel = (PANEL - 8, PILES_TOP - 34, WIDTH - 10, GONE_TOP + len(variant.ranks) * PITCH + 6)
        brush.box(panel, "dusk", radius=10)
        for left, top, text in (
            (PANEL, 22, "Lives"),
            (PANEL + 126, 22, "Deck"),
            (PANEL, 78, "Information tokens"),
            (PANEL, PILES_TOP - 18, "Fireworks"),
            (PANEL, GONE_TOP - 44, "Discarded, of all copies"),
            (MARGIN, moves, "Last moves, oldest first"),
            (POINTING, moves, "cards pointed to"),
            (WHICH_LEFT, moves, "card"),
        ):
            brush.text((left, top), text, 16, "fog", "lm")
        brush.text((MARGIN + LEFT, own + 11), "1 is the oldest card", 15, "fog", "rm")
        _legend(brush, layout.hand_top(1) + 11)
        for column, letter in enumerate(variant.colours):
            art.suit(brush, letter, (FIRST_COLUMN + column * COLUMN, GONE_TOP - 28), (32, 20))
        for row, rank in enumerate(variant.ranks):
            brush.text((PANEL + 8, GONE_TOP + row * PITCH + 10), rank, 16, "cream")
        for place in range(variant.seats):
            at, ink = (MARGIN, layout.hand_top(place) + 11), "cream" if place else "yellow"
            brush.text(at, _title(place)[0], 17, ink, "lm")
            for position in range(variant.hand):
                left, top = layout.slot(place, position)
                brush.text((left + 8, top + 12), str(position + 1), 17, "cream")

    return art.PALETTE.sprite(WIDTH, layout.height, "night", paint)
