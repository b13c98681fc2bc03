"""What a run will play: settings made into environments, seats and episodes."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version

from vsbench.errors import UsageError
from vsbench.evaluations.decision_making import EpisodePlan
from vsbench.players.seats import player_id, scripted_name, seat_player
from vsbench.prices import PriceTable
from vsbench.prompts import PromptPack
from vsbench.records.manifest import (
    EnvironmentPlan,
    Manifest,
    ModelSettings,
    SeatPlan,
)
from vsbench.settings import RunSettings
from vsbench_envs import registry
from vsbench_prompts import VERSION as PROMPTS_VERSION


def make_manifest(
    settings: RunSettings, model: str, pack: PromptPack, table: PriceTable
) -> Manifest:
    """The manifest of a model's run.

    Raises:
        UsageError, UnknownNameError, MissingExtraError: saying what is wrong with the settings.
    """
    model = player_id(model)
    environments = tuple(
        plan_environment(settings, model, env) for env in settings.envs or registry.BENCHMARK
    )
    players = {player for plan in environments for player in plan.seats.players}
    return Manifest(
        created=datetime.now(UTC).replace(microsecond=0),
        model=model,
        seed=settings.seed,
        preset=settings.preset,
        environments=environments,
        asking=ModelSettings(
            modality=settings.modality,
            style=settings.style,
            persona=settings.persona,
            attempts=settings.attempts,
            max_tokens=settings.max_tokens,
            max_tokens_limit=max(settings.max_tokens, settings.max_tokens_limit),
            temperature=settings.temperature,
            reasoning_effort=settings.reasoning_effort,
            detail=settings.detail,
        ),
        prompts_version=PROMPTS_VERSION,
        prompts_sha256=pack.sha256,
        versions=versions(),
        prices={name: price for name, price in table.prices.items() if name in players},
        prices_date=table.date,
    )


def plan_environment(settings: RunSettings, model: str, env: str) -> EnvironmentPlan:
    """Seats and episode count of one environment."""
    game = registry.get(env)
    spec = game.spec
    count = settings.episodes or spec.episodes[settings.preset]
    unknown = [seat for seat in settings.seats if not 0 <= seat < spec.seats]
    if unknown:
        raise UsageError(f"{env} has the seats 0 to {spec.seats - 1}, not {unknown[0]}")
    here = seat_player(game, model)
    if settings.seats:
        players = [here] * spec.seats
        for seat, written in settings.seats.items():
            players[seat] = seat_player(game, written)
        measured = tuple(seat for seat, player in enumerate(players) if player == here)
        if not measured:
            raise UsageError(f"{model} has no seat left in {env}: --seat gives all to others")
        seats = SeatPlan(players=tuple(players), measured=measured, rotate=False)
    elif spec.opponent is None:
        everyone = tuple(range(spec.seats))
        seats = SeatPlan(players=(here,) * spec.seats, measured=everyone, rotate=False)
    else:
        others = [seat_player(game, spec.opponent)] * (spec.seats - 1)
        seats = SeatPlan(players=(here, *others), measured=(0,), rotate=True)
    return EnvironmentPlan(env=env, episodes=count, seats=seats)


def episodes(manifest: Manifest) -> Iterator[EpisodePlan]:
    """Every episode of a run, the environments taking turns."""
    longest = max((plan.episodes for plan in manifest.environments), default=0)
    for episode in range(longest):
        for plan in manifest.environments:
            if episode < plan.episodes:
                yield episode_plan(manifest, plan, episode)


def episode_plan(manifest: Manifest, plan: EnvironmentPlan, episode: int) -> EpisodePlan:
    """Who sits where in an episode: with rotation, one seat further on each time."""
    count = len(plan.seats.players)
    shift = episode % count if plan.seats.rotate else 0
    return EpisodePlan(
        env=plan.env,
        episode=episode,
        run_seed=manifest.seed,
        seats=tuple(plan.seats.players[(seat - shift) % count] for seat in range(count)),
        measured=tuple(sorted((seat + shift) % count for seat in plan.seats.measured)),
    )


def models_at(manifest: Manifest) -> tuple[str, ...]:
    """The models in any seat, scripted players left out, in order of first seat."""
    players = (player for plan in manifest.environments for player in plan.seats.players)
    return tuple(dict.fromkeys(player for player in players if scripted_name(player) is None))


def versions() -> dict[str, str]:
    """Of everything that shapes what happens in a game."""
    found = {"python": platform.python_version()}
    for package in ("vsbench", "open-spiel", "ale-py", "pillow", "numpy"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
