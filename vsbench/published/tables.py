"""The published tables: ``v3.json`` (CVPR 2026, ten games) and ``v1.json`` (June 2025, eight)."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from vsbench.settings import Evaluation
from vsbench_envs.registry import BENCHMARK

Version = Literal["v3", "v1"]

VERSIONS: tuple[Version, ...] = ("v3", "v1")
"""Of the paper, the latest first."""

HUMAN, RANDOM = "human", "random"
"""Rows that are not models."""

OVERALL = "overall"

Number = Annotated[float, Field(allow_inf_nan=False)]


class Frozen(BaseModel):
    """Data that is read and never changed."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Cells(Frozen):
    """A row as the file holds it, in the order of its columns."""

    mean: tuple[Number, ...]
    deviation: tuple[Number | None, ...] | None = None


class PublishedRow(Frozen):
    """A row of a published table, by game."""

    name: str
    """As the paper writes it."""
    version: Version
    stated_overall: float
    """The paper's own mean; v3's is over ten games."""
    means: dict[str, float]
    """Environment -> normalised return, or percent."""
    deviations: dict[str, float] = {}
    """Environment -> standard deviation over episodes, where it is published."""

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
    """Environment -> episodes that were played; as far as they are told."""
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
        """A row by the name that the paper gives it; None if there is none."""
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
    return PublishedTables.model_validate_json(shipped(f"{version}.json"))


def human_row() -> PublishedRow:
    """The paper's people, who played for decision-making."""
    return _certain("decision", HUMAN)


def random_row(evaluation: Evaluation) -> PublishedRow:
    """The paper's random play, or the expected accuracy of guessing in its sets."""
    return _certain(evaluation, RANDOM)


def shipped(name: str) -> str:
    """The text of a data file of this package."""
    return files("vsbench.published").joinpath(name).read_text(encoding="utf-8")


def _certain(evaluation: Evaluation, name: str) -> PublishedRow:
    row = published().row(evaluation, name)
    assert row is not None
    return row
