"""Picture and text of Nim: three heaps of stones, and the own seat."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from PIL import Image

from vsbench_envs.canvas import Brush, Palette
from vsbench_envs.scene import Choice, Scene, SceneView, Slot, Template
from vsbench_nim.rules import HEAPS, MOST, NimPercept

WIDTH, HEIGHT = 480, 360
HEAP = (120, 220)
STONE = 38
PALETTE = Palette(sand="#efe3c8", slate="#3b4252", stone="#7c8594", light="#d8dee9", clay="#a3573a")

TEXT = Template(
    "You are player {}. The left heap holds {}, the middle heap {} and the right heap {} stones."
)


class NimView(SceneView[NimPercept]):
    """One picture: a heap in each third, and the seat above."""

    def values(self, percept: NimPercept) -> dict[str, Any]:
        """The seat, and the stones in each heap."""
        return {"seat": percept.seat, **dict(zip(HEAPS, percept.heaps, strict=True))}

    def percept(self, values: Mapping[str, Any]) -> NimPercept:
        """Rebuild the percept from the seat and the stones."""
        return NimPercept(values["seat"], tuple(values[heap] for heap in HEAPS))

    def labels(self, percept: NimPercept) -> dict[str, str]:
        """The number of stones in each heap."""
        return {f"{name} heap": str(held) for name, held in zip(HEAPS, percept.heaps, strict=True)}

    def describe(self, percept: NimPercept) -> str:
        """Describe the seat and the heaps in a sentence."""
        return TEXT.fill(percept.seat + 1, *percept.heaps)

    def _read_text(self, text: str) -> NimPercept:
        """Parse the percept from a text."""
        seat, *heaps = map(int, TEXT.read(text))
        return NimPercept(seat - 1, tuple(heaps))

    @cached_property
    def scene(self) -> Scene:
        """The table and its slots."""
        slots: dict[str, Slot] = {"seat": Choice((20, 16), (0, 1), _seat)}
        for place, name in enumerate(HEAPS):
            at = (30 + place * 150, 70)
            slots[name] = Choice(at, tuple(range(MOST + 1)), _heap)
        return Scene(PALETTE.sprite(WIDTH, HEIGHT, "sand", _table), slots)


def _table(brush: Brush) -> None:
    for place, name in enumerate(HEAPS):
        brush.text((90 + place * 150, 320), name, 24, "slate")


def _seat(seat: int) -> Image.Image:
    text = f"You are player {seat + 1}"
    return PALETTE.lettering(240, 36, text, size=24, ink="clay", on="sand")


def _heap(stones: int) -> Image.Image:
    width, height = HEAP

    def paint(brush: Brush) -> None:
        brush.box((2, 2, width - 2, height - 2), None, edge="slate", width=3, radius=12)
        for layer in range(stones):
            middle = height - 28 - layer * (STONE + 3)
            box = (20, middle - STONE / 2, width - 20, middle + STONE / 2)
            brush.ellipse(box, "stone", edge="slate", width=3)

    return PALETTE.sprite(width, height, "sand", paint)
