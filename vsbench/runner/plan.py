"""What a run will play: settings made into environments, seats and episodes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from vsbench.adapters.base import BadRequestError
from vsbench.adapters.options import read_options
from vsbench.adapters.registry import PROVIDERS, provider_options
from vsbench.adapters.thinking import can_tell
from vsbench.bots import bot_name
from vsbench.datasets.published import PublishedSet, parquet_files
from vsbench.datasets.samples import Dataset, load, shipped
from vsbench.datasets.sets import environments_in, open_set
from vsbench.errors import UsageError
from vsbench.evaluations.examples import rehearse
from vsbench.evaluations.schedule import models_at
from vsbench.models import FREE, in_force
from vsbench.players.seats import player_id, seat_player
from vsbench.prices import PriceTable
from vsbench.prompts import PromptPack
from vsbench.protocols import conformity, conforms, protocol, resolve_model_settings
from vsbench.records.manifest import (
    SHIPPED,
    EnvironmentPlan,
    Manifest,
    ProtocolRef,
    SamplePlan,
    SeatPlan,
)
from vsbench.settings import Evaluation, RunSettings
from vsbench.versions import versions
from vsbench_envs import registry
from vsbench_prompts import VERSION as PROMPTS_VERSION

GUESSER = "bot/random"
"""The only bot that needs no state."""


def make_manifest(
    settings: RunSettings, model: str, pack: PromptPack, table: PriceTable
) -> Manifest:
    """The manifest of a model's run.

    Raises:
        UsageError, UnknownNameError, MissingExtraError: saying what is wrong with the settings.
    """
    model = player_id(model)
    evaluations = evaluations_of(settings, model)
    environments = tuple(plan_environment(settings, model, env) for env in _environments(settings))
    players = {player for plan in environments for player in plan.seats.players}
    if any(bot_name(player) is None for player in players):
        planned = [(p.env, e) for p in environments for e in evaluations if p.numbers(e)]
        rehearse(pack, planned, resolve_model_settings(settings))
    followed = protocol(settings.protocol)
    ref = ProtocolRef(name=followed.name, sha256=followed.sha256, conforms=True)
    manifest = Manifest(
        protocol=ref,
        model=model,
        evaluations=evaluations,
        environments=environments,
        **conditions(settings, players, pack, table),
    )
    if conforms(conformity(manifest)):
        return manifest
    return manifest.model_copy(update={"protocol": ref.model_copy(update={"conforms": False})})


def evaluations_of(settings: RunSettings, model: str) -> tuple[Evaluation, ...]:
    """What is measured of a model: what was asked for, or all of the protocol that it can do.

    Raises:
        UsageError: what is in pictures is asked of a bot, or without them.
    """
    bot = bot_name(model) is not None
    if "perception" in settings.evals:
        if bot:
            raise UsageError(f"{model} plays without pictures: perception asks models that look")
        if settings.modality == "text":
            raise UsageError("--modality text shows no pictures: perception asks what is in them")
    if settings.evals:
        return settings.evals
    modality = resolve_model_settings(settings).modality
    # Published sets hold pictures, but not what is in them.
    unseen = bot or (settings.dataset is not None and bool(parquet_files(settings.dataset)))
    without = {"perception"} if unseen else set()
    everything = protocol(settings.protocol).evaluations_in(modality)
    return tuple(evaluation for evaluation in everything if evaluation not in without)


def conditions(
    settings: RunSettings, players: Collection[str], pack: PromptPack, table: PriceTable
) -> dict[str, Any]:
    """The fields of :class:`vsbench.records.manifest.Conditions`, as they are now."""
    model_settings = resolve_model_settings(settings)
    return {
        "created": datetime.now(UTC).replace(microsecond=0),
        "seed": settings.seed,
        "model_settings": model_settings,
        "models": {
            name: in_force(name, model_settings, can_switch=can_tell(name, settings.model_options))
            for name in sorted(players)
            if bot_name(name) is None
        },
        "model_options": options_of(settings, players),
        "prompts_version": PROMPTS_VERSION,
        "prompts_sha256": pack.sha256,
        "versions": versions(),
        "prices": {name: price for name in sorted(players) if (price := table.of(name))},
        "prices_date": table.date,
    }


def prompt_pack(settings: RunSettings) -> PromptPack:
    """The prompts of a run or tournament with these settings. Raises PromptError."""
    return PromptPack.shipped(settings.prompts, _environments(settings))


def _environments(settings: RunSettings) -> tuple[str, ...]:
    if settings.envs:
        return settings.envs
    if settings.dataset is not None:
        return environments_in(settings.dataset)
    left_out = left_out_environments(settings)
    return tuple(env for env in registry.BENCHMARK if env not in left_out)


def left_out_environments(settings: RunSettings) -> dict[str, str]:
    """The benchmark's environments that are not installed here, and why each is left out.

    Only where nobody named environments: one that is named and missing is an error.
    """
    if settings.envs or settings.dataset is not None:
        return {}
    return {
        env: f"{env} is left out: {missing}"
        for env in registry.BENCHMARK
        if (missing := registry.missing_extra(env)) is not None
    }


def options_of(settings: RunSettings, players: Collection[str]) -> dict[str, str]:
    """The options of those providers that have a model among the players."""
    providers = {name.partition("/")[0] for name in players}
    return {
        name: value
        for name, value in settings.model_options.items()
        if name.partition(".")[0] in providers
    }


def check_options(settings: RunSettings, players: Collection[str]) -> None:
    """Raise UsageError if an option is wrong, or no player of a command is of its provider."""
    strange = settings.model_options.keys() - options_of(settings, players).keys()
    if strange:
        providers = {name.partition("/")[0] for name in players if bot_name(name) is None}
        raise UsageError(
            f"--model-option {min(strange)} is for a provider that has no model here; "
            f"those that have: {', '.join(sorted(providers)) or 'none'}"
        )
    for provider in PROVIDERS.keys() & {name.partition(".")[0] for name in settings.model_options}:
        own = own_options(settings.model_options, provider)
        try:
            read_options(provider, own, provider_options(provider))
        except BadRequestError as error:
            raise UsageError(str(error)) from None


def check_cost_limit(settings: RunSettings, manifests: Iterable[Manifest]) -> None:
    """Make sure that a limit of money can hold.

    Raises:
        UsageError: a model has no price, and tokens are not limited either.
    """
    if settings.max_cost is None or settings.max_tokens_total is not None:
        return
    for manifest in manifests:
        for model in models_at(manifest):
            if model.partition("/")[0] not in FREE and model not in manifest.prices:
                raise UsageError(
                    f"no price is known for {model}, so --max-cost {settings.max_cost:g} cannot "
                    "limit it: give --prices FILE, or limit --max-tokens-total N too"
                )


def own_options(options: Mapping[str, str], provider: str) -> dict[str, str]:
    """Those of a run's options that are for a provider, by their own names."""
    return {
        name.removeprefix(f"{provider}."): value
        for name, value in options.items()
        if name.startswith(f"{provider}.")
    }


