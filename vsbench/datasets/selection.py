"""Select the decisions that become samples."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any, TypeVar

from vsbench.datasets.samples import RecordedEpisode, Sample, same_answers, states
from vsbench_envs.game import Game, Percept

K = TypeVar("K", bound=Hashable)
J = TypeVar("J", bound=Hashable)


def apportion(total: int, shares: Mapping[K, float]) -> dict[K, int]:
    """Divide a whole number by shares, by largest remainders (Hamilton's method).

    Of equal remainders the first gets more. Where there are no shares, everybody gets nothing.
    """
    whole = sum(shares.values())
    if not whole:
        return dict.fromkeys(shares, 0)
    exact = {key: total * share / whole for key, share in shares.items()}
    parts = {key: int(value) for key, value in exact.items()}
    # Rounded, so that remainders which only differ by the arithmetic's own error are equal.
    by_remainder = sorted(exact, key=lambda key: round(parts[key] - exact[key], 9))
    for key in by_remainder[: total - sum(parts.values())]:
        parts[key] += 1
    return parts


def cross(
    total: int, rows: Mapping[K, float], columns: Mapping[J, float]
) -> dict[tuple[K, J], int]:
    """Divide a whole number by two kinds of shares at once: both sums are as ``apportion`` says."""
    left: Mapping[J, float] = apportion(total, columns)
    cells: dict[tuple[K, J], int] = {}
    for row, count in apportion(total, rows).items():
        parts = apportion(count, left)
        cells |= {(row, column): part for column, part in parts.items()}
        left = {column: left[column] - part for column, part in parts.items()}
    return cells


def fill(total: int, shares: Mapping[K, float], supply: Mapping[K, int]) -> dict[K, int]:
    """Divide as ``apportion`` does where there is enough; what one lacks the others make up for."""
    parts = {key: min(count, supply[key]) for key, count in apportion(total, shares).items()}
    while open_to := {key: share for key, share in shares.items() if parts[key] < supply[key]}:
        more = apportion(total - sum(parts.values()), open_to)
        if not any(more.values()):
            break
        for key, count in more.items():
            parts[key] = min(parts[key] + count, supply[key])
    return parts


def pick(
    pool: Iterable[Moment],
    quotas: Mapping[K, int],
    kind: Callable[[Moment], K],
    rng: Random,
) -> list[Moment]:
    """So many moments of each kind, or all there are.

    The scarcest kinds choose first. The next moment is from the part of the episodes that has
    fewest samples; then one that looks like none before; then from the episode that has fewest.
    """
    supply: dict[K, dict[int, list[Moment]]] = {kind: {} for kind in quotas}
    for moment in pool:
        if kind(moment) in supply:
            supply[kind(moment)].setdefault(moment.part, []).append(moment)
    for by_part in supply.values():
        for moments in by_part.values():
            rng.shuffle(moments)
    spare = {key: sum(map(len, supply[key].values())) - quota for key, quota in quotas.items()}
    choice = _Choice()
    for key in sorted(quotas, key=spare.__getitem__):
        for _ in range(min(quotas[key], quotas[key] + spare[key])):
            choice.take_from(supply[key])
    return choice.moments


class _Choice:
    """The moments chosen so far, counted."""

    def __init__(self) -> None:
        self.moments: list[Moment] = []
        self._parts: Counter[int] = Counter()
        self._looks: Counter[Hashable] = Counter()
        self._episodes: Counter[int] = Counter()

    def take_from(self, by_part: dict[int, list[Moment]]) -> None:
        """Choose one of the candidates and remove it from them; there is one."""
        part = min((p for p, candidates in by_part.items() if candidates), key=self._fullness)
        candidates = by_part[part]
        place = min(range(len(candidates)), key=lambda place: self._staleness(candidates[place]))
        moment = candidates.pop(place)
        self.moments.append(moment)
        self._parts[part] += 1
        self._looks[moment.look] += 1
        self._episodes[moment.sample.episode] += 1

    def _fullness(self, part: int) -> tuple[int, int]:
        # Among equals, five parts further on: what is left over then falls on all thirds.
        return self._parts[part], part * 5 % PARTS

    def _staleness(self, moment: Moment) -> tuple[int, int]:
        return self._looks[moment.look], self._episodes[moment.sample.episode]


PARTS = 12
"""Into so many parts of equal length episodes are cut, to spread samples over them."""


@dataclass(frozen=True)
class Moment:
    """A seat's decision, and who could be asked about it."""

    sample: Sample
    group: str
    """Of the action that was taken."""
    part: int
    """The part of the episode that it is from, from 0."""
    look: tuple[Percept, int]
    """What the one who is asked sees, and whom it is asked about: where both are the same, two
    questions are."""


def moments(
    game: Game[Any],
    index: int,
    episode: RecordedEpisode,
    group: Callable[[str], str],
    decided: Container[tuple[int, int]] | None = None,
) -> Iterator[Moment]:
    """The decisions of an episode, in order.

    Args:
        game: which was played.
        index: of the episode in its set.
        episode: as it was played.
        group: the group of an action's label.
        decided: steps and seats to take; None for all.

    Raises:
        ValueError: the episode's moves are not legal.
    """
    for state, actions in zip(states(game, episode), episode.moves, strict=False):
        for target, action in zip(state.acting, actions, strict=True):
            if decided is not None and (state.step, target) not in decided:
                continue
            others = [seat for seat in range(state.seats) if seat != target] or [target]
            seat = others[index % len(others)]
            sample = Sample(
                episode=index,
                step=state.step,
                seat=seat,
                target=target,
                answers=same_answers(game, state, target, action),
                source=episode.players[target],
            )
            part = PARTS * state.step // len(episode.moves)
            look = state.percept(seat), target
            yield Moment(sample, group(game.spec.actions[action]), part, look)
