"""What a person should know before a run begins: settings without effect, and what is left out."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from vsbench.adapters.thinking import untold
from vsbench.evaluations.schedule import models_at
from vsbench.models import FREE, model_warnings
from vsbench.players.questions import personas
from vsbench.protocols import DEFAULT, protocol
from vsbench.records.manifest import Manifest
from vsbench.runner.plan import left_out_environments
from vsbench.settings import RunSettings
from vsbench_envs import registry

PIXELS_ONLY = ("sighted", "blind", "person")
"""Providers of players that are no language models: they take none of the sampling parameters."""

SAMPLING = (
    "temperature", "thinking", "reasoning_effort", "detail", "max_tokens", "max_tokens_limit",
)  # fmt: skip

ASKING = (
    *SAMPLING, "modality", "style", "persona", "attempts", "feedback", "prompts", "model_options",
)  # fmt: skip
"""Settings that only shape what models are asked."""

CALLS = ("max_connections", "timeout", "patience", "cache", "max_cost", "max_tokens_total")
"""Settings that only limit calls to models."""

DEFAULTS = RunSettings()


def notices(manifests: Sequence[Manifest], settings: RunSettings | None = None) -> list[str]:
    """Everything to be said before runs begin or go on, each once.

    Args:
        manifests: of the runs.
        settings: that new runs were planned from; None for resumed ones.
    """
    found = [
        warning
        for manifest in manifests
        for model in models_at(manifest)
        for warning in _about_model(model, manifest)
    ]
    if settings is not None:
        found += left_out_environments(settings).values()
        found += _without_effect(manifests, settings)
    return list(dict.fromkeys(found))


def _about_model(model: str, manifest: Manifest) -> Iterator[str]:
    model_settings, usual = (
        manifest.model_settings,
        protocol(DEFAULT).model_settings.thinking_tokens,
    )
    yield from model_warnings(model, model_settings, manifest.prices.get(model))
    yield from untold(
        model,
        wished=model_settings.thinking is not None,
        budget=model_settings.thinking_tokens != usual,
        options=manifest.model_options,
    )


def _without_effect(manifests: Sequence[Manifest], settings: RunSettings) -> Iterator[str]:
    yield from _of_models(manifests, settings)
    yield from _of_persona(manifests, settings)
    yield from _of_evaluations(manifests, settings)


def _of_models(manifests: Sequence[Manifest], settings: RunSettings) -> Iterator[str]:
    models = {model for manifest in manifests for model in models_at(manifest)}
    if not models:
        for name in _given(settings, (*ASKING, *CALLS)):
            yield f"{_option(name)} has no effect: no model plays"
        return
    providers = {model.partition("/")[0] for model in models}
    if providers <= set(PIXELS_ONLY):
        for name in _given(settings, SAMPLING):
            yield f"{_option(name)} has no effect on {', '.join(sorted(models))}"
    elif settings.detail is not None and settings.modality == "text":
        yield "--detail has no effect: --modality text shows no pictures"
    elif settings.detail is not None:
        for model in sorted(models):
            if not _takes_detail(model):
                yield f"--detail has no effect on {model}: its provider takes no such parameter"
    if settings.max_cost is not None and providers <= set(FREE):
        yield "--max-cost has no effect: no model here costs anything"


def _takes_detail(model: str) -> bool:
    """Whether a model's provider lets requests say in what detail to look at pictures.

    What models themselves take is told by :func:`vsbench.models.model_warnings`.
    """
    provider, _, name = model.partition("/")
    if provider == "hf":
        return False
    if provider not in ("openai", "openai-api"):
        return True
    url = name.rpartition("#")[0] if provider == "openai-api" else os.environ.get("OPENAI_BASE_URL")
    try:
        from vsbench.adapters.openai.servers import server
    except ModuleNotFoundError:  # Without the SDK the run cannot begin, and says so.
        return True
    return not url or server(url).detail


def _of_persona(manifests: Sequence[Manifest], settings: RunSettings) -> Iterator[str]:
    if settings.persona is None:
        return
    envs = {plan.env for manifest in manifests for plan in manifest.environments}
    if not any(settings.persona in personas(registry.get(env).spec.personas) for env in envs):
        yield f"--persona has no effect: no game here has the persona {settings.persona}"


def _of_evaluations(manifests: Sequence[Manifest], settings: RunSettings) -> Iterator[str]:
    """Of what is measured; a tournament's manifests only have decisions."""
    evaluated = {evaluation for manifest in manifests for evaluation in manifest.evaluations}
    if "decision" not in evaluated:
        for name in _given(settings, ("episodes", "seats")):
            yield f"{_option(name)} has no effect: no episodes are played (--eval decision)"
    if evaluated <= {"decision"}:
        for name in _given(settings, ("samples", "dataset")):
            yield f"{_option(name)} has no effect: no samples are asked about (--eval reasoning)"
    elif settings.samples is not None:
        envs: dict[int, dict[str, None]] = {}
        for manifest in manifests:
            for plan in manifest.environments:
                if plan.samples is not None and plan.samples.size < settings.samples:
                    envs.setdefault(plan.samples.size, {})[plan.env] = None
        for size, names in envs.items():
            yield (
                f"--samples {settings.samples}: all {size} samples that there are of "
                f"{', '.join(names)} are asked about"
            )


def _given(settings: RunSettings, names: Sequence[str]) -> list[str]:
    """Those settings that are not what they are by default."""
    return [name for name in names if getattr(settings, name) != getattr(DEFAULTS, name)]


def _option(setting: str) -> str:
    """What a setting is called on the command line."""
    singular = {"seats": "seat", "model_options": "model-option"}
    return "--" + singular.get(setting, setting).replace("_", "-")
