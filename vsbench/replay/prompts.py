"""A run's own copy of its prompts, and how what it recorded of them compares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from vsbench.messages import Message
from vsbench.prompts import PromptPack
from vsbench.records.files import PROMPTS
from vsbench.records.manifest import Conditions
from vsbench.replay.differences import Finding, Place


class BlankPack(PromptPack):
    """Renders nothing: what remains of conversations whose templates are lost."""

    def render(
        self, name: str, context: Mapping[str, Any], images: Sequence[bytes] = ()
    ) -> tuple[Message, ...]:
        """No messages."""
        return ()


CHANGED_PROMPTS = Finding(
    "prompts", Place(), PROMPTS, "other templates than at the beginning", "the same"
)


def recorded_pack(directory: Path, conditions: Conditions) -> PromptPack | None:
    """The pack in a run's or tournament's folder; None if it is not what that began with."""
    pack = PromptPack(directory / PROMPTS)
    try:
        return pack if pack.sha256 == conditions.prompts_sha256 else None
    except (OSError, UnicodeDecodeError):
        return None


@dataclass
class PromptTally:
    """How the prompts that a run recorded compare with those that are rendered here."""

    same: int = 0
    other: list[Finding] = field(default_factory=list)

    def findings(self, text_only: bool) -> list[Finding]:
        """The first in each episode that has another fingerprint, or one note for all.

        Pictures count as PNGs, and how these come out depends on how the libraries for fonts and
        compression were built. So if not one prompt is the same here, the software is the likely
        reason. If some are, it draws alike, and the others were other prompts. Texts are the same
        everywhere.
        """
        if self.other and not self.same and not text_only:
            about = f"fingerprints of all {len(self.other)} prompts, the first"
            return [replace(self.other[0], kind="redrawn", about=about)]
        first_of_each = {finding.place.key: finding for finding in reversed(self.other)}
        return list(reversed(first_of_each.values()))
