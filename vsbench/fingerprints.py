"""Fingerprints of prompts: one of the texts, one of the pictures.

Texts are the same wherever a prompt is rendered. Pictures are compared by their pixels, since PNG
files depend on the library that compressed them; pixels may still depend on the font renderer.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from functools import lru_cache
from hashlib import blake2b

from PIL import Image as Pillow

from vsbench.messages import Image, Message, Text

SIZE = 8
"""Bytes of a fingerprint."""


def text_fingerprint(messages: Sequence[Message]) -> str:
    """Hash the roles, texts and places of pictures, in order."""
    return _of(
        piece
        for message in messages
        for piece in (
            b"role " + message.role.encode(),
            *(
                b"text " + part.text.encode() if isinstance(part, Text) else b"picture"
                for part in message.parts
            ),
        )
    )


def picture_fingerprint(messages: Sequence[Message]) -> str:
    """Hash the pixels of all pictures, in order; empty if there are none."""
    pictures = [
        _pixels(part.png)
        for message in messages
        for part in message.parts
        if isinstance(part, Image)
    ]
    return _of(pictures) if pictures else ""


def _of(pieces: Iterable[bytes]) -> str:
    """Hash pieces with their lengths, so that ``ab|c`` differs from ``a|bc``."""
    digest = blake2b(digest_size=SIZE)
    for piece in pieces:
        digest.update(len(piece).to_bytes(8, "big") + piece)
    return digest.hexdigest()


# Attempts at one question share their pictures, as do seats with the same view.
@lru_cache(maxsize=128)
def _pixels(png: bytes) -> bytes:
    """Hash a picture's pixels, or its bytes if they cannot be decoded."""
    try:
        with Pillow.open(io.BytesIO(png), formats=("PNG",)) as picture:
            colours = bytes(picture.getpalette() or ())
            shape = repr((picture.mode, picture.size)).encode()
            return bytes.fromhex(_of([shape, colours, picture.tobytes()]))
    except (OSError, ValueError, SyntaxError, Pillow.DecompressionBombError):
        return bytes.fromhex(_of([b"undrawable", png]))
