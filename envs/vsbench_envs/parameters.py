"""Options of bots: numbers with a stated range."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Generic, TypeVar

N = TypeVar("N", int, float, Fraction)

_DECIMAL = r"(?:[0-9]{1,12}(?:\.[0-9]{0,12})?|\.[0-9]{1,12})"
_FORMS = {
    int: ("a whole number", re.compile(r"[+-]?[0-9]{1,12}")),
    float: ("a number", re.compile(rf"[+-]?{_DECIMAL}(?:[eE][+-]?[0-9]{{1,2}})?")),
    Fraction: ("a number or fraction", re.compile(rf"[+-]?{_DECIMAL}|[0-9]{{1,12}}/[0-9]{{1,12}}")),
}
"""Patterns of numbers by type. Bounded: ``Fraction("1e-10000000")`` would take forever."""

LONGEST_SHOWN = 40


@dataclass(frozen=True)
class Parameter(Generic[N]):
    """A numeric option of a bot. Its type is that of its default."""

    default: N
    low: N
    high: N
    above_low: bool = False
    """Whether values are above ``low`` rather than from it."""

    def __post_init__(self) -> None:
        if type(self.default) not in _FORMS:
            raise TypeError(f"an option is a number, not {type(self.default).__name__}")
        if not self._allows(self.default):
            raise ValueError(f"the default {self.default} is not {self.range}")

    @property
    def range(self) -> str:
        """The range in words."""
        start = f"above {_spelled(self.low)} up" if self.above_low else _spelled(self.low)
        return f"{start} to {_spelled(self.high)}"

    def parse(self, text: str) -> N:
        """Read a value.

        Raises:
            ValueError: it is not a number, or out of range; says what is allowed.
        """
        kind = type(self.default)
        what, form = _FORMS[kind]
        if form.fullmatch(text):
            try:
                value = kind(text)
            except ZeroDivisionError:
                value = None
            if value is not None and self._allows(value):
                return value
        shown = text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + "..."
        since = "" if self.above_low else "from "
        raise ValueError(f"cannot be {shown!r}: it is {what} {since}{self.range}")

    def _allows(self, value: N) -> bool:
        return self.low <= value <= self.high and not (self.above_low and value == self.low)


def _spelled(value: int | float | Fraction) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
