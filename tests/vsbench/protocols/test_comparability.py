"""Comparability: the settings in which two runs differ, and which of them matter."""

from typing import Any

import pytest

from manifests import FieldPath, leaves, other_manifests, plan
from vsbench.protocols import (
    comparable,
    comparable_groups,
    setting_differences,
    settings_in_words,
)
from vsbench.protocols.comparability import NOT_SETTINGS

INCOMPARABLE: list[tuple[dict[str, Any], str]] = [
    ({"protocol": "vsbench-1-quick"}, "protocol vsbench-1 in base, vsbench-1-quick in new"),
    ({"modality": "text"}, "modality image in base, text in new"),
    ({"style": "cot"}, "style io in base, cot in new"),
    ({"persona": "self_interest"}, "persona none in base, self_interest in new"),
    ({"attempts": 3}, "attempts 20 in base, 3 in new"),
    ({"feedback": True, "attempts": 20}, "feedback off in base, on in new"),
    ({"max_tokens": 500}, "tokens of an answer 8192 in base, 500 in new"),
    ({"thinking": 1000}, "tokens to think 16384 in base, 1000 in new"),
    ({"max_tokens_limit": 9000}, "raised token limit none in base, 9000 in new"),
    ({"temperature": 0}, "temperature 1 in base, 0 in new"),
    ({"temperature": "provider"}, "temperature 1 in base, none in new"),
    ({"reasoning_effort": "4000"}, "reasoning effort none in base, 4000 in new"),
    ({"detail": "low"}, "detail high in base, low in new"),
    (
        {"seats": {1: "random"}, "envs": ("breakthrough",)},
        "seat 1 mcts in base, random in new (breakthrough)",
    ),
]

FREE: list[dict[str, Any]] = [
    {"seed": 7},
    {"models": ("openai/o3",), "temperature": "provider"},
    {"models": ("sighted/oracle",)},
    {"episodes": 3, "samples": 7},
    {"thinking": "off"},
    {"reasoning_effort": "high"},
    {"model_options": {"openai.api": "chat"}},
    {"envs": ("kuhn_poker", "hanabi"), "evals": ("decision",)},
]


@pytest.mark.parametrize(("settings", "said"), INCOMPARABLE, ids=[said for _, said in INCOMPARABLE])
def test_settings_that_change_the_task_make_figures_incomparable(
    settings: dict[str, Any], said: str
) -> None:
    base, new = plan(), plan(**settings)
    found = [each for each in setting_differences(base, new) if each.incomparable]
    assert said in settings_in_words(found)
    assert not comparable(base, new)


@pytest.mark.parametrize("settings", FREE, ids=map(str, FREE))
def test_what_may_differ_is_named_and_stays_comparable(settings: dict[str, Any]) -> None:
    base, new = plan(), plan(**settings)
    assert setting_differences(base, new)
    assert comparable(base, new)


def test_a_game_of_its_own_settings_concerns_its_own_figures_only() -> None:
    base, new = plan(), plan(seats={1: "random"}, envs=("breakthrough", "hanabi"))
    matters = [each for each in setting_differences(base, new) if each.incomparable]
    (hanabi,) = {each.setting for each in matters if each.environment == "hanabi"} - {
        "measured seats",
        "seating",
    }
    assert hanabi.startswith("seat 1")
    for each in matters:
        assert each.environment in ("breakthrough", "hanabi")
        assert each.concerns("decision", each.environment)
        assert not each.concerns("reasoning", each.environment)
        assert not each.concerns("decision", "kuhn_poker")


def test_one_bot_written_in_two_ways_is_one_opponent() -> None:
    one, other = (
        plan(seats={1: bot}, envs=("breakthrough",)) for bot in ("mcts", "mcts:simulations=100")
    )
    assert setting_differences(one, other) == []


def test_the_name_of_a_data_set_is_no_setting_but_its_content_is() -> None:
    def with_samples(**change: object):
        base = plan(envs=("hanabi",))
        (only,) = base.environments
        samples = only.samples.model_copy(update=change)
        return base.model_copy(
            update={"environments": (only.model_copy(update={"samples": samples}),)}
        )

    assert comparable(plan(envs=("hanabi",)), with_samples(dataset="copy.jsonl"))
    (other,) = setting_differences(
        plan(envs=("hanabi",)), with_samples(dataset="mine.jsonl", sha256="ab" * 32, size=500)
    )
    assert other.incomparable
    assert other.new == "mine.jsonl (abababababab)"
    assert other.concerns("perception", "hanabi")
    assert not other.concerns("decision", "hanabi")


def test_differences_are_the_same_from_both_sides() -> None:
    base = plan()
    for settings in [settings for settings, _ in INCOMPARABLE] + FREE:
        new = plan(**settings)
        there, back = setting_differences(base, new), setting_differences(new, base)
        swapped = [each.model_copy(update={"base": each.new, "new": each.base}) for each in back]
        assert sorted(map(str, there)) == sorted(map(str, swapped))


FREE_FIELDS = (
    *("seed", "model_options", "versions", "prices", "prices_date", "evaluations"),
    *("model_settings.thinking", "model_settings.reasoning_effort"),
    *("models.openai/gpt-4o.thinking", "models.openai/gpt-4o.max_tokens_limit"),
    *("episodes", "samples.count", "samples.dataset", "env", "prompts_version"),
)
"""What may differ by itself. Another game is not compared; prompts are known by fingerprint."""


def is_free(path: FieldPath) -> bool:
    steps = path[2:] if path[0] == "environments" else path
    name = ".".join(map(str, steps))
    return any(f"{name}.".startswith(f"{free}.") for free in FREE_FIELDS)


def test_every_field_that_differs_is_found() -> None:
    """A field added to manifests makes runs incomparable until it is known to be free."""
    base = plan(envs=("kuhn_poker", "coin_dilemma"))
    unseen, changed = set(), 0
    for path in leaves(base.model_dump(mode="json")):
        if path[0] in NOT_SETTINGS or path == ("protocol", "conforms"):
            continue
        for other in other_manifests(base, path):
            changed += 1
            found = setting_differences(base, other)
            if not found or not (is_free(path) or any(each.incomparable for each in found)):
                unseen.add(".".join(map(str, path)))
    assert not unseen
    assert changed > 80


def test_runs_are_grouped_by_what_can_be_compared() -> None:
    runs = [plan(), plan(attempts=3), plan(seed=2), plan(modality="text"), plan(attempts=3, seed=9)]
    assert comparable_groups(runs) == [0, 1, 0, 2, 1]
