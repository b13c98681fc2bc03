"""Calls to one model: retries, caching, accounting, within the budget and the concurrency limit."""

from __future__ import annotations

import logging
import math
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from random import Random
from typing import NoReturn

from vsbench.adapters.base import (
    Adapter,
    CallError,
    ContextExceededError,
    PlayerLeftError,
    Reply,
    Request,
)
from vsbench.adapters.registry import reply_problems
from vsbench.errors import UsageError, VSBenchError
from vsbench.messages import NO_USAGE
from vsbench.models import FREE, call_cost, estimate_tokens, text_tokens
from vsbench.players.vlm import Call, Report
from vsbench.records.manifest import Price
from vsbench.runner.budget import NO_EXPENSE, Budget, Expense, RunStoppedError
from vsbench.runner.cache import ReplyCache, cache_key
from vsbench.runner.concurrency import ConcurrencyLimiter, ProviderPausedError

log = logging.getLogger(__name__)

FIRST_ANSWER = 200
"""Tokens expected of a model's first answer."""

NO_USAGE_HINT = "no usage reported: limits and costs are based on estimated tokens"
"""The hint about providers that do not report token usage."""


@dataclass(frozen=True)
class Backoff:
    """Jittered exponential backoff between retries, in seconds."""

    first: float = 1.0
    longest: float = 60.0
    # Waits do not affect episodes: they need not be reproducible, only spread out.
    rng: Random = field(default_factory=Random)

    def wait(self, failures: int, retry_after: float | None = None) -> float:
        """Return the wait after so many failures, at least what the provider asks for."""
        wait = min(self.longest, self.first * 2.0**failures) * self.rng.uniform(0.5, 1.0)
        return max(wait, retry_after or 0.0)


class CallGivenUpError(VSBenchError):
    """A call that failed finally or for too long; its episode is left unfinished."""

    def __init__(self, error: CallError) -> None:
        super().__init__(str(error))
        self.error = error


class _NotCalledError(VSBenchError):
    """A call that was not made because it would fail."""

    def __init__(self, error: CallError) -> None:
        super().__init__(str(error))
        # A new one each time: an exception keeps all frames that it passed through alive.
        self.error = type(error)(str(error))


