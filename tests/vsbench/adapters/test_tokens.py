"""Token estimates, against the examples that OpenAI's vision guide works out for GPT-4o."""

import io

import pytest
from PIL import Image

from questions import text_question
from vsbench.adapters.tokens import picture_tokens, prompt_tokens, text_tokens


def png(width: int, height: int) -> bytes:
    file = io.BytesIO()
    Image.new("1", (width, height)).save(file, "PNG")
    return file.getvalue()


@pytest.mark.parametrize(
    ("size", "tokens"),
    [((1024, 1024), 765), ((2048, 4096), 1105), ((640, 480), 425), ((1, 1), 255)],
)
def test_pictures_cost_by_tiles(size: tuple[int, int], tokens: int) -> None:
    assert picture_tokens(png(*size), "high") == tokens
    assert picture_tokens(png(*size), "low") == 85


def test_text_costs_by_length() -> None:
    assert [text_tokens("a" * length) for length in (0, 1, 4, 5)] == [0, 1, 1, 2]
    assert prompt_tokens(text_question("a" * 400)) == 104
