"""Tokens estimated without a tokenizer."""

from __future__ import annotations

import math

from vsbench.adapters.base import Image, Request, Text
from vsbench.models import traits_of
from vsbench.picture_tokens import GPT_4O, Detail, PictureFormula, picture_tokens

CHARACTERS_PER_TOKEN = 4
MESSAGE_TOKENS = 4
"""What a chat format adds to each message."""


def text_tokens(text: str) -> int:
    """Tokens of English text: one for about four characters."""
    return math.ceil(len(text) / CHARACTERS_PER_TOKEN)


def expected_tokens(model: str, request: Request) -> int:
    """The input that a call to a model, by its full id, should be billed for; takes microseconds.

    Pictures are counted by the formula of the model's family; by GPT-4o's if that is not known.
    """
    traits = traits_of(model)
    detail = request.sampling.detail if traits.details else "auto"
    return _tokens(request, traits.pictures or GPT_4O, detail)


def prompt_tokens(request: Request) -> int:
    """Tokens of a request's messages, pictures included, as GPT-4o counts them."""
    return _tokens(request, GPT_4O, request.sampling.detail)


def _tokens(request: Request, pictures: PictureFormula, detail: Detail) -> int:
    total = 0
    for message in request.messages:
        total += MESSAGE_TOKENS
        for part in message.parts:
            match part:
                case Text(text):
                    total += text_tokens(text)
                case Image(png):
                    total += picture_tokens(png, detail, pictures)
    return total
