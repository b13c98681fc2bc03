"""Plan a tournament: turn settings into entrants, games and deals."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import Literal

from vsbench.bots import bot_name
from vsbench.errors import UsageError
from vsbench.evaluations.examples import check_games
from vsbench.planning.prices import PriceTable
from vsbench.planning.run import (
    check_counts,
    check_options,
    conditions,
    plan_environment,
    unavailable_environments,
)
from vsbench.players.seats import first_duplicate, player_id
from vsbench.prompts import PromptPack
from vsbench.protocols import resolve_model_settings
from vsbench.records.tournament import Tournament, TournamentGame
from vsbench.settings import RunSettings, count_in
from vsbench_envs import registry
from vsbench_envs.spec import GameSpec

SelfPlay = Literal["auto", "always", "never"]
"""Whether entrants also play with themselves. Auto: in cooperative and mixed-motive games, where
self-play shows how well a player cooperates with its own policy. In competitive games the mean
over both seats is zero-sum and does not describe the player."""

RUN_SETTINGS = ("evals", "samples", "dataset", "seats")
"""Settings of runs that tournaments do not take."""


def make_tournament(
    settings: RunSettings, pack: PromptPack, table: PriceTable, self_play: SelfPlay = "auto"
) -> Tournament:
    """Plan a tournament.

    Raises:
        UsageError: the settings do not fit together or do not fit the players.
        UnknownNameError: there is no such environment, bot or protocol.
        MissingExtraError: an environment is not installed.
    """
    if unsupported := [name for name in RUN_SETTINGS if getattr(settings, name)]:
        raise UsageError(f"a tournament has no setting {unsupported[0]!r}")
    entrants = tuple(map(player_id, settings.models))
    if len(entrants) < 2:
        raise UsageError(
            "a tournament needs at least two players, "
            "for example --player gpt-4o --player bot/oracle"
        )
    if (twice := first_duplicate(entrants)) is not None:
        raise UsageError(f"duplicate player {twice}")
    check_options(settings, entrants)
    envs = settings.envs or _multiplayer_environments(settings)
    check_counts(settings, envs)
    if any(bot_name(entrant) is None for entrant in entrants):
        check_games(pack, [(env, "decision") for env in envs], resolve_model_settings(settings))
    return Tournament(
        entrants=entrants,
        games=tuple(_plan_game(settings, entrants, env, self_play) for env in envs),
        **conditions(settings, entrants, pack, table),
    )


def _multiplayer_environments(settings: RunSettings) -> list[str]:
    """Return the installed games of the benchmark with at least two seats."""
    unavailable = unavailable_environments(settings)
    multiplayer = (env for env in registry.BENCHMARK if registry.get(env).spec.seats > 1)
    return [env for env in multiplayer if env not in unavailable]


def _plan_game(
    settings: RunSettings, entrants: Sequence[str], env: str, self_play: SelfPlay
) -> TournamentGame:
    spec = registry.get(env).spec
    if spec.seats < 2:
        raise UsageError(f"{env} has a single seat: a tournament needs at least two")
    decisions_only = settings.model_copy(update={"evals": ("decision",)})
    # Planning a run of each entrant checks that it can play this game.
    standard = [plan_environment(decisions_only, entrant, env).episodes for entrant in entrants]
    return TournamentGame(
        env=env,
        seats=spec.seats,
        deals=count_in(env, settings.episodes) or ceil(standard[0] / spec.seats),
        self_play=_includes_self_play(spec, self_play),
    )


def _includes_self_play(spec: GameSpec, self_play: SelfPlay) -> bool:
    return self_play == "always" or (self_play == "auto" and spec.kind != "competitive")
