"""Episodes of bots, and the middle of them."""

from __future__ import annotations

from random import Random

from vsbench_envs import get
from vsbench_envs.replay import digest, replay
from vsbench_envs.rollout import rollout
from vsbench_envs.seeding import stream


def test_a_rollout_is_its_seed() -> None:
    game = get("coin_dilemma")
    one, two = (
        [(digest(state), joint) for state, joint in rollout(game, 5, ["greedy", "random"])]
        for _ in range(2)
    )
    assert one == two
    other = [joint for _, joint in rollout(game, 6, ["greedy", "random"])]
    assert other != [joint for _, joint in one]


def test_the_moves_make_the_episode() -> None:
    game = get("breakthrough")
    played = [(digest(state), joint) for state, joint in rollout(game, 5, ["greedy", "random"])]
    moves = [joint for _, joint in played[:-1]]
    assert [digest(state) for state in replay(game, 5, moves)] == [seen for seen, _ in played]
    assert played[-1][1] == {}
    assert all(moves)


def test_luck_may_come_from_elsewhere() -> None:
    game, asked = get("kuhn_poker"), []

    def luck(step: int, seat: int) -> Random:
        asked.append((step, seat))
        return stream("elsewhere", step, seat)

    *_, (end, _) = rollout(game, 0, ["random", "equilibrium:alpha=1/3"], luck)
    assert asked == [(step, step % 2) for step in range(end.step)]
