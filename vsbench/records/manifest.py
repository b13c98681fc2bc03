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
from vsbench.settings import Evaluation, Modality, RunSettings, Style


class Frozen(BaseModel):
    """A record that refuses fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


Seating = Literal["fixed", "rotating", "duplicate"]
"""What episodes do with the seats. Fixed: every episode is a deal of its own, and nobody moves.
Rotating: likewise, and everybody moves one seat on with each. Duplicate, as in bridge: every deal
is played once from each seat before the next, so that all get the same luck in all seats."""


class SeatPlan(Frozen):
    """Who sits where in an environment."""

    players: Annotated[tuple[Name, ...], Field(min_length=1, max_length=SEATS)]
    """By seat: a full model id, or ``player/...``."""
    measured: Seats
    """The seats whose play counts for the run's model."""
    seating: Seating

    @model_validator(mode="after")
    def _measured_seats_exist(self) -> Self:
        if max(self.measured) >= len(self.players):
            raise ValueError("a measured seat has no player")
        return self


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
    """How models are asked."""

    modality: Modality
    style: Style
    persona: Name | None
    attempts: Annotated[int, Field(ge=1, le=ATTEMPTS)]
    max_tokens: Count
    max_tokens_limit: Count
    temperature: Amount | None
    reasoning_effort: Name | None
    detail: Literal["auto", "low", "high"]

    @classmethod
    def of(cls, settings: RunSettings) -> Self:
        """Those among a run's settings."""
        asked = {name: getattr(settings, name) for name in cls.model_fields}
        highest = max(settings.max_tokens, settings.max_tokens_limit)
        return cls(**asked | {"max_tokens_limit": highest})


class Price(Frozen):
    """US dollars for a million tokens."""

    input: Amount
    output: Amount
    cached: Amount | None = None
    """For input tokens that the provider had cached; None: as ``input``."""
    cache_written: Amount | None = None
    """For input tokens that the provider wrote to its cache; None: as ``input``."""


class Conditions(Frozen):
    """What runs have in common when only who plays differs."""

    format: str
    schema_version: Literal[1] = 1
    created: AwareDatetime
    seed: Seed
    preset: Name
    asking: ModelSettings
    model_options: dict[Name, Name] = {}
    """Providers' own options, ``provider.key`` -> value."""
    prompts_version: Name
    prompts_sha256: Hex
    versions: dict[Name, Name]
    """Of vsbench, Python and the engines."""
    prices: dict[Name, Price]
    """By full model id, as they stood when the run began."""
    prices_date: Name


class Manifest(Conditions):
    """A run directory's ``run.json``."""

    format: Literal["vsbench-run"] = "vsbench-run"
    model: Name
    """Full id of the model that the run measures."""
    evaluations: Annotated[tuple[Evaluation, ...], Field(min_length=1)]
    environments: Annotated[tuple[EnvironmentPlan, ...], Field(min_length=1, max_length=GAMES)]

    @model_validator(mode="after")
    def _everything_once(self) -> Self:
        envs = [plan.env for plan in self.environments]
        for what, names in (("environment", envs), ("evaluation", list(self.evaluations))):
            if len(set(names)) < len(names):
                raise ValueError(f"an {what} is planned twice")
        return self
