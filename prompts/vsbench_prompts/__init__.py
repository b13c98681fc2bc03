"""Prompt packs as data: Jinja2 templates, ``<environment>/<version>/<name>.j2``.

``_shared`` lays prompts out and asks the questions; each environment adds its rules, the names of
its picture's elements, and the personas that it has.
A released template never changes: ``released.json`` holds its hash, and ``packs.json`` the
fingerprints of all packs that were ever released. ``vsbench.prompts`` renders them.
"""

import json
from collections.abc import Mapping
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
def released_packs() -> dict[str, frozenset[str]]:
    """The fingerprints of released packs, by version.

    A version has several if games were added to it: its templates never change.
    """
    listed: dict[str, list[str]] = json.loads((root() / "packs.json").read_text(encoding="utf-8"))
    return {version: frozenset(packs) for version, packs in listed.items()}


def same_wording(one: str, other: str, packs: Mapping[str, frozenset[str]] | None = None) -> bool:
    """Whether two fingerprints are equal or of released packs of one version.

    Such packs share all templates of the games that are in both.

    Args:
        one: a pack's fingerprint.
        other: another's.
        packs: released packs by version; by default those in ``packs.json``.
    """
    released = released_packs() if packs is None else packs
    return one == other or any({one, other} <= version for version in released.values())


def is_released(sha256: str) -> bool:
    """Whether a fingerprint is that of a released pack of any version."""
    return any(sha256 in packs for packs in released_packs().values())
