"""Small runs to compare, played once for all tests."""

from __future__ import annotations

from pathlib import Path

import pytest

import vsbench
from vsbench.prompts import PromptPack
from vsbench.records.comparison import Comparison, Difference
from vsbench.scoring.comparison import ComparedRun, compare

GAMES = ("kuhn_poker", "breakthrough")

HANDS: dict[str, object] = {
    "envs": "kuhn_poker",
    "evals": "decision",
    "samples": None,
    "seats": {},
}

VARIANTS: dict[str, dict[str, object]] = {
    "base": {"models": "sighted/oracle"},
    "worse": {"models": "sighted/random"},
    "seed": {"models": "sighted/oracle", "seed": 7},
    "opponent": {"models": "sighted/oracle", "seats": {1: "random"}},
    "one game": {"models": "sighted/oracle", "envs": "breakthrough"},
    "prompts": {"models": "sighted/oracle", "prompts": "edited"},
    "protocol": {"models": "sighted/oracle", "protocol": "vsbench-1-quick"},
    "hands": {"models": "sighted/oracle", **HANDS, "episodes": 30},
    "more hands": {"models": "sighted/greedy", **HANDS, "episodes": 40},
}
"""Name of a run -> its settings."""


def play(folder: Path, name: str) -> Path:
    """Play a run of both games with few episodes and samples, unless it has been played."""
    out = folder / name
    if not out.exists():
        settings = dict(VARIANTS[name])
        if settings.get("prompts") == "edited":
            settings["prompts"] = edited_prompts(folder)
        vsbench.run(
            **{
                "envs": GAMES,
                "evals": ("decision", "reasoning"),
                "episodes": 4,
                "samples": 12,
                "seats": {1: "greedy"},
                "out": out,
                **settings,
            }
        )
    return out


def edited_prompts(folder: Path) -> Path:
    """A copy of the templates with another sentence in the rules of a game."""
    target = folder / "pack"
    PromptPack.shipped().eject(target)
    rules = target / "kuhn_poker/v1/_rules.j2"
    rules.write_text(rules.read_text(encoding="utf-8") + "\nThink hard.\n", encoding="utf-8")
    return target


@pytest.fixture(scope="session")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the runs that are compared; see :func:`play`."""
    folder = tmp_path_factory.getbasetemp() / "compared"
    folder.mkdir(exist_ok=True)
    return folder


def compared(folder: Path, base: str, new: str, **options: object) -> Comparison:
    """Compare two of the runs."""
    return compare(*(ComparedRun.open(play(folder, name)) for name in (base, new)), **options)


def difference(
    comparison: Comparison, evaluation: str, env: str, figure: str = "score"
) -> Difference:
    """A difference that must exist."""
    (found,) = (
        each.difference
        for each in comparison.figures
        if (each.evaluation, each.environment, each.figure) == (evaluation, env, figure)
    )
    assert found is not None
    return found
