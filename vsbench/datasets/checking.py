"""Check data sets: episodes replay, samples are correct, and shares are balanced."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from PIL import Image

from vsbench.datasets.building import RECIPE
from vsbench.datasets.published import is_parquet, read_rows
from vsbench.datasets.samples import (
    Dataset,
    RecordedEpisode,
    Sample,
    load,
    options_at,
    right_answers,
    states,
)
from vsbench.errors import UsageError
from vsbench_envs.game import State
from vsbench_envs.pictures import pngs

SHARE_TOLERANCE = 0.02
"""Tolerated deviation of a share from the intended one, in large sets."""

MIN_THIRD = 0.2
"""Minimum share of samples from each third of their episodes."""


def check(path: Path) -> Iterator[str]:
    """Yield the problems of a data set: a JSON Lines file, or a Parquet file as published.

    Raises:
        UsageError: it cannot be read as either.
        UnknownNameError, MissingExtraError: it needs a game or an extra that is not installed.
    """
    if is_parquet(path):
        return _check_published(path)
    return check_dataset(load(path))


def _check_published(path: Path) -> Iterator[str]:
    count = 0
    for row in read_rows(path):
        count += 1
        if isinstance(row, UsageError):
            yield str(row)
    if not count:
        yield f"{path} has no rows"


def check_dataset(dataset: Dataset) -> Iterator[str]:
    """Yield the problems of a data set that could be loaded."""
    by_episode: dict[int, list[tuple[int, Sample]]] = {}
    for number, sample in enumerate(dataset.samples):
        by_episode.setdefault(sample.episode, []).append((number, sample))
    for index, episode in enumerate(dataset.episodes):
        yield from _episode(dataset, index, episode, by_episode.get(index, ()))
    yield from _repeated(dataset)
    yield from _balance(dataset)


def _episode(
    dataset: Dataset,
    index: int,
    episode: RecordedEpisode,
    samples: Iterable[tuple[int, Sample]],
) -> Iterator[str]:
    seats = dataset.game.spec.seats
    if len(episode.players) != seats:
        yield f"episode {index} names {len(episode.players)} players for {seats} seats"
        return
    by_step: dict[int, list[tuple[int, Sample]]] = {}
    for number, sample in samples:
        by_step.setdefault(sample.step, []).append((number, sample))
    step = 0
    try:
        for state in states(dataset.game, episode):
            step, over = state.step, not state.acting
            for number, sample in by_step.get(step, ()) if step < len(episode.moves) else ():
                for problem in _sample(dataset, sample, state):
                    yield f"sample {number} (episode {index}, step {step}): {problem}"
    except ValueError as error:
        yield f"episode {index} cannot be replayed beyond step {step}: {error}"
        return
    if not over:
        yield f"episode {index} ends unfinished after step {step}"


def _sample(dataset: Dataset, sample: Sample, state: State[Any]) -> Iterator[str]:
    game, episode = dataset.game, dataset.episodes[sample.episode]
    if sample.target not in state.acting:
        yield f"seat {sample.target} does not act then"
        return
    if sample.seat >= state.seats or (sample.seat == sample.target and state.seats > 1):
        yield f"seat {sample.seat} cannot be asked about seat {sample.target}"
        return
    if sample.source != episode.players[sample.target]:
        yield f"the source is {episode.players[sample.target]}, not {sample.source}"
    offered = options_at(game, state, sample.seat, sample.target)
    if strays := set(sample.answers).difference(offered):
        yield f"{min(strays)!r} is not among the actions to choose from"
    # Illegal moves are reported by the replay itself.
    action = dict(zip(state.acting, episode.moves[sample.step], strict=False)).get(sample.target)
    if action not in state.legal_actions(sample.target):
        return
    right = right_answers(game, state, sample.target, action)
    if set(right) != set(sample.answers):
        yield f"the right answer is {' or '.join(right)}, not {' or '.join(sample.answers)}"
    yield from _pictures(game.spec.id, state, sample.seat)


def _pictures(env: str, state: State[Any], seat: int) -> Iterator[str]:
    for number, png in enumerate(pngs(env, state.percept(seat))):
        try:
            with Image.open(io.BytesIO(png)) as image:
                image.load()
        except (OSError, SyntaxError) as error:
            yield f"picture {number} cannot be read: {error}"


def _repeated(dataset: Dataset) -> Iterator[str]:
    moments = Counter((sample.episode, sample.step, sample.target) for sample in dataset.samples)
    for (episode, step, target), times in moments.items():
        if times > 1:
            yield f"seat {target} in step {step} of episode {episode} is asked about {times} times"


def _balance(dataset: Dataset) -> Iterator[str]:
    """Yield the problems with the shares of seats, thirds, and groups of actions."""
    samples, seats = dataset.samples, dataset.game.spec.seats
    if not samples:
        yield "there are no samples"
        return
    slack = max(SHARE_TOLERANCE, 1 / len(samples))
    by_seat = Counter(sample.target for sample in samples)
    for seat in range(seats):
        if abs(by_seat[seat] / len(samples) - 1 / seats) > slack:
            yield f"seat {seat} is asked about in {by_seat[seat]} of {len(samples)} samples"
    by_third = Counter(map(dataset.third, samples))
    for third in range(3):
        if by_third[third] < MIN_THIRD * len(samples):
            yield f"only {by_third[third]} samples are from third {third + 1} of their episodes"
    recipe = dataset.game.recipe
    if recipe is None or dataset.header.recipe != RECIPE:
        return
    by_group = Counter(recipe.group(sample.answers[0]) for sample in samples)
    whole = sum(recipe.groups.values())
    for group, share in recipe.groups.items():
        if abs(by_group[group] / len(samples) - share / whole) > slack:
            yield f"{by_group[group]} samples are of the group {group!r}, not {share / whole:.0%}"
