"""The picture of the latest situation, in one file that an image viewer can follow."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from vsbench_envs.canvas import decode

NAME = "now.png"

GAP = 8
"""Pixels between pictures that belong together."""


def save(pngs: Sequence[bytes], folder: Path) -> Path:
    """Replace the picture in a folder; several pictures are put side by side.

    Raises:
        OSError: it cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / NAME
    # In one step, so that a viewer never reads half a picture.
    part = path.with_suffix(".part")
    part.write_bytes(pngs[0] if len(pngs) == 1 else side_by_side(pngs))
    return part.replace(path)


def side_by_side(pngs: Sequence[bytes]) -> bytes:
    """One PNG of several, the first on the left."""
    frames = [decode(png).convert("RGB") for png in pngs]
    width = sum(frame.width for frame in frames) + GAP * (len(frames) - 1)
    row = Image.new("RGB", (width, max(frame.height for frame in frames)), "white")
    left = 0
    for frame in frames:
        row.paste(frame, (left, 0))
        left += frame.width + GAP
    png = io.BytesIO()
    row.save(png, "PNG")
    return png.getvalue()
