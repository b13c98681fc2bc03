"""Cards of published data sets, as far as their rows tell."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from pathlib import Path

from vsbench.datasets.official import load_official
from vsbench.datasets.recording import Progress
from vsbench.errors import UsageError
from vsbench.records.journal import Record


class PublishedCard(Record):
    """What is in a Parquet file of the published columns. Accuracies are between 0 and 1."""

    path: str
    env: str | None
    """As the file's name tells."""
    samples: int
    pictures: int
    """In all rows together."""
    answers: dict[str, int]
    """How often each label counts as right, the commonest first."""
    random_guess: float
    """Expected of a uniform guess among each row's legal actions; exact."""
    commonest: str
    commonest_guess: float
    """The accuracy of always giving the commonest answer."""


def published_card(path: Path, progress: Progress = lambda more: None) -> PublishedCard:
    """The card of a Parquet file; progress is told of every row.

    Raises:
        UsageError: it is damaged, or empty.
        MissingExtraError: pyarrow is not installed.
    """
    answers: Counter[str] = Counter()
    chances, pictures, env = [], 0, None
    for sample in load_official(path):
        env = sample.env
        answers.update(sample.answers)
        right = [label for label in sample.options.values() if label in sample.answers]
        chances.append(Fraction(len(right), len(sample.options)))
        pictures += len(sample.pictures)
        progress(1)
    if not chances:
        raise UsageError(f"{path} has no rows")
    ((commonest, times), *_) = answers.most_common()
    return PublishedCard(
        path=str(path),
        env=env,
        samples=len(chances),
        pictures=pictures,
        answers=dict(answers.most_common()),
        random_guess=float(sum(chances) / len(chances)),
        commonest=commonest,
        commonest_guess=times / len(chances),
    )
