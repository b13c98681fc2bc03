"""What a model's chat template takes: found out by rendering a small conversation at load."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import PIL.Image
from jinja2 import Environment, TemplateSyntaxError
from jinja2.meta import find_undeclared_variables

from vsbench.adapters.base import BadRequestError
from vsbench.adapters.hf.failure import told

SYSTEM, QUESTION, ANSWER = "vsbenchsystem", "vsbenchquestion", "vsbenchanswer"
"""Words of the conversation that is rendered."""

NOT_TEXT = ("'type'", '"type"')
"""What a template shows that takes content for text where it is a list of parts."""


@dataclass(frozen=True)
class ChatForm:
    """The form in which a template takes conversations."""

    system: bool = True
    """Whether there is a role for system messages; else their text joins the first user message."""
    parts: bool = True
    """Whether content is a list of parts; else it is text, with the processor's mark for images."""


USUAL = ChatForm()

FORMS = (USUAL, ChatForm(system=False), ChatForm(parts=False), ChatForm(False, False))
"""The most usual first."""


def chat_form(processor: Any) -> ChatForm:
    """The form that a processor's template takes.

    Raises:
        BadRequestError: none shows the system text, the turns and the pictures.
    """
    problem = "it leaves out system messages, answers or pictures"
    for form in FORMS:
        try:
            if _shows_all(processor, form):
                return form
        # Templates are programs of many people, and fail in every way.
        except Exception as error:
            problem = told(error)
    raise BadRequestError(f"its chat template takes no conversation with pictures: {problem}")


@lru_cache(maxsize=8)
def variables(template: str) -> frozenset[str]:
    """The names that a template leaves to whoever renders it; too many if it cannot be parsed."""
    try:
        parsed = Environment(autoescape=True, extensions=["jinja2.ext.loopcontrols"]).parse(
            template
        )
    except TemplateSyntaxError:
        # Templates for training have blocks of transformers' own.
        return frozenset(re.findall(r"\w+", template))
    return frozenset(find_undeclared_variables(parsed))


def image_mark(processor: Any) -> str:
    """The text that stands for an image; empty if a processor names none."""
    mark = getattr(processor, "image_token", None)
    return mark if isinstance(mark, str) else ""


def _shows_all(processor: Any, form: ChatForm) -> bool:
    with_picture, without = (_rendered(processor, form, seen) for seen in (True, False))
    words = (SYSTEM, QUESTION, ANSWER)
    return (
        all(word in with_picture for word in words)
        and not any(sign in with_picture for sign in NOT_TEXT)
        and with_picture != without
    )


def _rendered(processor: Any, form: ChatForm, seen: bool) -> str:
    picture = PIL.Image.new("RGB", (2, 2)) if seen else None
    turns = [("user", QUESTION), ("assistant", ANSWER), ("user", QUESTION)]
    if form.system:
        turns = [("system", SYSTEM), *turns]
    else:
        turns[0] = ("user", f"{SYSTEM}\n\n{QUESTION}")
    conversation = [{"role": role, "content": _content(form, t)} for role, t in turns]
    if picture is not None:
        asked = next(turn for turn in conversation if turn["role"] == "user")
        if form.parts:
            asked["content"] = [{"type": "image", "image": picture}, *asked["content"]]
        else:
            asked["content"] = image_mark(processor) + str(asked["content"])
    return str(
        processor.apply_chat_template(conversation, add_generation_prompt=True, tokenize=False)
    )


def _content(form: ChatForm, text: str) -> Any:
    return [{"type": "text", "text": text}] if form.parts else text
