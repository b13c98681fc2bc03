"""The conformance suite finds what is wrong: every check fails for a game that breaks its rule."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest
from PIL import Image

from vsbench_envs import Bot, Game, State, get
from vsbench_envs.game import View
from vsbench_envs.recipe import Lineup, Recipe
from vsbench_envs.testing import CHECKS, GameSuite, check_game

KUHN: Game[Any] = get("kuhn_poker")
KuhnState: Any = type(KUHN.new(0))
KuhnView: Any = type(KUHN.view)


class UnevenState(KuhnState):
    """Depends on chance that no seed names."""

    def percept(self, seat: int) -> Any:
        percept = super().percept(seat)
        return replace(percept, card=random.choice("JQK"))


class SharedState(KuhnState):
    """Its copies are itself."""

    def copy(self) -> State[Any]:
        return self


class LenientState(KuhnState):
    """Takes any action."""

    def apply(self, joint: Mapping[int, int]) -> None:
        super().apply({seat: action % 2 for seat, action in joint.items() if seat in self.acting})


class IdleState(KuhnState):
    """Offers actions to seats that do not act."""

    def legal_actions(self, seat: int) -> tuple[int, ...]:
        return (0, 1)


class GenerousState(KuhnState):
    """Pays more than it says."""

    def _play(self, joint: Mapping[int, int]) -> tuple[float, ...]:
        rewards: tuple[float, ...] = super()._play(joint)
        self.returns = tuple(value + 1 for value in self.returns)
        return rewards


class LargeView(KuhnView):
    """Draws pictures that are too big."""

    def draw(self, percept: Any) -> tuple[Image.Image, ...]:
        return tuple(image.resize((1280, 1120)) for image in super().draw(percept))


class ColourfulView(KuhnView):
    """Draws without a palette."""

    def draw(self, percept: Any) -> tuple[Image.Image, ...]:
        return tuple(image.convert("RGB") for image in super().draw(percept))


class BlankView(KuhnView):
    """Draws the same picture of every percept."""

    def draw(self, percept: Any) -> tuple[Image.Image, ...]:
        first: tuple[Image.Image, ...] = super().draw(KUHN.new(0).percept(0))
        return first


class VagueView(KuhnView):
    """Describes every percept alike."""

    def describe(self, percept: Any) -> str:
        text: str = super().describe(KUHN.new(0).percept(0))
        return text


class UnnamedView(KuhnView):
    """Names no elements."""

    def labels(self, percept: Any) -> dict[str, str]:
        return {}


class UnfinishedView(KuhnView):
    """Cannot read texts yet."""

    _read_text = View._read_text


def with_spec(**changes: Any) -> Callable[[], Game[Any]]:
    return lambda: replace(KUHN, spec=replace(KUHN.spec, **changes))


def with_start(state: Any) -> Callable[[], Game[Any]]:
    return lambda: replace(KUHN, start=state, spec=replace(KUHN.spec, id="kuhn_variant"))


def with_parts(**changes: Any) -> Callable[[], Game[Any]]:
    return lambda: replace(KUHN, spec=replace(KUHN.spec, id="kuhn_variant"), **changes)


def with_bot(decide: Any, about: str = "Plays.") -> Callable[[], Game[Any]]:
    return with_parts(bots={**KUHN.bots, "new": Bot(decide, about)})


LINEUP = Lineup(("random", "random"), (1, 1))

BROKEN: dict[str, tuple[str, Callable[[], Game[Any]]]] = {
    "an id in capitals": ("the id and the title", with_spec(id="Kuhn")),
    "an id that is taken": ("the id and the title", with_spec(title="Kuhn's")),
    "a title that is taken": ("the id and the title", with_spec(id="kuhn_variant")),
    "too few roles": ("the spec describes the game", with_spec(roles=("one",))),
    "too many seats": ("the spec describes the game", with_spec(seats=17)),
    "a long label": ("action labels are short", with_spec(actions=("pass", "bet" * 20))),
    "a label in another": ("action labels are short", with_spec(actions=("bet", "bet now"))),
    "no measures": ("measures have anchors", with_spec(measures=())),
    "half a weight": (
        "measures have anchors",
        with_spec(measures=(replace(KUHN.spec.measures[0], weight=0.5),)),
    ),
    "anchors upside down": (
        "measures have anchors",
        with_spec(measures=(replace(KUHN.spec.measures[0], best=-9.0),)),
    ),
    "global chance": ("an episode is its seed", with_start(UnevenState)),
    "copies that share": ("copies have the same future", with_start(SharedState)),
    "illegal moves": ("illegal moves are refused", with_start(LenientState)),
    "idle seats with actions": ("turns rewards and counts", with_start(IdleState)),
    "returns that do not add up": ("turns rewards and counts", with_start(GenerousState)),
    "large pictures": ("pictures are small", with_parts(view=LargeView())),
    "pictures without a palette": ("pictures are of one shape", with_parts(view=ColourfulView())),
    "pictures that show nothing": ("pictures carry the percept", with_parts(view=BlankView())),
    "texts that tell nothing": ("texts carry what", with_parts(view=VagueView())),
    "no labels": ("labels are short", with_parts(view=UnnamedView())),
    "an illegal bot": ("bots play legal moves", with_bot(lambda turn: 7)),
    "a bot of chance": (
        "bots decide alike",
        with_bot(lambda turn, seen=[]: seen.append(0) or len(seen) % 2),
    ),
    "a bot without a description": ("bots are described", with_bot(lambda turn: 0, "plays")),
    "a recipe of no bots": (
        "the recipe makes",
        with_parts(recipe=Recipe((replace(LINEUP, bots=("random", "nobody")),))),
    ),
    "a recipe with an empty seat": (
        "the recipe makes",
        with_parts(recipe=Recipe((replace(LINEUP, shares=(1,)),))),
    ),
    "a recipe of unknown groups": (
        "the recipe makes",
        with_parts(recipe=Recipe((LINEUP,), groups={"castle": 1, "others": 1})),
    ),
}


@pytest.mark.parametrize("broken", BROKEN)
def test_a_broken_rule_is_found(broken: str) -> None:
    name, make = BROKEN[broken]
    checks = [check for check in CHECKS if check.name.startswith(name)]
    assert checks
    problems = check_game(make(), checks)
    assert problems
    assert not any(problem.todo for problem in problems)


def test_what_is_missing_is_to_do() -> None:
    game = with_parts(recipe=None, view=UnfinishedView(), bots={"random": KUHN.bots["random"]})()
    checks = [check for check in CHECKS if check.stage in ("bots", "views") and not check.slow]
    problems = check_game(replace(game, spec=replace(game.spec, opponent="random")), checks)
    assert all(problem.todo for problem in problems), problems
    told = "\n".join(map(str, problems))
    for part in ("View._read_text", "oracle", "Game.recipe", "vsbench anchors --env kuhn_variant"):
        assert part in told


def test_an_error_is_a_problem_with_its_place() -> None:
    def fail(seed: int) -> State[Any]:
        raise ZeroDivisionError("no deck")

    (problem,) = check_game(with_start(fail)(), [c for c in CHECKS if c.name.startswith("turns")])
    assert "ZeroDivisionError: no deck" in problem.message
    assert "test_testing.py:" in problem.message
    assert str(problem).startswith("rules: turns rewards and counts add up: ")


def test_a_complete_suite_fails_on_what_is_to_do() -> None:
    class Suite(GameSuite):
        game = with_parts(view=UnfinishedView())()

    (check,) = [check for check in CHECKS if check.name.startswith("texts carry")]
    with pytest.raises(pytest.xfail.Exception, match=r"to do: write View\._read_text"):
        Suite().test_game(check)
    Suite.complete = True
    with pytest.raises(NotImplementedError):
        Suite().test_game(check)


def test_quick_checks_are_quick_and_of_every_early_stage() -> None:
    assert {check.stage for check in CHECKS if check.quick} == {"rules", "views", "bots"}
    assert not [check for check in CHECKS if check.quick and check.slow]
    assert len({check.name for check in CHECKS}) == len(CHECKS)
