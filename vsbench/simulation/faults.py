"""The faults that can be injected, and when they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Literal

from vsbench_envs.errors import UnknownNameError
from vsbench_envs.seeding import Key, stream


@dataclass(frozen=True)
class Fault:
    """Something that goes wrong on purpose."""

    name: str
    family: Literal["infrastructure", "answer"]
    """Infrastructure faults bring no answer and cost nothing. Answer faults spoil a paid answer."""
    about: str
    status: int = 200
    """The HTTP status that it shows."""
    advised: bool = False
    """Whether the server says how long to wait."""
    wires: tuple[str, ...] = ()
    """On which it is injected; empty means on all."""


FAULTS = {
    fault.name: fault
    for fault in (
        Fault("rate_limited", "infrastructure", "429 with Retry-After", 429, advised=True),
        Fault("rate_limited_unadvised", "infrastructure", "429 without Retry-After", 429),
        Fault("server_error", "infrastructure", "500", 500),
        Fault("bad_gateway", "infrastructure", "502", 502),
        Fault("unavailable", "infrastructure", "503", 503),
        Fault("overloaded", "infrastructure", "529", 529),
        Fault("dropped", "infrastructure", "the connection closes without a word"),
        Fault("stalled", "infrastructure", "silence, and the connection closes at last"),
        Fault("garbled", "infrastructure", "200 with a body that is not the protocol"),
        Fault("cut_off", "answer", "the answer stops at the token limit, before it is told"),
        Fault("empty", "answer", "an answer without text"),
        Fault("refused", "answer", "the model declines"),
        Fault("filtered", "answer", "the provider's filter takes the answer away"),
        Fault("malformed", "answer", "text that holds no answer"),
        Fault("illegal", "answer", "a well-formed answer that is not among the legal actions"),
    )
}

CHAT_ONLY = ("chat",)

ODD = {
    fault.name: fault
    for fault in (
        Fault("broken_off_error", "infrastructure", "finish reason error"),
        Fault("broken_off_abort", "infrastructure", "finish reason abort"),
        Fault("broken_off_network", "infrastructure", "finish reason network_error"),
        Fault("broken_off_resources", "infrastructure", "reason insufficient_system_resource"),
        Fault("unknown_stop_reason", "infrastructure", "an unknown finish reason"),
        Fault("hidden_rate_limit", "infrastructure", "a rate limit inside a 200, code as text"),
        Fault("hidden_loading", "infrastructure", "an error inside a 200 that is a string"),
        Fault("hidden_auth", "infrastructure", "a wrong key inside a 200"),
        Fault("hidden_context", "infrastructure", "a context too long inside a 200"),
        Fault("no_images", "infrastructure", "500: the model takes no images", 500),
        Fault("daily_quota", "infrastructure", "429: the day's requests are used up", 429),
        Fault("wrong_parameter", "infrastructure", "400: max_completion_tokens wanted", 400),
        Fault("responses_only", "infrastructure", "404: Responses only", 404, wires=CHAT_ONLY),
        Fault("filtered_message", "answer", "no message, but a filter's reason"),
        Fault("filtered_prompt", "answer", "no choices, but a filter's notice", wires=CHAT_ONLY),
        Fault("sensitive", "answer", "finish reason sensitive"),
        Fault("cut_off_model", "answer", "finish reason model_length"),
        Fault("cut_off_tokens", "answer", "finish reason max_tokens"),
        Fault("in_reasoning", "answer", "the answer among the reasoning", wires=CHAT_ONLY),
        Fault("usage_null", "answer", "an answer without usage"),
        Fault("usage_odd", "answer", "an answer with negative, broken usage"),
    )
}
"""Replies that are odd rather than faulty; see :mod:`vsbench.simulation.oddities`."""

ALL = FAULTS | ODD

Rates = Mapping[str, float]
"""Fault name -> share of calls, from 0 to 1 in all."""


def parse_rate(text: str) -> tuple[str, float]:
    """A fault and its rate, written ``rate_limited=0.05``.

    Raises:
        UnknownNameError: no such fault.
        ValueError: no rate, or not one from 0 to 1.
    """
    name, _, number = text.partition("=")
    if name not in ALL:
        raise UnknownNameError("fault", name, list(ALL))
    try:
        rate = float(number)
    except ValueError:
        rate = -1.0
    if not 0 <= rate <= 1:
        raise ValueError(f"fault {text!r} needs a rate from 0 to 1, as in {name}=0.05")
    return name, rate


class Injector:
    """Decides which calls go wrong, as a function of the seed and of the call alone.

    Whether the infrastructure fails depends on how often the same request was seen, so that asking
    again gets through. What the model answers depends on the request only: a request that is asked
    again after a crash is answered as it would have been.
    """

    def __init__(self, seed: int, rates: Rates) -> None:
        self._seed = seed
        self._infrastructure = _of_family("infrastructure", rates)
        self._answers = _of_family("answer", rates)
        # Spoiling only the calls that get through, at the rate that makes the share of all calls.
        self._through = 1.0 - sum(rate for _, rate in self._infrastructure)

    def draw(self, digest: str, times: int) -> Fault | None:
        """The fault of the call with this body, seen for the ``times``-th time."""
        fault = self._pick(self._infrastructure, 1.0, "infrastructure", digest, times)
        return fault or self._pick(self._answers, self._through, "answer", digest)

    def _pick(self, rates: list[tuple[Fault, float]], among: float, *purpose: Key) -> Fault | None:
        if not rates:
            return None
        return _at(rates, stream(self._seed, *purpose), among)


def _at(rates: Iterable[tuple[Fault, float]], rng: Random, among: float) -> Fault | None:
    point = rng.random() * among
    for fault, rate in rates:
        point -= rate
        if point < 0:
            return fault
    return None


def _of_family(family: str, rates: Rates) -> list[tuple[Fault, float]]:
    return [
        (fault, rates[name])
        for name, fault in ALL.items()
        if fault.family == family and rates.get(name)
    ]
