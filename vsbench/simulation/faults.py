"""The faults that can be injected: their catalogue, when they are injected, and odd replies.

Odd replies are replies that providers were seen to send, on the wires on which they were seen.
They are injected only when asked for: ``--odd 0.2`` or ``--fault NAME=RATE``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from random import Random
from typing import Any, Literal

from vsbench_envs.errors import UnknownNameError
from vsbench_envs.seeding import Key, stream


@dataclass(frozen=True)
class Fault:
    """An error that is injected on purpose."""

    name: str
    family: Literal["infrastructure", "answer"]
    """Infrastructure faults bring no answer and cost nothing. Answer faults spoil a paid answer."""
    about: str
    status: int = 200
    """The HTTP status of the response."""
    advised: bool = False
    """Whether the response has ``Retry-After``."""
    wires: tuple[str, ...] = ()
    """The wires on which it is injected; empty means all."""


FAULTS = {
    fault.name: fault
    for fault in (
        Fault("rate_limited", "infrastructure", "429 with Retry-After", 429, advised=True),
        Fault("rate_limited_unadvised", "infrastructure", "429 without Retry-After", 429),
        Fault("server_error", "infrastructure", "500", 500),
        Fault("bad_gateway", "infrastructure", "502", 502),
        Fault("unavailable", "infrastructure", "503", 503),
        Fault("overloaded", "infrastructure", "529", 529),
        Fault("dropped", "infrastructure", "the connection closes without a response"),
        Fault("stalled", "infrastructure", "no response until the connection closes"),
        Fault("garbled", "infrastructure", "200 with a body of another protocol"),
        Fault("cut_off", "answer", "the answer stops at the token limit, before the action"),
        Fault("empty", "answer", "an answer without text"),
        Fault("refused", "answer", "the model declines"),
        Fault("filtered", "answer", "the provider's filter removes the answer"),
        Fault("malformed", "answer", "text without an answer"),
        Fault("illegal", "answer", "a well-formed answer with an illegal action"),
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
        Fault("hidden_loading", "infrastructure", "an error inside a 200, as a string"),
        Fault("hidden_auth", "infrastructure", "a wrong key inside a 200"),
        Fault("hidden_context", "infrastructure", "a context too long inside a 200"),
        Fault("no_images", "infrastructure", "500: the model takes no images", 500),
        Fault("daily_quota", "infrastructure", "429: the requests of the day are used up", 429),
        Fault("wrong_parameter", "infrastructure", "400: max_completion_tokens wanted", 400),
        Fault("responses_only", "infrastructure", "404: Responses only", 404, wires=CHAT_ONLY),
        Fault("filtered_message", "answer", "no message, with a filter's reason"),
        Fault("filtered_prompt", "answer", "no choices, with a filter's notice", wires=CHAT_ONLY),
        Fault("sensitive", "answer", "finish reason sensitive"),
        Fault("cut_off_model", "answer", "finish reason model_length"),
        Fault("cut_off_tokens", "answer", "finish reason max_tokens"),
        Fault("in_reasoning", "answer", "the answer inside the reasoning", wires=CHAT_ONLY),
        Fault("usage_null", "answer", "an answer without usage"),
        Fault("usage_odd", "answer", "an answer with negative and fractional usage"),
    )
}
"""Odd replies, by name."""

ALL = FAULTS | ODD

Rates = Mapping[str, float]
"""Fault name -> share of calls; from 0 to 1 in total."""


def parse_rate(text: str) -> tuple[str, float]:
    """Parse a fault and its rate, written ``rate_limited=0.05``.

    Raises:
        UnknownNameError: no such fault.
        ValueError: the rate is missing or not from 0 to 1.
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
    """Decides which calls get a fault, from the seed and the call alone.

    Infrastructure faults depend on how often the same request was seen, so that retries succeed.
    Answer faults depend on the request only: a request that is repeated after a crash gets the
    same answer.
    """

    def __init__(self, seed: int, rates: Rates) -> None:
        self._seed = seed
        self._infrastructure = _of_family("infrastructure", rates)
        self._answers = _of_family("answer", rates)
        # Only calls without an infrastructure fault are spoiled: their rate is adjusted to give the
        # share of all calls.
        self._through = 1.0 - sum(rate for _, rate in self._infrastructure)

    def draw(self, digest: str, times: int) -> Fault | None:
        """Draw the fault of the call with this body, seen for the ``times``-th time."""
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


