"""Games by name: the table of our own, and those that other packages bring.

An entry point of the group ``vsbench.envs`` names a :class:`~vsbench_envs.game.Game`. Nothing is
imported before it is asked for.
"""

from __future__ import annotations

import difflib
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from vsbench_envs.game import Game, Player

GROUP = "vsbench.envs"

GAMES = {
    "hanabi": "vsbench_envs.hanabi:GAME",
    "overcooked": "vsbench_envs.overcooked:GAME",
    "breakthrough": "vsbench_envs.breakthrough:GAME",
    "kuhn_poker": "vsbench_envs.kuhn_poker:GAME",
    "atari_pong": "vsbench_envs.atari_pong:GAME",
    "coin_dilemma": "vsbench_envs.coin_dilemma:GAME",
    "monster_hunt": "vsbench_envs.monster_hunt:GAME",
    "battle_of_the_colors": "vsbench_envs.battle_of_the_colors:GAME",
    "coin_dilemma_3p": "vsbench_envs.coin_dilemma:GAME_3P",
    "overcooked_ring": "vsbench_envs.overcooked:GAME_RING",
    "overcooked_divided": "vsbench_envs.overcooked:GAME_DIVIDED",
    "hanabi_3p": "vsbench_envs.hanabi:GAME_3P",
    "tiny_hanabi": "vsbench_envs.hanabi:GAME_TINY",
}
"""In the order in which results are shown."""

BENCHMARK = (
    "hanabi",
    "overcooked",
    "breakthrough",
    "kuhn_poker",
    "atari_pong",
    "coin_dilemma",
    "monster_hunt",
    "battle_of_the_colors",
)
"""The environments that a run plays unless it names others."""


class UnknownNameError(LookupError):
    """A name that no table knows; says what is near and what there is."""

    def __init__(self, kind: str, name: str, known: list[str]) -> None:
        near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        super().__init__(f"there is no {kind} {name!r}.{hint} Known: {', '.join(known)}.")


class MissingExtraError(ImportError):
    """An optional part that is not installed."""


def names() -> list[str]:
    """The ids of every game, ours first."""
    return [*GAMES, *sorted(set(_plugins()) - set(GAMES))]


@cache
def get(game_id: str) -> Game[Any]:
    """The game with this id.

    Raises:
        UnknownNameError: there is none.
        MissingExtraError: it needs an extra that is not installed.
    """
    if game_id in GAMES:
        module, _, attribute = GAMES[game_id].partition(":")
        game: Game[Any] = getattr(import_module(module), attribute)
    elif game_id in _plugins():
        game = _plugins()[game_id].load()
    else:
        raise UnknownNameError("environment", game_id, names())
    return game


def home(game_id: str) -> str:
    """The module that a game is from; its docstring is the game's documentation.

    Raises:
        UnknownNameError: there is no such game.
    """
    if game_id in GAMES:
        return GAMES[game_id].partition(":")[0]
    if game_id in _plugins():
        return _plugins()[game_id].module
    raise UnknownNameError("environment", game_id, names())


def player(game: Game[Any], written: str) -> tuple[Player[Any], dict[str, Any]]:
    """A scripted player and its options from ``name`` or ``name:option=value,...``.

    Raises:
        UnknownNameError: no such player or option.
        ValueError: an option's value cannot be read.
    """
    name, _, text = written.partition(":")
    if name not in game.players:
        raise UnknownNameError(f"player in {game.spec.id} called", name, list(game.players))
    found = game.players[name]
    options = {option: default for option, (_, default) in found.parameters.items()}
    for part in filter(None, text.split(",")):
        option, _, value = part.partition("=")
        if option not in found.parameters:
            raise UnknownNameError(f"option of player {name!r} called", option, list(options))
        try:
            options[option] = found.parameters[option][0](value)
        except (ValueError, ZeroDivisionError) as error:
            raise ValueError(
                f"player {written!r}: {option} cannot be {value!r} ({error})"
            ) from None
    return found, options


@cache
def _plugins() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=GROUP)}
