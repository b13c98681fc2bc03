"""How the PettingZoo environments are found, opened and refused."""

from __future__ import annotations

import importlib
import pickle
import subprocess
import sys
from dataclasses import replace
from typing import Any

import pettingzoo
import pygame
import pytest
from PIL import Image

import vsbench_envs
import vsbench_envs.pettingzoo
from vsbench_envs import kuhn_poker_v0, make, names
from vsbench_envs.errors import MissingExtraError, NoDisplayError, UnknownNameError
from vsbench_envs.kuhn_poker import GAME
from vsbench_envs.kuhn_poker.percept import KuhnPercept
from vsbench_envs.kuhn_poker.view import KuhnView


def test_every_way_of_importing_gives_the_same_module() -> None:
    assert vsbench_envs.kuhn_poker_v0 is kuhn_poker_v0
    assert importlib.import_module("vsbench_envs.kuhn_poker_v0") is kuhn_poker_v0
    assert kuhn_poker_v0.__name__ == "vsbench_envs.kuhn_poker_v0"


def test_there_is_a_module_for_every_game() -> None:
    for name in names():
        module = importlib.import_module(f"vsbench_envs.{name}_v0")
        assert getattr(vsbench_envs, f"{name}_v0") is module


def test_an_unknown_game_is_no_module() -> None:
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("vsbench_envs.chess_v0")


def test_importing_a_module_first_thing_works() -> None:
    program = "import vsbench_envs.kuhn_poker_v0 as k; print(k.env())"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("kuhn_poker_v0\n", "")


def test_env_functions_travel_to_workers() -> None:
    assert str(pickle.loads(pickle.dumps(kuhn_poker_v0.parallel_env))()) == "kuhn_poker_v0"


@pytest.mark.parametrize("written", ["vsbench/kuhn_poker_v0", "vsbench/kuhn_poker-v0"])
def test_pettingzoo_makes_them_too(written: str) -> None:
    env: Any = pettingzoo.make("aec", written, max_cycles=1)
    assert isinstance(env, pettingzoo.AECEnv)
    assert env.unwrapped.max_cycles == 1
    assert isinstance(pettingzoo.make("parallel", written), pettingzoo.ParallelEnv)


def test_make_takes_a_game_that_is_not_registered() -> None:
    assert str(make(vsbench_envs.get("kuhn_poker"))) == "kuhn_poker_v0"


@pytest.mark.parametrize(
    ("arguments", "options", "error", "words"),
    [
        (("kuhn_pokr",), {}, UnknownNameError, "Did you mean 'kuhn_poker'"),
        (("kuhn_poker", "paralel"), {}, UnknownNameError, "Did you mean 'parallel'"),
        (("kuhn_poker",), {"render_mode": "ansi"}, ValueError, "rgb_array.*not 'ansi'"),
    ],
)
def test_make_explains_what_it_cannot_do(
    arguments: Any, options: Any, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        make(*arguments, **options)


def test_seeds_name_episodes_and_series() -> None:
    def episodes(env: Any, *seeds: int | None) -> list[int]:
        return [env.reset(seed=seed) and env.episode.seed for seed in seeds]

    env = kuhn_poker_v0.parallel_env()
    first = episodes(env, 7, None, None, 8, None)
    assert first[0] == 7
    assert len(set(first)) == 5
    assert episodes(kuhn_poker_v0.parallel_env(), 7, None, None, 8, None) == first
    assert episodes(kuhn_poker_v0.parallel_env(), None) != episodes(env, None)


def test_frames_are_stacked_along_the_channels() -> None:
    class Twice(KuhnView):
        def draw(self, percept: KuhnPercept) -> tuple[Image.Image, ...]:
            return super().draw(percept) * 2

    env = make(replace(GAME, view=Twice()), "parallel", render_mode="rgb_array")
    observations, _ = env.reset(seed=0)
    seen = observations["player_0"]["observation"]
    assert seen.shape == (560, 640, 6)
    assert (seen[:, :, :3] == seen[:, :, 3:]).all()
    picture = env.render()
    assert picture is not None
    assert (picture[:, :640] == seen[:, :, 3:]).all()


def test_rendering_without_a_mode_warns() -> None:
    env = kuhn_poker_v0.env()
    env.reset()
    with pytest.warns(UserWarning, match="no render_mode"):
        assert env.render() is None


def test_the_window_shows_what_rgb_array_returns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    window = kuhn_poker_v0.parallel_env(render_mode="human", render_fps=1000)
    pictures = kuhn_poker_v0.parallel_env(render_mode="rgb_array")
    window.reset(seed=3)
    pictures.reset(seed=3)
    shown = pygame.display.get_surface()
    assert shown is not None
    full = pygame.surfarray.make_surface(pictures.render().swapaxes(0, 1))
    expected = pygame.transform.smoothscale(full, shown.get_size())
    assert shown.get_width() < full.get_width(), "it should fit the dummy's desktop"
    assert (pygame.surfarray.array3d(shown) == pygame.surfarray.array3d(expected)).all()
    assert pygame.display.get_caption()[0] == "Kuhn poker"
    window.close()
    assert not pygame.display.get_init()


@pytest.mark.parametrize("driver", [None, "none such"])
def test_a_window_that_nobody_can_see_is_an_error(
    monkeypatch: pytest.MonkeyPatch, driver: str | None
) -> None:
    pygame.display.quit()
    monkeypatch.setattr("pygame.display.get_driver", lambda: "offscreen")
    monkeypatch.delenv("SDL_VIDEODRIVER", raising=False)
    if driver:
        monkeypatch.setenv("SDL_VIDEODRIVER", driver)
    env = kuhn_poker_v0.env(render_mode="human")
    with pytest.raises(NoDisplayError, match="window"):
        env.reset()


def test_a_window_without_pygame_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pygame", None)
    monkeypatch.delitem(sys.modules, "vsbench_envs.window")
    with pytest.raises(MissingExtraError, match=r"pip install 'vsbench\[human\]'"):
        kuhn_poker_v0.env(render_mode="human")
