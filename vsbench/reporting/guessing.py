"""What guessing is worth in a run's samples, beside the paper's sets."""

from __future__ import annotations

from vsbench.published.chance import Chance, chance_beside_paper
from vsbench.records.results import Results, SampleResult
from vsbench.reporting.figures import decimal, title
from vsbench.reporting.formats import Table


def guessing_table(results: Results) -> Table:
    """A run: where guessing is worth something else than in the paper's sets, and why."""
    levels = [level for part in results.samples if (level := _level(part)) is not None]
    columns = ("environment", "here", "in the paper", "why")
    rows = tuple(
        (title(level.env), decimal(level.ours, 1), decimal(level.paper, 1), level.why)
        for level in levels
        if level.why is not None
    )
    return Table("What guessing is worth, percent right", columns, rows, names=len(columns))


def paper_guessing(part: SampleResult) -> float | None:
    """What guessing is worth in the paper's set of a game, in percent."""
    level = _level(part)
    return None if level is None else level.paper


def _level(part: SampleResult) -> Chance | None:
    return None if part.chance is None else chance_beside_paper(part.env, part.chance)
