"""Prompt packs: what is asked, overlays, and versions that never change."""

import hashlib
import json
from pathlib import Path

import pytest

from vsbench.adapters.base import Image
from vsbench.players.conversation import Conversation
from vsbench.players.questions import Situation
from vsbench.prompts import PromptError, PromptPack
from vsbench.records.manifest import ModelSettings
from vsbench_envs import get, registry
from vsbench_envs.pictures import pngs
from vsbench_prompts import root

ASKING = ModelSettings(
    modality="both",
    style="io",
    persona=None,
    attempts=3,
    max_tokens=100,
    max_tokens_limit=200,
    temperature=1.0,
    reasoning_effort=None,
    detail="auto",
)


def conversation(env: str, pack: PromptPack | None = None, **asking: object) -> Conversation:
    game = get(env)
    state = game.new(1)
    seat = state.acting[0]
    legal = game.spec.labels(state.legal_actions(seat))
    situation = Situation(env, 0, 0, 0, seat, state.percept(seat), legal)
    settings = ASKING.model_copy(update=asking)
    return Conversation(pack or PromptPack.shipped(), settings, situation)


@pytest.mark.parametrize("env", registry.BENCHMARK)
@pytest.mark.parametrize("style", ["io", "cot"])
@pytest.mark.parametrize("modality", ["image", "text", "both"])
def test_the_contract_with_models(env: str, style: str, modality: str) -> None:
    system, user = conversation(env, style=style, modality=modality).messages
    state = get(env).new(1)
    percept = state.percept(state.acting[0])
    assert get(env).spec.title in system.text
    assert '{"action"' in system.text
    pictures = tuple(part.png for part in user.parts if isinstance(part, Image))
    assert pictures == (() if modality == "text" else pngs(env, percept))
    assert (get(env).view.tell(percept) in user.text) == (modality != "image")
    assert "step by step" in system.text if style == "cot" else "nothing else" in system.text
    assert "\n\n\n" not in system.text + user.text


def test_personas_speak_where_the_game_has_them() -> None:
    plain = conversation("coin_dilemma").messages[0].text
    assert conversation("coin_dilemma", persona="self_interest").messages[0].text != plain
    poker = conversation("kuhn_poker").messages
    assert conversation("kuhn_poker", persona="self_interest").messages == poker


def test_released_templates_never_change() -> None:
    """New wording is a new version; ``released.json`` grows, its lines stay."""
    hashes = {
        name: hashlib.sha256(text.encode()).hexdigest()
        for name, text in PromptPack.shipped().templates.items()
    }
    assert hashes == json.loads((root() / "released.json").read_text())


def test_an_overlay_replaces_file_by_file(tmp_path: Path) -> None:
    rules = tmp_path / "kuhn_poker/v1/_rules.j2"
    rules.parent.mkdir(parents=True)
    rules.write_text("Do as you like.\n")
    pack = PromptPack.shipped(tmp_path)
    assert "Do as you like." in conversation("kuhn_poker", pack).messages[0].text
    assert conversation("coin_dilemma", pack).messages == conversation("coin_dilemma").messages
    assert pack.sha256 != PromptPack.shipped().sha256


def test_eject_keeps_what_is_there(tmp_path: Path) -> None:
    pack = PromptPack.shipped()
    assert len(pack.eject(tmp_path)) == len(pack.templates)
    (tmp_path / "kuhn_poker/v1/_rules.j2").write_text("mine")
    assert pack.eject(tmp_path) == []
    assert (tmp_path / "kuhn_poker/v1/_rules.j2").read_text() == "mine"
    assert PromptPack(tmp_path).sha256 != pack.sha256


@pytest.mark.parametrize(
    ("template", "problem"),
    [
        ("{{ role('system') }}{{ nonsense }}", "nonsense"),
        ("{{ role('system') }}{% if %}", "kuhn_poker/v1/action.j2:1"),
        ("no role", "before the first"),
        ("{{ role('wizard') }}hello", "wizard"),
        ("{{ role('user') }}{{ image(7) }}", "no image 7"),
        ("{{ role('user') }}{{ ''.__class__.__mro__ }}", "unsafe"),
    ],
)
def test_broken_templates_are_named(tmp_path: Path, template: str, problem: str) -> None:
    path = tmp_path / "kuhn_poker/v1/action.j2"
    path.parent.mkdir(parents=True)
    path.write_text(template)
    with pytest.raises(PromptError, match=problem):
        conversation("kuhn_poker", PromptPack.shipped(tmp_path))


def test_folders_that_would_change_nothing(tmp_path: Path) -> None:
    with pytest.raises(PromptError, match="does not exist"):
        PromptPack.shipped(tmp_path / "nowhere")
    with pytest.raises(PromptError, match="holds no templates"):
        PromptPack.shipped(tmp_path)
    (tmp_path / "rules.j2").write_text("lost")
    with pytest.raises(PromptError, match="would change nothing"):
        PromptPack.shipped(tmp_path)
