"""Resolve the names of players, as people write them, to full ids."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from vsbench.adapters.registry import full_id
from vsbench.adapters.sighted import embedded_bot
from vsbench.bots import bot_name
from vsbench.errors import UsageError
from vsbench.records.bounds import MAX_NAME
from vsbench.records.manifest import BOT
from vsbench_envs import registry
from vsbench_envs.errors import UnknownNameError
from vsbench_envs.game import Game
from vsbench_envs.registry import bot


def player_id(written: str) -> str:
    """The full id of a model or bot: ``gpt-4o`` -> ``openai/gpt-4o``.

    Raises:
        UnknownNameError: no such provider.
        UsageError: the bare name of a bot, or a name that is too long.
    """
    if written.startswith(BOT):
        return written
    try:
        return _model_id(written)
    except UnknownNameError:
        if written.partition(":")[0] not in _bots():
            raise
        sighted = f", or sighted/{written} to play from pictures" if written in SIGHTED else ""
        raise UsageError(
            f"there is no model {written!r}; did you mean {BOT}{written}{sighted}?"
        ) from None


def _model_id(written: str) -> str:
    found = full_id(written)
    if len(found) > MAX_NAME:
        raise UsageError(f"the model's name has {len(found):,} characters; the limit is {MAX_NAME}")
    return found


EMBEDDED = ("sighted", "blind")
"""Providers whose models play a game's bots."""

SIGHTED = ("oracle", "greedy", "random")
"""Bots that every game has, and that the sighted model imitates."""


def _bots() -> set[str]:
    """The names of the bots of all games."""
    return {name for game in registry.installed().values() for name in game.bots}


def first_duplicate(ids: Sequence[str]) -> str | None:
    """The first full id that occurs more than once."""
    return next((one for one in ids if ids.count(one) > 1), None)


def seat_player(game: Game[Any], written: str) -> str:
    """The full id of a player in a seat of a game; bots need no ``bot/`` here.

    Raises:
        UnknownNameError: neither a bot of the game nor a model.
        UsageError: a bot's option has an invalid value, or an embedded model plays a bot that the
            game lacks.
    """
    name = bot_name(written)
    if name is None and "/" not in written.partition(":")[0]:
        if written.partition(":")[0] in game.bots:
            name = written
        else:
            try:
                return _model_of(game, written)
            except UnknownNameError:
                known = [*game.bots, "or a model id such as openai/gpt-4o"]
                raise UnknownNameError(f"player in {game.spec.id} called", written, known) from None
    if name is None:
        return _model_of(game, written)
    try:
        bot(game, name)
    except ValueError as error:
        raise UsageError(str(error)) from None
    return BOT + name


def _model_of(game: Game[Any], written: str) -> str:
    """The full id of a model. Raises UsageError if it is embedded and the game lacks its bot."""
    model = _model_id(written)
    provider, _, policy = model.partition("/")
    if provider in EMBEDDED:
        try:
            embedded_bot(policy, game)
        except UsageError as error:
            raise UsageError(f"{model} cannot play {game.spec.id}: {error}") from None
    return model
