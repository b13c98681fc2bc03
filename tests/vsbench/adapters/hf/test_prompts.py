"""Requests as a model gets them: through its own processor and chat template."""

import io
from dataclasses import replace
from pathlib import Path

import PIL.Image
import pytest
from jinja2 import TemplateError

from questions import kuhn_question
from tiny_vlm import PICTURE_TOKENS, TEMPLATE, torch, transformers, write_vlm
from vsbench.adapters import Image, Message, Request, Sampling, Text
from vsbench.adapters.base import BadRequestError
from vsbench.adapters.hf import HFOptions
from vsbench.adapters.hf.loading import load
from vsbench.adapters.hf.prompts import (
    ChatFormat,
    image_token,
    model_inputs,
    thinking_variables,
)


def picture(*colour: int, mode: str = "RGB") -> Image:
    file = io.BytesIO()
    PIL.Image.new(mode, (48, 40), colour).save(file, "PNG")
    return Image(file.getvalue())


RED, BLUE = picture(255, 0, 0), picture(0, 0, 255)


@pytest.fixture(scope="module")
def processor(folder):
    loaded = transformers.AutoProcessor.from_pretrained(folder)
    loaded.tokenizer.padding_side = "left"
    return loaded


def asked(*parts: Image | str, system: str = "") -> Request:
    user = Message("user", tuple(Text(p) if isinstance(p, str) else p for p in parts))
    first = (Message("system", (Text(system),)),) if system else ()
    return Request((*first, user), max_tokens=8, seed=1)


def read(processor, inputs) -> list[str]:
    """The rows as text, without padding."""
    rows = zip(inputs["input_ids"], inputs["attention_mask"].bool(), strict=True)
    return [processor.tokenizer.decode(ids[mask]) for ids, mask in rows]


def test_text_and_pictures_keep_their_order(processor) -> None:
    request = asked("First ", RED, " then ", BLUE, BLUE, " end.", system="You see.")
    inputs = model_inputs(processor, [request])
    seen = "<image>" * PICTURE_TOKENS
    assert read(processor, inputs) == [
        "<bos>[system]\nYou see.<end>\n"
        f"[user]\nFirst {seen} then {seen}{seen} end.<end>\n"
        "[assistant]\n"
    ]


def test_each_picture_arrives_in_its_place(processor) -> None:
    inputs = model_inputs(processor, [asked(RED, "x", BLUE), asked(BLUE)])
    means = inputs["pixel_values"].mean(dim=(2, 3))
    assert means.shape == (3, 3)
    assert means.argmax(dim=1).tolist() == [0, 2, 2]


def test_conversations_go_on(processor) -> None:
    said = (Message("assistant", (Text("up"),)), Message("user", (Text("No."),)))
    request = replace(asked("Where?"), messages=(*asked("Where?").messages, *said))
    (text,) = read(processor, model_inputs(processor, [request]))
    assert text.endswith("Where?<end>\n[assistant]\nup<end>\n[user]\nNo.<end>\n[assistant]\n")


def test_shorter_prompts_are_padded_on_the_left(processor) -> None:
    inputs = model_inputs(processor, [asked("a"), asked("a longer one")])
    short, long = inputs["attention_mask"].tolist()
    assert short == [0] * 11 + [1] * (len(long) - 11)
    assert long == [1] * len(long)
    assert torch.equal(inputs["input_ids"][0, -12:], inputs["input_ids"][1, -12:])


@pytest.mark.parametrize("mode", ["L", "RGBA"])
def test_pictures_of_every_mode(processor, mode: str) -> None:
    grey = picture(*[128] * len(mode), mode=mode) if mode == "RGBA" else picture(128, mode=mode)
    assert model_inputs(processor, [asked(grey)])["pixel_values"].shape[1] == 3


def test_models_that_can_think_are_told_whether_to(processor) -> None:
    def ends(effort: str | None) -> bool:
        request = replace(asked("Why?"), sampling=Sampling(reasoning_effort=effort))
        (text,) = read(processor, model_inputs(processor, [request]))
        return text.endswith("<think></think>")

    assert ends("none")
    assert not ends("high")
    assert not ends(None)


