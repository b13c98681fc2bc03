"""The skeleton of a package with a game, which ``vsbench envs new`` writes.

``my_game`` is a package like any other, so it is linted, type-checked and tested as it stands;
writing it replaces the name.
"""

from __future__ import annotations

import keyword
import re
from pathlib import Path

from vsbench.errors import UsageError
from vsbench.output_paths import refuse_orphan, write_errors
from vsbench_envs import registry
from vsbench_envs.errors import shortened
from vsbench_envs.testing.limits import MAX_ID_LENGTH

TEMPLATE = Path(__file__).parent / "my_game"
FILES = (".py", ".toml", ".md", ".typed")

RESERVED = {"check", "new", "show"}
"""Subcommands of ``vsbench envs``."""

_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


def write_skeleton(name: str, folder: Path) -> None:
    """Write a package with a game called ``name`` into a new folder.

    Raises:
        UsageError: the name is no identifier in lower case, or is taken; or the folder exists, or
            cannot be written.
    """
    _check_name(name)
    refuse_orphan(folder)
    if folder.exists():
        raise UsageError(f"{folder} exists; name another folder with --to")
    with write_errors(folder):
        folder.mkdir()
        for source in sorted(TEMPLATE.rglob("*")):
            if source.is_file() and source.suffix in FILES:
                path = folder / renamed(source.relative_to(TEMPLATE).as_posix(), name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(renamed(source.read_text("utf-8"), name), encoding="utf-8")


def renamed(text: str, name: str) -> str:
    """A text of the skeleton with another game's name, as id, package, class and title."""
    words = name.split("_")
    spellings = {
        "my_game": name,
        "my-game": "-".join(words),
        "MyGame": "".join(word.capitalize() for word in words),
        "My game": " ".join(words).capitalize(),
    }
    for old, new in spellings.items():
        text = text.replace(old, new)
    return text


def _check_name(name: str) -> None:
    shown = shortened(name)
    if not _NAME.fullmatch(name) or keyword.iskeyword(name) or len(name) > MAX_ID_LENGTH:
        raise UsageError(
            f"{shown!r} cannot be a game's name: use lower-case letters, digits and single "
            "underscores, beginning with a letter, as in 'connect_four'"
        )
    if name in registry.names() or name in RESERVED:
        raise UsageError(f"the name {shown!r} is taken; see vsbench envs")
