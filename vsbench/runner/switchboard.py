"""The ways to all models of a command: one adapter a model, one set of connections a provider."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from contextlib import AsyncExitStack
from pathlib import Path

from vsbench.adapters import Adapter, AdapterOptions, open_adapter
from vsbench.adapters.base import AuthError, BadRequestError
from vsbench.adapters.registry import provider_of
from vsbench.errors import UsageError
from vsbench.evaluations.schedule import models_at
from vsbench.records.files import REPLAYS
from vsbench.records.manifest import Manifest
from vsbench.runner.cache import ReplyCache
from vsbench.runner.calls import ModelCalls
from vsbench.runner.connections import Connections
from vsbench.runner.limits import Limits
from vsbench.settings import RunSettings


class Switchboard:
    """Opens models when a run first needs them; the stack closes them."""

    def __init__(self, settings: RunSettings, limits: Limits, stack: AsyncExitStack) -> None:
        self._settings = settings
        self._limits = limits
        self._stack = stack
        self._adapters: dict[str, Adapter] = {}
        """By origin."""
        self._connections: dict[str, Connections] = {}
        """By provider."""
        self._cache: ReplyCache | None = None
        if settings.cache is not None:
            self._cache = ReplyCache(settings.cache)
            stack.callback(self._cache.close)

    def calls(self, directory: Path, manifest: Manifest) -> dict[str, ModelCalls]:
        """The ways to the models of a run.

        Raises:
            UsageError: a model cannot be opened, or an option is nobody's; says why.
            MissingExtraError: a provider's SDK is not installed.
        """
        models = models_at(manifest)
        # A run that goes on has options; those given now are laid over them.
        options = by_provider(manifest.model_options | self._settings.model_options, models)
        return {
            model: self._open(model, options.get(_name(model), {}), directory, manifest)
            for model in models
        }

    def _open(
        self, model: str, extra: Mapping[str, str], directory: Path, manifest: Manifest
    ) -> ModelCalls:
        origin = json.dumps([model, sorted(extra.items())])
        if origin not in self._adapters:
            self._adapters[origin] = self._adapter(model, extra, directory)
        adapter = self._adapters[origin]
        return ModelCalls(
            model,
            adapter,
            self._limits,
            self._connections_to(provider_of(model)),
            price=manifest.prices.get(model),
            patience=self._settings.patience,
            cache=self._cache,
            origin=f"{origin} {adapter.address}",
        )

    def _adapter(self, model: str, extra: Mapping[str, str], directory: Path) -> Adapter:
        settings = self._settings
        options = AdapterOptions(
            settings.timeout, settings.max_connections, directory / REPLAYS, extra
        )
        try:
            adapter = open_adapter(model, options)
        except (AuthError, BadRequestError) as error:
            raise UsageError(f"{model}: {error}") from None
        self._stack.push_async_callback(adapter.close)
        return adapter

    def _connections_to(self, provider: str) -> Connections:
        if provider not in self._connections:
            connections = Connections(self._settings.max_connections)
            self._limits.on_stop.append(connections.dissolve)
            self._connections[provider] = connections
        return self._connections[provider]


def by_provider(options: Mapping[str, str], models: Collection[str]) -> dict[str, dict[str, str]]:
    """Options sorted by the provider that their names begin with.

    Raises:
        UsageError: no model is of that provider.
    """
    providers = {_name(model) for model in models}
    sorted_out: dict[str, dict[str, str]] = {}
    for name, value in options.items():
        provider, _, key = name.partition(".")
        if provider not in providers:
            known = ", ".join(sorted(providers)) or "none"
            raise UsageError(
                f"--model-option {name} is for a provider that has no model here: {known}"
            )
        sorted_out.setdefault(provider, {})[key] = value
    return sorted_out


def _name(model: str) -> str:
    return model.partition("/")[0]