@pytest.mark.parametrize(
    ("sampling", "thinks"),
    [
        (Sampling(thinking=True), True),
        (Sampling(thinking=False), False),
        (Sampling(), True),
        (Sampling(thinking=True, reasoning_effort="none"), False),
        (Sampling(thinking=False, reasoning_effort="high"), True),
    ],
)
def test_the_switch_is_thrown_in_the_template(processor, sampling, thinks: bool) -> None:
    request = replace(asked("Why?"), sampling=sampling)
    (text,) = read(processor, model_inputs(processor, [request]))
    assert text.endswith("<think></think>") is not thinks


@pytest.mark.parametrize(
    ("template", "told"),
    [
        ("{% if enable_thinking %}x{% endif %}", {"enable_thinking": False}),
        ("{% if thinking is defined and not thinking %}x{% endif %}", {"thinking": False}),
        ("{{ messages }} thinking <think> enable_thinking", {}),
        ("{% set thinking = true %}{{ thinking }}", {}),
        ("{% for m in messages %}{% break %}{% endfor %}", {}),
        ("{% generation %}{{ enable_thinking }}{% endgeneration %}", {"enable_thinking": False}),
    ],
)
def test_only_variables_that_a_template_has_are_told(template: str, told: dict) -> None:
    assert thinking_variables(template, Sampling(thinking=False)) == told
    assert thinking_variables(template, Sampling()) == {}


def test_templates_may_refuse(processor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processor, "chat_template", "{{ raise_exception('no such role') }}")
    with pytest.raises(TemplateError, match="no such role"):
        model_inputs(processor, [asked("x")])


REFUSES = "{% if message.role == 'system' %}{{ raise_exception('no system role') }}{% endif %}"
DROPS = "{% if message.role != 'system' %}"
LOOP = "{% for message in messages %}"
TEXT = LOOP + "[{{ message.role }}] {{ message.content | trim }}<end>\n{% endfor %}"
ADDS = LOOP + "{{ '[' + message.role + '] ' + message.content }}<end>\n{% endfor %}"
FLAT = "{% for message in messages %}{% if message.role == 'user' %}Q{% endif %}{% endfor %}"

SYSTEMLESS = TEMPLATE.replace(LOOP, LOOP + REFUSES)
DROPPING = TEMPLATE.replace(LOOP, LOOP + DROPS).replace(
    "<end>\n{% endfor %}", "<end>\n{% endif %}{% endfor %}"
)


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        (TEMPLATE, ChatFormat()),
        (SYSTEMLESS, ChatFormat(system=False)),
        (DROPPING, ChatFormat(system=False)),
        (TEXT, ChatFormat(parts=False)),
        (ADDS, ChatFormat(parts=False)),
        (TEXT.replace(LOOP, LOOP + REFUSES), ChatFormat(system=False, parts=False)),
    ],
)
def test_a_template_is_asked_in_the_form_that_it_takes(
    tmp_path: Path, template: str, expected: ChatFormat
) -> None:
    vlm = load(str(write_vlm(tmp_path, template=template)), HFOptions())
    assert vlm.chat_format == expected
    request = kuhn_question()
    inputs = model_inputs(vlm.processor, [request], expected)
    (row,) = inputs["input_ids"]
    text = vlm.processor.tokenizer.decode(row)
    assert "You are playing" in text
    assert "Which of them do you take?" in text
    assert ("[system]" in text) == expected.system
    assert text.count(image_token(vlm.processor)) == PICTURE_TOKENS * len(request.images)
    assert len(inputs["pixel_values"]) == len(request.images)
    assert text.index("You are playing") < text.index("This is the game.")
    assert "'type'" not in text


def test_a_template_that_shows_nothing_is_refused_at_load(tmp_path: Path) -> None:
    with pytest.raises(BadRequestError, match=r"hf/.* chat template takes no conversation"):
        load(str(write_vlm(tmp_path, template=FLAT)), HFOptions())
