"""What templates are given: plain values that they cannot change."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from vsbench_envs.spec import GameSpec

GAME_FIELDS = (
    "id", "title", "kind", "summary", "seats", "simultaneous", "actions", "roles", "maximises",
)  # fmt: skip
"""What templates know of a game, by its names in :class:`~vsbench_envs.spec.GameSpec`."""

QUESTION_VARIABLES = frozenset(
    {
        "game",
        "seat",
        "seat_name",
        "shown",
        "images",
        "told",
        "situation",
        "facts",
        "style",
        "persona",
        "legal",
        "target",
        "target_name",
        "elements",
    }
)
RETRY_VARIABLES = frozenset({"template", "outcome", "answer"})
PUBLISHED_VARIABLES = frozenset({"system", "observation", "action"})

VARIABLES = QUESTION_VARIABLES | RETRY_VARIABLES | PUBLISHED_VARIABLES
"""Everything that some template is given; ``prompts/README.md`` explains them."""

STAND_IN = "\N{REPLACEMENT CHARACTER}"
"""For characters that prompts cannot hold."""


def game_facts(spec: GameSpec) -> Mapping[str, Any]:
    """The view of a game that templates get as ``game``."""
    return MappingProxyType({name: getattr(spec, name) for name in GAME_FIELDS})


def freeze(value: Any) -> Any:
    """Copy a value as numbers, strings, tuples and read-only mappings.

    Strings lose NUL characters, which mark roles and images in rendered text: so neither a game's
    words nor a model's reply can place any.

    Raises:
        TypeError: it is of another type.
    """
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, str):
        return value.replace("\0", STAND_IN)
    if isinstance(value, Mapping):
        return MappingProxyType({freeze(_name(key)): freeze(item) for key, item in value.items()})
    if isinstance(value, (list, tuple)):
        return tuple(freeze(item) for item in value)
    raise TypeError(f"templates are given plain values, not {type(value).__name__}")


def plain(value: Any) -> Any:
    """Make read-only mappings ordinary ones again, for JSON."""
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, (list, tuple)) else value


def _name(key: Any) -> str:
    if not isinstance(key, str):
        raise TypeError(f"mappings for templates have names for keys, not {type(key).__name__}")
    return key
