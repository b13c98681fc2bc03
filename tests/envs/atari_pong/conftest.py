from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

import pytest

from vsbench_envs.atari_pong import GAME, rules
from vsbench_envs.atari_pong.rules import FRAME_SKIP, MOST_NO_OPS, STICKS
from vsbench_envs.rollout import rollout
from vsbench_envs.seeding import stream

Lockstep = Callable[[int, str], Iterator[tuple[Any, Any]]]


def emulator(frame_skip: int) -> Any:
    """A console of the test's own, without sticky actions."""
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
def lockstep(monkeypatch: pytest.MonkeyPatch) -> Lockstep:
    """Episodes of a player beside a console that skips frames itself, with a stick that is not
    sticky: each state, and the console at that moment."""
    monkeypatch.setattr(rules, "STICKINESS", 0.0)
    ale = emulator(frame_skip=FRAME_SKIP)

    def play(seed: int, written: str) -> Iterator[tuple[Any, Any]]:
        ale.reset_game()
        for _ in range(stream(seed, "no-ops").randint(1, MOST_NO_OPS)):
            ale.act(0)
        reward = 0.0
        for state, joint in rollout(GAME, seed, [written]):
            assert state.rewards == (reward,)
            yield state, ale
            if joint:
                reward = ale.act(STICKS[joint[0]])

    return play
