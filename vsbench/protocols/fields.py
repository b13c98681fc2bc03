"""Compare records field by field, and name fields and values in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from vsbench.bots import bot_name
from vsbench.records.manifest import Frozen
from vsbench_envs import registry

FieldPath = tuple[str, ...]
"""Names of the fields that lead to a value, and numbers in lists."""

NAMES = {
    "seats": "",
    "model_settings": "",
    "samples.dataset": "data set",
    "samples.sha256": "data set",
    "samples.size": "size of the data set",
    "samples.count": "samples",
    "measured": "measured seats",
    "prompts_version": "prompts",
    "prompts_sha256": "prompts",
    "answer_tokens": "tokens of an answer",
    "thinking_tokens": "tokens to think",
    "max_tokens": "token limit",
    "max_tokens_limit": "raised token limit",
}
"""Field -> its name in messages, where they differ."""

SHORT_HASH = 12
"""Characters of a fingerprint in messages."""

MAX_GAMES_NAMED = 3
"""Games that a message names; more are counted."""


def differing(one: Any, other: Any, path: FieldPath = ()) -> Iterator[tuple[FieldPath, Any, Any]]:
    """Yield the path and both values of each leaf in which two records differ.

    Lists of different lengths are leaves; a field that one record lacks is None there.
    """
    if isinstance(one, Frozen):
        one = one.model_dump(mode="json")
    if isinstance(other, Frozen):
        other = other.model_dump(mode="json")
    if isinstance(one, dict) and isinstance(other, dict):
        for name in {**other, **one}:
            yield from differing(one.get(name), other.get(name), (*path, name))
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for index, pair in enumerate(zip(one, other, strict=True)):
            yield from differing(*pair, (*path, str(index)))
    elif one != other:
        yield path, one, other


def field_name(path: FieldPath) -> str:
    """Name a field in words."""
    if path[:2] == ("seats", "players"):
        return f"seat {path[2]}" if path[2:] else "seats"
    if path[0] == "models" and len(path) == 3:
        return f"{path[1]}: {NAMES.get(path[2], path[2]).replace('_', ' ')}"
    steps = [step for step in path if NAMES.get(step, step)]
    dotted = ".".join(steps)
    return NAMES.get(dotted) or " ".join(NAMES.get(s, s).replace("_", " ") for s in steps)


def shown(value: Any) -> str:
    """Put a value into words."""
    match value:
        case None:
            return "none"
        case True | False:
            return "on" if value else "off"
        case float():
            return f"{value:g}"
        case str() if len(value) == 64 and value.isalnum():
            return value[:SHORT_HASH]
        case list():
            return ", ".join(map(shown, value)) or "none"
        case dict():
            return ", ".join(f"{name} {shown(each)}" for name, each in value.items()) or "none"
    return str(value).removeprefix("bot/")


def in_games(envs: Sequence[str]) -> str:
    """Name the games that something concerns, in brackets, or count them; empty for none."""
    if not envs:
        return ""
    return f" ({', '.join(envs)})" if len(envs) <= MAX_GAMES_NAMED else f" ({len(envs)} games)"


def bot_and_options(env: str, player: str) -> tuple[str, dict[str, Any]] | None:
    """Return a bot's name and all its options; None for models and unknown bots."""
    name = bot_name(player)
    if name is None:
        return None
    try:
        _, options = registry.bot(registry.get(env), name)
    except (LookupError, ValueError, ImportError):
        return None
    plain = {option: _plain(value) for option, value in options.items()}
    return name.partition(":")[0], plain


def _plain(value: Any) -> str | int | float:
    """Return an option's value as protocols store it: fractions as text."""
    return value if isinstance(value, int | float) else str(value)
