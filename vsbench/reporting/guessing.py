"""What guessing is worth in a run's samples, beside the paper's sets."""

from __future__ import annotations

from vsbench.published.tables import Chance, chance_beside_paper
from vsbench.records.results import Results, SampleResult
from vsbench.reporting.figures import title
from vsbench.reporting.formats import Table


def guessing_table(results: Results) -> Table:
    """A run: why guessing is worth something else than in the paper's sets."""
    envs: dict[str, list[str]] = {}
    """Reason -> environments."""
    for part in results.samples:
        if (level := _level(part)) is not None and level.why is not None:
            envs.setdefault(level.why, []).append(title(level.env))
    return Table(
        title="Why guessing is not worth what it is in the paper",
        columns=("environment", "why"),
        rows=tuple((", ".join(titles), why) for why, titles in envs.items()),
        names=2,
    )


def paper_guessing(part: SampleResult) -> float | None:
    """What guessing is worth in the paper's set of a game, in percent."""
    level = _level(part)
    return None if level is None else level.paper


def _level(part: SampleResult) -> Chance | None:
    return None if part.chance is None else chance_beside_paper(part.env, part.chance)
