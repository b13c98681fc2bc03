"""The conformance suite: the rules that every game keeps.

Three lines of pytest run it over a game, each check as a separate test::

    from vsbench_envs.testing import GameSuite

    class TestNim(GameSuite):
        game = "nim"

:func:`check_game` does the same without pytest. ``vsbench.testing.GameSuite`` also renders the
game's prompts. Parts of a game that are not written yet are reported as to-dos, by name: a check
that meets a :class:`NotImplementedError` is a to-do rather than a failure.
"""

from vsbench_envs.testing.checks import (
    Check,
    CheckFailed,
    Problem,
    Stage,
    ToDo,
    check_game,
    checks_in,
    expect,
)
from vsbench_envs.testing.suite import GameSuite

CHECKS: tuple[Check, ...] = GameSuite.checks
"""Every check of a game, stage by stage."""

__all__ = [
    "CHECKS",
    "Check",
    "CheckFailed",
    "GameSuite",
    "Problem",
    "Stage",
    "ToDo",
    "check_game",
    "checks_in",
    "expect",
]
