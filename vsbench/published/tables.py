"""The paper's tables, models and chance levels.

``v3.json`` is the CVPR 2026 version with ten games, ``v1.json`` that of June 2025 with eight.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from vsbench.models import bare_name
from vsbench.settings import Evaluation
from vsbench_envs.registry import BENCHMARK

Version = Literal["v3", "v1"]

VERSIONS: tuple[Version, ...] = ("v3", "v1")
"""Versions of the paper, latest first."""

HUMAN, RANDOM = "human", "random"
"""Rows other than models."""

OVERALL = "overall"

Number = Annotated[float, Field(allow_inf_nan=False)]


class Frozen(BaseModel):
    """Immutable data of a shipped file."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Cells(Frozen):
    """A row as in the file, in the order of its columns."""

    mean: tuple[Number, ...]
    deviation: tuple[Number | None, ...] | None = None


class PublishedRow(Frozen):
    """A row of a published table, by game."""

    name: str
    """As in the paper."""
    version: Version
    stated_overall: float
    """The paper's own mean; v3's is over ten games."""
    means: dict[str, float]
    """Environment -> normalised return, or percent."""
    deviations: dict[str, float] = {}
    """Environment -> standard deviation over episodes, if published."""

    @property
    def overall(self) -> float:
        """The mean over the eight games of this benchmark, recomputed from their cells."""
        return sum(self.means[env] for env in BENCHMARK) / len(BENCHMARK)


class PublishedTables(Frozen):
    """A version of the paper."""

    version: Version
    source: str
    notes: tuple[str, ...]
    episodes: dict[str, int]
    """Environment -> episodes, if stated."""
    samples: int
    """In each environment's set for reasoning and perception."""
    columns: tuple[str, ...]
    tables: dict[Evaluation, dict[str, Cells]]

    @model_validator(mode="after")
    def _rows_fill_the_columns(self) -> Self:
        if self.columns[0] != OVERALL or not set(BENCHMARK) < set(self.columns):
            raise ValueError("the columns are the overall figure and all games of the benchmark")
        for evaluation, rows in self.tables.items():
            for name, cells in rows.items():
                lengths = {len(cells.mean), len(cells.deviation or cells.mean)}
                if lengths != {len(self.columns)}:
                    raise ValueError(f"{evaluation}, {name}: a cell is missing")
        return self

    @property
    def games(self) -> tuple[str, ...]:
        """The environments of the tables."""
        return self.columns[1:]

    def row(self, evaluation: Evaluation, name: str) -> PublishedRow | None:
        """The row of a name; None if there is none."""
        cells = self.tables.get(evaluation, {}).get(name)
        if cells is None:
            return None
        overall, *means = cells.mean
        deviations = zip(self.games, (cells.deviation or ())[1:], strict=False)
        return PublishedRow(
            name=name,
            version=self.version,
            stated_overall=overall,
            means=dict(zip(self.games, means, strict=True)),
            deviations={env: value for env, value in deviations if value is not None},
        )


@cache
def published(version: Version = "v3") -> PublishedTables:
    """The tables of a version of the paper."""
    return PublishedTables.model_validate_json(read_data(f"{version}.json"))


def human_row() -> PublishedRow:
    """The paper's human baseline, for decision-making."""
    return _required_row("decision", HUMAN)


def random_row(evaluation: Evaluation) -> PublishedRow:
    """The paper's random baseline: random play, or the expected accuracy of guessing."""
    return _required_row(evaluation, RANDOM)


def read_data(name: str) -> str:
    """Read a data file of this package."""
    return files("vsbench.published").joinpath(name).read_text(encoding="utf-8")


def _required_row(evaluation: Evaluation, name: str) -> PublishedRow:
    row = published().row(evaluation, name)
    assert row is not None
    return row


class PublishedModel(Frozen):
    """A model of the tables."""

    title: str
    pattern: str
    """Regular expression for the beginning of its API names; case does not matter."""
    thinking: bool | None
    """Whether the row is with or without thinking; None if the model has one row."""
    rows: dict[Version, str]
    """Version of the paper -> name of the row."""


class _Models(Frozen):
    about: str
    models: tuple[PublishedModel, ...]


def published_models(model: str, thinking: bool | None = None) -> list[PublishedModel]:
    """Find the models of the tables that a full model id may refer to.

    Args:
        model: the id, as in ``anthropic/claude-3-7-sonnet-20250219``.
        thinking: whether it thought; None if unknown, to find both rows.
    """
    name = bare_name(model)
    return [
        entry
        for entry in _models()
        if re.match(entry.pattern, name, re.IGNORECASE)
        and (thinking is None or entry.thinking in (None, thinking))
    ]


def published_rows(
    evaluation: Evaluation, model: str, thinking: bool | None = None
) -> list[tuple[PublishedModel, PublishedRow]]:
    """Find the rows of a model, each from the latest version of the paper that has it."""
    found = []
    for entry in published_models(model, thinking):
        for version in VERSIONS:
            row = published(version).row(evaluation, entry.rows.get(version, ""))
            if row is not None:
                found.append((entry, row))
                break
    return found


@cache
def _models() -> tuple[PublishedModel, ...]:
    return _Models.model_validate_json(read_data("models.json")).models


CHANCE_TOLERANCE = 0.5
"""Points by which chance levels may differ without a reason: figures are rounded."""

OTHER_SAMPLES = "These samples are not a complete shipped set."


class _Set(Frozen):
    shipped: float
    why: str | None


class _Sets(Frozen):
    about: str
    sets: dict[str, _Set]


class Chance(Frozen):
    """A chance level and the paper's, in percent."""

    env: str
    ours: float
    """Of the given samples."""
    paper: float | None
    """Of the paper's set; None if there is none."""
    reason: str | None
    """The reason for a difference; None if there is none."""


def compare_chance(env: str, ours: float) -> Chance:
    """Compare the chance level of samples, in percent, with the paper's set."""
    paper = random_row("reasoning").means.get(env)
    reason = None
    if paper is not None and abs(ours - paper) > CHANCE_TOLERANCE:
        known = _sets().get(env)
        reason = (known and known.why) or OTHER_SAMPLES
    return Chance(env=env, ours=ours, paper=paper, reason=reason)


def shipped_chance(env: str) -> float | None:
    """The chance level of a shipped set, in percent; None if there is no such set."""
    known = _sets().get(env)
    return None if known is None else known.shipped


@cache
def _sets() -> dict[str, _Set]:
    return _Sets.model_validate_json(read_data("chance.json")).sets
