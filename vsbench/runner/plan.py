"""What a run will play: settings made into environments, seats and episodes."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from itertools import zip_longest
from pathlib import Path

from vsbench.datasets.samples import Dataset, load, shipped
from vsbench.errors import UsageError
from vsbench.evaluations.decision_making import EpisodePlan
from vsbench.evaluations.perception import Sighting
from vsbench.evaluations.samples import AskedSample
from vsbench.evaluations.strategic_reasoning import Prediction
from vsbench.evaluations.unit import Unit
from vsbench.players.seats import player_id, scripted_name, seat_player
from vsbench.prices import PriceTable
from vsbench.prompts import PromptPack
from vsbench.records.manifest import (
    EnvironmentPlan,
    Manifest,
    ModelSettings,
    SamplePlan,
    SeatPlan,
)
from vsbench.settings import Evaluation, RunSettings
from vsbench_envs import registry
from vsbench_prompts import VERSION as PROMPTS_VERSION

SHIPPED = "shipped"
"""Stands for the data set that ships for an environment."""

SAMPLES = {"paper": 400, "quick": 40}
"""By preset."""

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
    environments = tuple(
        plan_environment(settings, model, env) for env in settings.envs or registry.BENCHMARK
    )
    players = {player for plan in environments for player in plan.seats.players}
    return Manifest(
        created=datetime.now(UTC).replace(microsecond=0),
        model=model,
        seed=settings.seed,
        preset=settings.preset,
        evaluations=evaluations,
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
        seats = SeatPlan(players=tuple(players), measured=measured, rotate=False)
    elif spec.opponent is None:
        everyone = tuple(range(spec.seats))
        seats = SeatPlan(players=(here,) * spec.seats, measured=everyone, rotate=False)
    else:
        others = [seat_player(game, spec.opponent)] * (spec.seats - 1)
        seats = SeatPlan(players=(here, *others), measured=(0,), rotate=True)
    samples = plan_samples(settings, env) if set(evaluations) - {"decision"} else None
    return EnvironmentPlan(env=env, episodes=count, seats=seats, samples=samples)


def plan_samples(settings: RunSettings, env: str) -> SamplePlan | None:
    """Which samples are asked about; None where no set ships and none was asked for by name."""
    if settings.dataset is not None:
        folder = settings.dataset.is_dir()
        path = settings.dataset / f"{env}.jsonl" if folder else settings.dataset
        name = str(path.resolve())
    else:
        try:
            path, name = shipped(env), SHIPPED
        except UsageError:
            if settings.evals:
                raise
            return None
    dataset = load(path)
    if dataset.header.env != env:
        raise UsageError(f"{path} is a data set of {dataset.header.env}, not of {env}")
    count = settings.samples or SAMPLES[settings.preset]
    size = len(dataset.samples)
    return SamplePlan(dataset=name, sha256=dataset.sha256, size=size, count=min(count, size))


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


def asked_samples(
    manifest: Manifest, plan: EnvironmentPlan, evaluation: Evaluation
) -> list[AskedSample]:
    """The samples that a run asks about in one environment."""
    if plan.samples is None:
        return []
    dataset = open_dataset(plan.env, plan.samples)
    ask = {"reasoning": Prediction, "perception": Sighting}[evaluation]
    return [ask(dataset, number, manifest.model, manifest.seed) for number in plan.samples.numbers]


def open_dataset(env: str, plan: SamplePlan) -> Dataset:
    """The data set that a run asks about.

    Raises:
        UsageError: it is not the one that the run began with.
    """
    dataset = load(shipped(env) if plan.dataset == SHIPPED else Path(plan.dataset))
    if dataset.sha256 != plan.sha256:
        raise UsageError(f"the data set {plan.dataset} of {env} is not what the run began with")
    return dataset


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
