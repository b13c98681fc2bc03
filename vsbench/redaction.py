"""Keep keys and passwords out of what is written and shown."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

SECRET_NAME = re.compile(r"KEY|TOKEN|SECRET|PASSWORD|CREDENTIAL", re.IGNORECASE)
"""Matches names of environment variables that hold secrets."""

MIN_SECRET = 4
"""Shortest secret that is redacted, in characters."""

MIN_SECRET_IN_PROSE = 8
"""The same in replies: models may rightly say a short word that is also a key, such as ``none``."""

KEYS = (
    (re.compile(r"\bsk-[\w*.-]+"), "[key]"),
    (re.compile(r"(?i)\b(bearer|basic)\s+(?=[\w.~+/=-]*[\d_~+/=-])[\w.~+/=-]+"), r"\1 [key]"),
)
"""Keys of OpenAI and Anthropic, and credentials in headers."""

KEYS_IN_PROSE = ((re.compile(r"\bsk-(?=[\w*.-]*[\d*])[\w*.-]{8,}"), "[key]"),)
"""Keys alone, and not words such as ``sk-learn`` and ``basic``."""

OTHERS = (
    (re.compile(r"\borg-(?=\w*\d)[A-Za-z0-9]{12,}"), "[organisation]"),
    (re.compile(r"(?<=://)[^/\s@'\"]+@"), "[password]@"),
)
"""Ids of organisations; users and passwords in URLs."""


@dataclass(frozen=True)
class Secrets:
    """Secrets that are known, to be redacted with all that looks like one."""

    values: tuple[str, ...] = field(default=(), repr=False)

    @classmethod
    def of(cls, values: Iterable[str | None]) -> Secrets:
        """Keep the values that are set, the longest first so that none is replaced in part."""
        return cls(tuple(sorted({value for value in values if value}, key=len, reverse=True)))

    @classmethod
    def in_environment(cls) -> Secrets:
        """The values of all variables whose names say that they are secret."""
        found = (value for name, value in os.environ.items() if SECRET_NAME.search(name))
        return cls.of(value.strip() for value in found)

    def redact(self, text: str) -> str:
        """Replace secrets in a message."""
        return self._redacted(text, MIN_SECRET, (*KEYS, *OTHERS))

    def redact_prose(self, text: str) -> str:
        """Replace secrets in what a model says, where words may look like some."""
        return self._redacted(text, MIN_SECRET_IN_PROSE, (*KEYS_IN_PROSE, *OTHERS))

    def _redacted(
        self, text: str, shortest: int, patterns: Iterable[tuple[re.Pattern[str], str]]
    ) -> str:
        for value in self.values:
            if len(value) >= shortest:
                text = text.replace(value, "[key]")
        for pattern, replacement in patterns:
            text = pattern.sub(replacement, text)
        return text
