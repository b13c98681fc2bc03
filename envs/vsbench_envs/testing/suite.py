"""The conformance suite as pytest runs it."""

from __future__ import annotations

from typing import Any, ClassVar

from vsbench_envs.errors import MissingExtraError
from vsbench_envs.game import Game
from vsbench_envs.registry import get
from vsbench_envs.testing import bots, environments, rules, views
from vsbench_envs.testing.checks import Check, checks_in, todo_text


class GameSuite:
    """The conformance tests of one game: subclass it and name the game.

    To-dos are expected failures, reported by name, unless ``complete`` is set.
    """

    game: ClassVar[str | Game[Any]]
    """Its id, or the game itself."""
    checks: ClassVar[tuple[Check, ...]] = checks_in(rules, environments, views, bots)
    complete: ClassVar[bool] = False
    """Whether a part that is not written yet fails its test."""

    def pytest_generate_tests(self, metafunc: Any) -> None:
        """Make a test of each check (a hook that pytest calls)."""
        if "check" in metafunc.fixturenames:
            metafunc.parametrize("check", self.checks, ids=str)

    def test_game(self, check: Check) -> None:
        """Check the game."""
        import pytest

        try:
            check(get(self.game) if isinstance(self.game, str) else self.game)
        except MissingExtraError as error:
            pytest.skip(str(error))
        except NotImplementedError as missing:
            if self.complete:
                raise
            pytest.xfail(f"to do: {todo_text(missing)}")
