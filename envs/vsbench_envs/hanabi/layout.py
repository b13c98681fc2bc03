"""The picture's layout for any number of seats, and the scene with its slots.

Hands are numbered by their offset from the own seat in turn order; offset 0 is the own hand.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, partial

from PIL import Image

from vsbench_envs.canvas import Brush
from vsbench_envs.hanabi import art
from vsbench_envs.hanabi.variant import Variant, actions, label
from vsbench_envs.scene import Choice, Scene, Slot

WIDTH = 768
MARGIN = 16
HANDS_WIDTH = 524
"""Width of the hands; the panel on the right shows counters, fireworks and discards."""
PANEL_LEFT = MARGIN + HANDS_WIDTH + 16
MOVE_HEIGHT = 26
"""Height of a line in the list of moves."""

TITLE_HEIGHTS = {2: 26, 3: 26, 4: 26, 5: 24}
CARD_HEIGHTS = {2: 122, 3: 92, 4: 60, 5: 42}
MARK_HEIGHTS = {2: 26, 3: 23, 4: 19, 5: 17}
PANEL_BOTTOM = 450


@dataclass(frozen=True)
class Layout:
    """Positions and sizes for one variant, in pixels."""

    variant: Variant

    @cached_property
    def pitch(self) -> int:
        """Distance from one card to the next."""
        return HANDS_WIDTH // self.variant.hand

    @cached_property
    def mark(self) -> tuple[int, int]:
        """The size of a mark."""
        across = max(len(self.variant.colours), len(self.variant.ranks))
        return min(20, (self.pitch - 7) // across), MARK_HEIGHTS[self.variant.seats]

    @cached_property
    def card(self) -> tuple[int, int]:
        """The size of a card."""
        return min(78, self.pitch - 26), CARD_HEIGHTS[self.variant.seats]

    @property
    def title(self) -> int:
        """The height of a hand's title."""
        return TITLE_HEIGHTS[self.variant.seats]

    @cached_property
    def hand_height(self) -> int:
        """Distance from one hand to the next."""
        return self.title + self.card[1] + 4 + 2 * self.mark[1] + 10

    def hand_top(self, offset: int) -> int:
        """The top of a hand: the own one is at the bottom, the next seat's at the top."""
        row = (offset - 1) % self.variant.seats
        return 12 + row * self.hand_height

    def slot(self, offset: int, position: int) -> tuple[int, int]:
        """The upper left corner of a card's area; positions count from 0."""
        return MARGIN + position * self.pitch, self.hand_top(offset) + self.title

    @cached_property
    def moves_top(self) -> int:
        """The top of the list of moves."""
        return max(12 + self.variant.seats * self.hand_height, PANEL_BOTTOM) + 2

    @cached_property
    def height(self) -> int:
        """The height of the picture."""
        return self.moves_top + 30 + self.variant.moves_shown * MOVE_HEIGHT + 8


ROCKETS, LANTERNS = (118, 32), (202, 32)
DECK = (80, 32)
PILE = (32, 68)
DISCARD = (32, 21)
COLUMN_WIDTH = 35
FIRST_COLUMN = PANEL_LEFT + 23
PILES_TOP = 178
DISCARDS_TOP = 314
DISCARD_PITCH = 25

MOVER = (84, 22)
ACTION = (216, 22)
TOUCH_MARK = (22, 22)
MOVE_CARD = (34, 22)
RESULT = (200, 22)
TOUCHED_LEFT = MARGIN + MOVER[0] + ACTION[0]
MOVE_CARD_LEFT = TOUCHED_LEFT + 146

RESULT_TEXTS = {"": "", "scored": "scored", "misplayed": "misplayed: one life lost"}


def build_scene(layout: Layout) -> Scene:
    """Build the scene of a variant."""
    slots = dict([*_counters(layout), *_piles(layout), *_hands(layout), *_moves(layout)])
    return Scene(_background(layout), slots)


def _counters(layout: Layout) -> Iterator[tuple[str, Slot]]:
    variant = layout.variant
    lives, tokens = range(variant.lives + 1), range(variant.tokens + 1)
    rockets = partial(art.rockets, total=variant.lives, size=ROCKETS)
    lanterns = partial(art.lanterns, total=variant.tokens, size=LANTERNS)
    yield "lives", Choice((PANEL_LEFT, 32), lives, rockets)
    yield "tokens", Choice((PANEL_LEFT, 86), tokens, lanterns)
    deck = partial(art.deck, size=DECK)
    yield "deck", Choice((PANEL_LEFT + 126, 32), range(variant.deck + 1), deck)


def _piles(layout: Layout) -> Iterator[tuple[str, Slot]]:
    """The fireworks, and below each the discards of its colour."""
    variant = layout.variant
    for column, letter in enumerate(variant.colours):
        left = FIRST_COLUMN + column * COLUMN_WIDTH
        firework = partial(art.firework, letter, size=PILE)
        heights = range(len(variant.ranks) + 1)
        yield f"firework {letter}", Choice((left, PILES_TOP), heights, firework)
        for row, rank in enumerate(variant.ranks):
            copies = variant.copies(letter + rank)
            gone = partial(art.discard_count, letter, copies=copies, size=DISCARD)
            at = (left, DISCARDS_TOP + row * DISCARD_PITCH)
            yield f"gone {letter}{rank}", Choice(at, range(copies + 1), gone)


