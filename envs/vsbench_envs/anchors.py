"""The measured anchors: the returns of random play and of the oracle in each game.

A game's spec states the anchors that scores are normalised by; for the benchmark's eight games
they are the paper's. ``anchors.json`` holds what the games' own bots reach, with 95 % intervals;
``vsbench anchors --write`` makes it. A game of another package has such a file in its package.

The file also states how many decisions an episode takes, which budgets are planned with, and how
far figures spread between episodes of one player, which intervals are shrunk towards. The spread is
kept when anchors are measured again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any

from vsbench_envs import registry
from vsbench_envs.errors import NotMeasuredError, PluginError, UnknownNameError
from vsbench_envs.spec import GameSpec

FILE = "anchors.json"
SHIPPED = Path(__file__).parent / FILE


@dataclass(frozen=True)
class Estimate:
    """A mean over episodes with its 95 % interval."""

    mean: float
    low: float
    high: float
    n: int
    """Episodes."""


@dataclass(frozen=True)
class Anchors:
    """The anchors of one measure: the players ``random`` and ``oracle``."""

    random: Estimate
    oracle: Estimate


@dataclass(frozen=True)
class Spread:
    """Typical standard deviations between a player's episodes, pooled over good and bad players.

    They are between means of ``GameSpec.group`` episodes.
    """

    score: float = 30.0
    """Points of the normalised score; by default the largest of the benchmark's games."""
    behaviours: Mapping[str, float] = field(default_factory=dict)
    """Counted behaviour -> standard deviation of the mean count of a seat."""


@dataclass(frozen=True)
class Decisions:
    """Decisions of the measured seats in an episode with the standard opponents."""

    random: float
    """Mean in random play."""
    oracle: float
    """Mean of the oracle."""
    longest: int
    """Most in any measured episode of the two."""


@dataclass(frozen=True)
class GameAnchors:
    """The anchors of one game, with date, seed and versions of their measurement."""

    date: str
    """ISO, of the measurement."""
    seed: int
    """Of the run: the first ``n`` episodes of ``vsbench run --model bot/... --seed``."""
    versions: Mapping[str, str]
    """Of vsbench, Python and the engines."""
    measures: Mapping[str, Anchors]
    """By the measure's name."""
    spread: Spread = Spread()
    decisions: Decisions | None = None
    """None in files from before they were measured."""


def load(path: Path = SHIPPED) -> dict[str, GameAnchors]:
    """The anchors in a file, by game; none if there is no file."""
    try:
        changed = path.stat().st_mtime_ns
    except FileNotFoundError:
        return {}
    return dict(_load(path, changed))


@lru_cache(maxsize=32)
def _load(path: Path, changed: int) -> Mapping[str, GameAnchors]:
    """Read a file, which was last ``changed`` at this time: every figure of a run asks for it."""
    return {game: _game(entry) for game, entry in json.loads(path.read_text("utf-8")).items()}


def save(anchors: Mapping[str, GameAnchors], path: Path) -> None:
    """Write a file that :func:`load` reads, the games in the order given."""
    plain = {game: asdict(entry) for game, entry in anchors.items()}
    path.write_text(json.dumps(plain, indent=2) + "\n", encoding="utf-8")


def file_of(game_id: str) -> Path:
    """The file with a game's measured anchors, in the package that the game is from.

    Raises:
        UnknownNameError, PluginError: there is no such game, or its package is broken.
    """
    registry.get(game_id)
    package = import_module(registry.home(game_id).partition(".")[0])
    folders = list(getattr(package, "__path__", ()))
    return Path(folders[0]) / FILE if folders else Path(f"{game_id}.{FILE}")


def measured(game_id: str) -> GameAnchors | None:
    """A game's measured anchors; None if they were not measured or the game is not installed."""
    try:
        return load(file_of(game_id)).get(game_id)
    except (UnknownNameError, PluginError):
        return None


def spread(game_id: str) -> Spread:
    """The spread of a game's figures; the default if it was not measured."""
    found = measured(game_id)
    return Spread() if found is None else found.spread


def decisions(game_id: str) -> Decisions | None:
    """How many decisions an episode of a game takes; None if that was not measured."""
    found = measured(game_id)
    return None if found is None else found.decisions


def by_measured(spec: GameSpec, found: GameAnchors | None) -> GameSpec:
    """A spec whose scores are normalised by measured anchors.

    Raises:
        NotMeasuredError: there are none, or they lack a measure; says how to measure them.
    """
    measures = {} if found is None else found.measures
    if missing := [measure.name for measure in spec.measures if measure.name not in measures]:
        raise NotMeasuredError(
            f"the anchors of {spec.id} have not been measured ({', '.join(missing)}): "
            f"vsbench anchors --env {spec.id} --write {file_of(spec.id)} does it"
        )
    return replace(
        spec,
        measures=tuple(
            replace(
                measure,
                random=measures[measure.name].random.mean,
                best=measures[measure.name].oracle.mean,
            )
            for measure in spec.measures
        ),
    )


def _game(entry: Mapping[str, Any]) -> GameAnchors:
    measures = {
        name: Anchors(Estimate(**both["random"]), Estimate(**both["oracle"]))
        for name, both in entry["measures"].items()
    }
    found = entry.get("decisions")
    return GameAnchors(
        entry["date"],
        entry["seed"],
        entry["versions"],
        measures,
        Spread(**entry.get("spread", {})),
        None if found is None else Decisions(**found),
    )
