"""Bots: whatever they think, they play by the rules, and the same way twice."""

from __future__ import annotations

import pickle
import re
from itertools import islice
from typing import Any

import pytest

from vsbench_envs import Game, Turn, registry
from vsbench_envs.catalogue import bot_rows
from vsbench_envs.seeding import stream

SLOW_MOVES = 3
"""A search may take seconds for a whole episode."""


def test_every_player_plays_legal_moves(game: Game[Any], rollout: Any) -> None:
    for name, player in game.bots.items():
        length = SLOW_MOVES + 1 if player.slow else None
        states = [state for state, _ in islice(rollout(game, 1, name), length)]
        assert states[-1].step > 0, name


def test_every_player_decides_alike_from_the_same_turn(game: Game[Any]) -> None:
    state = game.new(1)
    seat = state.acting[0]
    for name, player in game.bots.items():
        decisions = {
            player.decide(turn, **player.defaults)
            for turn in (_turn(game, seat), _turn(game, seat))
        }
        assert len(decisions) == 1, name
        assert decisions <= set(state.legal_actions(seat)), name


def test_players_explain_themselves(game: Game[Any]) -> None:
    assert {"oracle", "greedy", "random"} <= set(game.bots)
    assert game.spec.oracle in game.bots
    assert not game.bots[game.spec.oracle].needs_state, "sighted models play it from pictures"
    assert game.spec.opponent is None or game.spec.opponent in game.bots
    for name, player in game.bots.items():
        assert name.isidentifier(), name
        assert player.about.endswith("."), name


def test_every_option_has_a_range_that_is_kept_and_told(game: Game[Any]) -> None:
    shown = {row[0]: row[1] for row in bot_rows(game)}
    for name, player in game.bots.items():
        for option, parameter in player.parameters.items():
            assert f"`{option}={parameter.default}` ({parameter.range})" in shown[f"`{name}`"]
            beyond = parameter.high + 1
            for wrong in (f"{beyond}", "9" * 5000, "1e-10000000", "1e99", "nan", "inf", "٣", " 1"):
                with pytest.raises(ValueError, match=re.escape(parameter.range)) as error:
                    registry.bot(game, f"{name}:{option}={wrong}")
                assert option in str(error.value)
                assert len(str(error.value)) < 400
            written = f"{name}:{option}={parameter.high}"
            assert registry.bot(game, written)[1][option] == parameter.high


def _turn(game: Game[Any], seat: int) -> Turn[Any]:
    """A first turn that has been to another process."""
    state = game.new(1)
    turn = Turn((state.percept(seat),), state.legal_actions(seat), stream("turn"), state.copy())
    travelled: Turn[Any] = pickle.loads(pickle.dumps(turn))
    return travelled
