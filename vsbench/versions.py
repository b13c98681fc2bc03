"""Versions of the software that affects what happens in a game."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version


def versions() -> dict[str, str]:
    """Return package -> version, including Python."""
    found = {"python": platform.python_version()}
    for package in ("vsbench", "open-spiel", "ale-py", "pillow", "numpy"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
