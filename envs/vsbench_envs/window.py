"""A window on the desktop that shows an environment's pictures (``render_mode="human"``).

Importing this module needs pygame, as PettingZoo's own windows do.
"""

from __future__ import annotations

import os

import numpy as np
from numpy.typing import NDArray

from vsbench_envs.errors import MissingExtraError, NoDisplayError

try:
    import pygame
except ImportError as error:
    raise MissingExtraError(
        "render_mode='human' opens a window by pygame: pip install 'vsbench[human]'"
    ) from error

SHARE = 0.9
"""Of the desktop's width and height, at most, that the window takes."""

INVISIBLE = {"dummy", "offscreen"}
"""SDL's silent fallbacks where there is no display."""


class Window:
    """Opens at the first picture, and shows each for its share of a second."""

    def __init__(self, title: str, fps: float) -> None:
        self._title = title
        self._fps = fps
        self._clock = pygame.time.Clock()
        self._screen: pygame.Surface | None = None

    def __reduce__(self) -> tuple[type[Window], tuple[str, float]]:
        """Copy the settings only: a copy opens another window when it first shows a picture."""
        return Window, (self._title, self._fps)

    def show(self, pixels: NDArray[np.uint8]) -> None:
        """Show a picture (height, width, 3), once the one before it has had its time.

        Raises:
            NoDisplayError: there is no display, and ``SDL_VIDEODRIVER`` asks for no dummy.
        """
        picture = pygame.surfarray.make_surface(pixels.swapaxes(0, 1))
        if self._screen is None:
            self._screen = _open(self._title, *picture.get_size())
        self._clock.tick(self._fps)
        pygame.transform.smoothscale(picture, self._screen.get_size(), self._screen)
        pygame.event.pump()  # A desktop takes a window that never does this for hung.
        pygame.display.flip()

    def close(self) -> None:
        """Close the window, if it is open."""
        if self._screen is not None:
            pygame.display.quit()
            self._screen = None


def _open(title: str, width: int, height: int) -> pygame.Surface:
    try:
        pygame.display.init()
    except pygame.error as error:
        raise NoDisplayError(f"no window can be opened: {error}") from error
    if pygame.display.get_driver() in INVISIBLE and "SDL_VIDEODRIVER" not in os.environ:
        pygame.display.quit()
        raise NoDisplayError(
            "no window can be opened: there is no display. Use render_mode='rgb_array', or set "
            "SDL_VIDEODRIVER=dummy to render without one"
        )
    across, down = pygame.display.get_desktop_sizes()[0]
    shrink = min(1.0, SHARE * across / width, SHARE * down / height)
    screen = pygame.display.set_mode((round(width * shrink), round(height * shrink)))
    pygame.display.set_caption(title)
    return screen
