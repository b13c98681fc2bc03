"""The registry of games: the built-in ones, and those of other packages.

An entry point of the group ``vsbench.envs`` names a :class:`~vsbench_envs.game.Game`. Games are
imported when they are first used, so a broken package hides no other game.
"""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

from vsbench_envs.errors import MissingExtraError, PluginError, UnknownNameError, shortened
from vsbench_envs.game import Bot, Game
from vsbench_envs.plugins import GROUP, Plugins

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


def names() -> list[str]:
    """The ids of every game, ours first."""
    return [*GAMES, *plugins().names]


@cache
def get(game_id: str) -> Game[Any]:
    """The game with this id.

    Raises:
        UnknownNameError: there is none.
        PluginError: the package that brings it is broken.
        MissingExtraError: it needs an extra that is not installed.
    """
    if game_id in GAMES:
        module, _, attribute = GAMES[game_id].partition(":")
        game: Game[Any] = getattr(import_module(module), attribute)
    elif game_id in plugins().names:
        game = plugins().load(game_id)
    else:
        raise UnknownNameError("environment", game_id, names())
    return game


def installed() -> dict[str, Game[Any]]:
    """The games that can be loaded here, by id: no extra is missing, and no package is broken."""
    games = {}
    for game_id in names():
        with suppress(MissingExtraError, PluginError):
            games[game_id] = get(game_id)
    return games


def missing_extra(game_id: str) -> MissingExtraError | None:
    """The error of a game whose extra is not installed; None for one that can be played.

    Raises:
        UnknownNameError: there is no such game.
    """
    try:
        game = get(game_id)
        if game.spec.extra is not None:
            game.new(0)
    except MissingExtraError as error:
        return error
    return None


def home(game_id: str) -> str:
    """The module that a game is from; its docstring is the game's documentation.

    Raises:
        UnknownNameError: there is no such game.
    """
    if game_id in GAMES:
        return GAMES[game_id].partition(":")[0]
    if game_id in plugins().names:
        return plugins().module(game_id)
    raise UnknownNameError("environment", game_id, names())


def bot(game: Game[Any], written: str) -> tuple[Bot[Any], dict[str, Any]]:
    """A bot and its options from ``name`` or ``name:option=value,...``.

    Raises:
        UnknownNameError: no such bot or option.
        ValueError: an option is given twice, has no value, or one that is out of its range.
    """
    name, colon, text = written.partition(":")
    if name not in game.bots:
        raise UnknownNameError(f"bot in {game.spec.id} called", name, list(game.bots))
    found = game.bots[name]
    given: dict[str, Any] = {}
    # No bot has so many options that the rest of a long text would matter.
    for part in text.split(",", len(found.parameters) + 1) if colon else ():
        option, _, value = part.partition("=")
        if not option or not value:
            raise ValueError(
                f"bot {shortened(written)!r}: options are written {name}:option=value,..., "
                f"and {shortened(part) or 'nothing'!r} is none"
            )
        if option not in found.parameters:
            kind = f"option of bot {name!r} called"
            raise UnknownNameError(kind, option, list(found.parameters) or ["none"])
        if option in given:
            raise ValueError(f"bot {shortened(written)!r}: {option} is given twice")
        try:
            given[option] = found.parameters[option].parse(value)
        except ValueError as error:
            raise ValueError(f"bot {shortened(written)!r}: {option} {error}") from None
    return found, found.defaults | given


def is_registered(game: Game[Any]) -> bool:
    """Whether this very game is the one that its id names."""
    try:
        return get(game.spec.id) is game
    except (UnknownNameError, PluginError, MissingExtraError):
        return False


@cache
def plugins() -> Plugins:
    """The games of other packages."""
    return Plugins(entry_points(group=GROUP), taken=GAMES)