class ModelCalls:
    """Makes the calls of a run to one model.

    Args:
        model: its full id.
        adapter: makes a single call.
        budget: shared by all models of the command.
        limiter: shared by all models of the provider.
        price: of the model; None if unknown.
        patience: seconds for which a failing call is retried.
        cache: of replies; None for none.
        origin: the model, its address and its options, as part of the cache's keys.
        backoff: between retries.
    """

    def __init__(
        self,
        model: str,
        adapter: Adapter,
        budget: Budget,
        limiter: ConcurrencyLimiter,
        *,
        price: Price | None = None,
        patience: float = 900.0,
        cache: ReplyCache | None = None,
        origin: str = "",
        backoff: Backoff | None = None,
    ) -> None:
        self._model = model
        self._adapter = adapter
        self._budget = budget
        self._price = price
        self._limiter = limiter
        self._patience = patience
        self._cache = cache
        self._origin = origin
        self._backoff = backoff or Backoff()
        self._replies = 0
        self._spent = NO_EXPENSE
        self._broken: CallError | None = None
        """The reason why no call can succeed, once it is known."""
        self._accepted = 0
        """The largest ``max_tokens`` that the model has accepted."""
        self._rejected: float = math.inf
        """The smallest ``max_tokens`` that the model rejected although it accepted a smaller."""
        self._hints = Counter[str]()
        """Hints about odd replies, with their numbers."""

    @property
    def hints(self) -> dict[str, int]:
        """Hints about odd replies of this model, with the options that help -> their number."""
        provider = self._model.partition("/")[0]
        return {
            f"{self._model}: {hint.replace('PROVIDER', provider)}": number
            for hint, number in self._hints.items()
        }

    async def ask(self, request: Request, report: Report, accepted: int | None = None) -> Call:
        """Call until a reply arrives.

        Args:
            request: to be answered.
            report: is given every failed call.
            accepted: ``max_tokens`` that the model accepted for this question before; None for the
                first call about it. A larger value that the model rejects is reduced towards it.

        Raises:
            CallGivenUpError: the error is final, or patience ran out.
            RunStoppedError: the run stops before the next call.
            ContentRefusedError: the provider's content filter refused.
            ContextExceededError: the conversation has become too long for the model.
        """
        most = self._adapter.max_output_tokens
        if most is not None and request.max_tokens > most:
            request = replace(request, max_tokens=most)
        while accepted is not None and request.max_tokens >= self._rejected:
            smaller = self._smaller(request.max_tokens, accepted)
            if smaller >= request.max_tokens:
                break
            request = replace(request, max_tokens=smaller)
        if self._cache is None:
            return await self._call_until_answered(request, report, accepted)
        key = cache_key(self._origin, request)
        if (cached := self._cache.get(key)) is not None:
            self._budget.check()
            # The run that made the call has paid for it.
            unbilled = replace(cached, usage=NO_USAGE)
            self._hints.update(cached.hints)
            log.debug("%s: reply from the cache", self._model)
            return Call(unbilled, call_cost(NO_USAGE, self._price), 0.0, 0, from_cache=True)
        call = await self._call_until_answered(request, report, accepted)
        self._cache.put(key, replace(call.reply, pause=0.0))
        return call

    async def _call_until_answered(
        self, request: Request, report: Report, accepted: int | None
    ) -> Call:
        failing_since: float | None = None
        failures = 0
        while True:
            try:
                return await self._call(request, again=failures > 0)
            except PlayerLeftError as error:
                self._budget.stop("interrupt", str(error))
                raise RunStoppedError("interrupt", str(error)) from error
            except _NotCalledError as error:
                # No call was made, so there is nothing to journal.
                raise CallGivenUpError(error.error) from error
            except ContextExceededError as error:
                if accepted is None:
                    self._give_up(error, report)
                if request.max_tokens > accepted:
                    self._rejected = min(self._rejected, request.max_tokens)
                smaller = self._smaller(request.max_tokens, accepted)
                if smaller >= request.max_tokens:
                    report(error.kind, str(error), None)
                    raise
                report(error.kind, str(error), 0.0)
                log.info("%s: %s; max_tokens %d is next", self._model, error, smaller)
                request = replace(request, max_tokens=smaller)
                wait = 0.0
            except CallError as error:
                if error.kind == "content_refused":
                    raise
                now = time.monotonic()
                failing_since = now if failing_since is None else failing_since
                wait = self._backoff.wait(failures, error.retry_after)
                failures += 1
                if not error.retryable or now + wait - failing_since > self._patience:
                    self._give_up(error, report)
                report(error.kind, str(error), wait)
                log.info("%s: %s; retry %d in %.1f s", self._model, error, failures, wait)
            await self._budget.sleep(wait)

    def _smaller(self, size: int, accepted: int) -> int:
        """Return the next ``max_tokens`` to try: half, but no less than is known to be accepted."""
        known = self._accepted if self._accepted < self._rejected else 0
        return max(size // 2, accepted, known)

    def _give_up(self, error: CallError, report: Report) -> NoReturn:
        if error.for_all or (not error.retryable and not self._replies):
            # The model's name or a setting is wrong, not just this request.
            self._broken = error
        report(error.kind, str(error), None)
        log.info("%s: %s; given up", self._model, error)
        raise CallGivenUpError(error) from error

    async def _call(self, request: Request, *, again: bool) -> Call:
        try:
            async with self._limiter.slot(again=again):
                if self._broken is not None:
                    raise _NotCalledError(self._broken)
                expected = self._expected(request)
                async with self._budget.reserve(expected):
                    started = time.perf_counter()
                    reply = await self._complete(request)
                    latency = time.perf_counter() - started
                    reply, estimated = self._with_usage(request, reply)
                    dollars = call_cost(reply.usage, self._price)
                    self._book(reply, dollars)
                    self._accepted = max(self._accepted, request.max_tokens)
                    log.debug(
                        "%s: reply in %.2f s, %d tokens in, %d out, stop %s",
                        self._model,
                        latency,
                        reply.usage.input,
                        reply.usage.output,
                        reply.stop,
                    )
                self._limiter.pause(reply.pause)
        except ProviderPausedError as error:
            raise _NotCalledError(error) from error
        self._hints.update([*reply.hints, *([NO_USAGE_HINT] if estimated else [])])
        tokens = self._input_tokens(request)
        return Call(reply, dollars, latency, tokens, estimated=estimated)

    async def _complete(self, request: Request) -> Reply:
        """Call the adapter; errors that are its fault name it."""
        try:
            reply = await self._adapter.complete(request)
        except VSBenchError:
            raise
        except Exception as error:
            error.add_note(f"in the adapter of {self._model}")
            raise
        if problems := reply_problems(reply):
            raise UsageError(
                f"the adapter of {self._model} gave no valid reply: {'; '.join(problems)}; "
                "see vsbench.adapters.Reply"
            )
        return reply

    def _with_usage(self, request: Request, reply: Reply) -> tuple[Reply, bool]:
        """Estimate a reply's tokens where the provider does not report them."""
        usage, said = reply.usage, reply.text + reply.reasoning
        if self._model.partition("/")[0] in FREE:
            return reply, False
        if usage.input and (usage.output or not said):
            return reply, False
        output = usage.output or text_tokens(said)
        usage = replace(usage, input=usage.input or self._input_tokens(request), output=output)
        return replace(reply, usage=usage), True

    def _input_tokens(self, request: Request) -> int:
        return estimate_tokens(self._model, request.messages, request.sampling.detail)

    def _book(self, reply: Reply, dollars: float | None) -> None:
        tokens = reply.usage.input + reply.usage.output
        self._budget.spend(dollars or 0.0, tokens)
        self._replies += 1
        self._spent += Expense(dollars or 0.0, tokens)

    def _expected(self, request: Request) -> Expense:
        if self._replies:
            return Expense(
                self._spent.dollars / self._replies, math.ceil(self._spent.tokens / self._replies)
            )
        tokens = self._input_tokens(request)
        price = self._price or Price(input=0.0, output=0.0)
        return Expense(price.cost(tokens, FIRST_ANSWER), tokens + FIRST_ANSWER)
