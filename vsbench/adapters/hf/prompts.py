"""Requests as input of a model, through its processor and its chat template.

The form of conversations that a template takes is found by rendering a small one at load.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import PIL.Image
from jinja2 import Environment, TemplateSyntaxError
from jinja2.meta import find_undeclared_variables

from vsbench.adapters.base import BadRequestError, Image, Message, Part, Request, Sampling, Text
from vsbench.adapters.hf import THINKING_VARIABLES
from vsbench.adapters.hf.errors import one_line
from vsbench.models import NO_EFFORT

SYSTEM, QUESTION, ANSWER = "vsbenchsystem", "vsbenchquestion", "vsbenchanswer"
"""Words of the conversation that is rendered at load."""

LIST_MARKS = ("'type'", '"type"')
"""Signs that a template rendered a list of parts as if it were text."""


@dataclass(frozen=True)
class ChatFormat:
    """The form of conversations that a chat template takes."""

    system: bool = True
    """Whether there is a system role; else its text is prepended to the first user message."""
    parts: bool = True
    """Whether content is a list of parts; else it is text with the processor's image token."""


DEFAULT_FORMAT = ChatFormat()

FORMATS = (
    DEFAULT_FORMAT,
    ChatFormat(system=False),
    ChatFormat(parts=False),
    ChatFormat(False, False),
)
"""The most common first."""


def detect_chat_format(processor: Any) -> ChatFormat:
    """Find the format that a processor's template takes.

    Raises:
        BadRequestError: none renders the system text, the turns and the pictures.
    """
    problem = "it leaves out system messages, answers or pictures"
    for chat_format in FORMATS:
        try:
            if _renders_all(processor, chat_format):
                return chat_format
        # Templates are programs of many authors, and fail in every way.
        except Exception as error:
            problem = one_line(error)
    raise BadRequestError(f"its chat template takes no conversation with pictures: {problem}")


@lru_cache(maxsize=8)
def variables(template: str) -> frozenset[str]:
    """Return the undeclared variables of a template; all its words if it cannot be parsed."""
    try:
        parsed = Environment(autoescape=True, extensions=["jinja2.ext.loopcontrols"]).parse(
            template
        )
    except TemplateSyntaxError:
        # Templates for training have blocks that only transformers knows.
        return frozenset(re.findall(r"\w+", template))
    return frozenset(find_undeclared_variables(parsed))


def image_token(processor: Any) -> str:
    """Return the text that stands for an image; empty if a processor has none."""
    token = getattr(processor, "image_token", None)
    return token if isinstance(token, str) else ""


def _renders_all(processor: Any, chat_format: ChatFormat) -> bool:
    with_picture, without = (_rendered(processor, chat_format, shown) for shown in (True, False))
    words = (SYSTEM, QUESTION, ANSWER)
    return (
        all(word in with_picture for word in words)
        and not any(sign in with_picture for sign in LIST_MARKS)
        and with_picture != without
    )


def _rendered(processor: Any, chat_format: ChatFormat, shown: bool) -> str:
    picture = PIL.Image.new("RGB", (2, 2)) if shown else None
    turns = [("user", QUESTION), ("assistant", ANSWER), ("user", QUESTION)]
    if chat_format.system:
        turns = [("system", SYSTEM), *turns]
    else:
        turns[0] = ("user", f"{SYSTEM}\n\n{QUESTION}")
    conversation = [{"role": role, "content": _text_content(chat_format, t)} for role, t in turns]
    if picture is not None:
        question = next(turn for turn in conversation if turn["role"] == "user")
        if chat_format.parts:
            question["content"] = [{"type": "image", "image": picture}, *question["content"]]
        else:
            question["content"] = image_token(processor) + str(question["content"])
    return str(
        processor.apply_chat_template(conversation, add_generation_prompt=True, tokenize=False)
    )


def _text_content(chat_format: ChatFormat, text: str) -> Any:
    return [{"type": "text", "text": text}] if chat_format.parts else text


def model_inputs(
    processor: Any, requests: Sequence[Request], chat_format: ChatFormat = DEFAULT_FORMAT
) -> Any:
    """Return a ``BatchFeature`` with a row for each request, padded on the left.

    All requests have pictures or none has, and they ask for the same thinking.
    """
    by_request = [_messages(request.messages, chat_format) for request in requests]
    options: dict[str, Any] = {"padding": True}
    if not chat_format.parts and requests[0].images:
        options["images"] = [[_picture(image) for image in each.images] for each in requests]
    return processor.apply_chat_template(
        [_conversation(messages, chat_format, image_token(processor)) for messages in by_request],
        add_generation_prompt=True,
        tokenize=True,
        return_dict=True,
        return_tensors="pt",
        processor_kwargs=options,
        **thinking_variables(processor.chat_template, requests[0].sampling),
    )


def _messages(messages: Sequence[Message], chat_format: ChatFormat) -> Sequence[Message]:
    """The messages; without a system role, its text is prepended to the first user message."""
    if chat_format.system:
        return messages
    system = "\n\n".join(message.text for message in messages if message.role == "system")
    first, *rest = (message for message in messages if message.role != "system")
    if not system:
        return (first, *rest)
    return (replace(first, parts=(Text(f"{system}\n\n"), *first.parts)), *rest)


def _conversation(
    messages: Sequence[Message], chat_format: ChatFormat, token: str
) -> list[dict[str, Any]]:
    if chat_format.parts:
        return [
            {"role": message.role, "content": [_content(part) for part in message.parts]}
            for message in messages
        ]
    return [
        {
            "role": message.role,
            "content": "".join(token if isinstance(p, Image) else p.text for p in message.parts),
        }
        for message in messages
    ]


def _content(part: Part) -> dict[str, Any]:
    if isinstance(part, Image):
        return {"type": "image", "image": _picture(part)}
    return {"type": "text", "text": part.text}


def _picture(image: Image) -> PIL.Image.Image:
    return PIL.Image.open(io.BytesIO(image.png)).convert("RGB")


def thinking_variables(template: object, sampling: Sampling) -> dict[str, Any]:
    """Return the variables of a chat template that say whether to think, and how much.

    Only variables that it has are returned. A reasoning effort takes precedence over the switch.
    """
    effort, thinks = sampling.reasoning_effort, sampling.thinking
    if effort:
        thinks = effort != NO_EFFORT
    if thinks is None:
        return {}
    values: dict[str, Any] = dict.fromkeys(THINKING_VARIABLES, thinks)
    if effort:
        values["reasoning_effort"] = effort
    known = variables(str(template))
    return {name: value for name, value in values.items() if name in known}
