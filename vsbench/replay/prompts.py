"""A run's own copy of its prompts, and how what it recorded of them compares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from vsbench.messages import Message
from vsbench.prompts import PromptError, PromptPack, UntrustedPackError, open_recorded
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

UNKNOWN_PROMPTS = Finding(
    "prompts",
    Place(),
    PROMPTS,
    "a pack that this version does not know; its prompts were not compared",
    "a known one, or to be rendered by --trust-prompts",
)


def recorded_prompts(
    directory: Path, conditions: Conditions, trust: bool
) -> tuple[PromptPack | None, list[Finding]]:
    """The pack in a run's or tournament's folder, to be rendered again, and what is wrong with it.

    It is None if it is not what the run began with, or unknown and not to be trusted.
    """
    try:
        pack = open_recorded(directory / PROMPTS, conditions.prompts_sha256, trusted=trust)
    except UntrustedPackError:
        return None, [UNKNOWN_PROMPTS]
    except PromptError:
        return None, [CHANGED_PROMPTS]
    return pack, []


@dataclass
class PromptTally:
    """How the pictures that a run recorded compare with those that are drawn here."""

    rendered: int = 0
    """Questions that were rendered again."""
    same: int = 0
    other: list[Finding] = field(default_factory=list)

    def compare(self, place: Place, recorded: str, derived: str) -> None:
        """Enter the pictures of a question."""
        if recorded == derived:
            self.same += 1
        else:
            about = "the fingerprint of its pictures"
            self.other.append(place.differs("prompt", about, recorded, derived).finding)

    def findings(self, drawn_alike: bool) -> list[Finding]:
        """The first in each episode that has another fingerprint, or one note for all.

        Pixels may depend on how the libraries that draw were built. So if not one picture is the
        same here, and ``drawn_alike`` is false, other software is the likely reason.
        """
        if self.other and not self.same and not drawn_alike:
            about = f"fingerprints of the pictures of all {len(self.other)} prompts, the first"
            return [replace(self.other[0], kind="redrawn", about=about)]
        first_of_each = {finding.place.key: finding for finding in reversed(self.other)}
        return list(reversed(first_of_each.values()))