def plan_environment(settings: RunSettings, model: str, env: str) -> EnvironmentPlan:
    """Seats and episode count of one environment."""
    game = registry.get(env)
    spec = game.spec
    # A missing extra should show now, not in the middle of the run.
    if (missing := registry.missing_extra(env)) is not None:
        raise missing
    evaluations = evaluations_of(settings, model)
    count = settings.episodes or protocol(settings.protocol).episodes(env)
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


def plan_samples(settings: RunSettings, model: str, env: str) -> SamplePlan | None:
    """Which samples are asked about; None where no set ships and none was asked for by name.

    Raises:
        UsageError: there is no such set, or not what is to be measured by it.
    """
    if settings.dataset is not None:
        dataset, name = open_set(settings.dataset, env), settings.dataset.resolve().name
        _check_answerable(dataset, settings, model)
    else:
        try:
            dataset, name = load(shipped(env)), SHIPPED
        except UsageError:
            if settings.evals:
                raise
            return None
    count = settings.samples or protocol(settings.protocol).samples(env)
    size = len(dataset.samples)
    return SamplePlan(dataset=name, sha256=dataset.sha256, size=size, count=min(count, size))


def _check_answerable(dataset: Dataset | PublishedSet, settings: RunSettings, model: str) -> None:
    if isinstance(dataset, Dataset):
        return
    if settings.modality not in (None, "image"):
        raise UsageError(
            f"{settings.dataset} holds pictures, and no text of the state: "
            f"--modality {settings.modality} cannot ask about it"
        )
    if "perception" in settings.evals:
        raise UsageError(
            f"{settings.dataset} holds pictures, but not what is in them: perception needs "
            "recorded states, which vsbench dataset build makes"
        )
    if bot_name(model) is not None and model != GUESSER:
        raise UsageError(
            f"{settings.dataset} holds no states to play from: of the bots, only "
            f"{GUESSER} can guess"
        )
