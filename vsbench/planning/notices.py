"""Find notices to show before a run: settings without effect, and skipped environments."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from vsbench.adapters.thinking import thinking_warnings
from vsbench.models import FREE, model_warnings
from vsbench.planning.run import unavailable_environments
from vsbench.planning.units import models_in_seats
from vsbench.players.questions import personas
from vsbench.protocols import DEFAULT, protocol
from vsbench.records.manifest import Manifest
from vsbench.settings import DEFAULTS, RunSettings, count_in, declared_option
from vsbench_envs import registry
from vsbench_envs.anchors import measured

NOT_SAMPLED = ("sighted", "blind", "person")
"""Providers that are no language models: they take none of the sampling parameters."""

SAMPLING = (
    "temperature", "thinking", "reasoning_effort", "detail", "max_tokens", "max_tokens_limit",
)  # fmt: skip

MODEL_SETTINGS = (
    *SAMPLING, "modality", "style", "persona", "attempts", "feedback", "prompts", "model_options",
)  # fmt: skip
"""Settings that only affect requests to models."""

CALL_LIMITS = ("max_connections", "timeout", "patience", "cache", "max_cost", "max_tokens_total")
"""Settings that only limit or cache calls to models."""


def notices(manifests: Sequence[Manifest], settings: RunSettings | None = None) -> list[str]:
    """Return the notices about runs that begin or resume, without duplicates.

    Args:
        manifests: of the runs.
        settings: that new runs were planned from; None for resumed runs.
    """
    found = [
        warning
        for manifest in manifests
        for model in models_in_seats(manifest)
        for warning in _about_model(model, manifest)
    ]
    if settings is not None:
        found += unavailable_environments(settings).values()
        found += _without_effect(manifests, settings)
        found += _unmeasured(manifests)
    return list(dict.fromkeys(found))


def _about_model(model: str, manifest: Manifest) -> Iterator[str]:
    model_settings, usual = (
        manifest.model_settings,
        protocol(DEFAULT).model_settings.thinking_tokens,
    )
    yield from model_warnings(model, model_settings, manifest.prices.get(model))
    yield from thinking_warnings(
        model,
        switch_set=model_settings.thinking is not None,
        budget_set=model_settings.thinking_tokens != usual,
        options=manifest.model_options,
    )


def _unmeasured(manifests: Sequence[Manifest]) -> Iterator[str]:
    """Find games whose scores rest on anchors that their authors state without a measurement."""
    for manifest in manifests:
        if "decision" in manifest.evaluations:
            for plan in manifest.environments:
                if measured(plan.env) is None:
                    yield (
                        f"the anchors of {plan.env} are stated, not measured; compare them with: "
                        f"vsbench anchors --env {plan.env}"
                    )


def _without_effect(manifests: Sequence[Manifest], settings: RunSettings) -> Iterator[str]:
    yield from _of_models(manifests, settings)
    yield from _of_persona(manifests, settings)
    yield from _of_evaluations(manifests, settings)


def _of_models(manifests: Sequence[Manifest], settings: RunSettings) -> Iterator[str]:
    models = {model for manifest in manifests for model in models_in_seats(manifest)}
    if not models:
        for name in _changed(settings, (*MODEL_SETTINGS, *CALL_LIMITS)):
            yield f"{declared_option(name).flag} has no effect: no model takes part"
        return
    providers = {model.partition("/")[0] for model in models}
    if providers <= set(NOT_SAMPLED):
        for name in _changed(settings, SAMPLING):
            yield f"{declared_option(name).flag} has no effect on {', '.join(sorted(models))}"
    elif settings.detail is not None and settings.modality == "text":
        yield "--detail has no effect: --modality text shows no pictures"
    elif settings.detail is not None:
        for model in sorted(models):
            if not _supports_detail(model):
                yield f"--detail has no effect on {model}: its provider has no such parameter"
    if settings.max_cost is not None and providers <= set(FREE):
        yield "--max-cost has no effect: every model here is free"


def _supports_detail(model: str) -> bool:
    """Whether a provider's API has a parameter for the level of detail of pictures.

    The levels that models themselves support are checked by :func:`vsbench.models.model_warnings`.
    """
    provider, _, name = model.partition("/")
    if provider == "hf":
        return False
    if provider not in ("openai", "openai-api"):
        return True
    url = name.rpartition("#")[0] if provider == "openai-api" else os.environ.get("OPENAI_BASE_URL")
    try:
        from vsbench.adapters.openai.servers import find_server
    except ModuleNotFoundError:  # Without the SDK the run fails to start, with a message.
        return True
    return not url or find_server(url).detail


def _of_persona(manifests: Sequence[Manifest], settings: RunSettings) -> Iterator[str]:
    if settings.persona is None:
        return
    envs = {plan.env for manifest in manifests for plan in manifest.environments}
    if not any(settings.persona in personas(registry.get(env).spec.personas) for env in envs):
        yield f"--persona has no effect: no game of this run has the persona {settings.persona}"


def _of_evaluations(manifests: Sequence[Manifest], settings: RunSettings) -> Iterator[str]:
    """Find settings of evaluations that are not run; a tournament has decision-making alone."""
    evaluations = {evaluation for manifest in manifests for evaluation in manifest.evaluations}
    if "decision" not in evaluations:
        for name in _changed(settings, ("episodes", "seats")):
            flag = declared_option(name).flag
            yield f"{flag} has no effect without --eval decision: no episodes are played"
    if evaluations <= {"decision"}:
        for name in _changed(settings, ("samples", "dataset")):
            flag = declared_option(name).flag
            yield f"{flag} has no effect without --eval reasoning or perception"
    elif settings.samples is not None:
        envs: dict[tuple[int, int], dict[str, None]] = {}
        for manifest in manifests:
            for plan in manifest.environments:
                wanted = count_in(plan.env, settings.samples)
                if plan.samples is not None and wanted and plan.samples.size < wanted:
                    envs.setdefault((wanted, plan.samples.size), {})[plan.env] = None
        for (wanted, size), names in envs.items():
            yield (
                f"--samples {wanted} exceeds the {size} samples of {', '.join(names)}: "
                "using all of them"
            )


def _changed(settings: RunSettings, names: Sequence[str]) -> list[str]:
    """Return those settings that differ from their defaults."""
    return [name for name in names if getattr(settings, name) != getattr(DEFAULTS, name)]
