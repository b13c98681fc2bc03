"""The Python API, as an editor, a type checker and help() see it."""

from __future__ import annotations

import ast
import inspect
import pydoc
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest

import vsbench
import vsbench_envs
from vsbench import api, cli
from vsbench.errors import UsageError
from vsbench.settings import (
    SHAPING,
    PlayOptions,
    PlaySettings,
    RunOptions,
    RunSettings,
    TournamentOptions,
    describe,
)


def test_help_is_a_page_that_names_everything() -> None:
    page = pydoc.plain(pydoc.render_doc(vsbench))
    assert len(page) < 25_000
    for name in ("run(", "resume(", "results(", "verify(", "replay(", "tournament(", "simulate("):
        assert f"\n    {name}" in page
    assert "episodes (int | Mapping[str, int] | None): Episodes per environment" in page
    assert set(vsbench.__all__) <= set(dir(vsbench))


def test_everything_offered_is_there_and_known_to_type_checkers() -> None:
    tree = ast.parse(Path(vsbench.__file__).read_text(encoding="utf-8"))
    checking = next(node for node in tree.body if isinstance(node, ast.If))
    imported = {
        alias.asname or alias.name
        for node in ast.walk(checking)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    offered = set(dir(vsbench)) - {"__version__"}
    assert imported == offered
    public = {
        name
        for name, function in vars(api).items()
        if inspect.isfunction(function)
        and not name.startswith("_")
        and (function.__module__ == api.__name__ or name == "verify")
    }
    assert set(vsbench.__all__) == public
    for name in offered:
        assert getattr(vsbench, name).__module__.startswith("vsbench"), name
    with pytest.raises(AttributeError, match="no attribute 'runs_'"):
        getattr(vsbench, "runs_")  # noqa: B009


def test_settings_are_the_same_as_keyword_arguments_and_as_a_model() -> None:
    assert RunOptions.__optional_keys__ == RunSettings.model_fields.keys()
    assert PlayOptions.__optional_keys__ == PlaySettings.model_fields.keys()
    assert RunSettings.model_fields.keys() - TournamentOptions.__optional_keys__ == {
        "models",
        "evals",
        "samples",
        "seats",
    }


@pytest.mark.parametrize("name", RunSettings.model_fields)
def test_every_setting_is_an_option_with_the_same_help(name: str) -> None:
    command = cli.cli.get_command(click.Context(cli.cli), "run")
    assert command is not None
    (option,) = (each for each in command.params if each.name == name)
    assert isinstance(option, click.Option)
    assert describe(name).endswith((".", ";"))
    assert option.help is not None
    assert option.help.startswith(describe(name))


@pytest.mark.parametrize("name", SHAPING)
def test_what_shapes_a_run_is_not_taken_when_it_is_resumed(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match=f"{name}: a resumed run keeps the settings"):
        vsbench.resume(tmp_path, **{name: None})  # type: ignore[arg-type]


def test_a_single_name_needs_no_list(tmp_path: Path) -> None:
    (report,) = vsbench.run(
        models="bot/random",
        envs="kuhn_poker",
        evals="decision",
        episodes=6,
        out=str(tmp_path / "run"),
    )
    assert report.results.environments[0].env == "kuhn_poker"
    assert vsbench.verify(report.directory).ok
    assert vsbench.replay(report.directory, "kuhn_poker/0").suffix == ".html"
    film = vsbench.replay(report.directory, "kuhn_poker/1", tmp_path / "film.gif")
    assert film.read_bytes().startswith(b"GIF")
    with pytest.raises(UsageError, match="episode"):
        vsbench.replay(report.directory, "kuhn_poker/99")


def test_a_run_is_estimated_and_rehearsed(tmp_path: Path) -> None:
    with vsbench.simulate(policy="legal") as provider:
        model = f"openai-api/{provider.base_url}#any"
        game = {"envs": "kuhn_poker", "evals": "decision", "episodes": 6}
        expected = vsbench.estimate(models=model, learn=False, **game)[model]  # type: ignore[arg-type]
        (report,) = vsbench.run(models=model, out=tmp_path / "run", **game)  # type: ignore[arg-type]
        learnt = vsbench.estimate(models=model, learn=tmp_path, **game)[model]  # type: ignore[arg-type]
    assert [line.planned for line in expected.lines] == [6]
    assert report.exit is vsbench.Exit.COMPLETE
    assert [line.runs for line in learnt.lines] == [1]
    assert learnt.time is not None
    assert expected.time is not None
    # The provider answers at once, which is less than what is assumed of a stranger.
    assert learnt.time.high < expected.time.high
    assert provider.base_url


def test_every_error_has_one_root() -> None:
    """Of all classes that derive from an exception, by their source, so that none is imported."""
    bases: dict[str, list[str]] = {}
    for folder in (Path(vsbench.__file__).parent, Path(vsbench_envs.__file__).parent):
        for path in folder.rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.ClassDef):
                    bases[node.name] = [ast.unparse(base) for base in node.bases]

    def ancestors(name: str) -> set[str]:
        return {name}.union(*(ancestors(base) for base in bases.get(name, ())))

    raised = {name for name in bases if name.endswith("Error")}
    assert len(raised) > 30
    assert not [name for name in raised if "VSBenchError" not in ancestors(name)]


