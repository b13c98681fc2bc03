"""The policies that answer: sighted and blind models, random choice, and published answers.

The harness's own prompts list actions as a JSON array. Published data sets have prompts of their
own, so other forms of lists are parsed as well.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence

from vsbench.adapters.base import Adapter, BadRequestError, Reply, Request, Usage
from vsbench.adapters.sighted import (
    ORACLE,
    UNKNOWN,
    Sighted,
    answer_field,
    game_named,
    legal_ids,
    listed_actions,
    policies,
)
from vsbench.errors import UsageError
from vsbench.models import message_tokens, text_tokens
from vsbench.simulation.published import PublishedIndex
from vsbench_envs.seeding import stream

LEGAL = "legal"
BLIND = "blind"
SIGHTED_NAME = "sighted/"
BLIND_NAME = "blind/"

_LABEL = r"""(?:"[^"\n]{1,200}"|'[^'\n]{1,200}')"""
_MEMBER = rf"""["']?-?\d+["']?\s*:\s*{_LABEL}"""
LABEL_OBJECT = re.compile(rf"\{{\s*{_MEMBER}(?:\s*,\s*{_MEMBER})*\s*\}}")
"""An object of id -> label, in JSON or as Python's repr."""

HEADING = re.compile(
    r"^[^\w\n]*legal (?:actions|moves)\b[^:\n]*:\s*((?:[^\n]+(?:\n|\Z))+)",
    re.IGNORECASE | re.MULTILINE,
)
"""A heading, and the lines below it with the labels."""

LABEL_TAG = re.compile(r"<[A-Z][A-Z0-9_ ]*>")
"""A label in angle brackets, as in ``<UP>``."""

ANSWER_FORM = re.compile(r"""["'](action|prediction)["']\s*:\s*["']([^"'\n]*)["']""")
"""The form of an answer: its key, and the placeholder of the label."""


class Legal(Adapter):
    """Answers with a random listed action: almost no work, for benchmarks of speed."""

    address = "the simulation"

    async def complete(self, request: Request) -> Reply:
        """Pick an action, or call every element unknown; BadRequestError if none is listed."""
        return guess(request)


class Informed(Adapter):
    """A policy that also answers questions of published sets, which no view can read.

    The oracle looks up the right answer; other policies pick one of the options, as the oracle does
    for a question that is not in the index.
    """

    address = "the simulation"

    def __init__(self, policy: Adapter, index: PublishedIndex, *, knows: bool) -> None:
        self._policy = policy
        self._index = index
        self._knows = knows
        """Whether it looks up the right answer."""

    async def complete(self, request: Request) -> Reply:
        """Look the answer up, ask the policy if the question is the harness's, or guess."""
        known = self._index.find(request)
        if known is not None and self._knows:
            return answered(request, known.best)
        if is_ours(request):
            return await self._policy.complete(request)
        return guess(request, known.options if known is not None else ())


class Mixture(Adapter):
    """Answers each question by one of several policies, drawn by the question."""

    address = "the simulation"

    def __init__(self, policies: Sequence[Adapter], shares: Sequence[float]) -> None:
        self._policies = policies
        self._shares = shares

    async def complete(self, request: Request) -> Reply:
        """Draw a policy; the same question gets the same one."""
        rng = stream(request.seed, "mixture", _text(request))
        (policy,) = rng.choices(self._policies, self._shares)
        return await policy.complete(request)


class Policies:
    """Opens the policies of model names, and keeps them open.

    Raises:
        UnknownNameError: the default policy is unknown.
        UsageError: the shares of a mixture are wrong.
    """

    def __init__(self, default: str, index: PublishedIndex | None = None) -> None:
        self._index = index or PublishedIndex()
        self._opened: dict[str, Adapter] = {}
        shares = parse_mixture(default)
        policies = [self._opened_as(_full_name(name)) for name in shares]
        self._default = (
            policies[0] if len(policies) == 1 else Mixture(policies, list(shares.values()))
        )

    def named(self, model: str) -> Adapter:
        """Return the policy behind a model's name.

        Raises:
            UnknownNameError: an unknown ``sighted/...`` or ``blind/...``.
        """
        if model.startswith((SIGHTED_NAME, BLIND_NAME)):
            return self._opened_as(model)
        return self._default

    def _opened_as(self, name: str) -> Adapter:
        if name not in self._opened:
            knows = name == SIGHTED_NAME + ORACLE
            self._opened[name] = Informed(_opened(name), self._index, knows=knows)
        return self._opened[name]


