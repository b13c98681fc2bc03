"""Parse JSON objects in text as leniently as models write them, in linear time.

Trailing and missing commas, single and curly quotes, keys without quotes, line feeds in strings,
Python literals and comments are all accepted. Nothing is guessed: an object that is truncated or
malformed is reported as such and has no answer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

from vsbench.answers.limits import MAX_DEPTH, MAX_VALUES, clean

State = Literal["complete", "truncated", "damaged"]


@dataclass(frozen=True, slots=True)
class Value:
    """A value in an object."""

    source: str
    """As written, without the quotes of a string."""
    quoted: bool = False
    items: list[Value] | None = None
    """Of a list."""
    members: dict[str, Value] | None = None
    """Of an object. Of a repeated key the last value counts."""

    def text(self, most: int = 1000) -> str:
        """The value of a string, or a number or word as written; the first ``most`` characters."""
        raw = self.source[:most]
        return _unescape(raw) if self.quoted and "\\" in raw else raw


@dataclass(frozen=True, slots=True)
class Found:
    """An object that is not inside another one."""

    start: int
    end: int
    state: State
    """``truncated``: the text ends within it. ``damaged``: it is not an object after all."""
    members: dict[str, Value]
    """Members that were read before it ended."""


COST = 4
"""Cost of an object towards ``MAX_VALUES``, in addition to its values."""

_COMMENT = r"//[^\n]*+|/\*.{0,500}?\*/|#[^\n]*+"
_SPACE = re.compile(rf"(?:\s++|{_COMMENT})*+", re.DOTALL)
_BETWEEN = re.compile(rf"(?:[\s,;]++|\.{{3}}|…|{_COMMENT})*+", re.DOTALL)
_NAME = (
    r'(?:"(?:[^"\\\n]|\\.){0,200}+"'
    r"|'(?:[^'\\\n]|\\.){0,200}+'"
    r"|[“”„][^“”\"\n]{0,200}+[“”\"]"
    r"|[‘’][^‘’'\n]{0,200}+[‘’']"
    r"|`[^`\n]{0,200}+`"
    r"|[\w$][\w$.<>-]{0,60}+(?: [\w$.<>-]{1,60}+){0,6}+)"
)
_KEY = re.compile(rf"(?P<name>{_NAME})\s*+(?::|=>?)", re.DOTALL)
# Comments before the first key hold no brace here, or looking for a start would be quadratic.
_START = re.compile(
    r"\{(?:[\s,]++|(?://|#)[^\n{]{0,200}+\n|/\*[^*{]{0,200}+\*/)*+"
    rf"(?={_NAME}\s*+(?::|=>?))",
    re.DOTALL,
)
_BARE = re.compile(r"(?:(?!//|/\*|\s#)[^,;{}\[\]\n\"“”])++")
_BRACE = re.compile(r"[{}]")

_AFTER = (
    rf"(?:\s*+(?:[,;}}\]]|//|/\*|#|\Z)|[^\S\n]*+\n\s*+{_NAME}\s*+:"
    r"|\s++(?:\"[^\"\\\n]{0,60}+\"|'[^'\\\n]{0,60}+')\s*+:)"
)
"""Text after the quote that closes a value. Other quotes in a value are part of it."""

_STRINGS = {
    opening: re.compile(
        rf"(?:[^\\{closing}]++|\\.|[{closing}](?!{_AFTER}))*+[{closing}]", re.DOTALL
    )
    for openings, closing in (('"', '"'), ("'", "'"), ("“”„", '“”"'), ("‘’", "‘’'"), ("`", "`"))
    for opening in openings
}
"""Opening quote -> the rest of a string."""

_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}


def find_objects(text: str) -> list[Found]:
    """Find the objects in a text that are not inside another one, in their order.

    What a damaged object encloses is not found either: up to the brace that closes it, or else up
    to the next empty line. Text with more than ``MAX_VALUES`` values counts as one damaged object.
    """
    found: list[Found] = []
    at, left = 0, MAX_VALUES
    closing: dict[int, int] | None = None
    while start := _START.search(text, at):
        begin = start.start()
        parser = _Parser(text, begin, left - COST)
        state = parser.run()
        at, left = parser.at, parser.left
        if left < 0:
            return [Found(0, len(text), "damaged", {})]
        if state == "damaged":
            closing = _closing_braces(text) if closing is None else closing
            at = max(at, closing.get(begin, 0))
            if begin not in closing:
                empty = text.find("\n\n", at)
                at = len(text) if empty < 0 else empty
        found.append(Found(begin, at, state, parser.root))
    return found


class _Parser:
    """Parses one object, without recursion."""

    def __init__(self, text: str, start: int, most: int) -> None:
        self._text = text
        self.left = most
        """So many more values may be read; less than none: there were too many."""
        self.root: dict[str, Value] = {}
        self.at = start + 1
        self._open: list[_Open] = [_Open(start, members=self.root)]

    def run(self) -> State:
        """Parse to the end of the object, or as far as it can be read."""
        text = self._text
        while self._open:
            inner = self._open[-1]
            self.at = _end(_BETWEEN, text, self.at)
            if self.at == len(text):
                return "truncated"
            if text[self.at] == ("]" if inner.members is None else "}"):
                self.at += 1
                self._close()
                continue
            if inner.members is not None:
                key = _KEY.match(text, self.at)
                if key is None:
                    return "damaged"
                inner.key = _bare_name(key["name"])
                self.at = _end(_SPACE, text, key.end())
                if self.at == len(text):
                    return "truncated"
            failed = self._value(text[self.at])
            self.left -= 1
            if failed or self.left < 0:
                return failed or "damaged"
        return "complete"

    def _value(self, first: str) -> State | None:
        """Parse a value, or begin one that holds others; return what is wrong with it."""
        text, start = self._text, self.at
        if first in "{[":
            if len(self._open) == MAX_DEPTH:
                return "damaged"
            self.at += 1
            self._open.append(_Open(start, members={} if first == "{" else None))
        elif first in _STRINGS:
            string = _STRINGS[first].match(text, start + 1)
            if string is None:
                self.at = len(text)
                return "truncated"
            self.at = string.end()
            self._add(Value(text[start + 1 : self.at - 1], True))
        else:
            bare = _BARE.match(text, start)
            if bare is None:
                return "damaged"
            self.at = bare.end()
            self._add(Value(bare.group().strip()))
        return None

    def _add(self, value: Value) -> None:
        inner = self._open[-1]
        if inner.members is None:
            inner.items.append(value)
        else:
            inner.members[inner.key] = value

    def _close(self) -> None:
        done = self._open.pop()
        if self._open:
            # Enough to be named by; slices of everything would be quadratic in depth.
            source = self._text[done.start : min(self.at, done.start + 1000)]
            items = done.items if done.members is None else None
            self._add(Value(source, False, items, done.members))


@dataclass(slots=True)
class _Open:
    """A list, or an object, whose end has not been reached."""

    start: int
    members: dict[str, Value] | None = None
    items: list[Value] = field(default_factory=list)
    key: str = ""


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at


def _closing_braces(text: str) -> dict[int, int]:
    """Index of each closed opening brace -> index behind its closing brace."""
    begun: list[int] = []
    closing: dict[int, int] = {}
    for brace in _BRACE.finditer(text):
        if brace.group() == "{":
            begun.append(brace.start())
        elif begun:
            closing[begun.pop()] = brace.end()
    return closing


def _bare_name(name: str) -> str:
    if name[0] in _STRINGS:
        name = name[1:-1]
    return clean(_unescape(name) if "\\" in name else name).strip()


def _unescape(raw: str) -> str:
    text = _ESCAPE.sub(
        lambda found: chr(int(found[1], 16)) if found[1] else _ESCAPED.get(found[2], found[2]),
        raw,
    )
    # Characters beyond 16 bits are written as two halves.
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
