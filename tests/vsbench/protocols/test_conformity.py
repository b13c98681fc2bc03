"""Conformity: whatever a manifest can hold beside its protocol is found."""

import subprocess
import sys
from typing import Any

import pytest

from manifests import leaves, other_manifests, plan
from vsbench.errors import UsageError
from vsbench.protocols import conformity, conforms, in_words, protocol, standing_of

MODELS = ("sighted/oracle", "openai/gpt-4o", "openai/o3", "bot/random")

FREE = {
    "created",
    "seed",
    "prices_date",
    "model_options",
    # Tracks, and said with every figure.
    "model_settings.modality",
    "model_settings.style",
    # Derived anew by whoever verifies.
    "protocol.conforms",
    "model_settings.thinking",
    "model_settings.reasoning_effort",
    "models.openai/gpt-4o.thinking",
    # A model may take more than its protocol needs, never less.
    "models.openai/gpt-4o.max_tokens_limit",
}
"""What may differ by itself, beside prices and versions."""

FREE_WHOLE = ("prices.", "versions.")

CONSTANT = {"format", "schema_version"}
"""Fields that have one value."""


@pytest.mark.parametrize("name", ["vsbench-1", "vsbench-1-quick"])
@pytest.mark.parametrize("model", MODELS)
def test_a_default_run_conforms(name: str, model: str) -> None:
    manifest = plan(models=(model,), protocol=name)
    found = conformity(manifest)
    assert manifest.protocol is not None
    assert manifest.protocol.conforms
    assert conforms(found)
    # Bots see no pictures, and are not asked what is in them.
    assert bool(found) == model.startswith("bot/")


DEVIATIONS: list[tuple[dict[str, Any], str]] = [
    ({"episodes": 3}, "episodes 3 instead of 10, 20 or 1200 (8 games)"),
    ({"samples": 7}, "samples 7 instead of 400 (8 games)"),
    ({"envs": ("breakthrough",), "seats": {1: "random"}}, "seat 1 random instead of mcts"),
    (
        {"envs": ("breakthrough",), "seats": {1: "mcts:simulations=5"}},
        "seat 1 mcts:simulations=5 instead of mcts",
    ),
    ({"envs": ("coin_dilemma",), "seats": {1: "oracle"}}, "measured seats 0 instead of 0, 1"),
    ({"envs": ("hanabi_3p",), "evals": ("decision",)}, "additional games played instead of none"),
    ({"attempts": 3}, "attempts 3 instead of 20"),
    ({"feedback": True}, "feedback on instead of off; attempts 3 instead of 20"),
    ({"persona": "self_interest"}, "persona self_interest instead of none"),
    ({"max_tokens": 500}, "tokens of an answer 500 instead of 8192"),
    ({"max_tokens_limit": 9000}, "raised token limit 9000 instead of none"),
    ({"thinking": 1000}, "tokens to think 1000 instead of 16384"),
    ({"reasoning_effort": "4000"}, "reasoning effort 4000 instead of none"),
    ({"temperature": 0}, "temperature 0 instead of 1"),
    ({"temperature": "provider"}, "temperature none instead of 1"),
    ({"detail": "low"}, "detail low instead of high"),
]


@pytest.mark.parametrize(("settings", "said"), DEVIATIONS, ids=[said for _, said in DEVIATIONS])
def test_deviations_are_said_in_words(settings: dict[str, Any], said: str) -> None:
    manifest = plan(**settings)
    standing = standing_of(manifest)
    assert manifest.protocol is not None
    assert not manifest.protocol.conforms
    assert not standing.conforms
    assert set(said.split("; ")) <= {each.partition(" (")[0] for each in standing.differences} | {
        *standing.differences
    }
    assert "not conforming: " in standing.summary


