"""The recipes that data sets are made by; each game brings its own."""

from __future__ import annotations

from functools import cache

from vsbench.errors import UsageError
from vsbench_envs import registry
from vsbench_envs.errors import MissingExtraError
from vsbench_envs.recipe import Recipe

SAMPLES = 400
"""In a set, as in the paper."""

NO_RECIPE = Recipe(lineups=())
"""Of games whose sets come from recorded runs only."""


@cache
def with_recipe() -> tuple[str, ...]:
    """The environments that sets can be made of without a recorded run."""
    return tuple(env for env in registry.names() if _recipe(env) is not None)


def recipe(env: str) -> Recipe:
    """The recipe of an environment.

    Raises:
        UsageError, UnknownNameError: there is none, or no such environment.
    """
    found = registry.get(env).recipe
    if found is None:
        raise UsageError(
            f"there is no recipe for {env}, only for {', '.join(with_recipe())}; "
            "vsbench dataset build --from-run makes a set of any environment's runs, and "
            "Game.recipe gives a game of your own one"
        )
    return found


def _recipe(env: str) -> Recipe | None:
    try:
        return registry.get(env).recipe
    except MissingExtraError:
        return None
