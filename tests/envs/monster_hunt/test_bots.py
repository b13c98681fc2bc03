"""Players of Monster Hunt, against the published figures."""

import pytest

from grid_play import decide, ends, mean_total
from vsbench_envs.grid.board import DOWN, LEFT, RIGHT, STAY, UP
from vsbench_envs.monster_hunt import GAME
from vsbench_envs.monster_hunt.rules import HuntState


def test_the_oracle_plays_as_well_as_the_reference() -> None:
    """The reference reaches 177.5 (standard error 2.2); 60 episodes have one of 4.6."""
    assert mean_total(GAME, 60, "oracle") == pytest.approx(177.5, abs=10)


def test_random_play_loses_as_much_as_the_reference() -> None:
    """The reference loses 22.2 (standard error 0.58); 100 episodes have one of 1.0."""
    assert mean_total(GAME, 100, "random") == pytest.approx(-22.2, abs=2.4)


def test_the_middle_is_better_than_the_corner_and_apples_safer_than_the_chase() -> None:
    corner, apples = mean_total(GAME, 30, "wait_in_corner"), mean_total(GAME, 30, "nearest_apple")
    assert 70 < corner < 130
    assert 40 < apples < corner
    eaten = sum(sum(end.events["apples"]) for end in ends(GAME, 10, "nearest_apple"))
    chased = sum(sum(end.events["apples"]) for end in ends(GAME, 10, "to_the_monster"))
    assert eaten > 5 * chased


def test_waiting_for_a_player_who_does_not_come_is_dear() -> None:
    waiting = sum(end.returns[0] for end in ends(GAME, 20, "oracle", "nearest_apple")) / 20
    assert waiting < 0


def test_where_each_one_goes() -> None:
    state = HuntState(0)
    state.players = ((2, 1), (2, 2))
    state.things = ((2, 0), (3, 4), (4, 1))
    assert decide(GAME, state, 0, "wait_in_middle") == DOWN
    assert decide(GAME, state, 1, "wait_in_middle") == STAY
    assert decide(GAME, state, 0, "to_the_monster") == RIGHT
    assert decide(GAME, state, 0, "nearest_apple") == UP
    assert decide(GAME, state, 0, "greedy") == UP
    assert decide(GAME, state, 1, "wait_in_corner") in (LEFT, UP)
