"""Parse a reply: the action, the choice or the elements that it declares.

``docs/ANSWERS.md`` states the rules. Parsing takes time linear in the reply, and at most some
hundredths of a second.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vsbench.answers.declarations import declared, named_in, own_value
from vsbench.answers.labels import match_declared, placeholder
from vsbench.answers.lenient_json import Found, Value, find_objects
from vsbench.answers.limits import clean, cut, shorten
from vsbench.answers.short_forms import Form, declared_form
from vsbench.answers.thinking import SPECIAL_TOKENS, split_thinking

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
"""Keys that models use in place of the one they were asked for. Their values are short forms: they
count where nothing else is declared, and only if they mean an action."""

_FULL_WIDTH = {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)} | {"\u3000": " "}
"""Full-width characters -> their ASCII equivalents."""


@dataclass(frozen=True)
class ParsedAnswer:
    """The answer in a reply."""

    outcome: Outcome
    answer: str | None
    """The legal label if ``ok``; the named action if ``illegal``; else None."""


UNPARSABLE = ParsedAnswer("unparsable", None)


def parse_action(
    text: str, legal: Sequence[str], actions: tuple[str, ...], key: str = "action"
) -> ParsedAnswer:
    """Parse which of the ``legal`` labels a reply declares, out of the game's ``actions``.

    ``key`` is the key of the JSON object that was asked for.
    """
    return _parse(text, legal, actions, (key,))


def parse_choice(text: str, labels: tuple[str, ...], keys: Sequence[str]) -> ParsedAnswer:
    """Parse which of ``labels`` a reply declares, under one of ``keys``."""
    return _parse(text, labels, labels, tuple(keys))


def parse_elements(text: str) -> dict[str, str] | None:
    """Parse the elements of a picture that a reply names: element -> label. None if there are none.

    The last complete object with ``elements`` that names any counts.
    """
    elements: dict[str, str] | None = None
    for found in _objects(_spoken(text))[1]:
        value = own_value(found.members, ("elements",))
        if found.state == "complete" and value is not None and value.members is not None:
            named = {
                element: _label_text(inner)
                for element, inner in value.members.items()
                if not placeholder(element, ())
            }
            if named or not value.members:
                elements = named
    return elements


def _parse(
    text: str, legal: Sequence[str], actions: tuple[str, ...], keys: tuple[str, ...]
) -> ParsedAnswer:
    spoken, found = _objects(_spoken(text))
    by_object = declared(spoken, found, actions, keys)
    if by_object.disputed:
        return UNPARSABLE
    if by_object.named is not None:
        return _parsed(by_object.named.label, shorten(by_object.named.text), legal)
    label = declared_form(_masked(spoken, found), actions, keys, _stray(found, actions, keys))
    return _parsed(label, None, legal)


def _parsed(label: str | None, named: str | None, legal: Sequence[str]) -> ParsedAnswer:
    if label in legal:
        return ParsedAnswer("ok", label)
    answer = label or named
    return UNPARSABLE if answer is None else ParsedAnswer("illegal", answer)


def _spoken(text: str) -> str:
    """The reply without thinking, and with full-width characters replaced."""
    spoken = SPECIAL_TOKENS.sub("", split_thinking(cut(text)).text)
    if not spoken.isascii():
        for wide in _FULL_WIDTH.keys() & set(spoken):
            spoken = spoken.replace(wide, _FULL_WIDTH[wide])
    return spoken


def _objects(text: str) -> tuple[str, list[Found]]:
    """The objects in a text, and the text that their positions refer to."""
    found = find_objects(text)
    if not found and '{\\"' in text:
        # JSON that was encoded as a string once more.
        text = text.replace('\\"', '"')
        found = find_objects(text)
    return text, found


def _masked(text: str, found: Sequence[Found]) -> str:
    """The text with all objects replaced by NULs, so that they are not parsed again."""
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
    """Whether a value in a truncated object is itself complete."""
    return value is not None and value.quoted


def _label_text(value: Value) -> str:
    """The label of an element; a list names several things."""
    if value.items is not None:
        return clean(" and ".join(item.text() for item in value.items))
    return clean(value.text())
