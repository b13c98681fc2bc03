"""Data cards: the content of a data set, and the accuracy of guessing and of bots."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeVar

from vsbench.datasets.building import NO_RECIPE
from vsbench.datasets.measures import (
    distinct_bots,
    play_back,
    predict,
    sources,
    state_action_coverage,
    trajectory_quality,
)
from vsbench.datasets.published import load_published
from vsbench.datasets.samples import Dataset, Progress, Sample, options_at, walk
from vsbench.errors import UsageError
from vsbench.published.tables import compare_chance
from vsbench.records.journal import Record
from vsbench.scoring.results import THIRDS
from vsbench_envs.game import Game, State

K = TypeVar("K", bound=Hashable)


class Predictor(Record):
    """A bot as a predictor."""

    name: str
    asked: int
    """Number of samples."""
    right: int

    @property
    def accuracy(self) -> float:
        """Share of right predictions."""
        return self.right / self.asked


class Card(Record):
    """The card of a set of recorded states.

    Accuracies are between 0 and 1, counts are of samples.
    """

    env: str
    recipe: str
    seed: int
    sha256: str
    samples: int
    episodes: int
    actions: dict[str, int]
    """By label of the action taken, most common first."""
    groups: dict[str, int]
    """By group of the action, as in the recipe."""
    targets: dict[int, int]
    """By target seat."""
    thirds: dict[str, int]
    """By third of the episode: first, second, last."""
    sources: dict[str, int]
    """By player of the target."""
    lineups: dict[str, int]
    """By players of the episode, in order of seat."""
    random_guess: float
    """Expected accuracy of a uniform guess among the options; exact."""
    paper_guess: float | None = None
    """The same in the paper's set; None if the paper has none."""
    guess_difference: str | None = None
    """The reason, if the two differ."""
    most_common: str
    """The most common right answer."""
    most_common_guess: float
    """The accuracy of always answering so."""
    self_predictions: Predictor | None
    """Each bot predicting its own moves with another random stream: an upper bound."""
    predictors: tuple[Predictor, ...]
    """Each bot of the game with default options."""
    trajectory_quality: float
    state_action_coverage: float
    state_action_pairs: int


def card_progress_total(dataset: Dataset, *, slow: bool = True) -> int:
    """The total of what :func:`card` reports to ``progress``."""
    asked = len(distinct_bots(dataset.game, slow=slow)) * len(dataset.samples)
    return asked + len(sources(dataset, slow=slow)) + 2 * len(dataset.episodes)


def card(dataset: Dataset, *, slow: bool = True, progress: Progress = lambda more: None) -> Card:
    """Make the card of a data set; without ``slow``, leave out bots that search.

    Raises:
        MissingExtraError: the game needs an extra that is not installed.
    """
    game, samples = dataset.game, dataset.samples
    grouping = game.recipe or NO_RECIPE
    playback = play_back(dataset, progress)
    taken = game.spec.labels([decision.action for decision in playback.decisions])
    lineups = (" + ".join(dataset.episodes[sample.episode].players) for sample in samples)
    rightness = Counter(answer for sample in samples for answer in sample.answers)
    most_common, times = min(rightness.items(), key=lambda item: (-item[1], item[0]))

    def predictor(name: str, bots: dict[int, str]) -> Predictor:
        right = sum(predict(dataset, playback.decisions, bots, progress))
        return Predictor(name=name, asked=len(bots), right=right)

    chances = [
        chance(game, sample, decision.state)
        for sample, decision in zip(samples, playback.decisions, strict=True)
    ]
    random_chance = float(sum(chances) / len(chances))
    level = compare_chance(dataset.header.env, 100 * random_chance)
    coverage = state_action_coverage(dataset, playback, progress)
    own = sources(dataset, slow=slow)
    return Card(
        env=dataset.header.env,
        recipe=dataset.header.recipe,
        seed=dataset.header.seed,
        sha256=dataset.sha256,
        samples=len(samples),
        episodes=len(dataset.episodes),
        actions=dict(Counter(taken).most_common()),
        groups=_counts(map(grouping.group, taken), grouping.groups),
        targets=_counts((sample.target for sample in samples), range(game.spec.seats)),
        thirds=_counts((THIRDS[dataset.third(sample)] for sample in samples), THIRDS),
        sources=dict(Counter(sample.source for sample in samples).most_common()),
        lineups=dict(Counter(lineups).most_common()),
        random_guess=random_chance,
        paper_guess=None if level.paper is None else level.paper / 100,
        guess_difference=level.reason,
        most_common=most_common,
        most_common_guess=times / len(samples),
        self_predictions=predictor("its own source", own) if own else None,
        predictors=tuple(
            predictor(title, dict.fromkeys(range(len(samples)), name))
            for title, name in distinct_bots(game, slow=slow).items()
        ),
        trajectory_quality=trajectory_quality(dataset, playback),
        state_action_coverage=coverage,
        state_action_pairs=len(playback.pairs),
    )


def random_guess(dataset: Dataset) -> float:
    """The expected accuracy of a uniform guess among each sample's options; exact."""
    chances = [chance(dataset.game, sample, state) for _, sample, state in walk(dataset)]
    return float(sum(chances) / len(chances))


def chance(game: Game[Any], sample: Sample, state: State[Any]) -> Fraction:
    """The probability that a uniform guess is right about a sample in its state."""
    offered = options_at(game, state, sample.seat, sample.target)
    return Fraction(len(set(offered).intersection(sample.answers)), len(offered))


def _counts(values: Iterable[K], order: Iterable[K]) -> dict[K, int]:
    counts = Counter(values)
    return {key: counts[key] for key in order}


class PublishedCard(Record):
    """The card of a published Parquet file. Accuracies are between 0 and 1."""

    path: str
    env: str | None
    """As implied by the file's name."""
    samples: int
    pictures: int
    """Total of all rows."""
    answers: dict[str, int]
    """Rows by right label, most common first."""
    random_guess: float
    """Expected accuracy of a uniform guess among the options; exact."""
    most_common: str
    most_common_guess: float
    """The accuracy of always answering so."""


def published_card(path: Path, progress: Progress = lambda more: None) -> PublishedCard:
    """Make the card of a Parquet file; ``progress`` is called for every row.

    Raises:
        UsageError: it is damaged, or empty.
        MissingExtraError: pyarrow is not installed.
    """
    answers: Counter[str] = Counter()
    chances, pictures, env = [], 0, None
    for sample in load_published(path):
        env = sample.env
        answers.update(sample.answers)
        right = [label for label in sample.options.values() if label in sample.answers]
        chances.append(Fraction(len(right), len(sample.options)))
        pictures += len(sample.pictures)
        progress(1)
    if not chances:
        raise UsageError(f"{path} has no rows")
    ((most_common, times), *_) = answers.most_common()
    return PublishedCard(
        path=str(path),
        env=env,
        samples=len(chances),
        pictures=pictures,
        answers=dict(answers.most_common()),
        random_guess=float(sum(chances) / len(chances)),
        most_common=most_common,
        most_common_guess=times / len(chances),
    )
