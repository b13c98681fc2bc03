"""Checks of games: how one is written, run and reported."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from types import ModuleType
from typing import Any, Literal, get_args

from vsbench_envs.errors import MissingExtraError, VSBenchError
from vsbench_envs.game import Game, Percept, State
from vsbench_envs.registry import get
from vsbench_envs.rollout import rollout
from vsbench_envs.seeding import derive

Stage = Literal["rules", "pettingzoo", "views", "bots", "prompts"]
"""Parts of a game in the order in which they are written."""

STAGES: tuple[Stage, ...] = get_args(Stage)


class CheckFailed(VSBenchError, AssertionError):  # noqa: N818 - a test's outcome, as pytest's own
    """A game breaks a rule that every game keeps; the message says which and where."""


class ToDo(VSBenchError, NotImplementedError):  # noqa: N818 - an outcome, no error
    """A part of a game is not written yet; the message says what to write."""


@dataclass(frozen=True)
class Check:
    """One check of a game: a function that raises :class:`CheckFailed` or :class:`ToDo`."""

    stage: Stage
    function: Callable[[Game[Any]], None]
    slow: bool = False
    """Takes more than a second or so for a large game."""
    quick: bool = False
    """Takes milliseconds: also made before a run with a game of another package."""

    @property
    def name(self) -> str:
        """The function's name as words."""
        return self.function.__name__.replace("_", " ")

    def __str__(self) -> str:
        return f"{self.stage}: {self.name}"

    def __call__(self, game: Game[Any]) -> None:
        """Check a game."""
        self.function(game)


@dataclass(frozen=True)
class Problem:
    """The finding of a check."""

    check: Check
    message: str
    todo: bool = False
    """Whether something is missing rather than wrong."""

    def __str__(self) -> str:
        return f"{self.check}: {'to do: ' if self.todo else ''}{self.message}"


def check(
    stage: Stage, *, slow: bool = False, quick: bool = False
) -> Callable[[Callable[[Game[Any]], None]], Check]:
    """Make a check of a function."""
    return lambda function: Check(stage, function, slow, quick)


def checks_in(*modules: ModuleType) -> tuple[Check, ...]:
    """The checks that modules define, in their order."""
    found = (each for module in modules for each in vars(module).values())
    return tuple(each for each in found if isinstance(each, Check))


def check_game(game: str | Game[Any], checks: Iterable[Check] | None = None) -> list[Problem]:
    """Check a game, given by id or as an object.

    Args:
        game: to be checked.
        checks: some of ``vsbench_envs.testing.CHECKS``; by default all.

    Returns:
        What is wrong or missing, at most one problem for each check.

    Raises:
        UnknownNameError, PluginError, MissingExtraError: the game cannot be loaded.
    """
    if checks is None:
        from vsbench_envs.testing import CHECKS

        checks = CHECKS
    found = get(game) if isinstance(game, str) else game
    return [problem for each in checks if (problem := run_check(each, found)) is not None]


def run_check(one: Check, game: Game[Any]) -> Problem | None:
    """Run a check; None if the game passes.

    Raises:
        MissingExtraError: the game needs an extra that is not installed.
    """
    try:
        one(game)
    except NotImplementedError as missing:
        return Problem(one, todo_text(missing), todo=True)
    except AssertionError as failed:
        return Problem(one, str(failed) or _origin(failed))
    except MissingExtraError:
        raise
    except Exception as error:
        return Problem(one, f"{type(error).__name__}: {error} ({_origin(error)})")
    return None


def todo_text(missing: NotImplementedError) -> str:
    """The text of a to-do, or the place of the error if it has none."""
    return str(missing).removeprefix("to do: ") or f"not implemented: {_origin(missing)}"


def expect(condition: object, problem: str) -> None:
    """Raise CheckFailed unless a condition holds."""
    if not condition:
        raise CheckFailed(problem)


def expect_equal(found: object, wanted: object, what: str) -> None:
    """Raise CheckFailed unless two values are equal."""
    if found != wanted:
        raise CheckFailed(f"{what}: {_shown(found)} instead of {_shown(wanted)}")


def expect_raises(
    kinds: type[Exception] | tuple[type[Exception], ...],
    what: str,
    call: Callable[..., object],
    *arguments: object,
) -> Exception:
    """The error of some kind that a call raises. Raises CheckFailed if it raises none."""
    try:
        call(*arguments)
    except kinds as error:
        return error
    named = kinds if isinstance(kinds, tuple) else (kinds,)
    raise CheckFailed(f"{what} raises no {' or '.join(kind.__name__ for kind in named)}")


def seeds(count: int) -> tuple[int, ...]:
    """Seeds of episodes: the smallest, the largest, and some between."""
    between = (derive("conformance", number) for number in range(count))
    return tuple(islice((0, 2**63 - 1, *between), count))


def play(
    game: Game[Any], seed: int, bot: str = "random"
) -> Iterator[tuple[State[Any], Mapping[int, int]]]:
    """Each state of an episode and the joint move played in it, the last one's being empty."""
    return rollout(game, seed, [bot] * game.spec.seats)


def percepts(game: Game[Any], seed: int, bot: str = "random") -> Iterator[tuple[str, Any]]:
    """Every seat's percept at every moment of an episode, and where it comes from in words."""
    for state, _ in play(game, seed, bot):
        for seat in range(game.spec.seats):
            percept = state.percept(seat)
            expect(isinstance(percept, Percept), "State.percept() returns a subclass of Percept")
            yield f"seed {seed}, step {state.step}, seat {seat}", percept


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 300 else text[:300] + "..."


def _origin(error: BaseException) -> str:
    """The file and line at which an error was raised."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{last.filename}:{last.lineno}"
