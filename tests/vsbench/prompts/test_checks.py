"""A user's own templates are checked when they are loaded, before anything is played."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from vsbench.prompts import PromptError, PromptPack

ACTION = "kuhn_poker/v1/action.j2"
FRAME = "_shared/v1/_frame.j2"
EXTENDS = '{% extends "_shared/v1/action.j2" %}\n'


def overlay(folder: Path, templates: Mapping[str, str]) -> PromptPack:
    for name, text in templates.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return PromptPack.shipped(folder)


@pytest.mark.parametrize(
    ("templates", "problem"),
    [
        ({ACTION: EXTENDS + "\n\nBe bold.\n"}, rf"{ACTION}:4: this is outside a block"),
        ({ACTION: EXTENDS + "{{ legal }}"}, rf"{ACTION}:2: this is outside"),
        ({ACTION: EXTENDS + "{{ nonsense }}"}, rf"{ACTION}:2: this is outside"),
        ({ACTION: EXTENDS + "{% if told %}\nBe bold.{% endif %}"}, rf"{ACTION}:3: this is outside"),
        (
            {ACTION: EXTENDS + '{% include "_shared/v1/_style.j2" %}'},
            rf"{ACTION}:2: this is outside",
        ),
        ({ACTION: "Be bold.\n" + EXTENDS}, rf"{ACTION}:1: this is outside"),
        (
            {ACTION: EXTENDS + "{% block anser %}x{% endblock %}"},
            rf"{ACTION}:2: no block 'anser'.*blocks there: answer, objective, question",
        ),
        (
            {FRAME: "{{ role('user') }}{% block question %}{% endblock %}"},
            r"_shared/v1/\w+.j2:\d+: no block '(answer|objective)'",
        ),
        ({ACTION: EXTENDS + "{% block answer %}{{ leagl }}{% endblock %}"}, "did you mean 'legal'"),
        ({ACTION: EXTENDS + "{% block answer %}{{ x | nofilter }}{% endblock %}"}, "nofilter"),
        ({ACTION: EXTENDS + "{% block answer %}{% if %}{% endblock %}"}, rf"{ACTION}:2"),
        ({ACTION: '{% extends "_shared/v1/acton.j2" %}'}, "did you mean '_shared/v1/action.j2'"),
        ({ACTION: "{{ role('user') }}\n{% include 'no.j2' %}"}, rf"{ACTION}:2: .*'no.j2'"),
        ({ACTION: '{% extends "kuhn_poker/v1/action.j2" %}'}, "extends itself"),
        ({ACTION: "{{ lipsum() }}"}, "'lipsum' is undefined"),
        ({ACTION: "{{ [3, 1] | random }}"}, "random"),
        (
            {ACTION: EXTENDS, "kuhn_poker/v1/_rule.j2": "Do as you like."},
            r"would change nothing; did you mean '\w+/v1/_rules.j2'",
        ),
    ],
)
def test_what_would_be_dropped_or_fail_is_named(
    tmp_path: Path, templates: dict[str, str], problem: str
) -> None:
    with pytest.raises(PromptError, match=problem):
        overlay(tmp_path, templates)


@pytest.mark.parametrize(
    "templates",
    [
        {ACTION: EXTENDS + "{#- nothing -#}\n\n"},
        {ACTION: EXTENDS + "{% set mood = 'bold' %}{% block answer %}Be {{ mood }}{% endblock %}"},
        {ACTION: EXTENDS + "{% block answer %}{% block inner %}x{% endblock %}{% endblock %}"},
        {ACTION: EXTENDS + "{% macro m(a) %}{{ a }}{% endmacro %}"},
        {ACTION: EXTENDS, "kuhn_poker/v1/mine.j2": "{{ mood }}", FRAME: None},
        {ACTION: EXTENDS, "_personas/v1/brave.j2": "You are brave."},
        {ACTION: EXTENDS, "my_game/v1/action.j2": "{{ role('user') }}"},
        {ACTION: "{{ role('user') }}{% include 'no.j2' ignore missing %}"},
    ],
)
def test_sound_overlays_load(tmp_path: Path, templates: dict[str, str | None]) -> None:
    if templates.pop(FRAME, "") is None:
        shipped = PromptPack.shipped().templates[FRAME]
        templates[FRAME] = (
            '{% set mood = "calm" %}' + shipped + '{% include "kuhn_poker/v1/mine.j2" %}'
        )
    pack = overlay(tmp_path, {name: text or "" for name, text in templates.items()})
    assert set(templates) <= set(pack.templates)


def test_a_full_copy_of_the_pack_is_sound(tmp_path: Path) -> None:
    PromptPack.shipped().eject(tmp_path)
    assert PromptPack.shipped(tmp_path).sha256 == PromptPack.shipped().sha256
