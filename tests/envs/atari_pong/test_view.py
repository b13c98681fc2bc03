"""The view of Atari Pong: the emulator's pixels, pictures and text, and reading them back."""

from __future__ import annotations

import io
import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from vsbench_envs.atari_pong import GAME
from vsbench_envs.atari_pong.estimate import possible_rows
from vsbench_envs.atari_pong.percept import (
    FRAMES,
    GREEN,
    HEIGHT,
    WIDTH,
    Ball,
    Frame,
    PongPercept,
    parse_screen,
    render,
)
from vsbench_envs.atari_pong.view import AXES_SIZE, LEFT, TOP, ZOOM
from vsbench_envs.errors import UnreadableError

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


def jpeg(image: Image.Image) -> Image.Image:
    buffer = io.BytesIO()
    image.convert("RGB").save(buffer, "JPEG", quality=90)
    return Image.open(buffer)


def twice(image: Image.Image) -> Image.Image:
    return image.resize((image.width * 2, image.height * 2), Image.Resampling.NEAREST)


@pytest.mark.parametrize(("seed", "written"), [(0, "random"), (1, "novice"), (3, "oracle")])
@pytest.mark.slow
def test_pictures_show_the_emulators_pixels(lockstep: Any, seed: int, written: str) -> None:
    for state, ale in lockstep(seed, written):
        latest = VIEW.draw(state.percept(0))[-1]
        pixels = np.asarray(latest.convert("RGB"))
        assert np.array_equal(pixels, enlarged(ale.getScreenRGB())), state.percept(0).now


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
            assert memory[54] - 14 in possible_rows(now.ball)
    assert shown > 50


@given(percepts)
def test_any_frames_are_read_back(percept: PongPercept) -> None:
    assert VIEW.read(VIEW.draw(percept)) == percept
    assert VIEW.read_text(f"Frame 9: no ball.\n{VIEW.describe(percept)}\nWell?") == percept


@settings(max_examples=40, deadline=None)
@given(frames)
def test_lossy_copies_are_read(frame: Frame) -> None:
    """Including the ball's half rows and the points."""
    percept = PongPercept(0, (frame,) * FRAMES)
    plain, (with_axes,) = VIEW.draw(percept)[0], VIEW.draw_for_perception(percept)
    for image in (plain, with_axes):
        assert VIEW.read([jpeg(image)]) == VIEW.read([jpeg(twice(image))]) == percept


def test_perception_shows_the_latest_frame_with_axes() -> None:
    percept = PongPercept(0, (*(Frame((0, 0), 100, 90, None),) * 3, Frame((1, 2), 100, 50, None)))
    (picture,) = VIEW.draw_for_perception(percept)
    assert picture.size == AXES_SIZE
    box = (LEFT, TOP, LEFT + WIDTH * ZOOM, TOP + HEIGHT * ZOOM)
    assert picture.crop(box).tobytes() == VIEW.draw(percept)[-1].tobytes()
    margin = picture.copy()
    margin.paste(0, box)
    assert len(margin.getcolors() or []) > 3, "numbers and ticks"
    assert VIEW.read([picture]).frames == (percept.now,) * FRAMES


def test_the_first_frame_stands_for_those_that_are_missing() -> None:
    one, two = Frame((0, 0), 100, 90, None), Frame((0, 1), 90, 80, Ball(70, 120, 123))
    pictures = VIEW.draw(PongPercept(0, (one, one, one, two)))
    assert VIEW.read(pictures[2:]).frames == (one, one, one, two)


def test_other_pictures_are_refused() -> None:
    pictures = VIEW.draw(GAME.new(0).percept(0))
    for wrong in ([], [*pictures, pictures[0]]):
        with pytest.raises(UnreadableError, match="expected one to 4 pictures"):
            VIEW.read(wrong)
    for size in ((300, 400), (80, 105), (400, 525)):
        with pytest.raises(UnreadableError, match="was expected"):
            VIEW.read([image.resize(size) for image in pictures])
    blank = pictures[3].copy()
    blank.paste(0, (0, 0, *blank.size))
    with pytest.raises(UnreadableError):
        VIEW.read([*pictures[:3], blank])


def test_one_pixel_too_many_is_no_frame() -> None:
    screen = render(Frame((0, 0), 100, 90, None))
    screen[60, 60] = GREEN
    with pytest.raises(UnreadableError, match="shows more than points"):
        parse_screen(screen)


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
    now = Frame((1, 2), 100, 180, Ball(70, 120, 123, late=True))
    before = Frame((1, 2), None, 182, None)
    described = VIEW.describe(PongPercept(0, (before, before, before, now)))
    assert described.splitlines()[-2:] == [
        "Frame 3: no ball; no left paddle; the right paddle covers y 182-193; "
        "points: left 1, right 2.",
        "Frame 4: the ball covers x 70-71, y 120-123, but for the left pixel of its top row; "
        "the left paddle covers y 100-115; the right paddle covers y 180-193; "
        "points: left 1, right 2.",
    ]
    assert not re.search(r"\b(you|your|bot)\b", described, re.IGNORECASE)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Frame 4:", "Frame 3:"),
        ("x 70-71", "x 70-72"),
        ("left 1, right 2", "left 1"),
        ("Frame 1: no ball", "Frame 1"),
        ("points: left 1, right 2.", "points: left 1, right 2. And so on."),
    ],
)
def test_other_texts_are_refused(old: str, new: str) -> None:
    now = Frame((1, 2), 100, 180, Ball(70, 120, 123))
    described = VIEW.describe(PongPercept(0, (*(now._replace(ball=None),) * 3, now)))
    assert old in described
    with pytest.raises(UnreadableError, match="the text"):
        VIEW.read_text(described.replace(old, new))


def test_facts_state_nothing() -> None:
    assert VIEW.facts(GAME.new(0).percept(0)) == {}
