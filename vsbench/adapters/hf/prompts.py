"""Requests as a model takes them: through its processor and its chat template."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import PIL.Image

from vsbench.adapters.base import Image, Message, Part, Request, Text
from vsbench.adapters.hf.templates import USUAL, ChatForm, image_mark

NO_THOUGHT = "none"
"""The reasoning effort that asks a model not to think."""


def model_inputs(processor: Any, requests: Sequence[Request], form: ChatForm = USUAL) -> Any:
    """A ``BatchFeature`` with a row for each request, padded on the left.

    All requests have pictures or none has, and they ask for the same reasoning effort.
    """
    told = [_told(request.messages, form) for request in requests]
    options: dict[str, Any] = {"padding": True}
    if not form.parts and requests[0].images:
        options["images"] = [[_picture(image) for image in each.images] for each in requests]
    return processor.apply_chat_template(
        [_conversation(messages, form, image_mark(processor)) for messages in told],
        add_generation_prompt=True,
        tokenize=True,
        return_dict=True,
        return_tensors="pt",
        processor_kwargs=options,
        **_variables(processor.chat_template, requests[0].sampling.reasoning_effort),
    )


def _told(messages: Sequence[Message], form: ChatForm) -> Sequence[Message]:
    """The messages; where there is no role for the system, its text joins the first question."""
    if form.system:
        return messages
    system = "\n\n".join(message.text for message in messages if message.role == "system")
    first, *rest = (message for message in messages if message.role != "system")
    if not system:
        return (first, *rest)
    return (replace(first, parts=(Text(f"{system}\n\n"), *first.parts)), *rest)


def _conversation(messages: Sequence[Message], form: ChatForm, mark: str) -> list[dict[str, Any]]:
    if form.parts:
        return [
            {"role": message.role, "content": [_content(part) for part in message.parts]}
            for message in messages
        ]
    return [
        {
            "role": message.role,
            "content": "".join(mark if isinstance(p, Image) else p.text for p in message.parts),
        }
        for message in messages
    ]


def _content(part: Part) -> dict[str, Any]:
    if isinstance(part, Image):
        return {"type": "image", "image": _picture(part)}
    return {"type": "text", "text": part.text}


def _picture(image: Image) -> PIL.Image.Image:
    return PIL.Image.open(io.BytesIO(image.png)).convert("RGB")


def _variables(template: object, effort: str | None) -> dict[str, Any]:
    """What templates of reasoning models ask for; the others are not told."""
    if not effort:
        return {}
    known = {"reasoning_effort": effort, "enable_thinking": effort != NO_THOUGHT}
    return {name: value for name, value in known.items() if name in str(template)}
