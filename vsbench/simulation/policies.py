"""Who answers: models that see or read, and one that does neither."""

from __future__ import annotations

import json
from collections.abc import Sequence

from vsbench.adapters.base import Adapter, BadRequestError, Reply, Request, Usage
from vsbench.adapters.sighted import (
    ORACLE,
    UNKNOWN,
    Sighted,
    game_named,
    legal_ids,
    listed_actions,
    policies,
)
from vsbench.models import message_tokens, text_tokens
from vsbench.simulation.listed import answer_key, listed_options
from vsbench.simulation.published import PublishedIndex
from vsbench_envs.seeding import stream

LEGAL = "legal"
BLIND = "blind"
SIGHTED_NAME = "sighted/"
BLIND_NAME = "blind/"


class Legal(Adapter):
    """Answers with one of the listed actions at random: next to no work, for speed benches."""

    max_output_tokens: int | None = None
    address = "the simulation"

    async def complete(self, request: Request) -> Reply:
        """Pick an action, or call every element unknown; BadRequestError where none is listed."""
        return guess(request)

    async def close(self) -> None:
        """Nothing is held."""


class Informed(Adapter):
    """A policy that besides answers questions of published sets, which it can neither see nor read.

    The oracle looks up what is right; other policies pick one of the options, and so does the
    oracle where a question is not in the index.
    """

    max_output_tokens: int | None = None
    address = "the simulation"

    def __init__(self, policy: Adapter, index: PublishedIndex, *, knows: bool) -> None:
        self._policy = policy
        self._index = index
        self._knows = knows
        """Whether it looks up what is right."""

    async def complete(self, request: Request) -> Reply:
        """Look the answer up, leave it to the policy if the question is the harness's, or guess."""
        known = self._index.find(request)
        if known is not None and self._knows:
            return answered(request, known.best)
        if is_ours(request):
            return await self._policy.complete(request)
        return guess(request, known.options if known is not None else ())

    async def close(self) -> None:
        """Nothing is held."""


class Policies:
    """Opens policies by the name of a model, and keeps them."""

    def __init__(self, default: str, index: PublishedIndex | None = None) -> None:
        self._default = f"{BLIND_NAME}{ORACLE}" if default == BLIND else SIGHTED_NAME + default
        self._index = index or PublishedIndex()
        self._open: dict[str, Adapter] = {}
        self.named(self._default)

    def named(self, model: str) -> Adapter:
        """The policy behind a model's name.

        Raises:
            UnknownNameError: for ``sighted/...`` and ``blind/...`` that are none.
        """
        name = model if model.startswith((SIGHTED_NAME, BLIND_NAME)) else self._default
        if name not in self._open:
            knows = name == SIGHTED_NAME + ORACLE
            self._open[name] = Informed(_opened(name), self._index, knows=knows)
        return self._open[name]


def _opened(name: str) -> Adapter:
    if name == SIGHTED_NAME + LEGAL:
        return Legal()
    provider, _, policy = name.partition("/")
    return Sighted(policy, blind=provider == BLIND)


def guess(request: Request, options: Sequence[str] = ()) -> Reply:
    """A random one of the options, by default of those in the text; elements are unknown.

    Raises:
        BadRequestError: there are none.
    """
    if answer_key(request) == "elements":
        return answered(request, dict.fromkeys(listed_actions(request), UNKNOWN))
    return answered(request, stream(request.seed, LEGAL).choice(options or listed_options(request)))


def answered(request: Request, choice: object) -> Reply:
    """A reply that gives a choice in the form that was asked for."""
    answer = json.dumps({answer_key(request): choice})
    return Reply(
        answer,
        usage=Usage(message_tokens(request.messages, request.sampling.detail), text_tokens(answer)),
    )


def is_ours(request: Request) -> bool:
    """Whether a question is one of the harness's: about a known game, and its actions or elements.

    Prompts of published sets may name a game too, but have labels of their own.
    """
    try:
        game = game_named(request)
        if answer_key(request) != "elements":
            legal_ids(game, request)
    except BadRequestError:
        return False
    return True


def model_names() -> list[str]:
    """The models that have a policy of their own name."""
    return [*(SIGHTED_NAME + policy for policy in (*policies(), LEGAL)), BLIND_NAME + ORACLE]
