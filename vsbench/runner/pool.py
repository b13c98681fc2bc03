"""Open the models of a command: one adapter per model, one limiter per provider."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from contextlib import AsyncExitStack
from pathlib import Path

from vsbench.adapters import Adapter, AdapterOptions, open_adapter
from vsbench.adapters.base import AuthError, BadRequestError
from vsbench.adapters.registry import server_of
from vsbench.errors import UsageError, VSBenchError
from vsbench.planning.run import options_of_provider
from vsbench.planning.units import models_in_seats
from vsbench.records.files import REPLAYS
from vsbench.records.manifest import Manifest
from vsbench.runner.budget import Budget
from vsbench.runner.cache import ReplyCache
from vsbench.runner.calls import Backoff, ModelCalls
from vsbench.runner.concurrency import ConcurrencyLimiter
from vsbench.settings import RunSettings

BACKOFF = Backoff()
"""Between retries of a command's calls."""


class ModelPool:
    """Opens one adapter per model and one limiter per provider, for all runs of a command.

    Args:
        settings: of the command.
        budget: shared by all calls.
        stack: closes the adapters and the cache.
        opener: opens an adapter by a full model id; None for :func:`vsbench.adapters.open_adapter`.
        backoff: between retries; None for the default.
    """

    def __init__(
        self,
        settings: RunSettings,
        budget: Budget,
        stack: AsyncExitStack,
        opener: Callable[[str, AdapterOptions], Adapter] | None = None,
        backoff: Backoff | None = None,
    ) -> None:
        self._settings = settings
        self._budget = budget
        self._stack = stack
        self._opener = opener or open_adapter
        self._backoff = backoff or BACKOFF
        self._adapters: dict[str, Adapter] = {}
        """By origin: the model and its options."""
        self._limiters: dict[str, ConcurrencyLimiter] = {}
        """By provider."""
        self._cache: ReplyCache | None = None
        if settings.cache is not None:
            self._cache = ReplyCache(settings.cache)
            stack.callback(self._cache.close)

    def open_all(self, runs: Iterable[tuple[Path, Manifest]]) -> list[dict[str, ModelCalls]]:
        """Open the models of all runs: for each run, its models by full id.

        Raises:
            UsageError: models cannot be opened; one error names them all.
            MissingExtraError: the SDK of a provider is not installed.
        """
        opened: list[dict[str, ModelCalls]] = []
        errors: dict[str, VSBenchError] = {}
        for directory, manifest in runs:
            opened.append({})
            for model in models_in_seats(manifest):
                try:
                    opened[-1][model] = self._calls_to(model, directory, manifest)
                except VSBenchError as error:
                    errors[str(error)] = error
        if len(errors) > 1:
            raise UsageError("\n".join(errors))
        for failure in errors.values():
            raise failure
        return opened

    def _calls_to(self, model: str, directory: Path, manifest: Manifest) -> ModelCalls:
        extra = options_of_provider(manifest.model_options, model.partition("/")[0])
        origin = json.dumps([model, sorted(extra.items())])
        if origin not in self._adapters:
            self._adapters[origin] = self._open(model, extra, directory)
        adapter = self._adapters[origin]
        return ModelCalls(
            model,
            adapter,
            self._budget,
            self._limiter(server_of(model)),
            price=manifest.prices.get(model),
            patience=self._settings.patience,
            cache=self._cache,
            origin=f"{origin} {adapter.address}",
            backoff=self._backoff,
        )

    def _open(self, model: str, extra: Mapping[str, str], directory: Path) -> Adapter:
        settings = self._settings
        options = AdapterOptions(
            settings.timeout, settings.max_connections, directory / REPLAYS, extra
        )
        try:
            adapter = self._opener(model, options)
        except (AuthError, BadRequestError) as error:
            message = str(error)
            raise UsageError(message if model in message else f"{model}: {message}") from None
        self._stack.push_async_callback(adapter.close)
        return adapter

    def _limiter(self, provider: str) -> ConcurrencyLimiter:
        if provider not in self._limiters:
            limiter = ConcurrencyLimiter(self._settings.max_connections, self._settings.patience)
            self._budget.on_stop.append(limiter.release_all)
            self._limiters[provider] = limiter
        return self._limiters[provider]
