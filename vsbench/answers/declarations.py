"""Find the value that the JSON objects of a reply declare together."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from vsbench.answers.labels import match_declared, placeholder, same_label
from vsbench.answers.lenient_json import Found, Value, find_objects

WRAPPERS = frozenset(
    (
        *("answer", "final_answer", "final", "response", "result", "output", "reply", "decision"),
        *("data", "content", "message", "json", "arguments", "args", "parameters", "params"),
        *("input", "tool_input", "function", "function_call", "tool_call", "tool_calls"),
        *("properties", "action", "move", "choice"),
    )
)
"""Keys under which an object without an answer may hold one with an answer."""

NAME_KEYS = ("name", "value", "label", "type", "id", "direction", "move", "choice")
"""Keys that name the action in an object given as the answer: ``{"action": {"name": "up"}}``."""

MAX_COMPARED = 50
"""Objects with an answer that are compared, counted from the last."""

_WRAPPED_DEPTH = 5

_MENTIONED = re.compile(
    r"\b(?:not|never|avoid\w*|except|than|alternativ\w*|reject\w*|weigh\w*|consider\w*|could"
    r"|might|may|or|others?|if|example|e\.g|such as|form|format|previous\w*|opponent\w*|dismiss\w*"
    r"|options?|candidates?|variants?|scenarios?|possib\w*|plan|instead of|ruled out|oder|nicht"
    r"|statt)\b|n['’]t\b|不|或|而不是|\([^)]*$",
    re.IGNORECASE,
)
"""Words that introduce an object which is mentioned rather than declared."""

_EXAMPLE = re.compile(
    r"(?:\b(?:for example|for instance|example|e\.g\.|such as)[^.\n{}]{0,40}"
    r"|\b(?:instead of|rather than|other than|except|but for|consider\w*|weigh\w*|reject\w*"
    r"|avoid\w*|ruled? out|dismiss\w*)\s{1,4}"
    r"|(?:\b(?:not|never|cannot)|n['’]t)(?:\s\w{1,12}){0,2}\s{1,4}"
    r"|(?:\b(?:(?:here is|this is|is) the (?:format|form)|format is|the form|like this|asked for"
    r"|(?:opponent|partner|other player) (?:played|chose|said)|wrong to (?:answer|say|play)"
    r"|answer as|turn i (?:answered|played|chose)|would (?:write|answer|say))|^format:)"
    r":?\s{0,4}(?:```(?:json)?\s{0,4})?"
    r"|(?<!~)~~)[\"'`*]{0,3}\Z",
    re.IGNORECASE | re.MULTILINE,
)
"""Text before an object that is an example, a format, another player's, or rejected."""

_DISMISSED = re.compile(
    r"[\"'`*}]{0,3}[.!]?\s{0,4}(?:but i can(?:['’]?t|not)|if i could|was (?:the|my) previous"
    r"|was (?:the|my) last|~~(?!~)|(?:no!?\s{0,4})?i (?:take (?:that|it) back|retract))"
    r"|[\"'`*]{0,3}\s{0,4},?\s{0,4}(?:loses\b|fails\b|(?:is|was|would be|would have been)\s{1,4}"
    r"(?:not|no longer|wrong|bad|worse|illegal|blocked|impossible|a mistake)\b)",
    re.IGNORECASE,
)
"""Text after an object that is not the answer."""

_SETTLED = re.compile(
    r"\b(?:final\w*|better|actually|correct\w*|revis\w*|updat\w*|instead(?! of)|therefore"
    r"|answer)\b|最终",
    re.IGNORECASE,
)
"""Words that introduce a correction."""

_END_OF_LINE = re.compile(r"[\s.!`*_~\"'”’>}]*(?:\n|\Z)")
_LISTED = re.compile(r"\s*(?:[-*•+]|\(?\w{1,2}[.)])\s*")
_IN_A_LIST = re.compile(r"\s*,\s*")


@dataclass(frozen=True)
class Named:
    """The value that an object gives as the answer."""

    text: str
    label: str | None
    """The action that it means, if it means one."""
    start: int
    end: int


@dataclass(frozen=True)
class Declared:
    """The value that the objects of a reply declare together."""

    named: Named | None = None
    disputed: bool = False
    """Whether they name different values without precedence."""


