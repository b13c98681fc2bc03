"""Scripted play of the grid games."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import mean

from vsbench_envs import Game, Turn, registry
from vsbench_envs.grid.rules import GridPercept, GridState
from vsbench_envs.seeding import stream


def rollout(
    game: Game[GridPercept], seed: int, players: Sequence[str]
) -> Iterator[tuple[GridState, dict[int, int]]]:
    """The state before each step and the step's joint move; then the last state and no move."""
    state = game.new(seed)
    assert isinstance(state, GridState)
    while state.acting:
        joint = {seat: decide(game, state, seat, players[seat]) for seat in state.acting}
        yield state, joint
        state.apply(joint)
    yield state, {}


def decide(game: Game[GridPercept], state: GridState, seat: int, player: str) -> int:
    """What a player does in a state."""
    policy, options = registry.bot(game, player)
    rng = stream(state.seed, "player", seat, state.step)
    turn = Turn((state.percept(seat),), state.legal_actions(seat), rng)
    return policy.decide(turn, **options)


def ends(game: Game[GridPercept], episodes: int, *players: str) -> list[GridState]:
    """The last states of some episodes; one name stands for every seat."""
    seats = players * game.spec.seats if len(players) == 1 else players
    return [[state for state, _ in rollout(game, seed, seats)][-1] for seed in range(episodes)]


def mean_total(game: Game[GridPercept], episodes: int, *players: str) -> float:
    """The mean over episodes of the sum of all returns."""
    return mean(sum(end.returns) for end in ends(game, episodes, *players))
