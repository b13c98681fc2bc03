"""Comparisons of two runs, made of differences."""

from __future__ import annotations

from collections.abc import Mapping

from vsbench.records.comparison import ComparedFigure, Comparison, Side
from vsbench.records.frames import OVERALL
from vsbench.records.results import Standing
from vsbench.scoring.differences import DifferenceOfMeans, adjust, overall
from vsbench.settings import Evaluation

SIDE = Side(
    source="runs/it",
    label="a model",
    model="bot/random",
    seed=0,
    standing=Standing(protocol="vsbench-1", sha256="0" * 64, track="image, io"),
    complete=True,
    stand_ins=None,
    cost=None,
)


def comparison_of(
    parts: Mapping[Evaluation, Mapping[str, DifferenceOfMeans | None]],
) -> Comparison:
    """The comparison of two runs whose scores differ so, by evaluation and game."""
    figures = []
    for evaluation, games in parts.items():
        known = {name: part for name, part in games.items() if part}
        whole = overall(list(known.values())) if len(known) == len(games) else None
        adjusted = dict(zip(known, adjust(list(known.values())), strict=True))
        for name, part in {OVERALL: whole, **games}.items():
            figures.append(
                ComparedFigure(
                    evaluation=evaluation,
                    environment=name,
                    figure="score",
                    base=None,
                    new=None,
                    difference=part and part.record(adjusted.get(name)),
                    note="" if part else "not played in both",
                )
            )
    return Comparison(base=SIDE, new=SIDE, settings=(), figures=tuple(figures))
