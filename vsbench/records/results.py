"""Schema of ``results.json``: the figures of a run, always derivable from its journals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from vsbench.records.bounds import Count, Finite, Hex, Name
from vsbench.records.chain import Head
from vsbench.records.frames import FigureRow, figure_rows, to_frame
from vsbench.records.journal import OUTCOMES, Outcome, Record
from vsbench.records.manifest import InForce, ModelSettings
from vsbench.settings import Evaluation

if TYPE_CHECKING:
    import pandas as pd

AnchorSet = Literal["paper", "measured"]
"""Anchors that returns are normalised by: those stated by the games (the paper's, for the
benchmark's games), or those measured with this project's own bots."""


FEW = 5
"""Figures over fewer units than this are marked in tables."""


class Figure(Record):
    """A mean with its 95 % interval, by the method that ``docs/STATISTICS.md`` states."""

    mean: Finite
    low: Finite
    high: Finite
    n: Count
    """Units that the figure is taken over: episodes or whole groups of them, samples or recorded
    episodes that they are from, deals, environments."""

    @property
    def few(self) -> bool:
        """Whether there are so few units that the interval is mostly prior knowledge."""
        return self.n < FEW


class Usage(Record):
    """Calls, tokens, cost and latency."""

    replies: int = 0
    from_cache: int = 0
    """Replies that came from the cache and cost nothing."""
    faults: dict[str, int] = Field(default_factory=dict)
    """Calls without a reply, by kind; they were retried or left an episode unfinished."""
    input: int = 0
    output: int = 0
    reasoning: int = 0
    cached: int = 0
    cache_written: int = 0
    expected_input: int = 0
    """Estimate of ``input``, over the replies that report it."""
    cost: float | None = None
    """US dollars; None if no reply had a price."""
    latency: float = 0.0
    """Seconds, summed over replies."""


class SeatResult(Record):
    """Counts of one player in one seat."""

    seat: int
    player: str
    decisions: dict[Outcome, int] = Field(default_factory=lambda: dict.fromkeys(OUTCOMES, 0))
    """Outcome -> decisions; all but ``ok`` were replaced by random legal moves."""
    attempts: dict[Outcome, int] = Field(default_factory=lambda: dict.fromkeys(OUTCOMES, 0))
    """Outcome -> replies."""
    usage: Usage = Usage()


class EpisodeResult(Record):
    """A scored episode."""

    episode: int
    seats: tuple[str, ...]
    returns: tuple[float, ...]
    length: int
    score: float


class Progress(Record):
    """Numbers of episodes or samples. Figures are over the finished prefix of their order."""

    planned: Count
    finished: Count
    """All that have ended."""
    scored: Count
    """Those that figures are over: all before the first that is not finished. Short episodes end
    first, so the others that have ended would bias figures."""
    unfinished: Count | None = None
    """Number of the first that is not finished, if it or a later one was begun: the run was broken
    off, or a call was given up. None if everything that was begun is finished."""

    @classmethod
    def whole(cls, count: int) -> Progress:
        """So many, all finished."""
        return Progress(planned=count, finished=count, scored=count)

    @property
    def pending(self) -> int:
        """The number of those that figures are not over yet."""
        return self.planned - self.scored


class EnvironmentResult(Progress):
    """One environment's figures."""

    env: str
    score: Figure | None
    """Normalised: random is 0, the oracle 100."""
    measures: dict[str, Figure]
    """Raw figures, the return first. ``plug-in value``, where there is one, is the expected return
    computed from how often each action was taken."""
    behaviours: dict[str, Figure]
    """Event -> count per episode, summed over the model's seats."""
    behaviours_by_seat: dict[str, dict[str, Figure]] = Field(default_factory=dict)
    """Event -> seat -> count per episode in which the model held that seat."""
    seats: tuple[SeatResult, ...]
    """Counts over all episodes that were begun."""
    episodes: tuple[EpisodeResult, ...]


class SampleResult(Progress):
    """The figures of one environment's samples, in percent."""

    evaluation: Literal["reasoning", "perception"]
    env: str
    score: Figure | None
    """Accuracy, or the share of elements named correctly."""
    chance: float | None = None
    """In reasoning: the accuracy of guessing among the options."""
    by_source: dict[str, Figure] = Field(default_factory=dict)
    by_seat: dict[str, Figure] = Field(default_factory=dict)
    """By the seat that the question is about."""
    by_third: dict[str, Figure] = Field(default_factory=dict)
    """By third of the episode: first, second, last."""
    unusable: dict[Outcome, int] = Field(default_factory=dict)
    """Answers that could not be used and count as wrong."""
    misread: tuple[tuple[str, str, int], ...] = ()
    """In perception: the commonest confusions, as (true value, answer, count)."""
    usage: Usage = Usage()


class Standing(Record):
    """The conformity of a run to its protocol, which decides what it can be compared with."""

    protocol: Name
    """The protocol's name; empty without one."""
    sha256: Hex
    track: str
    """Modality and style, such as ``image, io``."""
    differences: tuple[str, ...] = ()
    """Deviations in words; empty if the figures are comparable."""
    left_out: tuple[str, ...] = ()
    """Parts of the protocol missing from the run, in words."""

    @property
    def conforms(self) -> bool:
        """Whether the figures are comparable with other runs of the protocol and track."""
        return bool(self.protocol) and not self.differences

    @property
    def summary(self) -> str:
        """The standing in one line."""
        if not self.protocol:
            return f"no protocol; {self.track}"
        protocol = f"{self.protocol}, {self.track}"
        if self.differences:
            return f"{protocol}; not conforming: {'; '.join(self.differences)}"
        return (
            f"{protocol}; conforming in part: {'; '.join(self.left_out)}"
            if self.left_out
            else protocol
        )


NO_STANDING = Standing(protocol="", sha256="", track="")


class Results(Record):
    """``results.json``."""

    format: Literal["vsbench-results"] = "vsbench-results"
    schema_version: Literal[1] = 1
    model: str
    model_settings: ModelSettings | None = None
    """Settings of the run's requests."""
    in_force: InForce | None = None
    """Settings in force for the measured model; None for bots."""
    standing: Standing = NO_STANDING
    """Conformity to the protocol."""
    anchors: AnchorSet = "paper"
    """Anchors of the scores; always the paper's in ``results.json``."""
    head: Head = Head()
    """Head of the chain that these figures were computed from."""
    complete: bool
    overall: dict[Evaluation, Figure | None]
    """Unweighted means over environments; None until each has scored units."""
    environments: tuple[EnvironmentResult, ...]
    """Decision-making."""
    samples: tuple[SampleResult, ...]
    """Reasoning and perception."""
    usage: Usage
    """Of all models in all seats."""

    @property
    def thinks(self) -> bool | None:
        """Whether the measured model thinks before it answers; None if unknown."""
        thinking = "unknown" if self.in_force is None else self.in_force.thinking
        return None if thinking == "unknown" else thinking in ("on", "always")

    def samples_of(self, evaluation: Evaluation) -> list[SampleResult]:
        """The figures of strategic reasoning or perception, by environment."""
        return [part for part in self.samples if part.evaluation == evaluation]

    def scores(self, evaluation: Evaluation) -> dict[str, Figure | None]:
        """The score in each environment of an evaluation; None until something is scored."""
        if evaluation == "decision":
            return {env.env: env.score for env in self.environments}
        return {part.env: part.score for part in self.samples_of(evaluation)}

    def to_frame(self) -> pd.DataFrame:
        """All figures in tidy form, one row per evaluation, environment and figure.

        Columns are ``model``, ``evaluation``, ``environment``, ``figure``, ``value``, ``low``,
        ``high``, ``n`` and ``scored``; see :class:`vsbench.records.frames.FigureRow`.

        Raises:
            MissingExtraError: pandas is not installed.
        """
        return to_frame(FigureRow, figure_rows(self), {"model": self.model})
