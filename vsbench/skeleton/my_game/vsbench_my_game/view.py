"""The picture and the text of a percept, and reading both back."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from PIL import Image
from vsbench_envs.canvas import Palette
from vsbench_envs.scene import Choice, Scene, SceneView

from vsbench_my_game.rules import PRIZES, ROUNDS, MyGamePercept

WIDTH, HEIGHT = 480, 240
"""Pixels; the longer side has at most 768."""

PALETTE = Palette(paper="#f7f4ea", ink="#2f3542")


class MyGameView(SceneView[MyGamePercept]):
    """One picture of named slots, each with a sprite for each of its possible values."""

    @cached_property
    def scene(self) -> Scene:
        """The background and its slots; reading a picture back follows from them."""
        return Scene(
            PALETTE.blank(WIDTH, HEIGHT, "paper"),
            {
                "seat": Choice((20, 20), (0, 1), lambda seat: _line(f"You are player {seat + 1}")),
                "round": Choice(
                    (20, 90), range(ROUNDS + 1), lambda number: _line(f"Rounds played: {number}")
                ),
                "prize": Choice((20, 160), PRIZES, lambda prize: _line(f"Prize: {prize}")),
            },
        )

    def values(self, percept: MyGamePercept) -> dict[str, Any]:
        """The value that each slot shows."""
        return {"seat": percept.seat, "round": percept.round, "prize": percept.prize}

    def percept(self, values: Mapping[str, Any]) -> MyGamePercept:
        """Rebuild the percept from the values of the slots."""
        return MyGamePercept(values["seat"], values["round"], values["prize"])

    def describe(self, percept: MyGamePercept) -> str:
        """Describe the content of the picture in plain English."""
        return (
            f"You are player {percept.seat + 1}. Rounds played: {percept.round}. "
            f"The prize of this round is {percept.prize}."
        )

    # To do: `def _read_text(self, text: str) -> MyGamePercept`, the reverse of `describe`;
    # `vsbench_envs.scene.Template` writes and reads the same text.

    def labels(self, percept: MyGamePercept) -> dict[str, str]:
        """Element -> value: the answers of a perception question."""
        return {"rounds played": str(percept.round), "prize": str(percept.prize)}


def _line(text: str) -> Image.Image:
    return PALETTE.lettering(WIDTH - 40, 50, text, size=28, ink="ink", on="paper")
