"""Render the prompts of a recorded question again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vsbench.messages import Message
from vsbench.players.questions import Conversation, Question
from vsbench.prompts import PromptError, PromptPack, UntrustedPackError, open_recorded
from vsbench.reconstruction.findings import Finding, Place
from vsbench.records.files import PROMPTS
from vsbench.records.journal import Attempt
from vsbench.records.manifest import Conditions, Manifest


@dataclass(frozen=True)
class Exchange:
    """One call that was answered: what was asked, and what came back."""

    messages: tuple[Message, ...]
    known: int
    """How many of the messages the call before had already."""
    max_tokens: int
    attempt: Attempt
    settled: bool
    """Whether the question is asked no more."""


@dataclass(frozen=True)
class Asked:
    """A question as a run puts it to a model."""

    question: Question
    player: str
    """The model's full id."""
    pack: PromptPack
    manifest: Manifest

    def exchanges(self, attempts: Iterable[Attempt]) -> Iterator[Exchange]:
        """The calls that were made about it.

        Raises:
            PromptError: a template does not render.
        """
        conversation: Conversation | None = None
        known = 0
        for attempt in attempts:
            if conversation is None:
                limits = self.manifest.models[self.player]
                settings = self.manifest.model_settings
                conversation = Conversation(self.pack, settings, limits, self.question)
            messages, max_tokens = conversation.messages, conversation.max_tokens
            conversation.follow(attempt)
            yield Exchange(messages, known, max_tokens, attempt, conversation.settled)
            known = len(messages)


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
