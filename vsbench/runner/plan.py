"""What a run will play: settings made into environments, seats and episodes."""

from __future__ import annotations

import platform
from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from itertools import zip_longest
from typing import Any

from vsbench.errors import UsageError
from vsbench.evaluations.decision_making import EpisodePlan
from vsbench.evaluations.unit import Unit
from vsbench.players.seats import player_id, scripted_name, seat_player
from vsbench.prices import PriceTable
from vsbench.prompts import PromptPack
from vsbench.records.manifest import (
    EnvironmentPlan,
    Manifest,
    ModelSettings,
    SeatPlan,
)
from vsbench.runner.sampling import asked_samples, environments_in, plan_samples
from vsbench.settings import Evaluation, RunSettings
from vsbench_envs import registry
from vsbench_envs.seeding import episode_seed
from vsbench_prompts import VERSION as PROMPTS_VERSION

DEFAULT_EVALUATIONS: tuple[Evaluation, ...] = ("decision", "reasoning")


def make_manifest(
    settings: RunSettings, model: str, pack: PromptPack, table: PriceTable
) -> Manifest:
    """The manifest of a model's run.

    Raises:
        UsageError, UnknownNameError, MissingExtraError: saying what is wrong with the settings.
    """
    model = player_id(model)
    evaluations = settings.evals or DEFAULT_EVALUATIONS
    if "perception" in evaluations and scripted_name(model) is not None:
        raise UsageError(f"{model} plays without pictures: perception asks models that look")
    environments = tuple(plan_environment(settings, model, env) for env in _environments(settings))
    players = {player for plan in environments for player in plan.seats.players}
    return Manifest(
        model=model,
        evaluations=evaluations,
        environments=environments,
        **conditions(settings, players, pack, table),
    )


def conditions(
    settings: RunSettings, players: Collection[str], pack: PromptPack, table: PriceTable
) -> dict[str, Any]:
    """The fields of :class:`vsbench.records.manifest.Conditions`, as they are now."""
    return {
        "created": datetime.now(UTC).replace(microsecond=0),
        "seed": settings.seed,
        "preset": settings.preset,
        "asking": ModelSettings(
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
        "model_options": settings.model_options,
        "prompts_version": PROMPTS_VERSION,
        "prompts_sha256": pack.sha256,
        "versions": versions(),
        "prices": {name: price for name in sorted(players) if (price := table.of(name))},
        "prices_date": table.date,
    }


def _environments(settings: RunSettings) -> tuple[str, ...]:
    if settings.envs or settings.dataset is None:
        return settings.envs or registry.BENCHMARK
    return environments_in(settings.dataset)


def plan_environment(settings: RunSettings, model: str, env: str) -> EnvironmentPlan:
    """Seats and episode count of one environment."""
    game = registry.get(env)
    spec = game.spec
    if spec.extra is not None:
        # A missing extra should show now, not in the middle of the run.
        game.new(0)
    evaluations = settings.evals or DEFAULT_EVALUATIONS
    count = settings.episodes or spec.episodes[settings.preset]
    if "decision" not in evaluations:
        count = 0
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
        seats = SeatPlan(players=tuple(players), measured=measured, seating="fixed")
    elif spec.opponent is None:
        everyone = tuple(range(spec.seats))
        seats = SeatPlan(players=(here,) * spec.seats, measured=everyone, seating="fixed")
    else:
        others = [seat_player(game, spec.opponent)] * (spec.seats - 1)
        seats = SeatPlan(players=(here, *others), measured=(0,), seating="rotating")
    samples = plan_samples(settings, model, env) if set(evaluations) - {"decision"} else None
    return EnvironmentPlan(env=env, episodes=count, seats=seats, samples=samples)


def units(manifest: Manifest) -> Iterator[Unit]:
    """Everything that a run does, evaluations and environments taking turns."""
    queues: list[Iterable[Unit]] = [
        _episodes(manifest, plan)
        if evaluation == "decision"
        else asked_samples(manifest, plan, evaluation)
        for plan in manifest.environments
        for evaluation in manifest.evaluations
    ]
    for turn in zip_longest(*queues):
        yield from (unit for unit in turn if unit is not None)


def _episodes(manifest: Manifest, plan: EnvironmentPlan) -> Iterator[Unit]:
    return (episode_plan(manifest, plan, episode) for episode in range(plan.episodes))


def episode_plan(manifest: Manifest, plan: EnvironmentPlan, episode: int) -> EpisodePlan:
    """What is dealt in an episode, and who sits where.

    Equally likely starts take turns, and each stays while the players change seats: every start is
    played equally often from every seat.
    """
    count, strata = len(plan.seats.players), registry.get(plan.env).spec.strata
    deal = stratum = episode
    shift = 0
    if plan.seats.seating != "fixed":
        stratum, shift = divmod(episode, count)
    if plan.seats.seating == "duplicate":
        deal = stratum
    return EpisodePlan(
        env=plan.env,
        episode=episode,
        run_seed=manifest.seed,
        seed=episode_seed(manifest.seed, plan.env, deal, stratum=stratum, strata=strata),
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
