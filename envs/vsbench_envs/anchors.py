"""The measured anchors: what random play and the oracle really get in each game.

A game's spec states the anchors that scores are normalised by; for the benchmark's eight games
they are the paper's. ``anchors.json`` holds what this project's own players reach, with 95 %
intervals; ``vsbench anchors --write`` makes it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from vsbench_envs.errors import NotMeasuredError
from vsbench_envs.spec import GameSpec

SHIPPED = Path(__file__).parent / "anchors.json"


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
    """One measure's two ends: the players ``random`` and ``oracle``."""

    random: Estimate
    oracle: Estimate


@dataclass(frozen=True)
class GameAnchors:
    """One game's anchors, and how they came about."""

    date: str
    """ISO, of the measurement."""
    seed: int
    """Of the run: the first ``n`` episodes of ``vsbench run --model bot/... --seed``."""
    versions: Mapping[str, str]
    """Of vsbench, Python and the engines."""
    measures: Mapping[str, Anchors]
    """By the measure's name."""


def load(path: Path = SHIPPED) -> dict[str, GameAnchors]:
    """The anchors in a file, by game; none if there is no file."""
    if not path.exists():
        return {}
    return {game: _game(entry) for game, entry in json.loads(path.read_text("utf-8")).items()}


def save(anchors: Mapping[str, GameAnchors], path: Path) -> None:
    """Write a file that :func:`load` reads, the games in the order given."""
    plain = {game: asdict(entry) for game, entry in anchors.items()}
    path.write_text(json.dumps(plain, indent=2) + "\n", encoding="utf-8")


def by_measured(spec: GameSpec) -> GameSpec:
    """A spec whose scores are normalised by the measured anchors.

    Raises:
        NotMeasuredError: there are none for this game.
    """
    shipped = load()
    if spec.id not in shipped:
        raise NotMeasuredError(f"the anchors of {spec.id} have not been measured")
    found = shipped[spec.id].measures
    ends = [(measure, found[measure.name]) for measure in spec.measures]
    return replace(
        spec,
        measures=tuple(
            replace(measure, random=anchors.random.mean, best=anchors.oracle.mean)
            for measure, anchors in ends
        ),
    )


def _game(entry: Mapping[str, Any]) -> GameAnchors:
    measures = {
        name: Anchors(Estimate(**both["random"]), Estimate(**both["oracle"]))
        for name, both in entry["measures"].items()
    }
    return GameAnchors(entry["date"], entry["seed"], entry["versions"], measures)
