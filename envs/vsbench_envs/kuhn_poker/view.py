"""How Kuhn poker looks and reads: a felt table, two cards, chips and the betting."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from PIL import Image

from vsbench_envs.canvas import Brush, Palette
from vsbench_envs.kuhn_poker.percept import CARDS, KuhnPercept
from vsbench_envs.scene import Choice, Scene, SceneView, Slot

WIDTH, HEIGHT = 640, 480
CARD = (120, 168)
CHIP = (132, 84)
MOVE = (132, 64)

PALETTE = Palette(
    felt="#1f6b4a",
    rail="#5b3a21",
    card="#fbf7ec",
    back="#274b8f",
    ink="#1b1b1f",
    red="#b3202c",
    gold="#f2c14e",
    line="#3f8d6a",
    grey="#9aa5a0",
)

NAMES = {"J": "jack", "Q": "queen", "K": "king"}
ORDINALS = ("first", "second")


class KuhnView(SceneView[KuhnPercept]):
    """One picture: the opponent above, you below, pot and betting between."""

    def values(self, percept: KuhnPercept) -> dict[str, Any]:
        """Card, seat, chips of both sides and the three places of the betting."""
        padded = percept.history + ("",) * (3 - len(percept.history))
        values: dict[str, Any] = {"card": percept.card, "seat": percept.seat}
        values |= {f"move {place}": move for place, move in enumerate(padded)}
        values["your chips"] = percept.chips[percept.seat]
        values["their chips"] = percept.chips[1 - percept.seat]
        return values

    def percept(self, values: Mapping[str, Any]) -> KuhnPercept:
        """From card, seat and betting."""
        moves = tuple(values[f"move {place}"] for place in range(3))
        return KuhnPercept(values["seat"], values["card"], tuple(filter(None, moves)))

    def labels(self, percept: KuhnPercept) -> dict[str, str]:
        """Both cards, one of them unknown, and the chips of both."""
        me, other = percept.seat, 1 - percept.seat
        return {
            f"card of seat {me}": percept.card,
            f"card of seat {other}": "unknown",
            f"chips of seat {me}": str(percept.chips[me]),
            f"chips of seat {other}": str(percept.chips[other]),
        }

    def tell(self, percept: KuhnPercept) -> str:
        """Card, chips and betting in sentences."""
        me, other = percept.seat, 1 - percept.seat
        who = {me: "you", other: "the opponent"}
        moves = [
            f"{who[i % 2]} {_verb(move, i % 2 == me)}" for i, move in enumerate(percept.history)
        ]
        betting = f"So far {', then '.join(moves)}." if moves else "Nobody has moved yet."
        return (
            f"You hold the {NAMES[percept.card]} ({percept.card}) and move {ORDINALS[me]}. "
            f"The opponent's card is hidden. You have put {_chips(percept.chips[me])} into the "
            f"pot, the opponent {_chips(percept.chips[other])}. {betting}"
        )

    @cached_property
    def scene(self) -> Scene:
        """The table and its slots."""
        left = (WIDTH - 3 * MOVE[0] - 2 * 12) // 2
        slots: dict[str, Slot] = {
            "card": Choice((40, 272), CARDS, _card),
            "seat": Choice((352, 12), (0, 1), _seat),
            "their chips": Choice((188, 66), (1, 2), _chip_stack),
            "your chips": Choice((188, 326), (1, 2), _chip_stack),
        }
        for place in range(3):
            at = (left + place * (MOVE[0] + 12), 208)
            slots[f"move {place}"] = Choice(at, ("", "pass", "bet"), _move)
        return Scene(_table(left), slots)


def _verb(move: str, mine: bool) -> str:
    if mine:
        return move
    return {"pass": "passed", "bet": "bet"}[move]


def _chips(count: int) -> str:
    return f"{count} chip{'s' if count > 1 else ''}"


def _table(left: int) -> Image.Image:
    def paint(brush: Brush) -> None:
        brush.box((0, 0, WIDTH, HEIGHT), "felt", edge="rail", width=8, radius=18)
        _paint_back(brush, 40, 40)
        brush.text((188, 38), "OPPONENT", 22, "card", "lm")
        brush.text((188, 298), "YOU", 22, "card", "lm")
        brush.text((left, 194), "Betting, in order", 16, "card", "lm")
        for row, text in enumerate(
            ("J < Q < K", "pass facing a bet = fold", "bet facing a bet = call")
        ):
            brush.text((604, 356 + 28 * row), text, 18, "card", "rm")

    return PALETTE.sprite(WIDTH, HEIGHT, "felt", paint)


def _paint_back(brush: Brush, left: float, top: float) -> None:
    """The opponent's card, face down."""
    width, height = 106, 148
    brush.box((left, top, left + width, top + height), "back", edge="card", width=5, radius=10)
    for row in range(5):
        for column in range(4):
            x, y = left + 18 + column * 23.3, top + 18 + row * 28
            brush.polygon([(x, y - 8), (x + 7, y), (x, y + 8), (x - 7, y)], "gold")


def _card(card: str) -> Image.Image:
    width, height = CARD
    ink = "red" if card == "Q" else "ink"

    def paint(brush: Brush) -> None:
        brush.box((0, 0, width, height), "card", edge="ink", width=2, radius=10)
        brush.text((20, 22), card, 30, ink)
        brush.text((width - 20, height - 22), card, 30, ink)
        brush.text((width / 2, height / 2 - 6), card, 84, ink)
        brush.text((width / 2, height - 40), NAMES[card], 17, ink)

    return PALETTE.sprite(width, height, "felt", paint)


def _seat(seat: int) -> Image.Image:
    return PALETTE.lettering(260, 30, f"You move {ORDINALS[seat]}", size=20, ink="gold", on="felt")


def _chip_stack(count: int) -> Image.Image:
    width, height = CHIP

    def paint(brush: Brush) -> None:
        for layer in range(count):
            y = height - 34 - layer * 18
            brush.ellipse((4, y, 72, y + 30), "gold", edge="ink", width=2)
            brush.ellipse((18, y + 6, 58, y + 22), None, edge="red", width=3)
        brush.text((80, height - 20), f"x {count}", 26, "card", "lm")

    return PALETTE.sprite(width, height, "felt", paint)


def _move(move: str) -> Image.Image:
    width, height = MOVE

    def paint(brush: Brush) -> None:
        fill = {"": None, "pass": "grey", "bet": "gold"}[move]
        brush.box((0, 0, width, height), fill, edge="line", width=3, radius=12)
        if move:
            brush.text((width / 2, height / 2), move, 30, "ink")

    return PALETTE.sprite(width, height, "felt", paint)
