"""Percepts, pictures, texts and labels: four ways to say the same."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vsbench_envs import Game
from vsbench_envs.canvas import decode, encode
from vsbench_envs.errors import UnreadableError

SEEDS = st.integers(0, 2**63 - 1)
REPEATABLE = settings(derandomize=True, deadline=None, database=None)

LONGEST_SIDE = 768
BYTES = 40_000
PICTURES = 200
"""Enough of scripted play, spread evenly: reading a picture takes a few milliseconds."""


def check(game: Game[Any], percept: Any) -> None:
    """The pictures show what the seat knows, but for what it is told, and nothing else."""
    view = game.view
    assert view.read(view.draw(percept)) == view.drawn(percept)
    assert view.drawn(view.drawn(percept)) == view.drawn(percept)
    assert view.labels(view.read(view.draw_for_perception(percept))) == view.labels(percept)


@settings(REPEATABLE, max_examples=2)
@given(seed=SEEDS)
@pytest.mark.slow
def test_pictures_carry_the_percept_in_random_play(
    game: Game[Any], rollout: Any, seed: int
) -> None:
    for state, _ in rollout(game, seed):
        for seat in range(game.spec.seats):
            assert state.percept(seat).seat == seat
            check(game, state.percept(seat))


def test_pictures_carry_the_percept_in_scripted_play(game: Game[Any], rollout: Any) -> None:
    percepts = {
        state.percept(seat): None
        for name, player in game.bots.items()
        if not player.slow
        for state, _ in rollout(game, 1, name)
        for seat in range(game.spec.seats)
    }
    for percept in list(percepts)[:: 1 + len(percepts) // PICTURES]:
        check(game, percept)


@settings(REPEATABLE, max_examples=2)
@given(seed=SEEDS)
def test_texts_carry_what_the_pictures_show(game: Game[Any], rollout: Any, seed: int) -> None:
    """Whatever stands around them, as in a prompt."""
    view = game.view
    for state, _ in rollout(game, seed):
        for seat in range(game.spec.seats):
            percept = state.percept(seat)
            facts = "\n\n".join(view.facts(percept).values())
            message = f"Here is the game.\n{view.describe(percept)}\n\n{facts}\n\nWhat do you do?"
            assert view.read_text(message) == view.drawn(percept)
    with pytest.raises(UnreadableError):
        view.read_text("Here is the game.\n\nWhat do you do?")


@settings(REPEATABLE, max_examples=2)
@given(seed=SEEDS)
def test_facts_are_sentences(game: Game[Any], rollout: Any, seed: int) -> None:
    names = game.view.facts(game.new(0).percept(0)).keys()
    for state, _ in rollout(game, seed):
        for seat in range(game.spec.seats):
            facts = game.view.facts(state.percept(seat))
            assert facts.keys() == names
            for sentence in facts.values():
                assert sentence == sentence.strip()
                assert sentence.endswith(".")
                assert "\n" not in sentence


@settings(REPEATABLE, max_examples=5)
@given(seed=SEEDS)
def test_percepts_are_plain_values(game: Game[Any], rollout: Any, seed: int) -> None:
    spelled: dict[str, Any] = {}
    for state, _ in rollout(game, seed):
        for seat in range(game.spec.seats):
            percept, again = state.percept(seat), state.percept(seat)
            assert percept == again
            assert hash(percept) == hash(again)
            assert pickle.loads(pickle.dumps(percept)) == percept
            assert spelled.setdefault(repr(percept), percept) == percept
            assert " at 0x" not in repr(percept), "its repr names a place in memory"
    assert len(set(spelled.values())) == len(spelled)


@settings(REPEATABLE, max_examples=3)
@given(seed=SEEDS)
def test_labels_name_the_same_elements_at_every_moment(
    game: Game[Any], rollout: Any, seed: int
) -> None:
    for state, _ in rollout(game, seed):
        for seat in range(game.spec.seats):
            labels = game.view.labels(state.percept(seat))
            assert labels.keys() == game.view.labels(game.new(0).percept(seat)).keys()
            assert all(isinstance(value, str) and value for value in labels.values())
            assert game.view.describe(state.percept(seat)).strip()


def test_pictures_are_small_and_of_one_shape(game: Game[Any], rollout: Any) -> None:
    most = 0
    shapes: dict[str, set[Any]] = {"play": set(), "perception": set()}
    for state, _ in rollout(game, 0):
        for seat in range(game.spec.seats):
            percept = state.percept(seat)
            images, named = game.view.draw(percept), game.view.draw_for_perception(percept)
            most = max(most, len(images))
            shapes["play"] |= {image.size for image in images}
            shapes["perception"] |= {image.size for image in named}
            for image in (*images, *named):
                assert image.mode == "P"
                assert max(image.size) <= LONGEST_SIDE
                assert len(encode(image)) < BYTES
    assert most == game.view.frames
    assert all(len(sizes) == 1 for sizes in shapes.values()), shapes


def test_pictures_survive_encoding(game: Game[Any]) -> None:
    percept = game.new(0).percept(0)
    images = [decode(encode(image)) for image in game.view.draw(percept)]
    assert game.view.read(images) == game.view.drawn(percept)
