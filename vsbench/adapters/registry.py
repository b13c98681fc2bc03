"""The table of providers: the built-in ones, and plug-ins of other packages.

An entry point of the group ``vsbench.adapters`` names a factory, a function or class
``(model: str, options: AdapterOptions) -> Adapter``. Nothing is imported before it is needed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from inspect import iscoroutinefunction, signature
from typing import Any, get_args

from vsbench.adapters.base import (
    Adapter,
    AdapterOptions,
    ProviderOptions,
    Reply,
    StopReason,
    Usage,
)
from vsbench.errors import UsageError, VSBenchError
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
    """The pip extra that it needs."""
    key: str | None = None
    """The environment variable with its key."""
    options: str | None = None
    """``module:class`` of its options; importing it takes no SDK."""


PROVIDERS = {
    "openai": Provider(
        "vsbench.adapters.openai.client:openai",
        "OpenAI's models, by the official SDK.",
        "openai/gpt-4o",
        extra="openai",
        key="OPENAI_API_KEY",
        options="vsbench.adapters.openai.servers:OpenAIOptions",
    ),
    "openai-api": Provider(
        "vsbench.adapters.openai.client:openai_api",
        "Any server that speaks OpenAI's protocol.",
        "openai-api/http://localhost:8000/v1#my-model",
        extra="openai",
        options="vsbench.adapters.openai.servers:OpenAIAPIOptions",
    ),
    "anthropic": Provider(
        "vsbench.adapters.anthropic:anthropic",
        "Anthropic's models, by the official SDK.",
        "anthropic/claude-opus-5-5",
        extra="anthropic",
        key="ANTHROPIC_API_KEY",
    ),
    "hf": Provider(
        "vsbench.adapters.hf.adapter:hf",
        "Models on this machine, by transformers: a name of the hub, or a folder (hf/./mine).",
        "hf/Qwen/Qwen2.5-VL-7B-Instruct",
        extra="hf",
        options="vsbench.adapters.hf:HFOptions",
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
        "A person at this terminal; see vsbench play.",
        "person/terminal",
    ),
}

BARE_NAMES = ((re.compile(r"(gpt-|chatgpt-|o\d)"), "openai"), (re.compile(r"claude-"), "anthropic"))
"""Model names that belong to one provider."""


def full_id(model: str) -> str:
    """Return the id with its provider: ``gpt-4o`` -> ``openai/gpt-4o``.

    Raises:
        UnknownNameError: no such provider, or a bare name that belongs to none.
        UsageError: several packages provide it.
    """
    provider, slash, name = model.partition("/")
    if slash and name and package_of(provider):
        return model
    if not slash:
        for pattern, home in BARE_NAMES:
            if pattern.match(model):
                return f"{home}/{model}"
    raise UnknownNameError("model provider", provider if slash else model, providers())


def providers() -> list[str]:
    """Return the names of all providers, the built-in ones first."""
    return [*PROVIDERS, *sorted(set(_plugins()) - set(PROVIDERS))]


def package_of(provider: str) -> str:
    """Return the package of a provider; empty if there is no such provider.

    Raises:
        UsageError: several packages provide it.
    """
    packages = packages_of(provider)
    if len(packages) > 1:
        raise UsageError(
            f"model provider {provider!r} comes from several packages: "
            f"{' and '.join(packages)}; uninstall all but one"
        )
    return "".join(packages)


def packages_of(provider: str) -> list[str]:
    """Return the packages of a provider. Several are a conflict: it cannot be used."""
    ours = [OURS] if provider in PROVIDERS else []
    points = _plugins().get(provider, ())
    return ours + [point.dist.name if point.dist else point.value for point in points]


def server_of(model: str) -> str:
    """Return who serves a model: a full id's provider, with the address if the id names one."""
    provider, _, name = model.partition("/")
    address, _, at = name.rpartition("#")
    return f"{provider}/{address}" if at and address else provider


def provider_options(provider: str) -> type[ProviderOptions]:
    """Return the options of a built-in provider."""
    path = PROVIDERS[provider].options
    kind: type[ProviderOptions] = _import(path) if path else ProviderOptions
    return kind


def open_adapter(model: str, options: AdapterOptions | None = None) -> Adapter:
    """Open the adapter for a model id.

    Raises:
        UnknownNameError: there is no such provider.
        UsageError: several packages provide it, or a plug-in is not a working adapter; lists
            everything that is wrong with it.
        MissingExtraError: the provider's SDK is not installed; names the pip command.
        AuthError: the provider's key is missing.
        BadRequestError: the model's name or an option is invalid.
    """
    model, options = full_id(model), options or AdapterOptions()
    provider, _, name = model.partition("/")
    if provider not in PROVIDERS:
        return _open_plugin(model, provider, name, options)
    return _load(model, PROVIDERS[provider])(name, options)


def _load(model: str, provider: Provider) -> Factory:
    try:
        factory: Factory = _import(provider.factory)
    except ModuleNotFoundError as error:
        if provider.extra is None or (error.name or "").startswith("vsbench"):
            raise
        raise MissingExtraError(
            f"{model} needs the package {error.name!r}: pip install 'vsbench[{provider.extra}]'"
        ) from error
    return factory


def _import(path: str) -> Any:
    module, _, attribute = path.partition(":")
    return getattr(import_module(module), attribute)


