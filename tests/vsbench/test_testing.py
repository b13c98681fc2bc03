"""The prompts of every game pass the conformance suite."""

from __future__ import annotations

from typing import Any

import pytest

from vsbench.testing import CHECKS
from vsbench_envs import get, registry
from vsbench_envs.testing import Check


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


@pytest.mark.parametrize(("game_id", "check"), _cases())
def test_prompts(game_id: str, check: Check) -> None:
    check(get(game_id))