Body = dict[str, Any]
Change = Callable[[Body], None]
"""Changes the body of an answer in place."""

UNKNOWN_REASON = "frobnicated"
"""A finish reason that no provider sends."""


@dataclass(frozen=True)
class OddReply:
    """The response of an odd reply."""

    body: Body
    status: int = 200
    streams: bool = False
    """Whether it has the shape of an answer, so that it can be streamed."""


def odd_answer(fault: Fault, wire: str, answer: Mapping[str, Any]) -> OddReply:
    """Return an answer changed by its fault, or the body that replaces it."""
    if fault.name in REPLACEMENTS:
        return OddReply(REPLACEMENTS[fault.name], fault.status)
    body = deepcopy(dict(answer))
    if fault.name in STOP_REASONS:
        SET_REASON[wire](body, STOP_REASONS[fault.name])
        return OddReply(body, streams=True)
    CHANGES[fault.name][wire](body)
    return OddReply(body)


STOP_REASONS = {
    "broken_off_error": "error",
    "broken_off_abort": "abort",
    "broken_off_network": "network_error",
    "broken_off_resources": "insufficient_system_resource",
    "unknown_stop_reason": UNKNOWN_REASON,
    "sensitive": "sensitive",
    "cut_off_model": "model_length",
    "cut_off_tokens": "max_tokens",
}
"""Fault -> finish reason."""

REPLACEMENTS: Mapping[str, Body] = {
    "hidden_rate_limit": {"error": {"code": "429"}},
    "hidden_loading": {"error": "model is loading"},
    "hidden_auth": {"error": {"message": "bad key", "type": "authentication_error"}},
    "hidden_context": {
        "object": "error",
        "message": "This model's maximum context length is 8192 tokens.",
        "code": 400,
    },
    "no_images": {"error": {"message": "image input is not supported", "code": 500}},
    "daily_quota": {
        "error": {"message": "Rate limit reached for m on requests per day (RPD): Limit 200."}
    },
    "wrong_parameter": {
        "error": {
            "message": "Unsupported parameter: 'max_tokens' is not supported with this model. "
            "Use 'max_completion_tokens' instead.",
            "type": "invalid_request_error",
            "code": "unsupported_parameter",
        }
    },
    "responses_only": {
        "error": {
            "message": "This model is only supported in v1/responses and not in "
            "v1/chat/completions.",
            "type": "invalid_request_error",
        }
    },
}
"""Fault -> the body in place of an answer, on every wire."""


def _set_chat(body: Body, reason: str) -> None:
    body["choices"][0]["finish_reason"] = reason


def _set_messages(body: Body, reason: str) -> None:
    body["stop_reason"] = reason


def _set_responses(body: Body, reason: str) -> None:
    body |= {"status": "incomplete", "incomplete_details": {"reason": reason}}


SET_REASON: Mapping[str, Callable[[Body, str], None]] = {
    "chat": _set_chat,
    "messages": _set_messages,
    "responses": _set_responses,
}


def _no_message(body: Body) -> None:
    body["choices"] = [{"index": 0, "message": None, "finish_reason": "content_filter"}]


def _no_content(body: Body) -> None:
    body |= {"content": None, "stop_reason": "refusal"}


def _no_output(body: Body) -> None:
    _set_responses(body, "content_filter")
    body["output"] = None


def _no_choices(body: Body) -> None:
    notice = {"hate": {"filtered": True, "severity": "high"}}
    body["choices"] = []
    body["prompt_filter_results"] = [{"prompt_index": 0, "content_filter_results": notice}]


def _in_reasoning(body: Body) -> None:
    message = body["choices"][0]["message"]
    message |= {"content": None, "reasoning_content": message["content"]}


def _no_usage(body: Body) -> None:
    body["usage"] = None


def _odd_usage(body: Body) -> None:
    body["usage"] = dict.fromkeys(body["usage"], -1.5)


CHANGES: Mapping[str, Mapping[str, Change]] = {
    "filtered_message": {"chat": _no_message, "messages": _no_content, "responses": _no_output},
    "filtered_prompt": {"chat": _no_choices},
    "in_reasoning": {"chat": _in_reasoning},
    "usage_null": dict.fromkeys(SET_REASON, _no_usage),
    "usage_odd": dict.fromkeys(SET_REASON, _odd_usage),
}
"""Fault -> wire -> its change to an answer's body."""
