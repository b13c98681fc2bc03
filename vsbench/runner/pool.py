"""The ways to all models of a command: one adapter a model, one set of connections a provider."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path

from vsbench.adapters import Adapter, AdapterOptions, open_adapter
from vsbench.adapters.base import AuthError, BadRequestError
from vsbench.adapters.registry import provider_of
from vsbench.errors import UsageError
from vsbench.planning.run import options_of_provider
from vsbench.planning.units import models_at
from vsbench.records.files import REPLAYS
from vsbench.records.manifest import Manifest
from vsbench.runner.cache import ReplyCache
from vsbench.runner.calls import ModelCalls
from vsbench.runner.connections import Connections
from vsbench.runner.limits import Limits
from vsbench.settings import RunSettings

SEAM = ("complete", "close", "address", "max_output_tokens")
"""What adapters of other packages must have; see :class:`vsbench.adapters.base.Adapter`."""


class ModelPool:
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
            UsageError: a model cannot be opened; says why.
            MissingExtraError: a provider's SDK is not installed.
        """
        return {model: self._open(model, directory, manifest) for model in models_at(manifest)}

    def _open(self, model: str, directory: Path, manifest: Manifest) -> ModelCalls:
        extra = options_of_provider(manifest.model_options, model.partition("/")[0])
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
            told = str(error)
            raise UsageError(told if model in told else f"{model}: {told}") from None
        if missing := [name for name in SEAM if not hasattr(adapter, name)]:
            raise UsageError(f"{model}: its adapter lacks {missing[0]!r}; is it of an old version?")
        self._stack.push_async_callback(adapter.close)
        return adapter

    def _connections_to(self, provider: str) -> Connections:
        if provider not in self._connections:
            connections = Connections(self._settings.max_connections, self._settings.patience)
            self._limits.on_stop.append(connections.dissolve)
            self._connections[provider] = connections
        return self._connections[provider]
