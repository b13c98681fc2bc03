"""The table of providers: ours, and those that other packages bring."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points

from vsbench.adapters.base import Adapter, AdapterOptions
from vsbench_envs.registry import MissingExtraError, UnknownNameError

GROUP = "vsbench.adapters"

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


PROVIDERS = {
    "openai": Provider(
        "vsbench.adapters.openai:openai",
        "OpenAI's models, by the official SDK.",
        "openai/gpt-4o",
        extra="openai",
        key="OPENAI_API_KEY",
    ),
    "openai-api": Provider(
        "vsbench.adapters.openai:openai_api",
        "Any server that speaks OpenAI's protocol.",
        "openai-api/http://localhost:8000/v1#my-model",
        extra="openai",
    ),
    "anthropic": Provider(
        "vsbench.adapters.anthropic:anthropic",
        "Anthropic's models, by the official SDK.",
        "anthropic/claude-opus-5-5",
        extra="anthropic",
        key="ANTHROPIC_API_KEY",
    ),
    "sighted": Provider(
        "vsbench.adapters.sighted:sighted",
        "Reads the pictures pixel by pixel and plays a scripted policy; no key, no network.",
        "sighted/oracle",
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
    """
    provider, slash, name = model.partition("/")
    if slash and name and (provider in PROVIDERS or provider in _plugins()):
        return model
    if not slash:
        for pattern, home in BARE:
            if pattern.match(model):
                return f"{home}/{model}"
    raise UnknownNameError("model provider", provider if slash else model, providers())


def providers() -> list[str]:
    """The names of all providers, ours first."""
    return [*PROVIDERS, *sorted(set(_plugins()) - set(PROVIDERS))]


def open_adapter(model: str, options: AdapterOptions | None = None) -> Adapter:
    """The adapter for a full model id.

    Raises:
        UnknownNameError: no such provider.
        MissingExtraError: the provider's SDK is not installed; names the pip command.
        AuthError: the provider's key is missing.
    """
    provider, _, name = full_id(model).partition("/")
    make: Factory
    if provider in PROVIDERS:
        line = PROVIDERS[provider]
        module, _, attribute = line.factory.partition(":")
        try:
            make = getattr(import_module(module), attribute)
        except ModuleNotFoundError as error:
            if line.extra is None or (error.name or "").startswith("vsbench"):
                raise
            raise MissingExtraError(
                f"{model} needs the package {error.name!r}: pip install 'vsbench[{line.extra}]'"
            ) from error
    elif provider in _plugins():
        make = _plugins()[provider].load()
    else:
        raise UnknownNameError("model provider", provider, providers())
    return make(name, options or AdapterOptions())


@cache
def _plugins() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=GROUP)}
