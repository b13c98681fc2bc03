"""Who answers: sighted models, and one that does not look."""

from __future__ import annotations

import json

from vsbench.adapters.base import Adapter, Reply, Request, Usage
from vsbench.adapters.sighted import Sighted, asked_for, listed_actions, policies
from vsbench.adapters.tokens import prompt_tokens, text_tokens
from vsbench_envs.seeding import stream

LEGAL = "legal"
SIGHTED = "sighted/"


class Legal:
    """Answers with one of the listed actions at random: next to no work, for speed benches."""

    max_output_tokens: int | None = None
    address = "the simulation"

    async def complete(self, request: Request) -> Reply:
        """Pick an action; BadRequestError where none is listed."""
        action = stream(request.seed, LEGAL).choice(listed_actions(request))
        answer = json.dumps({asked_for(request): action})
        return Reply(answer, usage=Usage(prompt_tokens(request), text_tokens(answer)))

    async def close(self) -> None:
        """Nothing is held."""


class Policies:
    """Opens policies by the name of a model, and keeps them."""

    def __init__(self, default: str) -> None:
        self._default = default
        self._open: dict[str, Adapter] = {}
        self.named(default)

    def named(self, model: str) -> Adapter:
        """The policy behind a model's name; UnknownNameError for ``sighted/...`` that is none."""
        policy = model.removeprefix(SIGHTED) if model.startswith(SIGHTED) else self._default
        if policy not in self._open:
            self._open[policy] = Legal() if policy == LEGAL else Sighted(policy)
        return self._open[policy]


def model_names() -> list[str]:
    """The models that have a policy of their own name."""
    return [SIGHTED + policy for policy in (*policies(), LEGAL)]
