"""A percept's pictures as PNG, cached."""

from __future__ import annotations

from functools import lru_cache

from vsbench_envs import registry
from vsbench_envs.canvas import encode
from vsbench_envs.game import Percept


@lru_cache(maxsize=512)
def pngs(game_id: str, percept: Percept, *, for_perception: bool = False) -> tuple[bytes, ...]:
    """Encode the pictures of a percept, oldest first.

    Cached, since repeated attempts and several seats often share pictures.
    """
    view = registry.get(game_id).view
    draw = view.draw_for_perception if for_perception else view.draw
    return tuple(encode(image) for image in draw(percept))
