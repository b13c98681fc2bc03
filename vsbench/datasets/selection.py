"""Select decisions of recorded episodes as samples: quotas of each kind, spread over episodes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any, TypeVar

from vsbench.datasets.samples import RecordedEpisode, Sample, right_answers, states
from vsbench_envs.game import Game, Percept

K = TypeVar("K", bound=Hashable)
J = TypeVar("J", bound=Hashable)


PARTS = 12
"""Episodes are divided into parts of equal length, and samples are spread over them."""


@dataclass(frozen=True)
class Candidate:
    """A decision that a sample could be made of."""

    sample: Sample
    group: str
    """The recipe's group of the action that was taken."""
    part: int
    """The part of the episode, from 0."""
    identity: tuple[Percept, int]
    """The asked seat's percept, and the target: candidates equal in both make the same question."""


def candidates(
    game: Game[Any],
    index: int,
    episode: RecordedEpisode,
    group: Callable[[str], str],
    decided: Container[tuple[int, int]] | None = None,
) -> Iterator[Candidate]:
    """Yield the decisions of an episode, in order.

    Args:
        game: of the episode.
        index: of the episode in its set.
        episode: the recorded episode.
        group: maps an action's label to its group.
        decided: (step, seat) pairs to yield; None for all.

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
                answers=right_answers(game, state, target, action),
                source=episode.players[target],
            )
            part = PARTS * state.step // len(episode.moves)
            identity = state.percept(seat), target
            yield Candidate(sample, group(game.spec.actions[action]), part, identity)


def apportion(total: int, shares: Mapping[K, float]) -> dict[K, int]:
    """Divide an integer in proportion to shares by largest remainders (Hamilton's method).

    Ties go to the first. If all shares are 0, so are all parts.
    """
    whole = sum(shares.values())
    if not whole:
        return dict.fromkeys(shares, 0)
    exact = {key: total * share / whole for key, share in shares.items()}
    parts = {key: int(value) for key, value in exact.items()}
    # Rounded, so that remainders that differ only by floating-point error are equal.
    by_remainder = sorted(exact, key=lambda key: round(parts[key] - exact[key], 9))
    for key in by_remainder[: total - sum(parts.values())]:
        parts[key] += 1
    return parts


def cross(
    total: int, rows: Mapping[K, float], columns: Mapping[J, float]
) -> dict[tuple[K, J], int]:
    """Divide an integer by two kinds of shares; row and column sums are as in ``apportion``."""
    left: Mapping[J, float] = apportion(total, columns)
    cells: dict[tuple[K, J], int] = {}
    for row, count in apportion(total, rows).items():
        parts = apportion(count, left)
        cells |= {(row, column): part for column, part in parts.items()}
        left = {column: left[column] - part for column, part in parts.items()}
    return cells


def fill(total: int, shares: Mapping[K, float], supply: Mapping[K, int]) -> dict[K, int]:
    """Like ``apportion``, but limited by a supply; others make up for what one lacks."""
    parts = {key: min(count, supply[key]) for key, count in apportion(total, shares).items()}
    while open_to := {key: share for key, share in shares.items() if parts[key] < supply[key]}:
        more = apportion(total - sum(parts.values()), open_to)
        if not any(more.values()):
            break
        for key, count in more.items():
            parts[key] = min(parts[key] + count, supply[key])
    return parts


def pick(
    pool: Iterable[Candidate],
    quotas: Mapping[K, int],
    kind: Callable[[Candidate], K],
    rng: Random,
) -> list[Candidate]:
    """Select as many candidates of each kind as its quota, or all there are.

    The scarcest kinds choose first. The next candidate is from the part of episodes with the fewest
    samples so far; among those, the least repeated question; then the episode with the fewest.
    """
    supply: dict[K, dict[int, list[Candidate]]] = {kind: {} for kind in quotas}
    for candidate in pool:
        if kind(candidate) in supply:
            supply[kind(candidate)].setdefault(candidate.part, []).append(candidate)
    for by_part in supply.values():
        for listed in by_part.values():
            rng.shuffle(listed)
    spare = {key: sum(map(len, supply[key].values())) - quota for key, quota in quotas.items()}
    selection = _Selection()
    for key in sorted(quotas, key=spare.__getitem__):
        for _ in range(min(quotas[key], quotas[key] + spare[key])):
            selection.take_from(supply[key])
    return selection.candidates


class _Selection:
    """The candidates selected so far, with counts."""

    def __init__(self) -> None:
        self.candidates: list[Candidate] = []
        self._parts: Counter[int] = Counter()
        self._identities: Counter[Hashable] = Counter()
        self._episodes: Counter[int] = Counter()

    def take_from(self, by_part: dict[int, list[Candidate]]) -> None:
        """Select one of the candidates, which must not be empty, and remove it."""
        part = min((p for p, candidates in by_part.items() if candidates), key=self._part_order)
        candidates = by_part[part]
        index = min(range(len(candidates)), key=lambda i: self._repetition(candidates[i]))
        candidate = candidates.pop(index)
        self.candidates.append(candidate)
        self._parts[part] += 1
        self._identities[candidate.identity] += 1
        self._episodes[candidate.sample.episode] += 1

    def _part_order(self, part: int) -> tuple[int, int]:
        # Ties go to the part five further on, so that remainders are spread over all thirds.
        return self._parts[part], part * 5 % PARTS

    def _repetition(self, candidate: Candidate) -> tuple[int, int]:
        sample = candidate.sample
        return self._identities[candidate.identity], self._episodes[sample.episode]
