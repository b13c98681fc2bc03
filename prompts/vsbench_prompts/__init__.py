"""Prompt packs as data: Jinja2 templates, ``<environment>/<version>/<name>.j2``.

``_shared`` lays prompts out and asks the questions; each environment adds its rules, the names of
its picture's elements, and the personas that it has.
A released template never changes: ``released.json`` holds its hash, and ``packs.json`` the
fingerprints of all packs that were ever released. ``vsbench.prompts`` renders them.
"""

import json
from functools import cache
from importlib.resources import files
from pathlib import Path

VERSION = "v1"
"""The version that new runs use."""

SHARED = "_shared"
"""The folder of what all games have in common."""

QUESTIONS = ("action", "prediction", "perception")
"""Templates that a game may have of its own, in place of the shared ones."""


def root() -> Path:
    """The folder with the templates."""
    return Path(str(files(__name__)))


@cache
def released_packs() -> frozenset[str]:
    """The fingerprints of released packs."""
    listed: dict[str, str] = json.loads((root() / "packs.json").read_text(encoding="utf-8"))
    return frozenset(listed.values())
