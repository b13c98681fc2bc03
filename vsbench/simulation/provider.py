"""The simulated provider, independent of the wire: faults, latency, answers and counts."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

from vsbench.adapters.base import Reply, Request
from vsbench.simulation.faults import FAULTS, ODD, Fault, Injector
from vsbench.simulation.policies import Policies, answer_key, listed_options
from vsbench.simulation.published import read_index
from vsbench.simulation.settings import SimulationSettings
from vsbench_envs.seeding import stream

MALFORMED = '{"action": '
REFUSAL = "I cannot help with that."
ILLEGAL_ACTIONS = ("fly", "vanish", "dance")

OVER_CAPACITY = FAULTS["rate_limited_unadvised"]

Interruption = Callable[[], Awaitable[object]]


@dataclass
class Counts:
    """Counts of calls; every ended call is in exactly one of the first five kinds."""

    finished_calls: int = 0
    """Answered, and so billed; answers with faults included."""
    failed_calls: int = 0
    """Ended by an infrastructure fault."""
    rejected_calls: int = 0
    """Rejected as bad requests, or for an unknown model."""
    unauthorised_calls: int = 0
    """Rejected for a missing or wrong key."""
    abandoned_calls: int = 0
    """Abandoned by the caller before the answer."""
    calls: int = 0
    """Received in total."""
    distinct_finished_requests: int = 0
    """Distinct bodies among the finished calls: fewer than those if a call was billed twice."""
    repeated: dict[str, int] = field(default_factory=dict)
    """Request -> times finished, if more than once. The name of a request begins the id of each of
    its calls (``NAME-1``, ``NAME-2``), which callers find in the request id header. Where a
    protocol has no seeds, the same question may legitimately occur again."""
    input_tokens: int = 0
    output_tokens: int = 0
    faults: dict[str, int] = field(default_factory=dict)
    """Injected faults, by name."""


class CallCounter:
    """Keeps the counts, and which requests they refer to."""

    def __init__(self) -> None:
        self.counts = Counts()
        self._seen: Counter[str] = Counter()
        self._finished: Counter[str] = Counter()

    def receive(self, request: str) -> int:
        """Count a call, and return how often this request was received."""
        self.counts.calls += 1
        self._seen[request] += 1
        return self._seen[request]

    def inject(self, fault: str) -> None:
        """Count a fault."""
        self.counts.faults[fault] = self.counts.faults.get(fault, 0) + 1

    def finish(self, request: str, input_tokens: int, output_tokens: int) -> None:
        """Count an answered call."""
        counts = self.counts
        counts.finished_calls += 1
        counts.input_tokens += input_tokens
        counts.output_tokens += output_tokens
        self._finished[request] += 1
        counts.distinct_finished_requests = len(self._finished)
        if self._finished[request] > 1:
            counts.repeated[request] = self._finished[request]


@dataclass(frozen=True)
class Call:
    """A received call."""

    request: str
    """The hash of its body."""
    times: int
    """Number of times that this body was received, including this call."""
    fault: Fault | None
    due: float
    """The earliest time of its answer, by the event loop's clock."""

    @property
    def id(self) -> str:
        """A unique name."""
        return f"{self.request}-{self.times}"


class Provider:
    """A provider without a wire format."""

    def __init__(self, settings: SimulationSettings) -> None:
        self.settings = settings
        self.counter = CallCounter()
        self.closing = asyncio.Event()
        """Set when the server stops, to end all waits."""
        index = read_index(settings.dataset) if settings.dataset else None
        self._policies = Policies(settings.policy, index)
        self._injector = Injector(settings.seed, settings.fault_rates)
        self._in_turn = deque(ODD.values() if settings.odd_in_turn else ())
        self._busy = 0

    def receive(self, body: bytes, wire: str) -> Call:
        """Receive a call on a wire, and draw its fault and latency."""
        now = asyncio.get_running_loop().time()
        request = hashlib.blake2b(body, digest_size=8).hexdigest()
        times = self.counter.receive(request)
        full = self.settings.capacity is not None and self._busy >= self.settings.capacity
        fault = OVER_CAPACITY if full else self._injector.draw(request, times)
        if self._in_turn and not full:
            fault = self._in_turn.popleft()
        if fault and fault.wires and wire not in fault.wires:
            fault = None
        if fault:
            self.counter.inject(fault.name)
        return Call(request, times, fault, now + self._latency(request, times))

    async def answer(self, model: str, request: Request, call: Call) -> Reply:
        """Return the model's answer when it is due, with the call's answer fault if it has one.

        Raises:
            CallError: the model cannot take the request.
            UnknownNameError: there is no such model.
        """
        self._busy += 1
        try:
            reply = await self._policies.named(model).complete(request)
            if call.fault:
                reply = apply_fault(reply, call.fault, request)
            await self.wait(call.due - asyncio.get_running_loop().time())
        finally:
            self._busy -= 1
        return reply

    async def wait(self, seconds: float, *interruptions: Interruption) -> None:
        """Wait until the time is up, the server stops, or one of the interruptions ends."""
        if seconds <= 0:
            return
        waits = [asyncio.ensure_future(wait()) for wait in (self.closing.wait, *interruptions)]
        try:
            await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    def _latency(self, request: str, times: int) -> float:
        mean, jitter = self.settings.latency, self.settings.jitter
        if not jitter:
            return mean
        return mean + stream(self.settings.seed, "latency", request, times).uniform(-jitter, jitter)


def apply_fault(reply: Reply, fault: Fault, request: Request) -> Reply:
    """Return an answer with one of the answer faults."""
    match fault.name:
        case "cut_off":
            usage = replace(reply.usage, output=request.max_tokens)
            text = reply.text[: len(reply.text) // 3]
            return replace(reply, text=text, stop="length", usage=usage)
        case "empty":
            return replace(reply, text="")
        case "refused":
            return replace(reply, text=REFUSAL, stop="refusal")
        case "filtered":
            return replace(reply, text="", stop="refusal")
        case "malformed":
            return replace(reply, text=MALFORMED)
        case "illegal":
            listed = listed_options(request)
            action = next(action for action in ILLEGAL_ACTIONS if action not in listed)
            return replace(reply, text=json.dumps({answer_key(request): action}))
    return reply
