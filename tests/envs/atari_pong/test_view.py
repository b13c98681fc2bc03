"""The pictures: the emulator's own pixels, in coordinates, and read back."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from vsbench_envs.atari_pong import GAME
from vsbench_envs.atari_pong.estimate import rows
from vsbench_envs.atari_pong.percept import Ball, Frame, PongPercept
from vsbench_envs.atari_pong.screen import GREEN, HEIGHT, WIDTH, paint, scan
from vsbench_envs.atari_pong.view import LEFT, SIZE, TOP, ZOOM, PongView
from vsbench_envs.game import UnreadableError

VIEW = GAME.view

heights = st.integers(19, 193)
balls = st.builds(
    Ball,
    st.integers(0, 158),
    st.integers(34, 189),
    st.integers(0, 0),
    st.booleans(),
    st.booleans(),
).flatmap(lambda ball: st.integers(2, 4).map(lambda more: ball._replace(bottom=ball.top + more)))
frames = st.builds(
    Frame,
    st.tuples(st.integers(0, 3), st.integers(0, 3)),
    st.none() | heights,
    heights,
    st.none() | balls,
)
percepts = st.builds(PongPercept, st.just(0), st.tuples(frames, frames, frames, frames))


def enlarged(pixels: Any) -> Any:
    return pixels.repeat(ZOOM, axis=0).repeat(ZOOM, axis=1)


def field(image: Image.Image) -> Any:
    right, bottom = LEFT + WIDTH * ZOOM, TOP + HEIGHT * ZOOM
    return np.asarray(image.convert("RGB"))[TOP:bottom, LEFT:right]


@pytest.mark.parametrize(("seed", "written"), [(0, "random"), (1, "novice"), (3, "oracle")])
def test_pictures_show_the_emulators_pixels(lockstep: Any, seed: int, written: str) -> None:
    for state, ale in lockstep(seed, written):
        latest = VIEW.draw(state.percept(0))[-1]
        assert np.array_equal(field(latest), enlarged(ale.getScreenRGB())), state.percept(0).now


@pytest.mark.parametrize(("seed", "written"), [(5, "novice"), (6, "oracle")])
def test_percepts_agree_with_the_consoles_memory(lockstep: Any, seed: int, written: str) -> None:
    shown = 0
    for state, ale in lockstep(seed, written):
        now, memory = state.percept(0).now, ale.getRAM().astype(int)
        assert now.right == (memory[51] - 13) & ~1
        if now.left is not None:
            assert now.left == memory[50] - 15
        if now.ball is None:
            assert not 44 < memory[54] < 208, "neither hidden in a wall nor out of play"
        else:
            shown += 1
            assert now.ball.x == memory[49] - 49
            assert memory[54] - 14 in rows(now.ball)
    assert shown > 50


@given(percepts)
def test_any_frames_are_read_back(percept: PongPercept) -> None:
    assert VIEW.read(VIEW.draw(percept)) == percept


def test_the_axes_can_be_left_out() -> None:
    percept = GAME.new(0).percept(0)
    plain = PongView(axes=False)
    with_axes, without = VIEW.draw(percept)[-1], plain.draw(percept)[-1]
    assert with_axes.size == without.size == SIZE
    assert np.array_equal(field(with_axes), field(without))
    margin = np.asarray(with_axes) != np.asarray(without)
    assert margin.sum() > 1000
    assert plain.read(plain.draw(percept)) == percept


def test_a_lossy_copy_can_still_be_read() -> None:
    percept = PongPercept(0, (Frame((1, 2), 100, 90, Ball(70, 120, 123)),) * 4)
    copies = []
    for image in VIEW.draw(percept):
        buffer = io.BytesIO()
        image.convert("RGB").save(buffer, "JPEG", quality=95, subsampling=0)
        copies.append(Image.open(buffer))
    assert VIEW.read(copies) == percept


def test_other_pictures_are_refused() -> None:
    pictures = VIEW.draw(GAME.new(0).percept(0))
    with pytest.raises(UnreadableError, match="expected 4 pictures"):
        VIEW.read(pictures[1:])
    with pytest.raises(UnreadableError, match="order"):
        VIEW.read(pictures[::-1])
    with pytest.raises(UnreadableError, match="was expected"):
        VIEW.read([image.resize((300, 400)) for image in pictures])
    blank = pictures[3].copy()
    blank.paste(0, (LEFT, TOP, LEFT + WIDTH * ZOOM, TOP + HEIGHT * ZOOM))
    with pytest.raises(UnreadableError):
        VIEW.read([*pictures[:3], blank])


def test_one_pixel_too_many_is_no_frame() -> None:
    screen = paint(Frame((0, 0), 100, 90, None))
    screen[60, 60] = GREEN
    with pytest.raises(UnreadableError, match="more on the screen"):
        scan(screen)


def test_labels_are_middles_in_pixels() -> None:
    percept = PongPercept(0, (Frame((1, 2), 100, 180, Ball(70, 120, 123)),) * 4)
    assert VIEW.labels(percept) == {
        "right paddle y": "186",
        "left paddle y": "107",
        "ball x": "70",
        "ball y": "121",
        "score": "1 : 2",
    }
    early = PongPercept(0, (Frame((0, 0), None, 96, None),) * 4)
    assert VIEW.labels(early)["left paddle y"] == VIEW.labels(early)["ball y"] == "none"


@pytest.mark.parametrize(
    ("element", "truth", "said", "credit"),
    [
        ("ball x", "70", "70", 1),
        ("ball x", "70", "80", 1),
        ("ball x", "70", "50", 0.5),
        ("ball y", "none", "None", 1),
        ("ball y", "none", "12", 0),
        ("ball y", "12", "none", 0),
        ("score", "1 : 2", "1:2", 1),
        ("score", "1 : 2", "2 : 1", 0),
    ],
)
def test_near_positions_get_credit(element: str, truth: str, said: str, credit: float) -> None:
    assert VIEW.credit(element, truth, said) == credit


def test_the_text_has_every_frame() -> None:
    now = Frame((1, 2), 100, 180, Ball(70, 120, 123))
    before = Frame((1, 2), None, 182, None)
    told = VIEW.tell(PongPercept(0, (before, before, before, now)))
    assert "You have 2 points, the bot has 1 point." in told
    assert (
        "- now: ball x 70-71, y 120-123; bot's paddle y 100-115; your paddle y 180-193; "
        "points 1 : 2" in told
    )
    assert told.count("no ball; no bot's paddle; your paddle y 182-193") == 3
