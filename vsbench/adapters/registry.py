"""The table of providers: ours, and those that other packages bring.

An entry point of the group ``vsbench.adapters`` names a function
``(model: str, options: AdapterOptions) -> Adapter``. Nothing is imported before it is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from vsbench.adapters.base import Adapter, AdapterOptions
from vsbench.adapters.options import ProviderOptions
from vsbench.errors import UsageError
from vsbench_envs.errors import MissingExtraError, UnknownNameError

GROUP = "vsbench.adapters"
OURS = "vsbench"

Factory = Callable[[str, AdapterOptions], Adapter]


@dataclass(frozen=True)
class Provider:
    """One line of the table."""

    factory: str
    """``module:function``, imported when first used."""
    about: str
    example: str
    extra: str | None = None
    """The pip extra it needs."""
    key: str | None = None
    """The environment variable that holds its key."""
    options: str | None = None
    """``module:class`` of its own options; importing it takes no SDK."""


PROVIDERS = {
    "openai": Provider(
        "vsbench.adapters.openai.factory:openai",
        "OpenAI's models, by the official SDK.",
        "openai/gpt-4o",
        extra="openai",
        key="OPENAI_API_KEY",
        options="vsbench.adapters.openai.options:OpenAIOptions",
    ),
    "openai-api": Provider(
        "vsbench.adapters.openai.factory:openai_api",
        "Any server that speaks OpenAI's protocol.",
        "openai-api/http://localhost:8000/v1#my-model",
        extra="openai",
        options="vsbench.adapters.openai.options:OpenAIAPIOptions",
    ),
    "anthropic": Provider(
        "vsbench.adapters.anthropic.factory:anthropic",
        "Anthropic's models, by the official SDK.",
        "anthropic/claude-opus-5-5",
        extra="anthropic",
        key="ANTHROPIC_API_KEY",
    ),
    "hf": Provider(
        "vsbench.adapters.hf.factory:hf",
        "Models on this machine by transformers: a name of the hub, or a folder (hf/./mine).",
        "hf/Qwen/Qwen2.5-VL-7B-Instruct",
        extra="hf",
        options="vsbench.adapters.hf.options:HFOptions",
    ),
    "sighted": Provider(
        "vsbench.adapters.sighted:sighted",
        "Reads the pictures pixel by pixel and plays a bot; no key, no network.",
        "sighted/oracle",
    ),
    "blind": Provider(
        "vsbench.adapters.sighted:blind",
        "Plays a bot from the text alone, without pictures; no key, no network.",
        "blind/oracle",
    ),
    "person": Provider(
        "vsbench.adapters.person:person",
        "A person at this terminal; vsbench play sets the table.",
        "person/terminal",
    ),
}

BARE = ((re.compile(r"(gpt-|chatgpt-|o\d)"), "openai"), (re.compile(r"claude-"), "anthropic"))
"""Model names that are at home with one provider."""


def full_id(model: str) -> str:
    """The id with its provider: ``gpt-4o`` -> ``openai/gpt-4o``.

    Raises:
        UnknownNameError: no such provider, or a bare name that belongs to none.
        UsageError: several packages bring this provider.
    """
    provider, slash, name = model.partition("/")
    if slash and name and origin(provider):
        return model
    if not slash:
        for pattern, home in BARE:
            if pattern.match(model):
                return f"{home}/{model}"
    raise UnknownNameError("model provider", provider if slash else model, providers())


def providers() -> list[str]:
    """The names of all providers, ours first."""
    return [*PROVIDERS, *sorted(set(_plugins()) - set(PROVIDERS))]


def origin(provider: str) -> str:
    """The package that a provider is from; empty if there is no such provider.

    Raises:
        UsageError: several packages bring it; which one is meant cannot be told.
    """
    packages = origins(provider)
    if len(packages) > 1:
        raise UsageError(
            f"the model provider {provider!r} comes from several packages: "
            f"{' and '.join(packages)}. Uninstall all but one."
        )
    return "".join(packages)


def origins(provider: str) -> list[str]:
    """The packages that bring a provider. Several are a clash; it cannot be used then."""
    ours = [OURS] if provider in PROVIDERS else []
    return ours + [point.dist.name if point.dist else point.value for point in _of(provider)]


def provider_of(model: str) -> str:
    """Who serves a model: a full id's provider, and its address where the id names one."""
    provider, _, name = model.partition("/")
    address, _, at = name.rpartition("#")
    return f"{provider}/{address}" if at and address else provider


def provider_options(provider: str) -> type[ProviderOptions]:
    """The options that one of our providers takes."""
    place = PROVIDERS[provider].options
    kind: type[ProviderOptions] = _found(place) if place else ProviderOptions
    return kind


def open_adapter(model: str, options: AdapterOptions | None = None) -> Adapter:
    """The adapter for a full model id.

    Raises:
        UnknownNameError: no such provider.
        UsageError: several packages bring the provider.
        MissingExtraError: the provider's SDK is not installed; names the pip command.
        AuthError: the provider's key is missing.
        BadRequestError: the model's name or an option is not one that the provider knows.
    """
    provider, _, name = full_id(model).partition("/")
    make = _load_ours(model, PROVIDERS[provider]) if provider in PROVIDERS else _load(provider)
    return make(name, options or AdapterOptions())


def _load_ours(model: str, provider: Provider) -> Factory:
    try:
        make: Factory = _found(provider.factory)
    except ModuleNotFoundError as error:
        if provider.extra is None or (error.name or "").startswith("vsbench"):
            raise
        raise MissingExtraError(
            f"{model} needs the package {error.name!r}: pip install 'vsbench[{provider.extra}]'"
        ) from error
    return make


def _found(place: str) -> Any:
    module, _, attribute = place.partition(":")
    return getattr(import_module(module), attribute)


def _load(provider: str) -> Factory:
    (point,) = _of(provider)
    try:
        make: Factory = point.load()
    except (ImportError, AttributeError) as error:
        raise UsageError(
            f"the model provider {provider!r} of {origin(provider)} cannot be used: {error}"
        ) from error
    return make


def _of(provider: str) -> tuple[EntryPoint, ...]:
    return _plugins().get(provider, ())


@cache
def _plugins() -> dict[str, tuple[EntryPoint, ...]]:
    found: dict[str, tuple[EntryPoint, ...]] = {}
    for point in entry_points(group=GROUP):
        found[point.name] = (*found.get(point.name, ()), point)
    return found
