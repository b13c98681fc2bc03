"""The rules as a state machine: legal moves, determinism, copies, and refusals."""

from __future__ import annotations

import pickle
import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vsbench_envs import Game, IllegalMoveError, State
from vsbench_envs.replay import digest, replay

SEEDS = st.integers(0, 2**63 - 1)
REPEATABLE = settings(derandomize=True, deadline=None, database=None)


def moves(rollout: Any, game: Game[Any], seed: int) -> list[dict[int, int]]:
    return [joint for _, joint in rollout(game, seed)][:-1]


def digests(game: Game[Any], seed: int, played: list[dict[int, int]]) -> list[str]:
    return [digest(state) for state in replay(game, seed, played)]


def everything(state: State[Any]) -> tuple[Any, ...]:
    """All that can be asked of a state."""
    legal = [state.legal_actions(seat) for seat in range(state.seats)]
    return digest(state), state.step, state.rewards, state.acting, legal, state.truncated


@settings(REPEATABLE, max_examples=5)
@given(seed=SEEDS)
def test_turns_rewards_and_counts_add_up(game: Game[Any], rollout: Any, seed: int) -> None:
    spec = game.spec
    returns = (0.0,) * spec.seats
    for step, (state, _) in enumerate(rollout(game, seed)):
        returns = tuple(a + b for a, b in zip(returns, state.rewards, strict=True))
        assert state.seed == seed
        assert state.seats == spec.seats
        assert state.step == step
        assert state.returns == pytest.approx(returns)
        assert set(state.events) <= set(spec.events)
        assert all(len(counts) == spec.seats for counts in state.events.values())
        assert list(state.acting) == sorted(set(state.acting))
        assert set(state.acting) <= set(range(spec.seats))
        assert spec.simultaneous or len(state.acting) <= 1
        for seat in range(spec.seats):
            legal = state.legal_actions(seat)
            assert bool(legal) == (seat in state.acting)
            assert list(legal) == sorted(set(legal))
            assert set(legal) <= set(range(len(spec.actions)))
    assert not state.acting
    assert state.summary.length == state.step > 0


@settings(REPEATABLE, max_examples=3)
@given(seed=SEEDS)
def test_an_episode_is_its_seed_and_its_moves(game: Game[Any], rollout: Any, seed: int) -> None:
    played = moves(rollout, game, seed)
    random.seed(1)
    before = random.getstate()
    once = digests(game, seed, played)
    assert random.getstate() == before, "the game draws from the global generator"
    random.seed(2)
    assert digests(game, seed, played) == once


@pytest.mark.parametrize(
    "duplicate", [lambda state: state.copy(), lambda state: pickle.loads(pickle.dumps(state))]
)
@settings(REPEATABLE, max_examples=2)
@given(seed=SEEDS)
def test_duplicates_have_the_same_future_and_lead_their_own_lives(
    game: Game[Any], rollout: Any, duplicate: Callable[[State[Any]], State[Any]], seed: int
) -> None:
    played = moves(rollout, game, seed)
    expected = digests(game, seed, played)
    for start, state in enumerate(replay(game, seed, played)):
        if start % 7 and start < len(played):
            continue
        now = everything(state)
        twin = duplicate(state)
        assert everything(twin) == now
        for joint, fingerprint in zip(played[start:], expected[start + 1 :], strict=True):
            twin.apply(joint)
            assert digest(twin) == fingerprint
        assert everything(state) == now


@settings(REPEATABLE, max_examples=2)
@given(seed=SEEDS)
def test_other_moves_are_refused_and_change_nothing(
    game: Game[Any], rollout: Any, seed: int
) -> None:
    table = range(-1, len(game.spec.actions) + 1)
    for state, joint in rollout(game, seed):
        now = everything(state)
        idle = set(range(-1, game.spec.seats + 1)) - set(state.acting)
        wrong = [{}, *({**joint, seat: 0} for seat in idle)]
        wrong += [{k: v for k, v in joint.items() if k != seat} for seat in joint]
        for seat in joint:
            illegal = sorted(set(table) - set(state.legal_actions(seat)))
            # Every one on the first move; then only the ends, as the table can be long.
            wrong += [
                {**joint, seat: action}
                for action in (illegal if state.step == 0 else illegal[:1] + illegal[-1:])
            ]
        for move in wrong:
            with pytest.raises(IllegalMoveError):
                state.apply(move)
        assert everything(state) == now
