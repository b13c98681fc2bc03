"""Artwork of Kuhn poker: the table, cards, chips and the boxes of the betting."""

from __future__ import annotations

from PIL import Image

from vsbench_envs.canvas import Brush, Palette, Point

WIDTH, HEIGHT = 640, 560

CARD = (120, 168)
CHIPS = (190, 78)
MOVE = (124, 54)
MOVER = (124, 26)
ROLE = (240, 28)
POT = (96, 54)

LEFT = 40
"""Left edge of the cards and the betting."""
BESIDE_CARD = 196
"""Left edge of the words and chips next to a card."""
OPPONENT_TOP, OWN_TOP = 30, 362
"""Top edges of the opponent's and the player's own part of the table."""
BETTING_TOP = 228
"""Top edge of the betting, between the two parts."""
MOVE_PITCH = MOVE[0] + 20
POT_LEFT = 500

PALETTE = Palette(
    felt="#1f6b4a",
    shade="#185a3d",
    rail="#5b3a21",
    card="#fbf7ec",
    back="#274b8f",
    ink="#1b1b1f",
    red="#b3202c",
    gold="#f2c14e",
    line="#57a583",
    grey="#b4bdb9",
)

NAMES = {"J": "jack", "Q": "queen", "K": "king"}
ORDINALS = ("first", "second")


def table() -> Image.Image:
    """Paint the background: the felt, the opponent's card face down, and captions."""

    def paint(brush: Brush) -> None:
        brush.box((0, 0, WIDTH, HEIGHT), "felt", edge="rail", width=8, radius=18)
        _back(brush, (LEFT, OPPONENT_TOP))
        for top, name in ((OPPONENT_TOP, "OPPONENT"), (OWN_TOP, "YOU")):
            brush.text((BESIDE_CARD, top + 16), name, 24, "card", "lm")
            brush.text((BESIDE_CARD, top + 74), "chips in the pot", 17, "card", "lm")
        brush.box((24, BETTING_TOP - 16, WIDTH - 24, BETTING_TOP + 120), "shade", radius=12)
        brush.text((LEFT, BETTING_TOP + 4), "Betting, in order", 18, "card", "lm")
        brush.text((POT_LEFT, BETTING_TOP + 4), "Whole pot", 18, "card", "lm")
        for place in (1, 2):
            _arrow(
                brush, (LEFT + place * MOVE_PITCH - 10, BETTING_TOP + 24 + MOVER[1] + MOVE[1] / 2)
            )

    return PALETTE.sprite(WIDTH, HEIGHT, "felt", paint)


def _back(brush: Brush, at: Point) -> None:
    """Paint a card face down."""
    (left, top), (width, height) = at, CARD
    brush.box((left, top, left + width, top + height), "back", edge="card", width=5, radius=10)
    for row in range(6):
        for column in range(4):
            x, y = left + 22 + column * 25.3, top + 20 + row * 25.6
            brush.polygon([(x, y - 8), (x + 7, y), (x, y + 8), (x - 7, y)], "gold")


def _arrow(brush: Brush, middle: Point) -> None:
    """Paint a small triangle between two boxes of the betting."""
    x, y = middle
    brush.polygon([(x - 5, y - 7), (x + 6, y), (x - 5, y + 7)], "line")


def card(face: str) -> Image.Image:
    """Paint the own card, face up."""
    width, height = CARD
    ink = "red" if face == "Q" else "ink"

    def paint(brush: Brush) -> None:
        brush.box((0, 0, width, height), "card", edge="ink", width=2, radius=10)
        brush.text((20, 22), face, 30, ink)
        brush.text((width - 20, height - 22), face, 30, ink)
        brush.text((width / 2, height / 2 - 6), face, 84, ink)
        brush.text((width / 2, height - 40), NAMES[face], 17, ink)

    return PALETTE.sprite(width, height, "felt", paint)


def role(seat: int) -> Image.Image:
    """Paint a player's place in the order of betting."""

    def paint(brush: Brush) -> None:
        brush.text((0, ROLE[1] / 2), f"{ORDINALS[seat]} player", 20, "gold", "lm")

    return PALETTE.sprite(*ROLE, "felt", paint)


def chips(count: int) -> Image.Image:
    """Paint the chips that a player has put into the pot, and their number."""
    width, height = CHIPS

    def paint(brush: Brush) -> None:
        brush.text((0, height / 2), str(count), 40, "card", "lm")
        for place in range(count):
            _chip(brush, (68 + 72 * place, height / 2))

    return PALETTE.sprite(width, height, "felt", paint)


def _chip(brush: Brush, centre: Point) -> None:
    brush.circle(centre, 31, "gold", edge="ink", width=2)
    brush.circle(centre, 22, None, edge="red", width=4)


def pot(count: int) -> Image.Image:
    """Paint the number of chips in the pot."""
    return PALETTE.lettering(*POT, f"{count} chips", size=26, ink="gold", on="shade")


def mover(mine: bool | None) -> Image.Image:
    """Paint the name of the player who made a move; None for an empty box."""
    text = {None: "", True: "you", False: "opponent"}[mine]
    return PALETTE.lettering(*MOVER, text, size=18, ink="card", on="shade")


def move(name: str) -> Image.Image:
    """Paint a box of the betting: ``pass``, ``bet`` or empty."""
    width, height = MOVE

    def paint(brush: Brush) -> None:
        fill = {"": None, "pass": "grey", "bet": "gold"}[name]
        brush.box((0, 0, width, height), fill, edge="line", width=3, radius=12)
        if name:
            brush.text((width / 2, height / 2 - 1), name, 30, "ink")

    return PALETTE.sprite(width, height, "shade", paint)
