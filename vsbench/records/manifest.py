"""Schema of ``run.json``: everything needed to repeat a run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from math import gcd
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from vsbench.records.bounds import (
    MAX_ATTEMPTS,
    MAX_EPISODES,
    MAX_GAMES,
    MAX_SAMPLES,
    MAX_SAMPLES_IN_SET,
    MAX_SEATS,
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
    """A frozen record that refuses unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


ProtocolName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]{0,63}$")]

Seating = Literal["fixed", "rotating", "duplicate"]
"""Assignment of players to seats. Fixed: every episode is a deal of its own, and players keep their
seats. Rotating: players move one seat on with every episode. Duplicate, as in duplicate bridge:
every deal is played once from each seat before the next, so that all players face the same deals
in all seats."""


class SeatPlan(Frozen):
    """The players of an environment, by seat."""

    players: Annotated[tuple[Name, ...], Field(min_length=1, max_length=MAX_SEATS)]
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
"""Prefix of the ids of bots."""

SHIPPED = "shipped"
"""Stands for the data set that ships with vsbench for an environment."""


@cache
def spread_order(count: int) -> tuple[int, ...]:
    """Order ``range(count)`` so that every prefix is spread evenly over it.

    Data sets are sorted by recorded episode and its players, so the first samples of a set are
    unlike the others. Steps of a good lattice, wrapped around, fill the largest gaps first. Its
    discrepancy is bounded by the sum of the partial quotients of step / count (Niederreiter,
    *Random Number Generation and Quasi-Monte Carlo Methods*, 1992, section 5.2). Of equally good
    ones, the step nearest to the golden section of the whole mixes kinds that alternate in a set.
    """
    section = (5**0.5 - 1) / 2 * count
    coprime = (step for step in range(1, count + 1) if gcd(step, count) == 1)
    step = min(
        coprime,
        key=lambda step: (sum(_partial_quotients(step, count)), abs(step - section)),
    )
    return tuple(place * step % count for place in range(count))


def _partial_quotients(numerator: int, denominator: int) -> Iterator[int]:
    """The continued fraction of a ratio."""
    while numerator:
        yield denominator // numerator
        numerator, denominator = denominator % numerator, numerator


