"""How a kitchen looks and reads: as it is now, and small, as it was in the three steps before."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from PIL import Image

from vsbench_envs.canvas import Brush
from vsbench_envs.overcooked import telling
from vsbench_envs.overcooked.art import COLOURS, sprite
from vsbench_envs.overcooked.brushwork import PALETTE
from vsbench_envs.overcooked.layout import FLOOR, Layout, name
from vsbench_envs.overcooked.panel import CAPTION, Panel
from vsbench_envs.overcooked.percept import FRAMES, STEPS, OvercookedPercept
from vsbench_envs.scene import Choice, Number, Scene, SceneView, Slot

WIDTH = 620
BANNER = (308, 50)
TOP = 94
"""Where the kitchen begins, below the banner and the letters of the columns."""
TALLEST = 768
STRIP = 200
"""The height of the small kitchens at most."""
GAP = 14


class KitchenView(SceneView[OvercookedPercept]):
    """One picture: who you are, step and score; the kitchen; a strip of the kitchens before."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        columns, rows = layout.size
        small = min((WIDTH - FRAMES * GAP) // (FRAMES - 1) // columns, STRIP // rows)
        tallest = TALLEST - TOP - CAPTION - 2 * GAP - rows * small
        side = min(tallest // rows, (WIDTH - 80) // columns)
        self._now = Panel("now", layout, (WIDTH - columns * side) // 2, TOP, side)
        top = TOP + rows * side + GAP + CAPTION
        step = (WIDTH - GAP) // (FRAMES - 1)
        self._before = tuple(
            Panel(_age(age), layout, GAP + place * step, top, small)
            for place, age in enumerate(range(FRAMES - 1, 0, -1))
        )
        """Oldest first, as in a percept."""
        self._height = top + rows * small + GAP

    def values(self, percept: OvercookedPercept) -> dict[str, Any]:
        """Seat, step, score, and the content of every tile of the four kitchens."""
        values = {"seat": percept.seat, "step": percept.step, "score": percept.score}
        values |= self._now.values(percept.now)
        missing = FRAMES - len(percept.kitchens)
        before = (*(None,) * missing, *percept.kitchens[:-1])
        for panel, kitchen in zip(self._before, before, strict=True):
            values |= panel.values(kitchen)
            values[f"caption of {panel.title}"] = kitchen is not None
        return values

    def percept(self, values: Mapping[str, Any]) -> OvercookedPercept:
        """From the same."""
        kitchens = [panel.kitchen(values) for panel in (*self._before, self._now)]
        seen = tuple(kitchen for kitchen in kitchens if kitchen)
        return OvercookedPercept(
            values["seat"], self.layout.name, values["step"], values["score"], seen
        )

    def labels(self, percept: OvercookedPercept) -> dict[str, str]:
        """Every cell of the kitchen now."""
        return telling.labels(self.layout, percept.now)

    def tell(self, percept: OvercookedPercept) -> str:
        """The same four kitchens in words."""
        return telling.tell(self.layout, percept)

    @cached_property
    def scene(self) -> Scene:
        """Banner, figures, kitchen and strip."""
        background = PALETTE.sprite(WIDTH, self._height, "ink", self._paint)
        slots: dict[str, Slot] = {
            "seat": Choice((GAP, 12), (0, 1), _banner),
            "step": Number((378, 25), 2, PALETTE, size=26, ink="white", on="ink"),
            "score": Number((490, 25), 3, PALETTE, size=26, ink="gold", on="ink"),
        }
        for panel in (*self._before, self._now):
            panel.furnish(background)
            slots |= panel.slots()
        for panel in self._before:
            at = (panel.left, panel.top - CAPTION)
            slots[f"caption of {panel.title}"] = Choice(at, (False, True), panel.caption)
        return Scene(background, slots)

    def _paint(self, brush: Brush) -> None:
        brush.text((372, 39), "Step", 20, "grout", "rm")
        brush.text((416, 39), f"of {STEPS}", 20, "grout", "lm")
        brush.text((546, 39), "points", 20, "grout", "lm")
        columns, rows = self.layout.size
        middle = self._now.side // 2
        for column in range(columns):
            x, _ = self._now.place((column, 0))
            brush.text((x + middle, TOP - 13), name((column, 0))[0], 18, "grout")
        for row in range(rows):
            x, y = self._now.place((0, row))
            brush.text((x - 14, y + middle), str(row + 1), 18, "grout")


def _age(age: int) -> str:
    return f"{age} step{'s' if age > 1 else ''} ago"


def _banner(seat: int) -> Image.Image:
    """The seat's chef, and that it is you."""
    width, height = BANNER

    def paint(brush: Brush) -> None:
        brush.box((0, 0, width, height), COLOURS[seat], radius=12)
        brush.text((68, height / 2), f"You are the {COLOURS[seat]} chef", 22, "white", "lm")

    banner = PALETTE.sprite(width, height, "ink", paint)
    portrait = sprite(height - 8, FLOOR, (seat, "down", None))
    banner.paste(portrait, (10, 4))
    return banner
