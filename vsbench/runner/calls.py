"""Calls to one model: connections, repeats, replies kept, and the bill."""

from __future__ import annotations

import math
import time
from collections import Counter
from dataclasses import replace
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
from vsbench.messages import NO_USAGE
from vsbench.models import FREE, call_cost, estimate_tokens, text_tokens
from vsbench.players.vlm import Call, Report
from vsbench.records.manifest import Price
from vsbench.runner.cache import ReplyCache, key_of
from vsbench.runner.connections import Connections, NoConnectionError
from vsbench.runner.limits import NOTHING, Expense, Limits, RunStoppedError

FIRST_WAIT, LONGEST_WAIT = 1.0, 60.0
EXPECTED_ANSWER = 200
"""Tokens expected of an answer before any has come."""


NOT_REPORTED = "no usage reported: limits and costs go by estimated tokens"
"""The hint about providers that do not tell what they bill."""


class CallGivenUpError(Exception):
    """A call that failed for so long, or so finally, that its episode is left unfinished."""

    def __init__(self, error: CallError) -> None:
        super().__init__(str(error))
        self.error = error


class _NotCalledError(Exception):
    """A call that was not made, since it would fail."""

    def __init__(self, error: CallError) -> None:
        super().__init__(str(error))
        # A new one each time: an exception holds on to all that it passed through.
        self.error = type(error)(str(error))


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
        self._accepted = 0
        """The largest size of an answer that the model was asked for and took."""
        self._rejected: float = math.inf
        """The smallest that it did not take where a smaller one was taken."""
        self.hints = Counter[str]()
        """What was odd about replies, and how often."""

    @property
    def remarks(self) -> dict[str, int]:
        """What was odd about replies of this model and what to do about it, and how often."""
        provider = self._model.partition("/")[0]
        return {
            f"{self._model}: {hint.replace('PROVIDER', provider)}": number
            for hint, number in self.hints.items()
        }

    async def ask(self, request: Request, report: Report, accepted: int | None = None) -> Call:
        """Call until a reply comes.

        ``accepted`` are the tokens that the model took for an answer to this question before; None
        for the first call about it. A larger size that it does not take is given up for that.

        Raises:
            CallGivenUpError: the error is final, or patience ran out.
            RunStoppedError: the run stops before the next call.
            ContentRefusedError: the provider's filter refused.
            ContextExceededError: the model has answered, but the conversation got too long for it.
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
        key = key_of(self._origin, request)
        if (kept := self._cache.get(key)) is not None:
            self._limits.check()
            # It was paid for then, by whichever run asked.
            unbilled = replace(kept, usage=NO_USAGE)
            self.hints.update(kept.hints)
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
                self._limits.stop("interrupt", str(error))
                raise RunStoppedError("interrupt", str(error)) from error
            except _NotCalledError as error:
                # No call was made, so there is none to journal.
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
                request = replace(request, max_tokens=smaller)
                wait = 0.0
            except CallError as error:
                if error.kind == "content_refused":
                    raise
                now = time.monotonic()
                failing_since = now if failing_since is None else failing_since
                wait = self._wait(error, failures)
                failures += 1
                if not error.retryable or now + wait - failing_since > self._patience:
                    self._give_up(error, report)
                report(error.kind, str(error), wait)
            await self._limits.sleep(wait)

    def _smaller(self, size: int, accepted: int) -> int:
        """The next size to try: half as much, but no less than the model is known to take."""
        known = self._accepted if self._accepted < self._rejected else 0
        return max(size // 2, accepted, known)

    def _give_up(self, error: CallError, report: Report) -> NoReturn:
        if error.for_all or (not error.retryable and not self._replies):
            # The model's name or a setting is wrong, and not this request alone.
            self._broken = error
        report(error.kind, str(error), None)
        raise CallGivenUpError(error) from error

    async def _call(self, request: Request, *, again: bool) -> Call:
        try:
            async with self._connections.slot(again=again):
                if self._broken is not None:
                    raise _NotCalledError(self._broken)
                expected = self._expected(request)
                async with self._limits.admit(expected):
                    started = time.perf_counter()
                    reply = await self._adapter.complete(request)
                    latency = time.perf_counter() - started
                    reply, estimated = self._counted(request, reply)
                    dollars = call_cost(reply.usage, self._price)
                    self._enter(reply, dollars)
                    self._accepted = max(self._accepted, request.max_tokens)
                self._connections.pause(reply.pause)
        except NoConnectionError as error:
            raise _NotCalledError(error) from error
        self.hints.update([*reply.hints, *([NOT_REPORTED] if estimated else [])])
        tokens = self._input_tokens(request)
        return Call(reply, dollars, latency, tokens, estimated=estimated)

    def _counted(self, request: Request, reply: Reply) -> tuple[Reply, bool]:
        """A reply with its tokens estimated where the provider does not report them."""
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
        tokens = self._input_tokens(request)
        price = self._price or Price(input=0.0, output=0.0)
        return Expense(price.cost(tokens, EXPECTED_ANSWER), tokens + EXPECTED_ANSWER)

    def _wait(self, error: CallError, failures: int) -> float:
        """Jittered exponential backoff, and no less than the provider asks for."""
        backoff = min(LONGEST_WAIT, FIRST_WAIT * 2.0**failures) * self._jitter.uniform(0.5, 1.0)
        return max(backoff, error.retry_after or 0.0)
