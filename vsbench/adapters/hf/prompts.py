"""Requests as a model takes them: through its processor and its chat template."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import PIL.Image

from vsbench.adapters.base import Image, Message, Part, Request

NO_THOUGHT = "none"
"""The reasoning effort that asks a model not to think."""


def model_inputs(processor: Any, requests: Sequence[Request]) -> Any:
    """A ``BatchFeature`` with a row for each request, padded on the left.

    All requests have pictures or none has, and they ask for the same reasoning effort.
    """
    return processor.apply_chat_template(
        [_conversation(request.messages) for request in requests],
        add_generation_prompt=True,
        tokenize=True,
        return_dict=True,
        return_tensors="pt",
        processor_kwargs={"padding": True},
        **_variables(processor.chat_template, requests[0].sampling.reasoning_effort),
    )


def _conversation(messages: Sequence[Message]) -> list[dict[str, Any]]:
    return [
        {"role": message.role, "content": [_content(part) for part in message.parts]}
        for message in messages
    ]


def _content(part: Part) -> dict[str, Any]:
    if isinstance(part, Image):
        picture = PIL.Image.open(io.BytesIO(part.png))
        return {"type": "image", "image": picture.convert("RGB")}
    return {"type": "text", "text": part.text}


def _variables(template: object, effort: str | None) -> dict[str, Any]:
    """What templates of reasoning models ask for; the others are not told."""
    if not effort:
        return {}
    known = {"reasoning_effort": effort, "enable_thinking": effort != NO_THOUGHT}
    return {name: value for name, value in known.items() if name in str(template)}
