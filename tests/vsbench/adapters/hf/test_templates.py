"""Chat templates that lack a role or want text: found at load, with a way round."""

from pathlib import Path

import pytest

from questions import kuhn_question
from tiny_vlm import PICTURE_TOKENS, TEMPLATE, write_vlm
from vsbench.adapters.base import BadRequestError
from vsbench.adapters.hf.loading import load
from vsbench.adapters.hf.options import HFOptions
from vsbench.adapters.hf.prompts import model_inputs
from vsbench.adapters.hf.templates import ChatForm, image_mark

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
    ("template", "form"),
    [
        (TEMPLATE, ChatForm()),
        (SYSTEMLESS, ChatForm(system=False)),
        (DROPPING, ChatForm(system=False)),
        (TEXT, ChatForm(parts=False)),
        (ADDS, ChatForm(parts=False)),
        (TEXT.replace(LOOP, LOOP + REFUSES), ChatForm(system=False, parts=False)),
    ],
)
def test_a_template_is_asked_in_the_form_that_it_takes(
    tmp_path: Path, template: str, form: ChatForm
) -> None:
    vlm = load(str(write_vlm(tmp_path, template=template)), HFOptions())
    assert vlm.form == form
    request = kuhn_question()
    inputs = model_inputs(vlm.processor, [request], form)
    (row,) = inputs["input_ids"]
    text = vlm.processor.tokenizer.decode(row)
    assert "You are playing" in text
    assert "Which of them do you take?" in text
    assert ("[system]" in text) == form.system
    assert text.count(image_mark(vlm.processor)) == PICTURE_TOKENS * len(request.images)
    assert len(inputs["pixel_values"]) == len(request.images)
    assert text.index("You are playing") < text.index("This is the game.")
    assert "'type'" not in text


def test_a_template_that_shows_nothing_is_refused_at_load(tmp_path: Path) -> None:
    with pytest.raises(BadRequestError, match=r"hf/.* chat template takes no conversation"):
        load(str(write_vlm(tmp_path, template=FLAT)), HFOptions())
