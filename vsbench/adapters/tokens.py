"""Tokens estimated without a tokenizer."""

from __future__ import annotations

import math

from vsbench.adapters.base import Image, Request, Text
from vsbench.models import traits_of
from vsbench.picture_tokens import GPT_4O, PictureFormula, picture_tokens

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
    return prompt_tokens(request, traits_of(model).pictures or GPT_4O)


def prompt_tokens(request: Request, pictures: PictureFormula = GPT_4O) -> int:
    """Tokens of a request's messages, pictures included."""
    total = 0
    for message in request.messages:
        total += MESSAGE_TOKENS
        for part in message.parts:
            match part:
                case Text(text):
                    total += text_tokens(text)
                case Image(png):
                    total += picture_tokens(png, request.sampling.detail, pictures)
    return total
