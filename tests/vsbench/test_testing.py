"""The prompts of every game pass the conformance suite."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from vsbench.answers.labels import MAX_VALUE as LONGEST_ANSWER
from vsbench.records import bounds
from vsbench.testing import CHECKS, check_game
from vsbench_envs import get, registry
from vsbench_envs.testing import Check, limits


def _cases() -> list[Any]:
    return [
        pytest.param(
            game_id,
            check,
            id=f"{game_id}-{check}",
            marks=[pytest.mark.slow] if get(game_id).spec.extra else [],
        )
        for game_id in registry.GAMES
        for check in CHECKS
        if check.stage == "prompts"
    ]


def test_a_game_is_checked_without_pytest() -> None:
    prompts = [check for check in CHECKS if check.stage == "prompts"]
    assert len(prompts) == 3
    assert check_game("kuhn_poker", prompts) == []
    unregistered = replace(get("kuhn_poker"), recipe=None)
    problems = check_game(unregistered, prompts)
    assert len(problems) == 3
    assert all(p.todo and "entry-point group vsbench.envs" in p.message for p in problems)


def test_the_limits_of_games_are_those_of_records_and_answers() -> None:
    assert limits.MAX_SEATS == bounds.MAX_SEATS
    assert limits.MAX_STEPS == bounds.MAX_STEPS
    assert limits.MAX_LABEL < limits.MAX_NAME == LONGEST_ANSWER <= bounds.MAX_NAME
    longest: str = "x" * limits.MAX_ID_LENGTH
    env_id: TypeAdapter[str] = TypeAdapter(bounds.EnvId)
    assert env_id.validate_python(longest) == longest
    with pytest.raises(ValidationError):
        env_id.validate_python(longest + "x")


@pytest.mark.parametrize(("game_id", "check"), _cases())
def test_prompts(game_id: str, check: Check) -> None:
    check(get(game_id))
