"""Schema of ``vsbench compare --format json``: two runs and the differences between them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from vsbench.errors import Exit
from vsbench.records.bounds import Count, Finite, Name, Seed, Share, Text
from vsbench.records.frames import OVERALL, DifferenceRow, difference_rows, to_frame
from vsbench.records.journal import Outcome, Record
from vsbench.records.results import AnchorSet, Figure, Standing
from vsbench.settings import Evaluation

if TYPE_CHECKING:
    import pandas as pd

SignificanceTest = Literal["sign-flip", "Welch", "McNemar", "clustered t", "Welch-Satterthwaite"]
"""Sign-flip: the permutation test of paired episodes (Fisher, 1935). Welch: of episodes of
different seeds. McNemar: of paired answers, right or wrong. Clustered t: of paired answers with
partial credit. Welch-Satterthwaite: of means over games."""


class Side(Record):
    """One of the two runs of a comparison."""

    source: Text
    """Where it was read from: a directory, a bundle or a link, as given."""
    label: Text
    """Its model, and what tells it from the other run."""
    model: Name
    seed: Seed
    standing: Standing
    """Conformity to its protocol."""
    complete: bool
    stand_ins: Share | None
    """Share of the measured model's decisions and answers that were unusable; None without any."""
    cost: float | None
    """US dollars; None if no reply had a price."""


class SettingDifference(Record):
    """A setting in which the runs differ."""

    setting: Text
    """In words, such as ``temperature`` or ``seat 1``."""
    base: Text
    new: Text
    incomparable: bool
    """Whether figures under both values measure different things."""
    environment: Name | None = None
    """The only environment whose figures it concerns; None for all."""
    evaluations: tuple[Evaluation, ...] = ()
    """The evaluations whose figures it concerns; empty for all."""

    def concerns(self, evaluation: Evaluation, environment: str) -> bool:
        """Whether it concerns the figures of an evaluation in an environment."""
        return self.environment in (None, environment) and (
            not self.evaluations or evaluation in self.evaluations
        )


class Difference(Record):
    """The difference of a figure, new less base, with its 95 % interval and its tests."""

    value: Finite
    low: Finite
    high: Finite
    error: Finite
    """Standard error of ``value``."""
    df: Finite
    """Degrees of freedom of the standard error."""
    n: Count
    """Units: pairs, or those of the smaller run; of an overall score, its games."""
    unit: Count = 1
    """Episodes in a unit."""
    paired: bool
    """Whether the same seeds or samples are compared one by one."""
    test: SignificanceTest
    p: Share
    """Two-sided, that there is no difference."""
    p_worse: Share
    """One-sided, that the new run is no worse."""
    p_worse_adjusted: Share
    """``p_worse``, adjusted for all games of the evaluation (Holm, 1979)."""
    detectable: Finite
    """The drop that a comparison of this size finds with 80 % probability at one-sided 5 %."""
    needed: Count | None = None
    """Units of each run, and of each game, that find the drop asked about with 80 % probability."""


class ComparedFigure(Record):
    """A figure of both runs."""

    evaluation: Evaluation
    environment: Name
    """An environment id, or ``overall``."""
    figure: Name
    """``score``, a measure or a behaviour."""
    base: Figure | None
    new: Figure | None
    difference: Difference | None
    note: Text = ""
    """Why there is no difference, or what restricts it."""

    @property
    def is_overall(self) -> bool:
        """Whether it is the mean over environments."""
        return self.environment == OVERALL


class Choice(Record):
    """What one run answered at a point where the runs part."""

    action: Text
    """The action played, or the answer given; empty without any."""
    outcome: Outcome
    replay: Text
    """Command that writes the replay of this point."""
    page: Text
    """The page that the command writes, opened at this point."""


class ChoicePair(Record):
    """A decision or answer that differs: the first one in its episode."""

    evaluation: Evaluation
    environment: Name
    number: Count
    """Of the episode or sample."""
    step: Count | None
    """Joint move at which the runs part; None for samples."""
    seat: Count | None
    base: Choice
    new: Choice
    difference: Finite
    """Of the scores of the episodes, or of the credits in percent: new less base."""


Verdict = Literal["pass", "regression", "inconclusive", "no verdict"]
"""Of a gate. Inconclusive: drops that matter cannot be told from noise. No verdict: a limit of
money, tokens or time was reached before the comparison could be made."""


class Judgement(Record):
    """The judgement of a gate on a comparison, and its reasons."""

    verdict: Verdict
    reasons: tuple[Text, ...]
    """What decided, a sentence each; the first is the headline."""
    tolerance: Mapping[Evaluation, Finite] = Field(default_factory=dict)
    """Points by which an overall score may drop."""
    game_tolerance: Mapping[Evaluation, Finite] = Field(default_factory=dict)
    """Points by which a game's score may drop."""
    detectable: Mapping[Evaluation, Finite] = Field(default_factory=dict)
    """The drop of an overall score that this gate finds with 80 % probability, at the level that it
    uses."""
    regressions: tuple[tuple[Evaluation, Name], ...] = ()
    """Evaluation and environment (or ``overall``) of scores that dropped beyond noise."""

    @property
    def exit(self) -> Exit:
        """The exit code of commands that end with this judgement."""
        codes = {"pass": Exit.COMPLETE, "regression": Exit.INCOMPLETE}
        return codes.get(self.verdict, Exit.INCONCLUSIVE)


class Comparison(Record):
    """A run compared with a base run."""

    format: Literal["vsbench-comparison"] = "vsbench-comparison"
    schema_version: Literal[1] = 1
    base: Side
    new: Side
    anchors: AnchorSet = "paper"
    settings: tuple[SettingDifference, ...]
    drop: Finite | None = None
    """Points of the drop that ``needed`` is about."""
    figures: tuple[ComparedFigure, ...]
    """By evaluation: the overall score first, then each game's score, measures and behaviours."""
    choices: tuple[ChoicePair, ...] = ()
    """The decisions and answers that differ most, worst first."""
    judgement: Judgement | None = None
    """Of a gate, if one was asked."""

    @property
    def incomparable(self) -> tuple[SettingDifference, ...]:
        """The settings because of which the runs are not comparable."""
        return tuple(each for each in self.settings if each.incomparable)

    def scores(self, evaluation: Evaluation) -> list[ComparedFigure]:
        """The scores of an evaluation: overall first, then by game."""
        return [f for f in self.figures if f.evaluation == evaluation and f.figure == "score"]

    @property
    def evaluations(self) -> list[Evaluation]:
        """The evaluations that are compared."""
        return list(dict.fromkeys(figure.evaluation for figure in self.figures))

    def to_frame(self) -> pd.DataFrame:
        """All differences in tidy form, one row per figure that both runs have.

        Columns are ``base_run`` and ``new_run``, the labels of the runs, and those of
        :class:`vsbench.records.frames.DifferenceRow`.

        Raises:
            MissingExtraError: pandas is not installed.
        """
        labels = {"base_run": self.base.label, "new_run": self.new.label}
        return to_frame(DifferenceRow, difference_rows(self), labels)
