"""Personas are strategies, and rules tell nothing that is not to be told."""

import re

import pytest

from vsbench.players.questions import personas
from vsbench.prompts import PromptPack
from vsbench.prompts.rendering import QUESTION_VARIABLES, game_facts
from vsbench_envs import registry

MIXED = [name for name in registry.GAMES if registry.get(name).spec.kind == "mixed-motive"]
STRATEGIES = [
    (env, persona) for env in MIXED for persona in sorted(personas(registry.get(env).spec.personas))
]


def asked(env: str, persona: str | None = None, template: str = "action") -> str:
    """The system message of a question to the first seat."""
    spec = registry.get(env).spec
    context = dict.fromkeys(QUESTION_VARIABLES) | {
        "game": game_facts(spec),
        "seat": 0,
        "seat_name": spec.roles[0],
        "style": "io",
        "persona": persona,
        "images": 0,
        "facts": (),
        "legal": spec.actions,
        "elements": ("a1",),
    }
    pack = PromptPack.shipped()
    messages = pack.render(pack.template(env, template), context, ())
    return messages[0].text


@pytest.mark.parametrize(("env", "persona"), STRATEGIES)
def test_a_persona_adds_its_strategy(env: str, persona: str) -> None:
    strategy = PromptPack.shipped().templates[f"{env}/v1/personas/{persona}.j2"].strip()
    assert f"# Your strategy\n\n{strategy}\n" in asked(env, persona)
    assert "strategy" not in asked(env)


def test_strategies_of_a_game_differ_and_none_is_left_over() -> None:
    templates = PromptPack.shipped().templates
    for env in MIXED:
        texts = {
            name: text for name, text in templates.items() if name.startswith(f"{env}/v1/personas/")
        }
        assert {name.split("/")[-1].removesuffix(".j2") for name in texts} == personas(
            registry.get(env).spec.personas
        )
        assert len(set(texts.values())) == len(texts)


@pytest.mark.parametrize("env", MIXED)
def test_no_number_of_steps_is_told(env: str) -> None:
    for template in ("action", "prediction", "perception"):
        text = asked(env, template=template)
        assert not re.search(r"\b50\b|\blasts\b|\d+ steps", text)


@pytest.mark.parametrize("env", MIXED)
def test_perception_explains_the_names_of_cells(env: str) -> None:
    text = asked(env, template="perception")
    for corner in ("a1", "e1", "a5", "e5"):
        assert corner in text


def test_breakthrough_tells_no_score() -> None:
    assert not re.search(r"worth|-1", asked("breakthrough"))