def declared(
    text: str, found: Sequence[Found], actions: tuple[str, ...], keys: Sequence[str]
) -> Declared:
    """Return the value that the objects ``found`` in a text declare under one of ``keys``.

    The last object that names a real value does. Where objects disagree it has to end its line, and
    must not be introduced as a mention or stand in a list with the others; or nothing is declared.
    """
    named = list(_all_named(text, found, actions, keys))
    if not named:
        return Declared()
    if all(_agree(each, named[-1]) for each in named) or _clear(text, named):
        return Declared(named[-1])
    return Declared(disputed=True)


def _all_named(
    text: str, found: Sequence[Found], actions: tuple[str, ...], keys: Sequence[str]
) -> Iterator[Named]:
    values = [
        (each, value)
        for each in found
        if each.state == "complete"
        and not only_mentioned(text, each.start, each.end)
        and (value := answer_of(each.members, keys)) is not None
    ]
    for each, value in values[-MAX_COMPARED:]:
        if (named := named_in(value, actions, keys)) is not None:
            yield Named(named, match_declared(named, actions), each.start, each.end)


def only_mentioned(text: str, start: int, end: int) -> bool:
    """Whether the text there is an example, another player's, or rejected."""
    before = text[max(0, start - 80) : start]
    return bool(_EXAMPLE.search(before) or _DISMISSED.match(text, end))


def answer_of(members: dict[str, Value], keys: Sequence[str]) -> Value | None:
    """Return the value under one of ``keys``, or of the one object wrapped in this one that has it.

    Keys are compared without case; the first of ``keys`` that is there counts.
    """
    own = own_value(members, keys)
    if own is not None:
        return own
    level = [members]
    for _ in range(_WRAPPED_DEPTH):
        level = [inner for outer in level for inner in _wrapped(outer)]
        values = [value for inner in level if (value := own_value(inner, keys)) is not None]
        if values:
            return values[0] if len(values) == 1 else None
    return None


def own_value(members: dict[str, Value], keys: Sequence[str]) -> Value | None:
    """Return the value that an object itself has under the first of ``keys`` that it has."""
    folded = {name.casefold().replace(" ", "_"): value for name, value in members.items()}
    return next((folded[key] for key in keys if key in folded), None)


def named_in(value: Value, actions: tuple[str, ...], keys: Sequence[str]) -> str | None:
    """Return what a value names; None for null, placeholders and what is empty.

    A list of one value stands for it, and so does an object that only wraps a name.
    """
    while value.items is not None or value.members is not None:
        if value.items is not None and len(value.items) == 1:
            value = value.items[0]
        elif value.members and (inner := own_value(value.members, (*keys, *NAME_KEYS))) is not None:
            value = inner
        else:
            return None if not (value.items or value.members) else value.source
    text = value.text().strip()
    return None if placeholder(text, actions) else text


def _wrapped(members: dict[str, Value]) -> Iterator[dict[str, Value]]:
    for name, value in members.items():
        if name.casefold().replace(" ", "_") in WRAPPERS:
            if value.items is not None and len(value.items) == 1:
                value = value.items[0]
            if value.members is not None:
                yield value.members
            elif value.quoted and value.source.lstrip().startswith("{"):
                # Tool calls hold their arguments as JSON in a string.
                yield from (each.members for each in find_objects(value.text())[:1])


def _agree(one: Named, other: Named) -> bool:
    if one.label is not None or other.label is not None:
        return one.label == other.label
    return same_label(one.text, other.text)


def _clear(text: str, named: Sequence[Named]) -> bool:
    """Whether the last object replaces those before it."""
    last, before = named[-1], named[-2].end
    between = text[before : last.start]
    line = text[max(before, text.rfind("\n", 0, last.start) + 1) : last.start]
    if _LISTED.fullmatch(line):
        return False
    if not line.strip(" \t*`>"):
        # It is on a line of its own; the line above may introduce it.
        above = between.rstrip(" \t\n*`>").removesuffix("json").rstrip(" \t\n*`>")
        line = above[above.rfind("\n") + 1 :] if above.endswith((":", "：")) else ""
    return (
        _END_OF_LINE.match(text, last.end) is not None
        and not _IN_A_LIST.fullmatch(between)
        and (not _MENTIONED.search(line[-400:]) or bool(_SETTLED.search(line[-400:])))
    )