def parse_mixture(text: str) -> dict[str, float]:
    """Parse a policy, or a mixture such as ``oracle=0.8,random=0.2``: policy -> its share.

    Raises:
        UsageError: a share is no number above 0, or they do not add up to 1.
    """
    if "=" not in text:
        return {text: 1.0}
    pairs = [part.strip().partition("=") for part in text.split(",")]
    try:
        shares = {name: float(share) for name, _, share in pairs}
    except ValueError:
        raise UsageError(f"{text!r} is not of the form POLICY=SHARE,POLICY=SHARE") from None
    if len(shares) < len(pairs) or not all(share > 0 for share in shares.values()):
        raise UsageError(f"the shares in {text!r} must be above 0, one for each policy")
    if not math.isclose(sum(shares.values()), 1.0, abs_tol=1e-6):
        raise UsageError(f"the shares in {text!r} add up to {sum(shares.values()):g}, not to 1")
    return shares


def _full_name(policy: str) -> str:
    return f"{BLIND_NAME}{ORACLE}" if policy == BLIND else SIGHTED_NAME + policy


def _opened(name: str) -> Adapter:
    if name == SIGHTED_NAME + LEGAL:
        return Legal()
    provider, _, policy = name.partition("/")
    return Sighted(policy, blind=provider == BLIND)


def guess(request: Request, options: Sequence[str] = ()) -> Reply:
    """Reply with a random option, by default of those in the text; elements are unknown.

    Raises:
        BadRequestError: there are none.
    """
    if answer_key(request) == "elements":
        return answered(request, dict.fromkeys(listed_actions(request), UNKNOWN))
    return answered(request, stream(request.seed, LEGAL).choice(options or listed_options(request)))


def answered(request: Request, choice: object) -> Reply:
    """Return a reply with a choice, in the form that the question asks for."""
    answer = json.dumps({answer_key(request): choice})
    return Reply(
        answer,
        usage=Usage(message_tokens(request.messages, request.sampling.detail), text_tokens(answer)),
    )


def is_ours(request: Request) -> bool:
    """Whether a question is the harness's own: about a known game, its actions or elements.

    Prompts of published sets may name a game too, but have other labels.
    """
    try:
        game = game_named(request)
        if answer_key(request) != "elements":
            legal_ids(game, request)
    except BadRequestError:
        return False
    return True


def model_names() -> list[str]:
    """Return the model names that select a policy."""
    return [*(SIGHTED_NAME + policy for policy in (*policies(), LEGAL)), BLIND_NAME + ORACLE]


def listed_options(request: Request) -> tuple[str, ...]:
    """Return the labels to choose from, in the order of the text.

    Raises:
        BadRequestError: none are found.
    """
    try:
        return listed_actions(request)
    except BadRequestError:
        pass
    text = _text(request)
    found = _of_object(text) or _of_heading(text) or _of_tags(text)
    if not found:
        raise BadRequestError("the messages list no actions to choose from")
    return tuple(dict.fromkeys(found))


def answer_key(request: Request) -> str:
    """Return the key of the JSON object that the question asks for."""
    key = answer_field(request)
    forms = ANSWER_FORM.findall(_text(request)) if key == "action" else []
    return forms[-1][0] if forms else key


def _text(request: Request) -> str:
    return "\n".join(message.text for message in request.messages if message.role != "assistant")


def _of_object(text: str) -> list[str]:
    objects = LABEL_OBJECT.findall(text)
    members = re.findall(rf":\s*({_LABEL})", objects[-1]) if objects else []
    return [label[1:-1] for label in members]


def _of_heading(text: str) -> list[str]:
    sections = HEADING.findall(text)
    labels = re.split(r"[,\n]", sections[-1].strip().removesuffix(".")) if sections else []
    return [label for each in labels if (label := each.strip(" \t\r-*"))]


def _of_tags(text: str) -> list[str]:
    placeholders = {value for _, value in ANSWER_FORM.findall(text)}
    return [tag for tag in LABEL_TAG.findall(text) if tag not in placeholders]
