"""The rules of Battle of the Colors: meetings, splits, and waiting."""

from hypothesis import given
from hypothesis import strategies as st

from vsbench_envs.battle_of_the_colors.rules import BattleState
from vsbench_envs.grid.board import CELLS, DOWN, LEFT, RIGHT, STAY, Cell, move

RED, BLUE = 0, 1


def state(red: Cell, blue: Cell, blocks: tuple[Cell, Cell], seed: int = 0) -> BattleState:
    battle = BattleState(seed)
    battle.players, battle.things = (red, blue), blocks
    return battle


def test_meeting_on_red_favours_red() -> None:
    battle = state((0, 0), (2, 0), ((1, 0), (4, 4)))
    battle.apply({RED: RIGHT, BLUE: LEFT})
    assert battle.rewards == (2, 1)
    assert battle.events == {"both_red": (1, 1), "both_blue": (0, 0), "split": (0, 0)}
    assert battle.things[RED] != (1, 0)
    assert battle.things[BLUE] == (4, 4)


def test_meeting_on_blue_favours_blue() -> None:
    battle = state((0, 0), (2, 0), ((4, 4), (1, 0)))
    battle.apply({RED: RIGHT, BLUE: LEFT})
    assert battle.rewards == (1, 2)
    assert battle.events == {"both_red": (0, 0), "both_blue": (1, 1), "split": (0, 0)}
    assert battle.things[RED] == (4, 4)
    assert battle.things[BLUE] != (1, 0)


def test_on_different_blocks_nobody_gains_and_both_blocks_move() -> None:
    battle = state((0, 0), (4, 3), ((1, 0), (4, 4)))
    battle.apply({RED: RIGHT, BLUE: DOWN})
    assert battle.rewards == (0, 0)
    assert battle.events == {"both_red": (0, 0), "both_blue": (0, 0), "split": (1, 1)}
    assert not {*battle.things} & {(1, 0), (4, 4)}


def test_the_colours_may_be_crossed_in_a_split() -> None:
    battle = state((4, 3), (0, 0), ((1, 0), (4, 4)))
    battle.apply({RED: DOWN, BLUE: RIGHT})
    assert battle.events["split"] == (1, 1)


def test_one_alone_waits() -> None:
    battle = state((0, 0), (4, 0), ((1, 0), (4, 4)))
    battle.apply({RED: RIGHT, BLUE: LEFT})
    battle.apply({RED: STAY, BLUE: LEFT})
    assert battle.players[RED] == battle.things[RED] == (1, 0)
    battle.apply({RED: STAY, BLUE: LEFT})
    assert battle.returns == (2, 1)


@given(data=st.data())
def test_any_step(data: st.DataObject) -> None:
    """What was met or split moves to a free cell of its own; all else stays."""
    before = tuple(data.draw(st.permutations(CELLS))[:2])
    red, blue = data.draw(st.sampled_from(CELLS)), data.draw(st.sampled_from(CELLS))
    battle = state(red, blue, before, data.draw(st.integers(0, 2**63 - 1)))
    joint = {seat: data.draw(st.integers(0, 4)) for seat in (RED, BLUE)}
    arrivals = (move(red, joint[RED]), move(blue, joint[BLUE]))
    battle.apply(joint)

    assert battle.players == arrivals
    assert battle.things[RED] != battle.things[BLUE]
    both_on_blocks = set(arrivals) <= set(before)
    for was, now in zip(before, battle.things, strict=True):
        assert (was != now) == (both_on_blocks and was in arrivals)
        assert was == now or now not in arrivals
    assert sum(map(sum, battle.events.values())) == 2 * both_on_blocks
    met = both_on_blocks and arrivals[RED] == arrivals[BLUE]
    assert sum(battle.rewards) == 3 * met


def test_blocks_move_to_any_free_cell() -> None:
    landed: set[Cell] = set()
    for seed in range(400):
        battle = state((0, 0), (2, 0), ((1, 0), (4, 4)), seed)
        battle.apply({RED: RIGHT, BLUE: LEFT})
        landed.add(battle.things[RED])
    assert landed == set(CELLS) - {(1, 0), (4, 4)}
