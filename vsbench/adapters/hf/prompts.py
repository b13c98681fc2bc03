"""Requests as a model takes them: through its processor and its chat template."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import PIL.Image

from vsbench.adapters.base import Image, Message, Part, Request, Sampling, Text
from vsbench.adapters.hf.templates import USUAL, ChatForm, image_mark, variables
from vsbench.adapters.thinking import TEMPLATE_SWITCHES
from vsbench.models import NO_EFFORT


def model_inputs(processor: Any, requests: Sequence[Request], form: ChatForm = USUAL) -> Any:
    """A ``BatchFeature`` with a row for each request, padded on the left.

    All requests have pictures or none has, and they ask for the same thinking.
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
        **switches(processor.chat_template, requests[0].sampling),
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


def switches(template: object, sampling: Sampling) -> dict[str, Any]:
    """The variables by which a chat template is told whether to think, and how much.

    Those that it does not have are not told. A reasoning effort counts more than the switch.
    """
    effort, thinks = sampling.reasoning_effort, sampling.thinking
    if effort:
        thinks = effort != NO_EFFORT
    if thinks is None:
        return {}
    told: dict[str, Any] = dict.fromkeys(TEMPLATE_SWITCHES, thinks)
    if effort:
        told["reasoning_effort"] = effort
    known = variables(str(template))
    return {name: value for name, value in told.items() if name in known}
