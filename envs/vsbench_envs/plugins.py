"""Games of other packages: entry points of the group ``vsbench.envs``, loaded one by one.

Each also has a PettingZoo module, as in ``from vsbench_envs import nim_v0``. Our own games have
files for this, ``kuhn_poker_v0.py``, which editors and type checkers know; typed code makes the
others by ``vsbench_envs.make("nim")``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.metadata import EntryPoint
from types import ModuleType
from typing import Any

from vsbench_envs.errors import MissingExtraError, PluginError
from vsbench_envs.game import Game

GROUP = "vsbench.envs"

PACKAGE = "vsbench_envs"
SUFFIX = "_v0"
"""Ends the name of a game's PettingZoo module."""


class Plugins:
    """The games that entry points name. A broken one does not hide the others.

    Args:
        points: each names a :class:`~vsbench_envs.game.Game` under its id.
        taken: ids that no package may use.
    """

    def __init__(self, points: Iterable[EntryPoint], taken: Collection[str] = ()) -> None:
        self._points: dict[str, dict[str, EntryPoint]] = {}
        self._refused: dict[str, PluginError] = {}
        for point in points:
            if point.name in taken:
                problem = f"{_described(point)}: the id is taken by a game of vsbench's own"
                self._refused[point.name] = PluginError(problem)
            else:
                # A package that is found twice on the path is one package.
                self._points.setdefault(point.name, {})[point.value] = point

    @property
    def names(self) -> tuple[str, ...]:
        """Their ids, in order."""
        return tuple(sorted(self._points))

    def module(self, game_id: str) -> str:
        """The module that a game is from."""
        return next(iter(self._points[game_id].values())).module

    def load(self, game_id: str) -> Game[Any]:
        """Import a game.

        Raises:
            PluginError: it cannot be imported, is no game, has another id, or several packages
                bring a game of this id.
            MissingExtraError: it needs an extra that is not installed.
        """
        point, *rivals = self._points[game_id].values()
        if rivals:
            packages = ", ".join(sorted({_package(each) for each in (point, *rivals)}))
            raise PluginError(f"several packages bring a game {game_id!r}: {packages}; keep one")
        try:
            game = point.load()
        except MissingExtraError:
            raise
        except Exception as error:
            problem = f"{type(error).__name__}: {error}"
            raise PluginError(f"{_described(point)} cannot be imported: {problem}") from error
        if not isinstance(game, Game):
            kind = type(game).__name__
            raise PluginError(f"{_described(point)} is a {kind}, not a vsbench_envs.Game")
        if game.spec.id != game_id:
            problem = f"has the id {game.spec.id!r}; both must be the same"
            raise PluginError(f"{_described(point)} {problem}")
        return game

    def broken(self) -> dict[str, PluginError]:
        """Ids of games that cannot be used, and why. Imports every game."""
        found = dict(self._refused)
        for game_id in self.names:
            try:
                self.load(game_id)
            except PluginError as error:
                found[game_id] = error
            except MissingExtraError:
                continue  # The package is not at fault.
        return found


class ModuleFinder(MetaPathFinder, Loader):
    """Finds and makes ``vsbench_envs.<id>_v0`` for games of other packages, when it is imported."""

    def __init__(self, plugins: Callable[[], Plugins]) -> None:
        self._plugins = plugins

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find the module of a plug-in game; other names are left to other finders."""
        package, _, name = fullname.rpartition(".")
        if package != PACKAGE or not name.endswith(SUFFIX):
            return None
        known = name.removesuffix(SUFFIX) in self._plugins().names
        return ModuleSpec(fullname, self) if known else None

    def exec_module(self, module: ModuleType) -> None:
        """Fill the module in, as the files of our own games do."""
        from vsbench_envs.pettingzoo import factories

        game_id = module.__name__.rpartition(".")[2].removesuffix(SUFFIX)
        module.__doc__ = f"The game {game_id!r} as a PettingZoo environment."
        names = ("env", "raw_env", "parallel_env")
        vars(module).update(zip(names, factories(game_id), strict=True))


def _described(point: EntryPoint) -> str:
    return f"game {point.name!r} ({point.value} of {_package(point)})"


def _package(point: EntryPoint) -> str:
    return "an unknown package" if point.dist is None else point.dist.name
