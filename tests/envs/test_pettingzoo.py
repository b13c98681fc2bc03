"""How the PettingZoo environments are found, opened and refused."""

from __future__ import annotations

import importlib
import pickle
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pettingzoo
import pygame
import pytest
from PIL import Image

import vsbench_envs
import vsbench_envs.pettingzoo
from vsbench_envs import kuhn_poker_v0, make, registry
from vsbench_envs.errors import MissingExtraError, NoDisplayError, UnknownNameError
from vsbench_envs.kuhn_poker import GAME
from vsbench_envs.kuhn_poker.rules import KuhnPercept
from vsbench_envs.kuhn_poker.view import KuhnView

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "envs/vsbench_envs"


def test_every_way_of_importing_gives_the_same_module() -> None:
    assert vsbench_envs.kuhn_poker_v0 is kuhn_poker_v0
    assert importlib.import_module("vsbench_envs.kuhn_poker_v0") is kuhn_poker_v0
    assert kuhn_poker_v0.__name__ == "vsbench_envs.kuhn_poker_v0"


def test_every_game_of_ours_has_a_module_file() -> None:
    files = {path.stem for path in PACKAGE.glob("*_v0.py")}
    assert files == {f"{name}_v0" for name in registry.GAMES}
    for name in registry.GAMES:
        module = importlib.import_module(f"vsbench_envs.{name}_v0")
        assert getattr(vsbench_envs, f"{name}_v0") is module
        assert module.__doc__ == f"{vsbench_envs.get(name).spec.title} as a PettingZoo environment."
        assert module.parallel_env.args == (name,)


@pytest.mark.parametrize("name", ["chess_v0", "kuhn_pokr_v0"])
def test_an_unknown_game_is_no_module(name: str) -> None:
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module(f"vsbench_envs.{name}")
    with pytest.raises(AttributeError, match=name):
        getattr(vsbench_envs, name)


def test_type_checkers_know_the_modules(tmp_path: Path) -> None:
    """A misspelt module or option is an error for mypy, and what they make has a type."""
    program = tmp_path / "program.py"
    program.write_text(
        "import vsbench_envs\n"
        "from vsbench_envs import kuhn_poker_v0\n"
        "from vsbench_envs import kuhn_pokr_v0\n"
        "env = kuhn_poker_v0.parallel_env(render_mode='rgb_array')\n"
        "reveal_type(env)\n"
        "kuhn_poker_v0.env(rendermode='human')\n"
        "vsbench_envs.mak('kuhn_poker')\n"
    )
    mypy = [sys.executable, "-m", "mypy", "--strict", "--no-color-output", "--no-error-summary"]
    done = subprocess.run(
        [*mypy, "--cache-dir", str(ROOT / ".mypy_cache"), str(program)],
        capture_output=True, text=True, cwd=ROOT, check=False,
    )  # fmt: skip
    lines = [line for line in done.stdout.splitlines() if "program.py:" in line]
    said = {int(line.split(":")[1]): line for line in reversed(lines)}
    assert said.keys() == {3, 5, 6, 7}, done.stdout
    assert 'has no attribute "kuhn_pokr_v0"' in said[3]
    assert 'Revealed type is "vsbench_envs.pettingzoo.GameParallel"' in said[5]
    assert "rendermode" in said[6]
    assert 'has no attribute "mak"' in said[7]


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
