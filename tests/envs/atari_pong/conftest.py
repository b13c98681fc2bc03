from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from importlib import import_module
from typing import Any

import pytest

from vsbench_envs.atari_pong import GAME
from vsbench_envs.atari_pong.rules import FRAME_SKIP, JOYSTICK, MAX_NO_OPS, PongState
from vsbench_envs.rollout import rollout
from vsbench_envs.seeding import stream

Lockstep = Callable[[int, str], Iterator[tuple[Any, Any]]]


def emulator(frame_skip: int) -> Any:
    """An emulator for the test alone, without sticky actions."""
    ale_py = import_module("ale_py")
    ale_py.ALEInterface.setLoggerMode(ale_py.LoggerMode.Error)
    ale = ale_py.ALEInterface()
    ale.setInt("frame_skip", frame_skip)
    ale.setFloat("repeat_action_probability", 0.0)
    ale.loadROM(ale_py.roms.get_rom_path("pong"))
    return ale


@pytest.fixture(scope="session")
def console() -> Any:
    """A console that plays frame by frame."""
    return emulator(frame_skip=1)


@pytest.fixture
def lockstep() -> Lockstep:
    """Play episodes without sticky actions alongside a console that skips frames itself: each
    state, and the console at that moment."""
    game = replace(GAME, start=partial(PongState, stickiness=0.0))
    ale = emulator(frame_skip=FRAME_SKIP)

    def play(seed: int, written: str) -> Iterator[tuple[Any, Any]]:
        ale.reset_game()
        for _ in range(stream(seed, "no-ops").randint(1, MAX_NO_OPS)):
            ale.act(0)
        reward = 0.0
        for state, joint in rollout(game, seed, [written]):
            assert state.rewards == (reward,)
            yield state, ale
            if joint:
                reward = ale.act(JOYSTICK[joint[0]])

    return play
