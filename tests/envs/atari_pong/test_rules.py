"""Atari Pong's rules: starts, points, ends, sticky actions, and bots without the emulator."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from vsbench_envs.atari_pong import GAME
from vsbench_envs.atari_pong.rules import PongState
from vsbench_envs.replay import digest
from vsbench_envs.rollout import rollout
from vsbench_envs.seeding import stream

STAY, UP, DOWN = range(3)


def end(seed: int, written: str) -> Any:
    *_, (state, _) = rollout(GAME, seed, [written])
    return state


def test_the_first_to_three_points_wins() -> None:
    lost = end(0, "random")
    assert lost.events == {"points": (0,), "points_lost": (3,)}
    assert lost.returns == (-3.0,)
    won = end(0, "oracle")
    assert won.events["points"] == (3,)
    assert not won.truncated


def test_points_are_rewarded_as_the_console_makes_them() -> None:
    """The screen shows them a frame later, which may be in the next step."""
    points = 0
    for state, _ in rollout(GAME, 0, ["random"]):
        points += state.rewards == (-1.0,)
        assert state.events["points_lost"] == (points,)
        assert state.percept(0).now.points[0] in (points, points - 1)
        assert state.percept(0).frames[-2].points[0] <= points
    assert points == 3


def test_time_runs_out() -> None:
    *_, (state, _) = rollout(replace(GAME, start=partial(PongState, max_steps=40)), 0, ["random"])
    assert state.step == 40
    assert state.truncated
    assert state.acting == ()


def test_idle_steps_come_from_the_seed() -> None:
    """The ball comes fifteen steps after the console was switched on."""

    def waited(seed: int) -> int:
        state, steps = GAME.new(seed), 0
        while state.percept(0).now.ball is None and steps < 20:
            state.apply({0: STAY})
            steps += 1
        return steps

    for seed in range(8):
        idle = stream(seed, "no-ops").randint(1, 30)
        assert 1 <= idle <= 30
        assert waited(seed) == max(0, 15 - idle)


def test_a_young_episode_repeats_its_first_frame() -> None:
    seed = next(seed for seed in range(99) if stream(seed, "no-ops").randint(1, 30) == 1)
    state = GAME.new(seed)
    assert len(set(state.percept(0).frames)) == 1
    state.apply({0: UP})
    first, *_, latest = state.percept(0).frames
    assert state.percept(0).frames == (first, first, first, latest)
    assert latest.right < first.right


def test_the_joystick_is_late_one_time_in_four() -> None:
    late = Counter[int]()
    for draw in range(4000):
        state = PongState(0)
        positions = state._joystick_positions(UP, stream("draw", draw))
        assert positions == sorted(positions), "once moved, it stays there"
        late[positions.count(0)] += 1
    assert late[0] / 4000 == pytest.approx(3 / 4, abs=0.02)
    assert late[1] / 4000 == pytest.approx(3 / 16, abs=0.02)
    assert late[4] / 4000 == pytest.approx(1 / 256, abs=0.004)


def test_without_stickiness_it_is_the_emulators_own_frame_skip(lockstep: Any) -> None:
    frames = [
        (state.percept(0).now, ale.getEpisodeFrameNumber()) for state, ale in lockstep(3, "random")
    ]
    assert len({number for _, number in frames}) == len(frames) > 50


SPELL = """
from vsbench_envs.atari_pong import GAME
from vsbench_envs.replay import digest
state = GAME.new(11)
for step in range(90):
    state.apply({0: step * 7 % 3})
print(digest(state))
"""


def test_another_process_and_another_thread_see_the_same_episode() -> None:
    state = GAME.new(11)
    copies = []
    for step in range(90):
        if step == 60:
            copies.append(state.copy())
        state.apply({0: step * 7 % 3})

    def play_on() -> str:
        (copied,) = copies
        for step in range(60, 90):
            copied.apply({0: step * 7 % 3})
        return digest(copied)

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(play_on).result() == digest(state)
    said = subprocess.run([sys.executable, "-c", SPELL], capture_output=True, check=True, text=True)
    assert said.stdout.strip() == digest(state)


WITHOUT = """
import sys
from vsbench_envs import get
from vsbench_envs.atari_pong.percept import Ball, Frame, PongPercept
from vsbench_envs.game import Turn
from vsbench_envs.errors import MissingExtraError
from vsbench_envs.seeding import stream

game = get("atari_pong")
assert "ale_py" not in sys.modules
sys.modules["ale_py"] = None  # As if it were not installed.
frames = tuple(Frame((0, 1), 100, 90, Ball(40 + 4 * age, 120, 123)) for age in range(4))
percept = PongPercept(0, frames)
assert game.view.read(game.view.draw(percept)) == percept
for player in game.bots.values():
    if not player.needs_state:
        turn = Turn((percept,), (0, 1, 2), stream("luck"))
        assert player.decide(turn, **player.defaults) in (0, 1, 2)
try:
    game.new(0)
except MissingExtraError as error:
    print(error)
"""


def test_only_an_episode_needs_the_emulator() -> None:
    said = subprocess.run(
        [sys.executable, "-c", WITHOUT], capture_output=True, check=True, text=True
    )
    assert "pip install 'vsbench[atari]'" in said.stdout


def test_nothing_reveals_the_hidden_dial() -> None:
    """At its upper end the dial turns without effect: equal frames, different futures."""
    seed = next(seed for seed in range(99) if stream(seed, "no-ops").randint(1, 30) <= 2)
    hidden: list[PongState] = []
    for pushes in (4, 9):
        state = PongState(seed)
        for step in range(12):
            state.apply({0: UP if step < pushes else STAY})
        hidden.append(state)
    one, two = (state.percept(0) for state in hidden)
    assert one == two
    assert GAME.view.describe(one) == GAME.view.describe(two)
    looks = [[image.tobytes() for image in GAME.view.draw(percept)] for percept in (one, two)]
    assert looks[0] == looks[1]
    for state in hidden:
        for _ in range(3):
            state.apply({0: DOWN})
    one, two = (state.percept(0) for state in hidden)
    assert one != two


def test_measures_are_points_and_steps() -> None:
    state = end(0, "oracle")
    figures = {measure.name: measure.extract(state.summary, (0,)) for measure in GAME.spec.measures}
    assert figures["points"] == 3
    assert figures["steps survived"] == state.step
    assert figures["return"] == 3 - state.events["points_lost"][0]
    expected = 90 + 10 * (state.step - 147.2) / (398 - 147.2)
    assert GAME.spec.score(state.summary, (0,)) == pytest.approx(expected)
