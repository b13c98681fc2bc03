"""``run.json``: everything needed to repeat a run."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict

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

    players: tuple[str, ...]
    """By seat: a full model id, or ``player/...``."""
    measured: tuple[int, ...]
    """The seats whose play counts for the run's model."""
    seating: Seating


class SamplePlan(Frozen):
    """Which recorded states a run asks about."""

    dataset: str
    """``shipped``, or the path of a file."""
    sha256: str
    """Of the file."""
    size: int
    """Samples in the set."""
    count: int
    """Samples asked about, spread evenly over the set."""

    @property
    def numbers(self) -> list[int]:
        """Which samples are asked about."""
        return [number * self.size // self.count for number in range(self.count)]


class EnvironmentPlan(Frozen):
    """What a run does in one environment."""

    env: str
    episodes: int
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
    persona: str | None
    attempts: int
    max_tokens: int
    max_tokens_limit: int
    temperature: float | None
    reasoning_effort: str | None
    detail: Literal["auto", "low", "high"]

    @classmethod
    def of(cls, settings: RunSettings) -> Self:
        """Those among a run's settings."""
        asked = {name: getattr(settings, name) for name in cls.model_fields}
        highest = max(settings.max_tokens, settings.max_tokens_limit)
        return cls(**asked | {"max_tokens_limit": highest})


class Price(Frozen):
    """US dollars for a million tokens."""

    input: float
    output: float
    cached: float | None = None
    """For input tokens that the provider had cached; None: as ``input``."""
    cache_written: float | None = None
    """For input tokens that the provider wrote to its cache; None: as ``input``."""


class Conditions(Frozen):
    """What runs have in common when only who plays differs."""

    format: str
    schema_version: Literal[1] = 1
    created: datetime
    seed: int
    preset: str
    asking: ModelSettings
    model_options: dict[str, str] = {}
    """Providers' own options, ``provider.key`` -> value."""
    prompts_version: str
    prompts_sha256: str
    versions: dict[str, str]
    """Of vsbench, Python and the engines."""
    prices: dict[str, Price]
    """By full model id, as they stood when the run began."""
    prices_date: str


class Manifest(Conditions):
    """A run directory's ``run.json``."""

    format: Literal["vsbench-run"] = "vsbench-run"
    model: str
    """Full id of the model that the run measures."""
    evaluations: tuple[Evaluation, ...]
    environments: tuple[EnvironmentPlan, ...]
