"""Data cards: what a data set holds, and how well guessing does on it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeVar

from vsbench.datasets.building import NO_RECIPE, Progress
from vsbench.datasets.measures import coverage, hits, play_back, players, sources
from vsbench.datasets.published import load_published
from vsbench.datasets.samples import Dataset, Sample, options_at, walk
from vsbench.errors import UsageError
from vsbench.published.tables import chance_beside_paper
from vsbench.records.journal import Record
from vsbench.scoring.samples import THIRDS
from vsbench_envs.game import Game, State

K = TypeVar("K", bound=Hashable)


class Predictor(Record):
    """A bot, asked what the seat would do."""

    name: str
    asked: int
    right: int

    @property
    def accuracy(self) -> float:
        """Share of right answers."""
        return self.right / self.asked


class Card(Record):
    """A data card. Accuracies are between 0 and 1."""

    env: str
    recipe: str
    seed: int
    sha256: str
    samples: int
    episodes: int
    actions: dict[str, int]
    """By the label of the action that was taken, the commonest first."""
    groups: dict[str, int]
    """By the recipe's groups of actions."""
    targets: dict[int, int]
    """By the seat that is asked about."""
    thirds: dict[str, int]
    """By the part of the episode: first, second, last."""
    sources: dict[str, int]
    """By who played."""
    tables: dict[str, int]
    """By who sat where in the episode, seat 0 first."""
    random_guess: float
    """Expected of a uniform guess among the options; exact."""
    paper_guess: float | None = None
    """The same in the paper's set; None where the paper has none."""
    guess_differs: str | None = None
    """Why the two differ, where they do."""
    commonest: str
    """The answer that is right most often."""
    commonest_guess: float
    """The accuracy of always giving it."""
    own_source: Predictor | None
    """Every scripted source predicting its own moves anew: what its luck leaves predictable."""
    predictors: tuple[Predictor, ...]
    """Each bot of the game, with its default options."""
    trajectory_quality: float
    state_action_coverage: float
    state_action_pairs: int


def work(dataset: Dataset, *, slow: bool = True) -> int:
    """How much there is to do for a card, in the units that progress is told."""
    asked = len(players(dataset.game, slow=slow)) * len(dataset.samples)
    return asked + len(sources(dataset, slow=slow)) + 2 * len(dataset.episodes)


def card(dataset: Dataset, *, slow: bool = True, progress: Progress = lambda more: None) -> Card:
    """The card of a data set; without ``slow``, players that search are not asked.

    Raises:
        MissingExtraError: the game needs what is not installed.
    """
    game, samples = dataset.game, dataset.samples
    grouping = game.recipe or NO_RECIPE
    playback = play_back(dataset, progress)
    made = playback.decisions
    taken = game.spec.labels([decision.action for decision in made])
    at_table = (" + ".join(dataset.episodes[sample.episode].players) for sample in samples)
    rightness = Counter(answer for sample in samples for answer in sample.answers)
    commonest, times = min(rightness.items(), key=lambda item: (-item[1], item[0]))

    def ask(name: str, written: dict[int, str]) -> Predictor:
        right = sum(hits(dataset, made, written, progress))
        return Predictor(name=name, asked=len(written), right=right)

    chances = [
        chance(game, sample, decision.state) for sample, decision in zip(samples, made, strict=True)
    ]
    random_chance = float(sum(chances) / len(chances))
    level = chance_beside_paper(dataset.header.env, 100 * random_chance)
    covered = coverage(dataset, playback, progress)
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
        tables=dict(Counter(at_table).most_common()),
        random_guess=random_chance,
        paper_guess=None if level.paper is None else level.paper / 100,
        guess_differs=level.why,
        commonest=commonest,
        commonest_guess=times / len(samples),
        own_source=ask("its own source", own) if own else None,
        predictors=tuple(
            ask(title, dict.fromkeys(range(len(samples)), name))
            for title, name in players(game, slow=slow).items()
        ),
        trajectory_quality=covered.trajectory_quality,
        state_action_coverage=covered.state_actions,
        state_action_pairs=len(playback.pairs),
    )


def random_guess(dataset: Dataset) -> float:
    """The expected accuracy of a uniform guess among each sample's options; exact."""
    chances = [chance(dataset.game, sample, state) for _, sample, state in walk(dataset)]
    return float(sum(chances) / len(chances))


def chance(game: Game[Any], sample: Sample, state: State[Any]) -> Fraction:
    """The chance that a uniform guess is right about a sample, which is of this state."""
    offered = options_at(game, state, sample.seat, sample.target)
    return Fraction(len(set(offered).intersection(sample.answers)), len(offered))


def _counts(values: Iterable[K], order: Iterable[K]) -> dict[K, int]:
    counts = Counter(values)
    return {key: counts[key] for key in order}


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
    for sample in load_published(path):
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
