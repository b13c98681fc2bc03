"""Scripted players: whatever they think, they play by the rules, and the same way twice."""

from __future__ import annotations

import pickle
from itertools import islice
from typing import Any

from vsbench_envs import Game, Turn
from vsbench_envs.seeding import stream

SLOW_MOVES = 3
"""A search may take seconds for a whole episode."""


def test_every_player_plays_legal_moves(game: Game[Any], rollout: Any) -> None:
    for name, player in game.players.items():
        length = SLOW_MOVES + 1 if player.slow else None
        states = [state for state, _ in islice(rollout(game, 1, name), length)]
        assert states[-1].step > 0, name


def test_every_player_decides_alike_from_the_same_turn(game: Game[Any]) -> None:
    state = game.new(1)
    seat = state.acting[0]
    for name, player in game.players.items():
        decisions = {
            player.decide(turn, **player.defaults)
            for turn in (_turn(game, seat), _turn(game, seat))
        }
        assert len(decisions) == 1, name
        assert decisions <= set(state.legal_actions(seat)), name


def test_players_explain_themselves(game: Game[Any]) -> None:
    assert {"oracle", "greedy", "random"} <= set(game.players)
    assert game.spec.oracle in game.players
    assert not game.players[game.spec.oracle].needs_state, "sighted models play it from pictures"
    assert game.spec.opponent is None or game.spec.opponent in game.players
    for name, player in game.players.items():
        assert name.isidentifier(), name
        assert player.about.endswith("."), name


def _turn(game: Game[Any], seat: int) -> Turn[Any]:
    """A first turn that has been to another process."""
    state = game.new(1)
    turn = Turn((state.percept(seat),), state.legal_actions(seat), stream("turn"), state.copy())
    travelled: Turn[Any] = pickle.loads(pickle.dumps(turn))
    return travelled
