"""Keeping keys out of what is shown and written, whoever echoes them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from vsbench.adapters.base import Reply

SHORTEST = 4
"""Characters of a key that is replaced in errors."""

SHORTEST_IN_REPLIES = 8
"""In replies: models may rightly say a short word that somebody has for a key, as ``none``."""

PATTERNS = (
    (re.compile(r"\bsk-(?=[\w*.-]*[\d*])[\w*.-]{8,}"), "[key]"),
    (re.compile(r"\borg-(?=\w*\d)[A-Za-z0-9]{12,}"), "[organisation]"),
    (re.compile(r"(?<=://)[^\s/@:]*:[^\s/@]+@"), "[password]@"),
)
"""What looks like a key of OpenAI's or Anthropic's, an organisation's id or a URL's password."""


@dataclass(frozen=True)
class Secrets:
    """The secrets of one endpoint: the key, and what else its calls carry."""

    values: tuple[str, ...] = field(repr=False)

    @classmethod
    def of(cls, values: Iterable[str | None]) -> Secrets:
        """Those values that are set, the longest first, so that none is replaced in part."""
        return cls(tuple(sorted({value for value in values if value}, key=len, reverse=True)))

    def redact(self, text: str, shortest: int = SHORTEST) -> str:
        """A text without the secrets, or anything that looks like one."""
        for value in self.values:
            if len(value) >= shortest:
                text = text.replace(value, "[key]")
        for pattern, shown in PATTERNS:
            text = pattern.sub(shown, text)
        return text

    def redact_reply(self, reply: Reply) -> Reply:
        """A reply without them, wherever a server echoed one."""
        return replace(
            reply,
            text=self.redact(reply.text, SHORTEST_IN_REPLIES),
            reasoning=self.redact(reply.reasoning, SHORTEST_IN_REPLIES),
            served_model=self.redact(reply.served_model, SHORTEST_IN_REPLIES),
            request_id=self.redact(reply.request_id, SHORTEST_IN_REPLIES),
        )
