"""What guessing is worth in the shipped sets and in the paper's, and why where it differs."""

from __future__ import annotations

from functools import cache

from vsbench.published.tables import Frozen, random_row, shipped

ALIKE = 0.5
"""Points by which chance levels may differ without needing a reason: figures are rounded."""

OTHER_SAMPLES = "These samples are not a whole shipped set; guessing is worth as much in them."


class _Set(Frozen):
    shipped: float
    why: str | None


class _Sets(Frozen):
    about: str
    sets: dict[str, _Set]


class Chance(Frozen):
    """A chance level beside the paper's, in percent."""

    env: str
    ours: float
    """Of the samples in question."""
    paper: float | None
    """Of the paper's set; None where the paper has none."""
    why: str | None
    """Why they differ; None where they are alike."""


def chance_beside_paper(env: str, ours: float) -> Chance:
    """What guessing is worth in some samples, in percent, beside the paper's set."""
    paper = random_row("reasoning").means.get(env)
    why = None
    if paper is not None and abs(ours - paper) > ALIKE:
        known = _sets().get(env)
        why = (known and known.why) or OTHER_SAMPLES
    return Chance(env=env, ours=ours, paper=paper, why=why)


def shipped_chance(env: str) -> float | None:
    """The chance level of a shipped set, in percent; None if there is no such set."""
    known = _sets().get(env)
    return None if known is None else known.shipped


@cache
def _sets() -> dict[str, _Set]:
    return _Sets.model_validate_json(shipped("chance.json")).sets