class SamplePlan(Frozen):
    """The samples of a run in one environment."""

    dataset: Name
    """``shipped``, or the name of a file or folder. Its path is given again when the run is
    resumed or verified: a path in an untrusted record could name any file of the reader."""
    sha256: Hex
    """Of the file."""
    size: Annotated[int, Field(ge=1, le=MAX_SAMPLES_IN_SET)]
    """Samples in the set."""
    count: Annotated[int, Field(ge=1, le=MAX_SAMPLES)]
    """Samples used, spread evenly over the set."""

    @model_validator(mode="after")
    def _no_more_than_there_are(self) -> Self:
        if self.count > self.size:
            raise ValueError("more samples than the set has")
        return self

    @property
    def numbers(self) -> list[int]:
        """Numbers of the samples used."""
        return [number * self.size // self.count for number in range(self.count)]

    @property
    def order(self) -> list[int]:
        """The same in the order in which they are asked; every prefix is spread over the set."""
        numbers = self.numbers
        return [numbers[place] for place in spread_order(self.count)]


class EnvironmentPlan(Frozen):
    """The plan of a run in one environment."""

    env: EnvId
    episodes: Annotated[int, Field(ge=0, le=MAX_EPISODES)]
    """Episodes of decision-making; 0 if that is not evaluated."""
    seats: SeatPlan
    samples: SamplePlan | None = None
    """Samples of reasoning and perception."""

    def numbers(self, evaluation: Evaluation) -> Sequence[int]:
        """Return the numbers of the episodes or samples of an evaluation."""
        if evaluation == "decision":
            return range(self.episodes)
        return self.samples.numbers if self.samples else ()

    def order(self, evaluation: Evaluation) -> Sequence[int]:
        """Return the same numbers in the order in which they are played or asked.

        Figures are over the finished prefix of this order.
        """
        if evaluation == "decision":
            return range(self.episodes)
        return self.samples.order if self.samples else ()


class ModelSettings(Frozen):
    """Settings of requests and attempts, the same for every model."""

    modality: Modality
    style: Style
    persona: Name | None
    attempts: Annotated[int, Field(ge=1, le=MAX_ATTEMPTS)]
    """Unparsable answers before a random legal move is played instead."""
    feedback: bool
    """Whether a model is told what was wrong with its answer, and may correct illegal ones.
    Otherwise an illegal answer ends the decision, and others are followed by the same question."""
    answer_tokens: Count
    """For an answer, without thinking."""
    thinking_tokens: Count
    """For thinking, if the model thinks."""
    max_tokens_limit: Count | None
    """Token limit after an answer was cut off; None for the model's own."""
    thinking: Literal["on", "off"] | None
    """For models with switchable thinking; None: on if the model is known to be one."""
    reasoning_effort: Name | None
    temperature: Amount | None
    """None leaves it to the provider."""
    detail: Literal["auto", "low", "high"]


ThinkingInForce = Literal["on", "off", "always", "never", "unknown"]
"""On and off: of a model with switchable thinking. Always and never: of one without."""


class InForce(Frozen):
    """Settings in force for one model: whether it thinks, and its token limits."""

    thinking: ThinkingInForce
    thinking_tokens: Count | None
    """Tokens of ``max_tokens`` meant for thinking; None if the model does not think. Sent to models
    that take a thinking budget."""
    max_tokens: Count
    """Token limit of an answer, with thinking."""
    max_tokens_limit: Count
    """Token limit after an answer was cut off."""

    @model_validator(mode="after")
    def _limits_in_order(self) -> Self:
        if self.max_tokens_limit < self.max_tokens:
            raise ValueError("max_tokens_limit is below max_tokens")
        return self

    @property
    def summary(self) -> str:
        """The settings in words."""
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
    """Conditions that runs share when they differ only in their players."""

    format: str
    schema_version: Literal[1] = 1
    created: AwareDatetime
    seed: Seed
    model_settings: ModelSettings
    models: dict[Name, InForce] = {}
    """Full id of each model in any seat -> settings in force."""
    model_options: dict[Name, Name] = {}
    """Provider-specific options, ``provider.key`` -> value."""
    prompts_version: Name
    prompts_sha256: Hex
    versions: dict[Name, Name]
    """Of vsbench, Python and the engines."""
    prices: dict[Name, Price]
    """By full model id, as of the start of the run."""
    prices_date: Name


class ProtocolRef(Frozen):
    """The protocol that a run follows or deviates from."""

    name: ProtocolName
    sha256: Hex
    """The fingerprint of its content."""
    conforms: bool
    """Whether the run's games and evaluations are as the protocol defines them."""


class Manifest(Conditions):
    """A run directory's ``run.json``."""

    format: Literal["vsbench-run"] = "vsbench-run"
    protocol: ProtocolRef | None = None
    """None for pairings of tournaments, which follow no protocol."""
    model: Name
    """Full id of the measured model."""
    evaluations: Annotated[tuple[Evaluation, ...], Field(min_length=1)]
    environments: Annotated[tuple[EnvironmentPlan, ...], Field(min_length=1, max_length=MAX_GAMES)]

    @model_validator(mode="after")
    def _models_match_seats(self) -> Self:
        players = {player for plan in self.environments for player in plan.seats.players}
        models = {player for player in players if not player.startswith(BOT)}
        if models != self.models.keys():
            odd = min(models ^ self.models.keys())
            raise ValueError(f"models and seats disagree about {odd!r:.100}")
        return self

    @model_validator(mode="after")
    def _no_duplicates(self) -> Self:
        envs = [plan.env for plan in self.environments]
        for what, names in (("environment", envs), ("evaluation", list(self.evaluations))):
            if len(set(names)) < len(names):
                raise ValueError(f"duplicate {what}")
        return self
