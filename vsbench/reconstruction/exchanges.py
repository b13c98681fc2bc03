"""Recorded calls with their prompts, which are rendered again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vsbench.messages import Message
from vsbench.players.questions import Conversation, Question
from vsbench.prompts import PromptError, PromptPack, UntrustedPackError, open_recorded
from vsbench.reconstruction.findings import Finding, Location
from vsbench.records.files import PROMPTS
from vsbench.records.journal import Attempt
from vsbench.records.manifest import Conditions, Manifest

CHANGED_PROMPTS = Finding(
    "prompts", Location(), PROMPTS, "templates changed since the run began", "the same templates"
)

UNKNOWN_PROMPTS = Finding(
    "prompts",
    Location(),
    PROMPTS,
    "a pack that this version does not know, so its prompts were not compared",
    "a known pack, or --trust-prompts to render it",
)


@dataclass(frozen=True)
class Exchange:
    """An answered call."""

    messages: tuple[Message, ...]
    """The prompt; empty if it cannot be rendered again."""
    sent_before: int
    """Number of leading messages that the previous call had already."""
    max_tokens: int
    attempt: Attempt
    settled: bool
    """Whether the question is not asked again."""


@dataclass(frozen=True)
class AskedQuestion:
    """A question as a run asks a model."""

    question: Question
    player: str
    """The model's full id."""
    pack: PromptPack
    manifest: Manifest

    def exchanges(self, attempts: Iterable[Attempt]) -> Iterator[Exchange]:
        """Pair each reply with its prompt, rendered again.

        Raises:
            PromptError: a template does not render.
        """
        conversation: Conversation | None = None
        sent_before = 0
        for attempt in attempts:
            if conversation is None:
                limits = self.manifest.models[self.player]
                settings = self.manifest.model_settings
                conversation = Conversation(self.pack, settings, limits, self.question)
            messages, max_tokens = conversation.messages, conversation.max_tokens
            conversation.follow(attempt)
            yield Exchange(messages, sent_before, max_tokens, attempt, conversation.settled)
            sent_before = len(messages)


class EmptyPack(PromptPack):
    """Renders no messages: stands in for templates that are lost or not trusted."""

    def render(
        self, name: str, context: Mapping[str, Any], images: Sequence[bytes] = ()
    ) -> tuple[Message, ...]:
        """Return no messages."""
        return ()


def recorded_prompts(
    directory: Path, conditions: Conditions, trust: bool
) -> tuple[PromptPack, list[Finding]]:
    """Open the prompts in a run's or tournament's directory, to render them again.

    Prompts that changed since the run began, or that are unknown and not trusted, are replaced by
    an :class:`EmptyPack`, and the finding says why.
    """
    try:
        pack = open_recorded(
            directory / PROMPTS,
            conditions.prompts_sha256,
            version=conditions.prompts_version,
            trusted=trust,
        )
    except UntrustedPackError:
        return EmptyPack(), [UNKNOWN_PROMPTS]
    except PromptError:
        return EmptyPack(), [CHANGED_PROMPTS]
    return pack, []