GOOD = """
import vsbench
from vsbench_envs import kuhn_poker_v0

class Counter:
    def __init__(self) -> None:
        self.lines = 0

reports = vsbench.run(
    models=["sighted/oracle"], envs="kuhn_poker", episodes=6, seats={1: "bot/random"}, style="cot"
)
score = reports[0].results.environments[0].score
best: float | None = score.mean if score is not None else None
again = vsbench.resume(reports[0].directory, max_cost=2.5)
table = vsbench.tournament(["bot/oracle", "bot/random"], envs=["kuhn_poker"], self_play="never")
env = kuhn_poker_v0.env(render_mode="rgb_array")
"""

BAD = {
    "vsbench.run(episods=3)": 'Unexpected keyword argument "episods"',
    'vsbench.run(episodes="three")': 'has incompatible type "str"',
    'vsbench.run(modality="smell")': "has incompatible type",
    'vsbench.resume("runs", episodes=3)': 'Unexpected keyword argument "episodes"',
    'vsbench.tournament(["a", "b"], samples=3)': 'Unexpected keyword argument "samples"',
    "vsbench.rum()": 'has no attribute "rum"',
    "from vsbench_envs import kuhn_pocker_v0": "kuhn_pocker_v0",
}


@pytest.mark.slow  # Checks the whole package once, without a cache.
def test_a_type_checker_finds_what_is_misspelt(tmp_path: Path) -> None:
    lines = ["import vsbench", *BAD]
    (tmp_path / "bad.py").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (tmp_path / "good.py").write_text(GOOD, encoding="utf-8")
    arguments = ["--strict", "--no-error-summary", "good.py", "bad.py"]
    done = subprocess.run(
        [sys.executable, "-m", "mypy", *arguments], cwd=tmp_path, capture_output=True, text=True
    )
    found = done.stdout.splitlines()
    assert not [line for line in found if line.startswith("good.py")]
    for number, problem in enumerate(BAD.values(), start=2):
        assert any(line.startswith(f"bad.py:{number}:") and problem in line for line in found), (
            problem,
            done.stdout,
        )


def test_settings_of_runs_alone_are_refused_by_tournaments() -> None:
    # A type checker refuses them too; this is for scripts that none has seen.
    given: dict[str, Any] = {"models": "bot/random", "samples": 3}
    with pytest.raises(UsageError, match="models, samples: not a setting of tournaments"):
        vsbench.tournament(["bot/oracle", "bot/random"], **given)
