"""The provider itself, whatever the wire: takes a call in, decides its fate, answers it."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from vsbench.adapters.base import Reply, Request
from vsbench.simulation.faults import FAULTS, ODD, Fault, Injector
from vsbench.simulation.ledger import Ledger
from vsbench.simulation.listed import answer_key, listed_options
from vsbench.simulation.policies import Policies
from vsbench.simulation.published import read_index
from vsbench.simulation.settings import SimulationSettings
from vsbench_envs.seeding import stream

MALFORMED = '{"action": '
SORRY = "I cannot help with that."
NOT_LISTED = ("fly", "vanish", "dance")

OVER_CAPACITY = FAULTS["rate_limited_unadvised"]

Interruption = Callable[[], Awaitable[object]]


@dataclass(frozen=True)
class Call:
    """A call as it came in."""

    request: str
    """The hash of its body."""
    times: int
    """How often this body was seen, this call included."""
    fault: Fault | None
    due: float
    """When its answer may leave, by the event loop's clock."""

    @property
    def id(self) -> str:
        """A name that no other call has."""
        return f"{self.request}-{self.times}"


class Provider:
    """A provider without a wire format."""

    def __init__(self, settings: SimulationSettings) -> None:
        self.settings = settings
        self.ledger = Ledger()
        self.closing = asyncio.Event()
        """Set when the server stops: nobody is kept waiting any longer."""
        index = read_index(settings.dataset) if settings.dataset else None
        self._policies = Policies(settings.policy, index)
        self._injector = Injector(settings.seed, settings.fault_rates)
        self._in_turn = deque(ODD.values() if settings.odd_in_turn else ())
        self._busy = 0

    def receive(self, body: bytes, wire: str) -> Call:
        """Take a call in on a wire and decide what becomes of it."""
        now = asyncio.get_running_loop().time()
        request = hashlib.blake2b(body, digest_size=8).hexdigest()
        times = self.ledger.receive(request)
        full = self.settings.capacity is not None and self._busy >= self.settings.capacity
        fault = OVER_CAPACITY if full else self._injector.draw(request, times)
        if self._in_turn and not full:
            fault = self._in_turn.popleft()
        if fault and fault.wires and wire not in fault.wires:
            fault = None
        if fault:
            self.ledger.inject(fault.name)
        return Call(request, times, fault, now + self._latency(request, times))

    async def answer(self, model: str, request: Request, call: Call) -> Reply:
        """What the model says, spoiled if the call's fault is one of answers, when it is due.

        Raises:
            CallError: the model cannot take the request.
            UnknownNameError: there is no such model.
        """
        self._busy += 1
        try:
            reply = await self._policies.named(model).complete(request)
            if call.fault:
                reply = spoiled(reply, call.fault, request)
            await self.rest(call.due - asyncio.get_running_loop().time())
        finally:
            self._busy -= 1
        return reply

    async def rest(self, seconds: float, *interruptions: Interruption) -> None:
        """Wait, unless the server stops or one of the interruptions ends sooner."""
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


def spoiled(reply: Reply, fault: Fault, request: Request) -> Reply:
    """An answer with an answer's fault."""
    match fault.name:
        case "cut_off":
            usage = replace(reply.usage, output=request.max_tokens)
            text = reply.text[: len(reply.text) // 3]
            return replace(reply, text=text, stop="length", usage=usage)
        case "empty":
            return replace(reply, text="")
        case "refused":
            return replace(reply, text=SORRY, stop="refusal")
        case "filtered":
            return replace(reply, text="", stop="refusal")
        case "malformed":
            return replace(reply, text=MALFORMED)
        case "illegal":
            listed = listed_options(request)
            action = next(action for action in NOT_LISTED if action not in listed)
            return replace(reply, text=json.dumps({answer_key(request): action}))
    return reply
