"""Reading a model's answer: exact first, forgiving second, guessing never."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from vsbench.records.journal import Outcome


@dataclass(frozen=True)
class Reading:
    """What an answer says."""

    outcome: Outcome
    answer: str | None
    """The legal label when ``ok``; what the model named when ``illegal``; else None."""


def parse_action(
    text: str, legal: Sequence[str], actions: tuple[str, ...], key: str = "action"
) -> Reading:
    """The action that a reply chooses among ``legal``, labels out of the game's ``actions``.

    A JSON object with ``key`` anywhere in the text decides; the last one, if there are several.
    Without one, a legal label that is the only one mentioned as a whole token does.
    """
    found = last_json(text, key)
    named = None if found is NOTHING else _spell(found)
    if named is not None:
        label = {_plain(label): label for label in legal}.get(_plain(named))
        return Reading("ok", label) if label else Reading("illegal", named)
    mentioned = {match.group().lower() for match in _tokens(actions).finditer(text)}
    chosen = [label for label in legal if label in mentioned]
    if len(chosen) == 1:
        return Reading("ok", chosen[0])
    if not chosen and len(mentioned) == 1:
        return Reading("illegal", mentioned.pop())
    return Reading("unparsable", None)


def parse_choice(text: str, labels: tuple[str, ...], keys: Sequence[str]) -> Reading:
    """The label that a reply chooses, however labels are dressed: ``<UP>`` may be named as up.

    One of ``keys`` holds it, the first that is there.
    """
    plain = {_plain(label): label for label in labels}
    key = next((key for key in keys if last_json(text, key) is not NOTHING), keys[0])
    reading = parse_action(text, tuple(plain), tuple(plain), key)
    return Reading("ok", plain[reading.answer]) if reading.answer in plain else reading


NOTHING = object()
"""What :func:`last_json` finds where there is nothing; null is something."""


def last_json(text: str, key: str) -> Any:
    """The value of ``key`` in the last JSON object in a text that has it, or ``NOTHING``."""
    decoder = json.JSONDecoder()
    for brace in reversed([match.start() for match in re.finditer(r"\{", text)]):
        try:
            value, _ = decoder.raw_decode(text, brace)
        except (ValueError, RecursionError):
            continue
        if key in value:
            return value[key]
    return NOTHING


def _spell(action: Any) -> str:
    return clean(action) if isinstance(action, str) else json.dumps(action)


def clean(text: str) -> str:
    """Text that can be written: halves of characters, which JSON lets through, are replaced."""
    return text.encode(errors="replace").decode()


def _plain(label: str) -> str:
    """Case, surrounding brackets and quotes, and runs of spaces do not matter."""
    return " ".join(label.lower().strip(" \t\n<>[](){}\"'`*.").split())


@lru_cache(maxsize=64)
def _tokens(actions: tuple[str, ...]) -> re.Pattern[str]:
    # The longest label first, so that "reveal red" is not also read as a shorter one within it.
    labels = sorted(actions, key=len, reverse=True)
    return re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, labels))})(?![\w-])", re.IGNORECASE)
