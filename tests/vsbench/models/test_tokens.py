"""Token estimates, against worked examples of the providers' guides and measured bills."""

import io
import time

import pytest
from PIL import Image

from questions import kuhn_question, text_question
from vsbench.adapters import Request
from vsbench.models import estimate_tokens, message_tokens, text_tokens, traits_of
from vsbench.models.tokens import picture_tokens


def estimated(model: str, request: Request) -> int:
    return estimate_tokens(model, request.messages, request.sampling.detail)


def png(width: int, height: int) -> bytes:
    file = io.BytesIO()
    Image.new("1", (width, height)).save(file, "PNG")
    return file.getvalue()


@pytest.mark.parametrize(
    ("model", "size", "tokens"),
    [
        ("gpt-4o", (1024, 1024), 765),
        ("gpt-4o", (2048, 4096), 1105),
        ("gpt-4o", (640, 480), 425),
        ("gpt-4o", (1, 1), 255),
        ("gpt-4o-mini", (1024, 1024), 2833 + 4 * 5667),
        ("gpt-5", (1024, 1024), 70 + 4 * 140),
        ("o3", (1024, 1024), 75 + 4 * 150),
        ("gpt-4.1-mini", (1024, 1024), 1659),
        ("gpt-4.1-mini", (1800, 2400), 2353),
        ("gpt-4.1-mini", (4096, 4096), 2465),
        ("gpt-5-mini", (768, 1024), 922),
        ("gpt-5-mini", (2048, 768), 1844),
        ("gpt-5.5", (256, 256), 77),
        ("gpt-6-sol", (1280, 720), 1104),
        ("gpt-6-sol", (1920, 1080), 2448),
        ("claude-haiku-4-5", (512, 512), 361),
        ("claude-haiku-4-5", (1280, 720), 1196),
        ("claude-opus-5-5", (1920, 1080), 2691),
        ("gemini-3-pro", (256, 256), 1089),
        ("gemini-3-pro", (1280, 720), 1100),
        ("gemini-2.5-flash", (768, 768), 258),
        ("qwen2.5-vl-7b-instruct", (280, 280), 102),
    ],
)
def test_pictures_cost_by_the_formula_of_the_family(
    model: str, size: tuple[int, int], tokens: int
) -> None:
    formula = traits_of(model).pictures
    assert formula is not None
    assert picture_tokens(png(*size), "high", formula) == tokens


def test_a_picture_in_low_detail_costs_the_base() -> None:
    assert picture_tokens(png(1024, 1024), "low") == 85


@pytest.mark.parametrize("model", ["gpt-4o", "gpt-4.1-mini", "claude-opus-5-5", "gemini-3-pro"])
def test_a_larger_picture_never_leaves_the_limits(model: str) -> None:
    formula = traits_of(model).pictures
    assert formula is not None
    sizes = [(side, side * shape // 7) for side in range(70, 4000, 130) for shape in (1, 7, 30)]
    found = [formula.tokens(width, height, "high") for width, height in sizes]
    assert min(found) > 0
    assert max(found) <= 5000


def test_text_costs_by_length() -> None:
    assert [text_tokens("a" * length) for length in (0, 1, 4, 5)] == [0, 1, 1, 2]
    assert message_tokens(text_question("a" * 400).messages) == 104


def test_what_a_call_should_be_billed_for_depends_on_the_model() -> None:
    request = kuhn_question()
    found = {
        model: estimated(model, request)
        for model in ("openai/gpt-4o", "openai/gpt-4o-mini", "anthropic/claude-opus-5-5")
    }
    assert len(set(found.values())) == 3
    at_another = "openai-api/https://openrouter.ai/api/v1#openai/gpt-4o-mini"
    assert estimated(at_another, request) == found["openai/gpt-4o-mini"]
    assert estimated("openai-api/http://host/v1#mine", request) == found["openai/gpt-4o"]


def test_expecting_takes_microseconds() -> None:
    request = kuhn_question()
    estimated("openai/gpt-4.1-mini", request)
    started = time.perf_counter()
    for _ in range(100):
        estimated("openai/gpt-4.1-mini", request)
    assert (time.perf_counter() - started) / 100 < 0.0005
