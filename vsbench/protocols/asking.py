"""How models are asked: a protocol's way, and what a person wants otherwise."""

from __future__ import annotations

from vsbench.protocols.protocol import protocol
from vsbench.records.manifest import ModelSettings
from vsbench.settings import RunSettings

FEEDBACK_ATTEMPTS = 3
"""Where models are told what was wrong."""


def asking_of(settings: RunSettings) -> ModelSettings:
    """How a run's settings ask models; where they say nothing, its protocol does.

    Raises:
        UnknownNameError: there is no such protocol.
    """
    found = protocol(settings.protocol)
    theirs, tracks = found.asking, found.tracks
    attempts = FEEDBACK_ATTEMPTS if settings.feedback else theirs.attempts
    temperature = theirs.temperature if settings.temperature is None else settings.temperature
    thinking = settings.thinking
    budget = thinking if isinstance(thinking, int) else None
    return ModelSettings(
        modality=settings.modality or tracks.modality[0],
        style=settings.style or tracks.style[0],
        persona=settings.persona,
        attempts=settings.attempts or attempts,
        feedback=settings.feedback,
        answer_tokens=settings.max_tokens or theirs.answer_tokens,
        thinking_tokens=budget or theirs.thinking_tokens,
        max_tokens_limit=settings.max_tokens_limit,
        thinking="on" if isinstance(thinking, int) else thinking,
        reasoning_effort=settings.reasoning_effort,
        temperature=None if temperature == "provider" else temperature,
        detail=settings.detail or theirs.detail,
    )
