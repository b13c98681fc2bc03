"""Read a reply: the action, the choice or the elements that it declares.

``docs/ANSWERS.md`` states the rule. Reading takes time linear in the reply, and at most some
hundredths of a second.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vsbench.answers.declared import declared, named_in, own_value
from vsbench.answers.forms import Form, declared_form
from vsbench.answers.labels import match_declared, placeholder
from vsbench.answers.limits import clean, cut, shorten
from vsbench.answers.objects import Found, Value, find_objects
from vsbench.answers.thinking import SPECIAL, take_off_thinking

if TYPE_CHECKING:
    from vsbench.records.journal import Outcome

OTHER_KEYS = (
    "answer",
    "final_answer",
    "final_action",
    "chosen_action",
    "selected_action",
    "my_action",
    "move",
    "choice",
    "decision",
)
"""Keys that models use in place of the one they were asked for. What stands there is a short form:
it counts where nothing else is declared, and only if it means an action."""

_WIDE = {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)} | {"\u3000": " "}
"""Full-width characters -> those that JSON knows."""


@dataclass(frozen=True)
class Reading:
    """What a reply says."""

    outcome: Outcome
    answer: str | None
    """The legal label when ``ok``; what the model named when ``illegal``; else None."""


UNPARSABLE = Reading("unparsable", None)


def parse_action(
    text: str, legal: Sequence[str], actions: tuple[str, ...], key: str = "action"
) -> Reading:
    """Read which of the ``legal`` labels a reply declares, out of the game's ``actions``.

    ``key`` is the key that an answer in JSON was asked for under.
    """
    return _read(text, legal, actions, (key,))


def parse_choice(text: str, labels: tuple[str, ...], keys: Sequence[str]) -> Reading:
    """Read which of ``labels`` a reply declares, under one of ``keys``."""
    return _read(text, labels, labels, tuple(keys))


def parse_elements(text: str) -> dict[str, str] | None:
    """Read what a reply says is in a picture: element -> what is there. None if it says nothing.

    The last complete object with ``elements`` that names any counts.
    """
    read: dict[str, str] | None = None
    for found in _objects(_said(text))[1]:
        value = own_value(found.members, ("elements",))
        if found.state == "complete" and value is not None and value.members is not None:
            named = {
                element: _spell(inner)
                for element, inner in value.members.items()
                if not placeholder(element, ())
            }
            if named or not value.members:
                read = named
    return read


def _read(
    text: str, legal: Sequence[str], actions: tuple[str, ...], keys: tuple[str, ...]
) -> Reading:
    said, found = _objects(_said(text))
    by_object = declared(said, found, actions, keys)
    if by_object.disputed:
        return UNPARSABLE
    if by_object.named is not None:
        return _reading(by_object.named.label, shorten(by_object.named.text), legal)
    label = declared_form(_without(said, found), actions, keys, _stray(found, actions, keys))
    return _reading(label, None, legal)


def _reading(label: str | None, named: str | None, legal: Sequence[str]) -> Reading:
    if label in legal:
        return Reading("ok", label)
    answer = label or named
    return UNPARSABLE if answer is None else Reading("illegal", answer)


def _said(text: str) -> str:
    """What is read of a reply: without thinking, and with full-width characters made usual."""
    said = SPECIAL.sub("", take_off_thinking(cut(text)).said)
    if not said.isascii():
        for wide in _WIDE.keys() & set(said):
            said = said.replace(wide, _WIDE[wide])
    return said


def _objects(said: str) -> tuple[str, list[Found]]:
    """The objects in what was said, and the text in which they stand."""
    found = find_objects(said)
    if not found and '{\\"' in said:
        # JSON that was made a string once more.
        said = said.replace('\\"', '"')
        found = find_objects(said)
    return said, found


def _without(text: str, found: Sequence[Found]) -> str:
    """The text with a mark in place of all objects, so that nothing in them is read again."""
    pieces, at = [], 0
    for each in found:
        pieces += [text[at : each.start], "\0" * (each.end - each.start)]
        at = each.end
    return "".join([*pieces, text[at:]])


def _stray(
    found: Sequence[Found], actions: tuple[str, ...], keys: tuple[str, ...]
) -> Sequence[Form]:
    """Objects that name an action under another key, or whose last brace is missing."""
    forms = []
    for each in found:
        wanted = {"complete": OTHER_KEYS, "truncated": keys}.get(each.state, ())
        value = own_value(each.members, wanted)
        named = None if value is None else named_in(value, actions, keys)
        label = None if named is None else match_declared(named, actions)
        if label is not None and (each.state == "complete" or _closed(value)):
            forms.append(Form(each.start, label, False))
    return forms


def _closed(value: Value | None) -> bool:
    """Whether a value in an object that is cut short is itself complete."""
    return value is not None and value.quoted


def _spell(value: Value) -> str:
    """What is said to be at an element; a list names several things."""
    if value.items is not None:
        return clean(" and ".join(item.text() for item in value.items))
    return clean(value.text())
