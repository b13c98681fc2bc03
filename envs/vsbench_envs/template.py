"""Text with blanks that is filled in and read back, so that telling and reading are one text."""

from __future__ import annotations

import re

from vsbench_envs.errors import UnreadableError


class Template:
    """A text in which each ``{}`` is a blank; ``blank`` is a pattern of what may stand in one."""

    def __init__(self, text: str, blank: str = r"\w+") -> None:
        self.text = text
        # Words and numbers at the ends of the text must not be parts of longer ones.
        self._pattern = re.compile(
            rf"(?<!\w){re.escape(text).replace(re.escape('{}'), f'({blank})')}(?!\w)"
        )

    def fill(self, *values: object) -> str:
        """The text with a value in each blank."""
        return self.text.format(*values)

    def read(self, text: str) -> tuple[str, ...]:
        """What stands in the blanks where ``text`` holds this one.

        Raises:
            UnreadableError: it does not, or several times with different values.
        """
        found = {match.groups() for match in self._pattern.finditer(text)}
        if len(found) != 1:
            raise UnreadableError(f"expected the text to tell one state, found {len(found)}")
        return found.pop()
