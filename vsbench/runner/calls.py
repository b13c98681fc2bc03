"""Calls to one model: connections, repeats, replies kept, and the bill."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import replace
from random import Random

from vsbench.adapters.base import (
    Adapter,
    AuthError,
    CallError,
    PlayerLeftError,
    Reply,
    Request,
)
from vsbench.adapters.tokens import expected_tokens
from vsbench.messages import NO_USAGE
from vsbench.models import cost
from vsbench.players.vlm import Call
from vsbench.records.manifest import Price
from vsbench.runner.cache import ReplyCache, key_of
from vsbench.runner.connections import Connections
from vsbench.runner.limits import NOTHING, Expense, Limits, RunStoppedError

FIRST_WAIT, LONGEST_WAIT = 1.0, 60.0
EXPECTED_ANSWER = 200
"""Tokens expected of an answer before any has come."""


class CallGivenUpError(Exception):
    """A call that failed for so long, or so finally, that its episode is left unfinished."""

    def __init__(self, error: CallError) -> None:
        super().__init__(str(error))
        self.error = error


class ModelCalls:
    """Every call of a run to one model goes through here."""

    def __init__(
        self,
        model: str,
        adapter: Adapter,
        limits: Limits,
        connections: Connections,
        *,
        price: Price | None = None,
        patience: float = 900.0,
        cache: ReplyCache | None = None,
        origin: str = "",
    ) -> None:
        self._model = model
        self._adapter = adapter
        self._limits = limits
        self._price = price
        self._connections = connections
        self._patience = patience
        self._cache = cache
        self._origin = origin
        self._replies = 0
        self._spent = NOTHING
        # Waits are not part of an episode: they need not repeat, only spread out.
        self._jitter = Random()
        self._broken: CallError | None = None
        """Why no call will succeed, once that is known."""

    async def ask(self, request: Request, report: Callable[[str, str, float | None], None]) -> Call:
        """Call until a reply comes.

        Raises:
            CallGivenUpError: the error is final, or patience ran out.
            RunStoppedError: the run stops before the next call.
            ContentRefusedError: the provider's filter refused.
        """
        most = self._adapter.max_output_tokens
        if most is not None and request.max_tokens > most:
            request = replace(request, max_tokens=most)
        if self._cache is None:
            return await self._call_until_answered(request, report)
        key = key_of(self._origin, request)
        if (kept := self._cache.get(key)) is not None:
            self._limits.check()
            # It was paid for then, by whichever run asked.
            unbilled = replace(kept, usage=NO_USAGE)
            return Call(unbilled, cost(NO_USAGE, self._price), 0.0, 0, kept=True)
        call = await self._call_until_answered(request, report)
        self._cache.put(key, replace(call.reply, pause=0.0))
        return call

    async def _call_until_answered(
        self, request: Request, report: Callable[[str, str, float | None], None]
    ) -> Call:
        failing_since: float | None = None
        failures = 0
        while True:
            try:
                return await self._call(request, again=failures > 0)
            except PlayerLeftError as error:
                self._limits.stop("interrupt", str(error))
                raise RunStoppedError("interrupt", str(error)) from error
            except CallError as error:
                if error.kind == "content_refused":
                    raise
                now = time.monotonic()
                failing_since = now if failing_since is None else failing_since
                wait = self._wait(error, failures)
                failures += 1
                if isinstance(error, AuthError) or (not error.retryable and not self._replies):
                    # The model's name or a setting is wrong, and not this request alone.
                    self._broken = error
                if not error.retryable or now + wait - failing_since > self._patience:
                    report(error.kind, str(error), None)
                    raise CallGivenUpError(error) from error
                report(error.kind, str(error), wait)
            await self._limits.sleep(wait)

    async def _call(self, request: Request, *, again: bool) -> Call:
        async with self._connections.slot(again=again):
            if self._broken is not None:
                # A new one each time: an exception holds on to all that it passed through.
                raise type(self._broken)(str(self._broken))
            async with self._limits.admit(self._expected(request)):
                started = time.perf_counter()
                reply = await self._adapter.complete(request)
                latency = time.perf_counter() - started
                dollars = cost(reply.usage, self._price)
                self._enter(reply, dollars)
            self._connections.pause(reply.pause)
        return Call(reply, dollars, latency, expected_tokens(self._model, request))

    def _enter(self, reply: Reply, dollars: float | None) -> None:
        tokens = reply.usage.input + reply.usage.output
        self._limits.spent(dollars or 0.0, tokens)
        self._replies += 1
        self._spent += Expense(dollars or 0.0, tokens)

    def _expected(self, request: Request) -> Expense:
        if self._replies:
            return Expense(
                self._spent.dollars / self._replies, math.ceil(self._spent.tokens / self._replies)
            )
        tokens = expected_tokens(self._model, request)
        price = self._price or Price(input=0.0, output=0.0)
        dollars = (tokens * price.input + EXPECTED_ANSWER * price.output) / 1e6
        return Expense(dollars, tokens + EXPECTED_ANSWER)

    def _wait(self, error: CallError, failures: int) -> float:
        """Jittered exponential backoff, and no less than the provider asks for."""
        backoff = min(LONGEST_WAIT, FIRST_WAIT * 2.0**failures) * self._jitter.uniform(0.5, 1.0)
        return max(backoff, error.retry_after or 0.0)
