"""The model of the console: frame by frame against its memory, and estimation from frames."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from vsbench_envs.atari_pong import GAME
from vsbench_envs.atari_pong.estimate import possible_motions, possible_paddles
from vsbench_envs.atari_pong.physics import (
    CEILING,
    COURSES,
    DIAL,
    DIAL_PER_FRAME,
    FLOOR,
    LOST_COLUMN,
    NEXT_PLACE,
    PLACES,
    REACH_RIGHT,
    TARGET_HEIGHT,
    WON_COLUMN,
    Motion,
    advance,
    arrival,
    deflection,
    struck,
)
from vsbench_envs.atari_pong.planner import touches
from vsbench_envs.atari_pong.rules import JOYSTICK
from vsbench_envs.rollout import rollout
from vsbench_envs.seeding import stream

FRAMES = 4000


def signed(byte: int) -> int:
    return (byte + 128) % 256 - 128


def remembered(memory: Any) -> Motion:
    """Ball and opponent in the console's memory; its ``dx`` counts to the left."""
    byte = memory.astype(int).tolist()
    dx, dy = -signed(byte[58]), signed(byte[56])
    return Motion(byte[49] - 49, byte[54] - 14, dx, dy, byte[50] - 15, byte[8] % 8)


def expected(motion: Motion, height: int) -> Motion:
    """The model's next frame with the right paddle at a height."""
    in_field = CEILING <= motion.y <= FLOOR
    if motion.x in REACH_RIGHT and in_field and touches(height, motion.y):
        return struck(motion, deflection(height + 5 - motion.y))
    return advance(motion)


@pytest.mark.parametrize("seed", range(3))
def test_ball_bot_and_paddle_go_as_in_the_console(console: Any, seed: int) -> None:
    """A noisy controller plays for minutes; the model must predict every next frame."""
    rng, action, place, aim, hits = stream("physics", seed), 0, PLACES // 2, 0, 0
    console.reset_game()
    memory = console.getRAM()
    for frame in range(FRAMES):
        if frame % 4 == 0:
            aim = rng.randrange(-12, 13) if rng.random() < 0.1 else aim
            off = int(memory[51]) - int(memory[54]) + 9 + aim
            action = 0 if abs(off) < 7 or memory[54] == 0 else 1 if off > 0 else 2
            action = rng.randrange(3) if rng.random() < 0.1 else action
        before, height = remembered(memory), int(memory[51]) - 13
        rest, waiting = int(memory[60]) - 13, bool(memory[11]) or memory[54] == 0
        console.act(JOYSTICK[action])
        memory = console.getRAM()
        place = NEXT_PLACE[action][place]
        if memory[8] % 2 == 0:
            assert int(memory[60]) - 13 == (rest + TARGET_HEIGHT[place]) >> 1
        if waiting or not WON_COLUMN < before.x < LOST_COLUMN:
            continue
        assert remembered(memory) == expected(before, height), (before, height)
        hits += remembered(memory).dx < before.dx
        if max(memory[13], memory[14]) >= 20:
            console.reset_game()
            memory, place = console.getRAM(), PLACES // 2
    assert hits > 5


@pytest.mark.parametrize(("seed", "written"), [(1, "oracle"), (2, "skilled:aim=-5,error=0")])
@pytest.mark.slow
def test_hypotheses_contain_the_next_frame(seed: int, written: str) -> None:
    """In free flight, one of the possible motions predicts the next frame."""
    foreseen = flights = 0
    for state, joint in rollout(GAME, seed, [written]):
        if not joint or state.step > 200:
            break
        frames = state.percept(0).frames
        found = possible_motions(frames)
        copied = state.copy()
        copied.apply(joint)
        ball = copied.percept(0).now.ball
        assert {motion.bot for motion in found} <= {frames[-1].left}
        if found and ball is not None and 30 < ball.x < 130 and 40 < ball.y < 180:
            flights += 1
            nexts = {step(motion) for motion in found}
            foreseen += any(
                motion.x == ball.x and abs(motion.y - ball.top) <= 1 for motion in nexts
            )
        assert possible_paddles(tuple(frame.right for frame in frames)).weight.sum() > 0
    assert flights > 50
    assert foreseen == flights


def step(motion: Motion) -> Motion:
    for _ in range(4):
        motion = advance(motion)
    return motion


def test_arrival_counts_frames() -> None:
    frames, meeting = arrival(Motion(99, 100, 1, 0, 99, 3))
    assert meeting is not None
    assert (frames, meeting.x, meeting.y) == (40, 139, 100)
    steep = Motion(40, 100, -1, -2, 180, 3)
    assert arrival(steep) == (37, None), "the bot is too far away"


def test_the_chances_of_a_late_stick_add_up() -> None:
    for old in range(3):
        for new in range(3):
            chances = [c.chance for c in COURSES if (c.old, c.new) == (old, new)]
            assert sum(chances) == pytest.approx(1)


def test_a_push_turns_the_dial_by_a_frame_and_the_ends_hold_it() -> None:
    stay, up, down = NEXT_PLACE
    assert np.array_equal(stay, np.arange(PLACES))
    assert up[0] == 0
    assert down[-1] == PLACES - 1
    assert np.array_equal(
        down[up[(DIAL // 2) // DIAL_PER_FRAME * 3]], stay[(DIAL // 2) // DIAL_PER_FRAME * 3]
    )
    assert TARGET_HEIGHT.min() == 25
    assert TARGET_HEIGHT.max() == 191
    assert (np.diff(TARGET_HEIGHT) >= 0).all()
