"""Plan a run: turn settings into a manifest of environments, seats, episodes and samples."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from vsbench.adapters.base import BadRequestError, read_options
from vsbench.adapters.registry import PROVIDERS, provider_options
from vsbench.adapters.thinking import can_switch_thinking
from vsbench.bots import bot_name
from vsbench.datasets.published import PublishedSet, parquet_files
from vsbench.datasets.samples import Dataset, load
from vsbench.datasets.sets import environments_in, open_set, shipped_path
from vsbench.errors import UsageError
from vsbench.evaluations.examples import check_games
from vsbench.models import FREE, in_force
from vsbench.planning.prices import PriceTable
from vsbench.planning.units import models_in_seats
from vsbench.players.seats import player_id, seat_player
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
from vsbench.settings import Evaluation, RunSettings, count_in
from vsbench.versions import versions
from vsbench_envs import registry
from vsbench_prompts import VERSION

RANDOM_BOT = "bot/random"
"""The only bot that answers without a state, and so about published data sets."""


def make_manifest(
    settings: RunSettings, model: str, pack: PromptPack, table: PriceTable
) -> Manifest:
    """Plan the run of one model.

    Raises:
        UsageError: the settings do not fit together or do not fit the model.
        UnknownNameError: there is no such environment, bot or protocol.
        MissingExtraError: an environment is not installed.
    """
    model = player_id(model)
    evaluations = evaluations_of(settings, model)
    envs = _environments(settings)
    check_counts(settings, envs)
    environments = tuple(plan_environment(settings, model, env) for env in envs)
    players = {player for plan in environments for player in plan.seats.players}
    if any(bot_name(player) is None for player in players):
        planned = [(p.env, e) for p in environments for e in evaluations if p.numbers(e)]
        check_games(pack, planned, resolve_model_settings(settings))
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
    """Return the evaluations to run: those requested, or all of the protocol that the model can do.

    Raises:
        UsageError: perception is requested for a bot or without pictures.
    """
    bot = bot_name(model) is not None
    if "perception" in settings.evals:
        if bot:
            raise UsageError(f"{model} is a bot and sees no pictures: perception needs a model")
        if settings.modality == "text":
            raise UsageError("perception needs pictures: it cannot be run with --modality text")
    if settings.evals:
        return settings.evals
    modality = resolve_model_settings(settings).modality
    # Published sets hold pictures, but no labels of what is in them.
    published = settings.dataset is not None and bool(parquet_files(settings.dataset))
    excluded = {"perception"} if bot or published else set()
    evaluations = protocol(settings.protocol).evaluations_in(modality)
    return tuple(evaluation for evaluation in evaluations if evaluation not in excluded)


def conditions(
    settings: RunSettings, players: Collection[str], pack: PromptPack, table: PriceTable
) -> dict[str, Any]:
    """Return the fields of :class:`vsbench.records.manifest.Conditions` as of now."""
    model_settings = resolve_model_settings(settings)
    return {
        "created": datetime.now(UTC).replace(microsecond=0),
        "seed": settings.seed,
        "model_settings": model_settings,
        "models": {
            name: in_force(
                name, model_settings, can_switch=can_switch_thinking(name, settings.model_options)
            )
            for name in sorted(players)
            if bot_name(name) is None
        },
        "model_options": options_for(settings, players),
        "prompts_version": pack.version,
        "prompts_sha256": pack.sha256,
        "versions": versions(),
        "prices": {name: price for name in sorted(players) if (price := table.of(name))},
        "prices_date": table.date,
    }


def prompt_pack(settings: RunSettings) -> PromptPack:
    """Open the prompt pack of a run or tournament with these settings. Raises PromptError."""
    return PromptPack.shipped(
        settings.prompts, _environments(settings), settings.prompts_version or VERSION
    )


def check_counts(settings: RunSettings, envs: Collection[str]) -> None:
    """Raise UsageError if episodes or samples are given for an environment that is not played."""
    for counts in (settings.episodes, settings.samples):
        if isinstance(counts, dict) and (unknown := [env for env in counts if env not in envs]):
            raise UsageError(
                f"{unknown[0]}={counts[unknown[0]]}: the environments here are {', '.join(envs)}"
            )


def _environments(settings: RunSettings) -> tuple[str, ...]:
    if settings.envs:
        return settings.envs
    if settings.dataset is not None:
        return environments_in(settings.dataset)
    unavailable = unavailable_environments(settings)
    return tuple(env for env in registry.BENCHMARK if env not in unavailable)


def unavailable_environments(settings: RunSettings) -> dict[str, str]:
    """Return the benchmark's environments that are not installed, each with a message.

    Empty where the settings name environments: one that is named and missing is an error.
    """
    if settings.envs or settings.dataset is not None:
        return {}
    return {
        env: f"skipping {env}: {missing}"
        for env in registry.BENCHMARK
        if (missing := registry.missing_extra(env)) is not None
    }


def options_for(settings: RunSettings, players: Collection[str]) -> dict[str, str]:
    """Return the options of the providers that have a model among the players."""
    providers = {name.partition("/")[0] for name in players}
    return {
        name: value
        for name, value in settings.model_options.items()
        if name.partition(".")[0] in providers
    }


def check_options(settings: RunSettings, players: Collection[str]) -> None:
    """Check provider options.

    Raises:
        UsageError: a value is wrong, or no player is of the option's provider.
    """
    unused = settings.model_options.keys() - options_for(settings, players).keys()
    if unused:
        providers = {name.partition("/")[0] for name in players if bot_name(name) is None}
        raise UsageError(
            f"--model-option {min(unused)}: no model of this provider takes part; "
            f"providers here: {', '.join(sorted(providers)) or 'none'}"
        )
    for provider in PROVIDERS.keys() & {name.partition(".")[0] for name in settings.model_options}:
        own = options_of_provider(settings.model_options, provider)
        try:
            read_options(provider, own, provider_options(provider))
        except BadRequestError as error:
            raise UsageError(str(error)) from None


def check_cost_limit(settings: RunSettings, manifests: Iterable[Manifest]) -> None:
    """Check that a cost limit can be enforced.

    Raises:
        UsageError: a model has no price, and there is no token limit either.
    """
    if settings.max_cost is None or settings.max_tokens_total is not None:
        return
    for manifest in manifests:
        for model in models_in_seats(manifest):
            if model.partition("/")[0] not in FREE and model not in manifest.prices:
                raise UsageError(
                    f"the price of {model} is unknown, so --max-cost {settings.max_cost:g} cannot "
                    "be enforced: give --prices FILE, or set --max-tokens-total N too"
                )


def options_of_provider(options: Mapping[str, str], provider: str) -> dict[str, str]:
    """Return one provider's options, without the provider's prefix."""
    return {
        name.removeprefix(f"{provider}."): value
        for name, value in options.items()
        if name.startswith(f"{provider}.")
    }


def plan_environment(settings: RunSettings, model: str, env: str) -> EnvironmentPlan:
    """Plan the seats, episodes and samples of one environment."""
    game = registry.get(env)
    spec = game.spec
    # Report a missing extra now, not in the middle of the run.
    if (missing := registry.missing_extra(env)) is not None:
        raise missing
    evaluations = evaluations_of(settings, model)
    count = count_in(env, settings.episodes) or protocol(settings.protocol).episodes(env)
    if "decision" not in evaluations:
        count = 0
    unknown = [seat for seat in settings.seats if not 0 <= seat < spec.seats]
    if unknown:
        raise UsageError(f"{env} has no seat {unknown[0]}; its seats are 0 to {spec.seats - 1}")
    measured_player = seat_player(game, model)
    if settings.seats:
        players = [measured_player] * spec.seats
        for seat, player_spec in settings.seats.items():
            players[seat] = seat_player(game, player_spec)
        measured = tuple(seat for seat, player in enumerate(players) if player == measured_player)
        if not measured:
            raise UsageError(f"{model} has no seat in {env}: --seat assigns all to other players")
        seats = SeatPlan(players=tuple(players), measured=measured, seating="fixed")
    elif spec.opponent is None:
        players = [measured_player] * spec.seats
        all_seats = tuple(range(spec.seats))
        seats = SeatPlan(players=tuple(players), measured=all_seats, seating="fixed")
    else:
        opponents = [seat_player(game, spec.opponent)] * (spec.seats - 1)
        seats = SeatPlan(players=(measured_player, *opponents), measured=(0,), seating="rotating")
    samples = plan_samples(settings, model, env) if set(evaluations) - {"decision"} else None
    return EnvironmentPlan(env=env, episodes=count, seats=seats, samples=samples)


def plan_samples(settings: RunSettings, model: str, env: str) -> SamplePlan | None:
    """Plan the samples of one environment; None where no set ships and none was requested.

    Raises:
        UsageError: there is no such set, or it does not hold what the evaluations need.
    """
    if settings.dataset is not None:
        dataset, name = open_set(settings.dataset, env), settings.dataset.resolve().name
        _check_answerable(dataset, settings, model)
    else:
        try:
            dataset, name = load(shipped_path(env)), SHIPPED
        except UsageError:
            if settings.evals:
                raise
            return None
    count = count_in(env, settings.samples) or protocol(settings.protocol).samples(env)
    size = len(dataset.samples)
    return SamplePlan(dataset=name, sha256=dataset.sha256, size=size, count=min(count, size))


def _check_answerable(dataset: Dataset | PublishedSet, settings: RunSettings, model: str) -> None:
    if isinstance(dataset, Dataset):
        return
    if settings.modality not in (None, "image"):
        raise UsageError(
            f"{settings.dataset} holds pictures but no text of the states: "
            f"--modality {settings.modality} is not possible"
        )
    if "perception" in settings.evals:
        raise UsageError(
            f"{settings.dataset} holds pictures without labels: perception needs recorded states "
            "(build a set with vsbench dataset build)"
        )
    if bot_name(model) is not None and model != RANDOM_BOT:
        raise UsageError(
            f"{settings.dataset} holds no states for bots to read: use {RANDOM_BOT}, the only "
            "bot that needs none"
        )
