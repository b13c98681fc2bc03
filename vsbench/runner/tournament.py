"""What a tournament will play: settings made into entrants, games and deals."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import Literal

from vsbench.bots import bot_name
from vsbench.errors import UsageError
from vsbench.evaluations.examples import rehearse
from vsbench.players.seats import first_duplicate, player_id
from vsbench.prices import PriceTable
from vsbench.prompts import PromptPack
from vsbench.protocols import resolve_model_settings
from vsbench.records.tournament import Tournament, TournamentGame
from vsbench.runner.plan import (
    check_options,
    conditions,
    left_out_environments,
    plan_environment,
)
from vsbench.settings import RunSettings
from vsbench_envs import registry
from vsbench_envs.spec import GameSpec

SelfPlay = Literal["auto", "always", "never"]
"""Whether entrants also play with themselves. Auto: in cooperative and mixed-motive games, where
it tells how well a player gets on with its like. In competitive games one side's win is the
other's loss, and the mean over both seats says nothing about the player."""

STRANGE = ("evals", "samples", "dataset", "seats")
"""Settings of runs that a tournament has no use for."""


def make_tournament(
    settings: RunSettings, pack: PromptPack, table: PriceTable, self_play: SelfPlay = "auto"
) -> Tournament:
    """The record of a tournament.

    Raises:
        UsageError, UnknownNameError, MissingExtraError: saying what is wrong with the settings.
    """
    if strange := [name for name in STRANGE if getattr(settings, name)]:
        raise UsageError(f"a tournament has no setting {strange[0]!r}")
    entrants = tuple(map(player_id, settings.models))
    if len(entrants) < 2:
        raise UsageError(
            "a tournament needs two entrants or more, "
            "for example --player gpt-4o --player bot/oracle"
        )
    if (twice := first_duplicate(entrants)) is not None:
        raise UsageError(f"duplicate player {twice}")
    check_options(settings, entrants)
    envs = settings.envs or _played_by_several(settings)
    if any(bot_name(entrant) is None for entrant in entrants):
        rehearse(pack, [(env, "decision") for env in envs], resolve_model_settings(settings))
    return Tournament(
        entrants=entrants,
        games=tuple(_plan_game(settings, entrants, env, self_play) for env in envs),
        **conditions(settings, entrants, pack, table),
    )


def _played_by_several(settings: RunSettings) -> list[str]:
    """The benchmark's games in which players can meet, those that are installed."""
    left_out = left_out_environments(settings)
    several = (env for env in registry.BENCHMARK if registry.get(env).spec.seats > 1)
    return [env for env in several if env not in left_out]


def _plan_game(
    settings: RunSettings, entrants: Sequence[str], env: str, self_play: SelfPlay
) -> TournamentGame:
    spec = registry.get(env).spec
    if spec.seats < 2:
        raise UsageError(f"{env} has a single seat: nobody can meet anybody there")
    alone = settings.model_copy(update={"evals": ("decision",)})
    # A run of each entrant's own finds out whether it can sit here at all.
    standard = [plan_environment(alone, entrant, env).episodes for entrant in entrants]
    return TournamentGame(
        env=env,
        seats=spec.seats,
        deals=settings.episodes or ceil(standard[0] / spec.seats),
        self_play=_with_itself(spec, self_play),
    )


def _with_itself(spec: GameSpec, self_play: SelfPlay) -> bool:
    return self_play == "always" or (self_play == "auto" and spec.kind != "competitive")
