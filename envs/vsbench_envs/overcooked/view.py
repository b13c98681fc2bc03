"""How a kitchen looks and reads: a picture of it now, and of each of the three steps before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from PIL import Image

from vsbench_envs.canvas import Brush
from vsbench_envs.errors import UnreadableError
from vsbench_envs.game import View
from vsbench_envs.overcooked import telling
from vsbench_envs.overcooked.art import COLOURS, sprite
from vsbench_envs.overcooked.brushwork import PALETTE
from vsbench_envs.overcooked.layout import FLOOR, Layout
from vsbench_envs.overcooked.panel import Panel
from vsbench_envs.overcooked.percept import FRAMES, Kitchen, OvercookedPercept
from vsbench_envs.scene import Choice, Number, Scene, Slot

WIDTH, TALLEST = 456, 504
"""Of a picture: four of them cost a model little, and what chefs hold can be made out."""
MARGIN, HEADER = 8, 56
BANNER = (316, 44)

Moment = tuple[int, int, Kitchen]
"""What one picture shows: seat, step and kitchen."""


class KitchenView(View[OvercookedPercept]):
    """A picture of each moment, oldest first: who you are, the time step and the kitchen."""

    frames = FRAMES

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        columns, rows = layout.size
        side = min((WIDTH - 2 * MARGIN) // columns, (TALLEST - HEADER - MARGIN) // rows)
        self._panel = Panel(layout, (WIDTH - columns * side) // 2, HEADER, side)
        self._height = HEADER + rows * side + MARGIN

    def draw(self, percept: OvercookedPercept) -> tuple[Image.Image, ...]:
        """As many pictures as there are kitchens."""
        first = percept.step + 1 - len(percept.kitchens)
        return tuple(
            self._draw((percept.seat, step, kitchen))
            for step, kitchen in enumerate(percept.kitchens, first)
        )

    def draw_for_perception(self, percept: OvercookedPercept) -> tuple[Image.Image, ...]:
        """The kitchen now."""
        return (self._draw((percept.seat, percept.step, percept.now)),)

    def facts(self, percept: OvercookedPercept) -> Mapping[str, str]:
        """What one's own chef holds, and what both did in the last steps."""
        return telling.facts(percept)

    def describe(self, percept: OvercookedPercept) -> str:
        """The same kitchens in words."""
        return telling.describe(self.layout, percept)

    def drawn(self, percept: OvercookedPercept) -> OvercookedPercept:
        """Without what was done, which is only told."""
        return replace(percept, joint_actions=())

    def read(self, images: Sequence[Image.Image]) -> OvercookedPercept:
        """The kitchens in one to four pictures of consecutive steps."""
        if not 1 <= len(images) <= FRAMES:
            raise UnreadableError(f"expected one to {FRAMES} pictures, got {len(images)}")
        seats, steps, kitchens = zip(*map(self._read, images), strict=True)
        if len(set(seats)) > 1 or steps != tuple(range(steps[0], steps[0] + len(steps))):
            raise UnreadableError("the pictures are not of consecutive steps, seen by one chef")
        return OvercookedPercept(seats[0], self.layout.name, steps[-1], kitchens)

    def _read_text(self, text: str) -> OvercookedPercept:
        return telling.read(self.layout, text)

    def labels(self, percept: OvercookedPercept) -> dict[str, str]:
        """Every cell of the kitchen now."""
        return telling.labels(self.layout, percept.now)

    @cached_property
    def scene(self) -> Scene:
        """What every picture is made of: a header, and the kitchen."""
        background = PALETTE.sprite(WIDTH, self._height, "ink", _paint_header)
        self._panel.furnish(background)
        slots: dict[str, Slot] = {
            "seat": Choice((MARGIN, 6), (0, 1), _banner),
            "step": Number((WIDTH - MARGIN - 40, 14), 2, PALETTE, size=28, ink="white", on="ink"),
        }
        return Scene(background, slots | dict(self._panel.slots()))

    def _draw(self, moment: Moment) -> Image.Image:
        seat, step, kitchen = moment
        return self.scene.draw({"seat": seat, "step": step} | self._panel.values(kitchen))

    def _read(self, image: Image.Image) -> Moment:
        seen = self.scene.read(image)
        try:
            kitchen = self._panel.kitchen(seen)
        except KeyError as error:
            raise UnreadableError("a chef is missing in the picture") from error
        if not self._panel.values(kitchen).items() <= seen.items():
            raise UnreadableError("the picture contradicts itself")
        return seen["seat"], seen["step"], kitchen


def _paint_header(brush: Brush) -> None:
    brush.text((WIDTH - MARGIN - 46, 29), "step", 24, "white", "rm")


def _banner(seat: int) -> Image.Image:
    """The seat's chef, and that it is you."""
    width, height = BANNER

    def paint(brush: Brush) -> None:
        brush.box((0, 0, width, height), COLOURS[seat], radius=10)
        brush.text((62, height / 2), f"You are the {COLOURS[seat]} chef", 22, "white", "lm")

    banner = PALETTE.sprite(width, height, "ink", paint)
    portrait = sprite(height - 8, FLOOR, (seat, "down", None))
    banner.paste(portrait, (10, 4))
    return banner
