"""``run.json``: everything needed to repeat a run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from vsbench.records.bounds import (
    ATTEMPTS,
    EPISODES,
    GAMES,
    SAMPLES,
    SAMPLES_IN_SET,
    SEATS,
    Amount,
    Count,
    EnvId,
    Hex,
    Name,
    Seats,
    Seed,
)
from vsbench.settings import Evaluation, Modality, Style


class Frozen(BaseModel):
    """A record that refuses fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


ProtocolName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]{0,63}$")]

Seating = Literal["fixed", "rotating", "duplicate"]
"""What episodes do with the seats. Fixed: every episode is a deal of its own, and nobody moves.
Rotating: likewise, and everybody moves one seat on with each. Duplicate, as in bridge: every deal
is played once from each seat before the next, so that all get the same luck in all seats."""


class SeatPlan(Frozen):
    """Who sits where in an environment."""

    players: Annotated[tuple[Name, ...], Field(min_length=1, max_length=SEATS)]
    """By seat: a full model id, or ``bot/...``."""
    measured: Seats
    """The seats whose play counts for the run's model."""
    seating: Seating

    @model_validator(mode="after")
    def _measured_seats_exist(self) -> Self:
        if max(self.measured) >= len(self.players):
            raise ValueError("a measured seat has no player")
        return self


BOT = "bot/"
"""Begins the ids of bots."""

SHIPPED = "shipped"
"""Stands for the data set that ships for an environment."""


