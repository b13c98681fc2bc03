"""Finds what a question lets a model choose from, and under which key it wants the answer.

The harness's own prompts list actions as a JSON array. Published data sets have other people's
prompts, so that other forms are understood as well.
"""

from __future__ import annotations

import re

from vsbench.adapters.base import BadRequestError, Request
from vsbench.adapters.sighted import answer_field, listed_actions

_LABEL = r"""(?:"[^"\n]{1,200}"|'[^'\n]{1,200}')"""
_MEMBER = rf"""["']?-?\d+["']?\s*:\s*{_LABEL}"""
OBJECT = re.compile(rf"\{{\s*{_MEMBER}(?:\s*,\s*{_MEMBER})*\s*\}}")
"""An object of id -> label, in JSON or as Python prints it."""

HEADING = re.compile(
    r"^[^\w\n]*legal (?:actions|moves)\b[^:\n]*:\s*((?:[^\n]+(?:\n|\Z))+)",
    re.IGNORECASE | re.MULTILINE,
)
"""A heading, and the lines below it with the labels."""

TAG = re.compile(r"<[A-Z][A-Z0-9_ ]*>")
"""A label in angle brackets, as in ``<UP>``."""

ANSWER = re.compile(r"""["'](action|prediction)["']\s*:\s*["']([^"'\n]*)["']""")
"""The form of an answer: its key, and what stands for the label."""


def listed_options(request: Request) -> tuple[str, ...]:
    """The labels to choose from, in the order of the text.

    Raises:
        BadRequestError: none are found.
    """
    try:
        return listed_actions(request)
    except BadRequestError:
        pass
    text = _text(request)
    found = _of_object(text) or _of_heading(text) or _of_tags(text)
    if not found:
        raise BadRequestError("the messages list no actions to choose from")
    return tuple(dict.fromkeys(found))


def answer_key(request: Request) -> str:
    """The key of the JSON object that is wanted for an answer."""
    key = answer_field(request)
    asked = ANSWER.findall(_text(request)) if key == "action" else []
    return asked[-1][0] if asked else key


def _text(request: Request) -> str:
    return "\n".join(message.text for message in request.messages if message.role != "assistant")


def _of_object(text: str) -> list[str]:
    objects = OBJECT.findall(text)
    members = re.findall(rf":\s*({_LABEL})", objects[-1]) if objects else []
    return [label[1:-1] for label in members]


def _of_heading(text: str) -> list[str]:
    sections = HEADING.findall(text)
    labels = re.split(r"[,\n]", sections[-1].strip().removesuffix(".")) if sections else []
    return [label for each in labels if (label := each.strip(" \t\r-*"))]


def _of_tags(text: str) -> list[str]:
    placeholders = {value for _, value in ANSWER.findall(text)}
    return [tag for tag in TAG.findall(text) if tag not in placeholders]
