"""Schemas of the journal's lines: the events of one episode or sample, in order.

A journal file is JSON Lines. Its first line opens the episode; ``attempt`` and ``fault`` lines are
calls to models; a ``decision`` line is the final move of one seat; a ``step`` line is a joint move
that was played; the ``end`` line closes the episode. Every line is written as soon as its event has
happened, so that a crash loses no reply that was paid for.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from vsbench.records.bounds import (
    MAX_SEATS,
    Amount,
    Count,
    EnvId,
    Finite,
    Hex,
    Name,
    Seat,
    Seats,
    Seed,
    Share,
    StepNumber,
    Text,
)

Outcome = Literal["ok", "illegal", "unparsable", "refused", "truncated"]
"""Outcome of a decision. Anything but ``ok`` was replaced by a random legal move."""

OUTCOMES: tuple[Outcome, ...] = ("ok", "illegal", "unparsable", "refused", "truncated")


class Record(BaseModel):
    """A frozen record that refuses unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class TokenUsage(Record):
    """Tokens as billed.

    ``output`` includes ``reasoning``; ``input`` includes ``cached`` and ``cache_written``.
    """

    input: Count = 0
    output: Count = 0
    reasoning: Count = 0
    cached: Count = 0
    cache_written: Count = 0


class EpisodeOpened(Record):
    """The first line: which episode this is."""

    type: Literal["episode"] = "episode"
    schema_version: Literal[1] = 1
    env: EnvId
    episode: Count
    seed: Seed
    """Of the game; with the moves it determines the episode."""
    seats: Annotated[tuple[Name, ...], Field(min_length=1, max_length=MAX_SEATS)]
    """Players by seat: full model ids, or ``bot/...`` for bots."""
    measured: Seats
    """The seats whose play counts for the run's model."""


class SampleOpened(Record):
    """The first line of a question about a recorded state: which sample this is."""

    type: Literal["sample"] = "sample"
    schema_version: Literal[1] = 1
    env: EnvId
    sample: Count
    """Its number in the data set."""
    dataset: Hex
    """SHA-256 of the data set's file."""
    player: Name
    """The player: a full model id, or ``bot/...``."""
    seat: Seat | None = None
    """The seat whose percept is shown. This and the next fields are None for published sets, which
    do not contain them."""
    target: Seat | None = None
    """The seat that the question is about."""
    step: StepNumber | None = None
    third: Annotated[int, Field(ge=0, le=2)] | None = None
    """0, 1 or 2: the third of its episode that the state is from."""
    source: Name | None = None
    """The policy of the target."""
    episode: Count | None = None
    """Index among the data set's episodes of the one that the state is from, from 0."""


class Attempt(Record):
    """A reply and the answer parsed from it."""

    type: Literal["attempt"] = "attempt"
    step: StepNumber
    seat: Seat
    attempt: Count
    """0 for the first attempt."""
    prompt: Hex
    """Fingerprint of the prompt's texts and the places of its pictures; see
    :mod:`vsbench.fingerprints`. The prompt can be rendered again."""
    pictures: Hex = ""
    """Fingerprint of the pictures' pixels; empty without pictures."""
    reply: Text
    reasoning: Text = ""
    cut: Count = 0
    """Characters removed from the reply and its reasoning because they were longer than
    ``vsbench.answers.limits.MAX_REPLY``; the reply was parsed without them."""
    outcome: Outcome
    answer: Text | None = None
    """The action parsed from the reply: a legal label if ``ok``, the text if ``illegal``."""
    stop: Literal["stop", "length", "refusal"]
    max_tokens: Count
    expected_input: Count = 0
    """Estimated tokens of the prompt, pictures included; 0 if no call was made."""
    usage: TokenUsage
    cost: Amount | None = None
    """US dollars; None if the model has no price."""
    latency: Amount
    """Seconds that this call took."""
    served_model: Text = ""
    request_id: Text = ""
    from_cache: bool = False
    """Whether the reply came from the cache and so took no tokens."""
    usage_estimated: bool = False
    """Whether ``usage`` is estimated because the provider does not report it in full."""


TOO_LONG = "context_exceeded"
"""The kind of fault of a prompt that is, with its answer, too long for the model."""


class Fault(Record):
    """A call without a reply. Faults do not count as decisions."""

    type: Literal["fault"] = "fault"
    step: StepNumber
    seat: Seat
    attempt: Count
    kind: Name
    message: Text
    wait: Amount | None
    """Seconds until the next call; None if it was given up."""

    @property
    def too_long(self) -> bool:
        """Whether the question was dropped because, with the answers so far, it is too long."""
        return self.kind == TOO_LONG and self.wait is None and self.attempt > 0


class Decision(Record):
    """The action of a model's seat in a step."""

    type: Literal["decision"] = "decision"
    step: StepNumber
    seat: Seat
    action: Name
    outcome: Outcome
    """Of the last attempt. Unless ``ok``, ``action`` is a seeded random legal move."""
    attempts: Count


class Step(Record):
    """A joint move that was played."""

    type: Literal["step"] = "step"
    step: StepNumber
    moves: Annotated[dict[Seat, Name], Field(max_length=MAX_SEATS)]
    """Acting seat -> action label."""
    rewards: Annotated[tuple[Finite, ...], Field(max_length=MAX_SEATS)]
    digest: Hex
    """Fingerprint of the state after it (``vsbench_envs.replay.digest``)."""


class EpisodeClosed(Record):
    """The last line: the episode's figures."""

    type: Literal["end"] = "end"
    returns: Annotated[tuple[Finite, ...], Field(max_length=MAX_SEATS)]
    length: StepNumber
    events: Annotated[
        dict[Name, Annotated[tuple[Count, ...], Field(max_length=MAX_SEATS)]], Field(max_length=100)
    ]


class Verdict(Record):
    """The last line of a sample: the answer and its score."""

    type: Literal["verdict"] = "verdict"
    outcome: Outcome
    """Of the last attempt; anything but ``ok`` scores zero."""
    answer: Text | None
    """The action predicted; None in perception, or without an answer."""
    right: tuple[Name, ...] = ()
    """The actions that count as correct."""
    credit: Share
    """0 to 1: wrong or right, or the share of the picture's elements named correctly."""
    chance: Share | None = None
    """In reasoning: the expected score of guessing among the options."""
    misread: dict[Name, tuple[Text, Text]] = Field(default_factory=dict)
    """In perception: element -> (true value, answer), where they differ."""


JournalRecord = Annotated[
    EpisodeOpened | SampleOpened | Verdict | Attempt | Fault | Decision | Step | EpisodeClosed,
    Field(discriminator="type"),
]

LINE: TypeAdapter[JournalRecord] = TypeAdapter(JournalRecord)
"""Validates a line of a journal."""