@pytest.mark.parametrize(
    "settings",
    [
        {"modality": "text"},
        {"modality": "both", "style": "cot"},
        {"thinking": "off"},
        {"reasoning_effort": "high"},
        {"seed": 7, "max_connections": 3, "timeout": 5.0},
        {"model_options": {"openai.api": "chat"}},
        {"envs": ("breakthrough",), "seats": {1: "mcts:simulations=100"}, "episodes": 20},
    ],
)
def test_tracks_and_what_is_free_conform(settings: dict[str, Any]) -> None:
    if "seats" in settings:
        # Written otherwise, the same bot; but a seat that is given stays with whom it is given to.
        assert "seating" in "".join(standing_of(plan(**settings)).differences)
        assert "seat 1" not in "".join(standing_of(plan(**settings)).differences)
        return
    assert standing_of(plan(**settings)).conforms


def test_a_model_that_takes_no_temperature_conforms_without() -> None:
    assert standing_of(plan(models=("openai/o3",), temperature="provider")).conforms
    assert not standing_of(plan(temperature="provider")).conforms


def test_a_part_of_a_protocol_conforms_as_far_as_it_goes() -> None:
    manifest = plan(envs=("kuhn_poker", "hanabi"), evals=("decision",))
    found = conformity(manifest)
    assert conforms(found)
    assert in_words(found) == [
        "games kuhn_poker, hanabi instead of all 8",
        "evaluations decision instead of decision, reasoning, perception",
    ] or in_words(found) == [
        "games hanabi, kuhn_poker instead of all 8",
        "evaluations decision instead of decision, reasoning, perception",
    ]


def test_the_text_track_is_whole_without_perception() -> None:
    manifest = plan(modality="text")
    assert conformity(manifest) == []
    with pytest.raises(UsageError, match="perception needs pictures"):
        plan(modality="text", evals=("perception",))
    blind = manifest.model_copy(update={"evaluations": ("perception",)})
    assert not conforms(conformity(blind))
    assert "additional evaluations perception instead of none" in in_words(conformity(blind))


def test_a_manifest_of_an_unknown_protocol_does_not_conform() -> None:
    manifest = plan()
    assert manifest.protocol is not None
    for change, said in (
        (
            {"sha256": "0" * 64},
            "protocol vsbench-1 (000000000000) instead of a protocol known here",
        ),
        ({"name": "vsbench-77"}, "protocol vsbench-77"),
    ):
        forged = manifest.model_copy(
            update={"protocol": manifest.protocol.model_copy(update=change)}
        )
        assert not conforms(conformity(forged))
        assert str(conformity(forged)[0]).startswith(said)
    assert not conforms(conformity(manifest.model_copy(update={"protocol": None})))


def test_every_field_that_deviates_is_found() -> None:
    """A field that is added to manifests is free, a constant, or found: it cannot be forgotten."""
    manifest = plan()
    changed, unseen, stuck = 0, [], []
    for path in leaves(manifest.model_dump(mode="json")):
        name = ".".join(map(str, path))
        valid = other_manifests(manifest, path)
        if not valid:
            stuck.append(name)
        if name in FREE or name.startswith(FREE_WHOLE):
            continue
        changed += len(valid)
        unseen += [name for other in valid if conforms(conformity(other))]
    assert not unseen
    assert changed > 150
    # What has no other valid value by itself: constants, and players, whose limits are held too.
    assert {name for name in stuck if name not in CONSTANT} <= {
        name for name in stuck if name.startswith(("environments", "evaluations"))
    } | {"model", "model_settings.thinking"}


def test_free_fields_are_those_that_the_protocol_lists() -> None:
    listed = protocol("vsbench-1").free
    tracks = {"modality", "style"}
    derived = {"created": "versions", "prices_date": "prices", "max_tokens_limit": "model"}
    for name in FREE - {"protocol.conforms"}:
        field = name.rpartition(".")[2]
        assert derived.get(field, field) in listed.keys() | tracks


def test_neither_adapters_nor_the_runner_are_needed() -> None:
    program = """
import sys, vsbench.protocols
print([n for n in sys.modules if n.startswith(("vsbench.adapters", "vsbench.runner", "pyspiel"))])
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
