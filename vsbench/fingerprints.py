"""Fingerprints of what models were asked: texts and pictures apart.

Texts are the same wherever a question is rendered. Pictures are compared by their pixels, since
PNG files differ with the library that compressed them; and pixels may still differ where fonts are
drawn by other software.
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
    """Of roles, texts and the places of pictures, in order."""
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
    """Of the pixels of all pictures, in order; empty if there are none."""
    pictures = [
        _pixels(part.png)
        for message in messages
        for part in message.parts
        if isinstance(part, Image)
    ]
    return _of(pictures) if pictures else ""


def _of(pieces: Iterable[bytes]) -> str:
    """A hash that keeps pieces apart: ``ab|c`` is not ``a|bc``."""
    digest = blake2b(digest_size=SIZE)
    for piece in pieces:
        digest.update(len(piece).to_bytes(8, "big") + piece)
    return digest.hexdigest()


# Attempts at one question, and seats that see the same, share their pictures.
@lru_cache(maxsize=128)
def _pixels(png: bytes) -> bytes:
    """A hash of a picture's pixels, or of its bytes if nothing can be drawn from them."""
    try:
        with Pillow.open(io.BytesIO(png), formats=("PNG",)) as picture:
            colours = bytes(picture.getpalette() or ())
            shape = repr((picture.mode, picture.size)).encode()
            return bytes.fromhex(_of([shape, colours, picture.tobytes()]))
    except (OSError, ValueError, SyntaxError, Pillow.DecompressionBombError):
        return bytes.fromhex(_of([b"undrawable", png]))
