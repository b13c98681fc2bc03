"""Pictures are read back after what providers and people do to them: enlarging and re-encoding."""

from __future__ import annotations

import io
from collections.abc import Callable
from itertools import islice
from typing import Any

import pytest
from PIL import Image

from vsbench_envs import Game

STEPS = 40
"""Of an episode, at most; every third is looked at."""

Change = Callable[[Image.Image], Image.Image]


def enlarged(image: Image.Image, factor: int = 2) -> Image.Image:
    return image.resize((image.width * factor, image.height * factor), Image.Resampling.NEAREST)


def re_encoded(image: Image.Image) -> Image.Image:
    buffer = io.BytesIO()
    image.convert("RGB").save(buffer, "JPEG", quality=90)
    return Image.open(buffer)


CHANGES: dict[str, Change] = {
    "JPEG": re_encoded,
    "twice as large": enlarged,
    "three times as large": lambda image: enlarged(image, 3),
    "twice as large, JPEG": lambda image: re_encoded(enlarged(image)),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
@pytest.mark.slow
def test_changed_pictures_are_read(game: Game[Any], rollout: Any, change: Change) -> None:
    view = game.view
    for state, _ in islice(rollout(game, 3), 0, STEPS, 3):
        for seat in range(game.spec.seats):
            percept = state.percept(seat)
            assert view.read([change(image) for image in view.draw(percept)]) == view.drawn(percept)
            for_perception = [change(image) for image in view.draw_for_perception(percept)]
            assert view.labels(view.read(for_perception)) == view.labels(percept)