def _hands(layout: Layout) -> Iterator[tuple[str, Slot]]:
    variant, seats = layout.variant, range(layout.variant.seats)
    below, mark = layout.card[1] + 4, layout.mark
    faces = ("", "?", *variant.cards)
    for offset in seats:
        number = (MARGIN + _title(offset)[1], layout.hand_top(offset))
        yield f"seat {offset}", Choice(number, seats, partial(_seat, own=offset == 0))
        for position in range(variant.hand):
            at, (left, top) = f"{offset} {position}", layout.slot(offset, position)
            card = partial(art.card, size=layout.card)
            shown = ("", "?") if offset == 0 else faces
            yield f"card {at}", Choice((left + 18, top), shown, card)
            for row, symbols in enumerate((variant.colours, variant.ranks)):
                for column, symbol in enumerate(symbols):
                    spot = (left + column * mark[0], top + below + row * mark[1])
                    sprite = partial(art.mark, symbol, size=mark)
                    yield f"mark {at} {symbol}", Choice(spot, (None, True, False), sprite)


def _title(offset: int) -> tuple[str, int]:
    """The title of a hand and its width; the player's number follows."""
    return ("Hand of player", 117) if offset else ("Your hand: you are player", 200)


def _seat(seat: int, own: bool) -> Image.Image:
    return art.text_line(str(seat), (14, 22), 17, "yellow" if own else "cream")


def _moves(layout: Layout) -> Iterator[tuple[str, Slot]]:
    variant = layout.variant
    labels = ("", *(label(action, variant) for action in actions(variant)))
    for row in range(variant.moves_shown):
        top, left = layout.moves_top + 28 + row * MOVE_HEIGHT, MARGIN
        yield f"mover {row}", Choice((left, top), (-1, *range(variant.seats)), _mover)
        left += MOVER[0]
        yield f"action {row}", Choice((left, top), labels, _action)
        left += ACTION[0]
        for position in range(1, variant.hand + 1):
            sprite = partial(art.touch_mark, position, size=TOUCH_MARK)
            yield f"touched {row} {position}", Choice((left, top), (None, True, False), sprite)
            left += TOUCH_MARK[0] + 4
        left = MOVE_CARD_LEFT
        faces = ("", *variant.cards)
        yield (
            f"card moved {row}",
            Choice((left, top), faces, partial(art.small_card, size=MOVE_CARD)),
        )
        left += MOVE_CARD[0] + 10
        yield f"result {row}", Choice((left, top), tuple(RESULT_TEXTS), _result)


def _mover(seat: int) -> Image.Image:
    return art.text_line(f"player {seat}" if seat >= 0 else "", MOVER, 17, "fog")


def _action(label_text: str) -> Image.Image:
    return art.text_line(label_text, ACTION, 17)


def _result(result: str) -> Image.Image:
    return art.text_line(RESULT_TEXTS[result], RESULT, 17, "ember")


def _legend(brush: Brush, middle: int) -> None:
    """Paint the legend of the marks, right-aligned above the first hand."""
    size, right = (19, 22), MARGIN + HANDS_WIDTH
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
        panel = (
            PANEL_LEFT - 8,
            PILES_TOP - 34,
            WIDTH - 10,
            DISCARDS_TOP + len(variant.ranks) * DISCARD_PITCH + 6,
        )
        brush.box(panel, "dusk", radius=10)
        for left, top, text in (
            (PANEL_LEFT, 22, "Lives"),
            (PANEL_LEFT + 126, 22, "Deck"),
            (PANEL_LEFT, 78, "Information tokens"),
            (PANEL_LEFT, PILES_TOP - 18, "Fireworks"),
            (PANEL_LEFT, DISCARDS_TOP - 44, "Discarded, of all copies"),
            (MARGIN, moves, "Last moves, oldest first"),
            (TOUCHED_LEFT, moves, "cards pointed to"),
            (MOVE_CARD_LEFT, moves, "card"),
        ):
            brush.text((left, top), text, 16, "fog", "lm")
        brush.text((MARGIN + HANDS_WIDTH, own + 11), "1 is the oldest card", 15, "fog", "rm")
        _legend(brush, layout.hand_top(1) + 11)
        for column, letter in enumerate(variant.colours):
            art.colour_header(
                brush, letter, (FIRST_COLUMN + column * COLUMN_WIDTH, DISCARDS_TOP - 28), (32, 20)
            )
        for row, rank in enumerate(variant.ranks):
            brush.text((PANEL_LEFT + 8, DISCARDS_TOP + row * DISCARD_PITCH + 10), rank, 16, "cream")
        for offset in range(variant.seats):
            at, ink = (MARGIN, layout.hand_top(offset) + 11), "cream" if offset else "yellow"
            brush.text(at, _title(offset)[0], 17, ink, "lm")
            for position in range(variant.hand):
                left, top = layout.slot(offset, position)
                brush.text((left + 8, top + 12), str(position + 1), 17, "cream")

    return art.PALETTE.sprite(WIDTH, layout.height, "night", paint)