def _open_plugin(model: str, provider: str, name: str, options: AdapterOptions) -> Adapter:
    """Open the adapter of another package, and check it before anything relies on it."""
    factory, package = _load_plugin(provider)
    opened, cause = factory, None
    problem = _call_problem(factory, name, options)
    if not problem:
        try:
            opened = factory(name, options)
        except VSBenchError:
            raise
        except Exception as error:
            cause, problem = error, f"failed: {_reason(error)}"
    problems = [_of_factory(provider, problem)] if problem else []
    if not problem or isinstance(factory, type):
        problems += adapter_problems(opened)
    if problems:
        raise UsageError(
            f"{model} of {package} is not a working adapter: {'; '.join(problems)}; "
            "see vsbench.adapters.Adapter"
        ) from cause
    adapter: Adapter = opened
    return adapter


def _load_plugin(provider: str) -> tuple[Any, str]:
    """Import a plug-in's factory; return it with the name of its package."""
    package = package_of(provider)
    (point,) = _plugins()[provider]
    try:
        return point.load(), package
    # Plug-ins are code of other authors, and fail in every way.
    except Exception as error:
        raise UsageError(
            f"cannot load model provider {provider!r} of {package}: {_reason(error)}"
        ) from error


def _of_factory(provider: str, problem: str) -> str:
    (point,) = _plugins()[provider]
    return f"its factory {point.value!r} {problem}"


def plugins() -> list[str]:
    """Return the names of the providers that come from other packages."""
    return sorted(_plugins())


def plugin_problems(provider: str) -> list[str]:
    """List what can be found wrong with a plug-in before a model is opened.

    Raises:
        UsageError: several packages provide it, or it cannot be loaded.
    """
    factory, _ = _load_plugin(provider)
    problem = _call_problem(factory, "", AdapterOptions())
    return [
        *([_of_factory(provider, problem)] if problem else []),
        *(adapter_problems(factory) if isinstance(factory, type) else []),
    ]


def adapter_problems(adapter: object) -> list[str]:
    """List everything that an object, or a class, lacks to be an :class:`Adapter`.

    It need not be a subclass, but it must have the same methods and attributes.
    """
    return [
        *_method_problems(adapter, "complete", 1),
        *_method_problems(adapter, "close", 0),
        *_attribute_problems(adapter, "address", str),
        *_attribute_problems(adapter, "max_output_tokens", int, type(None)),
    ]


def reply_problems(reply: object) -> list[str]:
    """List everything that is wrong with what :meth:`Adapter.complete` returned."""
    if not isinstance(reply, Reply):
        return [f"complete() returned {type(reply).__name__}, not a vsbench.adapters.Reply"]
    stops = get_args(StopReason)
    return [
        *_attribute_problems(reply, "text", str),
        *([] if reply.stop in stops else [f"stop must be one of {stops}, not {reply.stop!r}"]),
        *_attribute_problems(reply, "usage", Usage),
        *_attribute_problems(reply, "reasoning", str),
        *_attribute_problems(reply, "served_model", str),
        *_attribute_problems(reply, "request_id", str),
        *_attribute_problems(reply, "pause", float, int),
        *_attribute_problems(reply, "hints", tuple),
    ]


def _method_problems(adapter: object, name: str, arguments: int) -> Iterator[str]:
    method = getattr(adapter, name, None)
    if method is None:
        yield f"it lacks the method {name}()"
    elif not callable(method):
        yield f"{name} is not a method"
    elif getattr(method, "__isabstractmethod__", False):
        yield f"it does not implement {name}()"
    else:
        receiver = [adapter] if isinstance(adapter, type) else []
        if problem := _call_problem(method, *receiver, *[None] * arguments):
            wanted = "(request)" if arguments else "()"
            yield f"{name}{wanted} {problem}"
        if not iscoroutinefunction(method):
            yield f"{name}() is not an async method"


def _attribute_problems(adapter: object, name: str, *types: type) -> Iterator[str]:
    expected = " or ".join("None" if kind is type(None) else kind.__name__ for kind in types)
    if not hasattr(adapter, name):
        yield f"it lacks the attribute {name} ({expected})"
    elif not isinstance(value := getattr(adapter, name), types):
        yield f"{name} must be {expected}, not {value!r}"


def _call_problem(function: object, *arguments: object) -> str:
    """Say why a function cannot be called with positional arguments; empty if it can."""
    if not callable(function):
        return f"is not callable, but {type(function).__name__}"
    try:
        signature(function).bind(*arguments)
    except TypeError as error:
        return f"does not accept its arguments: {error}"
    except ValueError:  # Some functions written in C have no signature.
        return ""
    return ""


def _reason(error: Exception) -> str:
    message = " ".join(str(error).split())
    kind = type(error).__name__
    return message if isinstance(error, ImportError) and message else f"{kind}: {message or kind}"


def forget_plugins() -> None:
    """Look plug-ins up anew, after packages were installed while this process runs."""
    _plugins.cache_clear()


@cache
def _plugins() -> dict[str, tuple[EntryPoint, ...]]:
    found: dict[str, tuple[EntryPoint, ...]] = {}
    for point in entry_points(group=GROUP):
        found[point.name] = (*found.get(point.name, ()), point)
    return found