class SamplePlan(Frozen):
    """Which recorded states a run asks about."""

    dataset: Name
    """``shipped``, or the name of a file or folder. Whoever goes on with the run or verifies it
    says where that is: a path in a record could name any file of whoever reads it."""
    sha256: Hex
    """Of the file."""
    size: Annotated[int, Field(ge=1, le=SAMPLES_IN_SET)]
    """Samples in the set."""
    count: Annotated[int, Field(ge=1, le=SAMPLES)]
    """Samples asked about, spread evenly over the set."""

    @model_validator(mode="after")
    def _no_more_than_there_are(self) -> Self:
        if self.count > self.size:
            raise ValueError("more samples than the set holds")
        return self

    @property
    def numbers(self) -> list[int]:
        """Which samples are asked about."""
        return [number * self.size // self.count for number in range(self.count)]


class EnvironmentPlan(Frozen):
    """What a run does in one environment."""

    env: EnvId
    episodes: Annotated[int, Field(ge=0, le=EPISODES)]
    """Played for decision-making; 0 where that is not evaluated."""
    seats: SeatPlan
    samples: SamplePlan | None = None
    """Asked about for reasoning and perception."""

    def numbers(self, evaluation: Evaluation) -> Sequence[int]:
        """The numbers of the episodes or samples of an evaluation."""
        if evaluation == "decision":
            return range(self.episodes)
        return self.samples.numbers if self.samples else ()


class ModelSettings(Frozen):
    """How models are asked, whichever model it is."""

    modality: Modality
    style: Style
    persona: Name | None
    attempts: Annotated[int, Field(ge=1, le=ATTEMPTS)]
    """Answers from which nothing can be read, before a random legal move stands in."""
    feedback: bool
    """Whether a model is told what was wrong with an answer, and may correct an illegal one.
    Otherwise an illegal answer ends a decision, and the same question is asked again."""
    answer_tokens: Count
    """For an answer, thinking not included."""
    thinking_tokens: Count
    """For thinking, of models that think."""
    max_tokens_limit: Count | None
    """How far the limit of tokens is raised when an answer was cut off; None: to the model's."""
    thinking: Literal["on", "off"] | None
    """Of models whose thinking is a switch; None: on where it is known to be one."""
    reasoning_effort: Name | None
    temperature: Amount | None
    """None leaves it to the provider."""
    detail: Literal["auto", "low", "high"]


ThinkingInForce = Literal["on", "off", "always", "never", "unknown"]
"""On and off: of a model whose thinking is a switch. Always and never: of one without."""


class InForce(Frozen):
    """How one model is asked where models differ: whether it thinks, and the limits of tokens."""

    thinking: ThinkingInForce
    thinking_tokens: Count | None
    """Tokens of ``max_tokens`` that are meant for thinking; None where the model does not think.
    Models that take a budget are told it."""
    max_tokens: Count
    """Tokens of an answer, thinking included."""
    max_tokens_limit: Count
    """What ``max_tokens`` are raised to when an answer was cut off."""

    @model_validator(mode="after")
    def _limits_in_order(self) -> Self:
        if self.max_tokens_limit < self.max_tokens:
            raise ValueError("the raised limit of tokens is below the limit itself")
        return self

    @property
    def summary(self) -> str:
        """In words: whether it thinks, and the limits of its replies."""
        thinks = {
            "on": "thinking on",
            "off": "thinking off",
            "always": "always thinks",
            "never": "does not think",
            "unknown": "thinking unknown",
        }
        limits = f"{self.max_tokens:,} tokens a reply"
        if self.max_tokens_limit > self.max_tokens:
            limits += f", {self.max_tokens_limit:,} when cut off"
        return f"{thinks[self.thinking]}; {limits}"


class Price(Frozen):
    """US dollars for a million tokens."""

    input: Amount
    output: Amount
    cached: Amount | None = None
    """For input tokens that the provider had cached; None: as ``input``."""
    cache_written: Amount | None = None
    """For input tokens that the provider wrote to its cache; None: as ``input``."""

    def cost(
        self, input_tokens: float, output_tokens: float, *, cached: int = 0, cache_written: int = 0
    ) -> float:
        """Return the US dollars of so many tokens.

        Input tokens include those ``cached`` and ``cache_written``.
        """
        cached_price = self.input if self.cached is None else self.cached
        written_price = self.input if self.cache_written is None else self.cache_written
        fresh = input_tokens - cached - cache_written
        spent = fresh * self.input + cached * cached_price + output_tokens * self.output
        return (spent + cache_written * written_price) / 1e6


class Conditions(Frozen):
    """What runs have in common when only who plays differs."""

    format: str
    schema_version: Literal[1] = 1
    created: AwareDatetime
    seed: Seed
    model_settings: ModelSettings
    models: dict[Name, InForce] = {}
    """What is in force for each model in any seat, by full id."""
    model_options: dict[Name, Name] = {}
    """Providers' own options, ``provider.key`` -> value."""
    prompts_version: Name
    prompts_sha256: Hex
    versions: dict[Name, Name]
    """Of vsbench, Python and the engines."""
    prices: dict[Name, Price]
    """By full model id, as they stood when the run began."""
    prices_date: Name


class ProtocolRef(Frozen):
    """The protocol that a run follows or deviates from."""

    name: ProtocolName
    sha256: Hex
    """The fingerprint of its content."""
    conforms: bool
    """Whether the run is what the protocol derives, for the games and evaluations that it has."""


class Manifest(Conditions):
    """A run directory's ``run.json``."""

    format: Literal["vsbench-run"] = "vsbench-run"
    protocol: ProtocolRef | None = None
    """None for the pairings of tournaments, which follow none."""
    model: Name
    """Full id of the model that the run measures."""
    evaluations: Annotated[tuple[Evaluation, ...], Field(min_length=1)]
    environments: Annotated[tuple[EnvironmentPlan, ...], Field(min_length=1, max_length=GAMES)]

    @model_validator(mode="after")
    def _limits_of_all_models(self) -> Self:
        players = {player for plan in self.environments for player in plan.seats.players}
        models = {player for player in players if not player.startswith(BOT)}
        if models != self.models.keys():
            odd = min(models ^ self.models.keys())
            raise ValueError(f"models and seats do not agree about {odd!r:.100}")
        return self

    @model_validator(mode="after")
    def _everything_once(self) -> Self:
        envs = [plan.env for plan in self.environments]
        for what, names in (("environment", envs), ("evaluation", list(self.evaluations))):
            if len(set(names)) < len(names):
                raise ValueError(f"an {what} is planned twice")
        return self
