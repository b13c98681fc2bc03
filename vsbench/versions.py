"""The software that shapes what happens in a game."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version


def versions() -> dict[str, str]:
    """Version by package, Python included."""
    found = {"python": platform.python_version()}
    for package in ("vsbench", "open-spiel", "ale-py", "pillow", "numpy"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
