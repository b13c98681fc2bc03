"""Entries, the page that they make, and the pictures on it."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from inspect import cleandoc
from pathlib import Path
from typing import Any

from PIL import Image

from vsbench_envs import anchors, registry
from vsbench_envs.canvas import encode
from vsbench_envs.catalogue.ends import anchor_columns, anchor_rows, measured_with
from vsbench_envs.catalogue.facts import BOTS, INDEX, bots, facts, index_row
from vsbench_envs.catalogue.markdown import link, table
from vsbench_envs.game import Game
from vsbench_envs.rollout import rollout

PAGE, PICTURES = "README.md", "pictures"

MOMENT = 7
"""The seed of the episodes that pictures are from."""

INTRODUCTION = """\
# The games

<!-- Made by `make catalogue` from the games themselves. Change those, not this page. -->

Each game is a pure state machine with percepts, pictures and bots, and a PettingZoo
environment: `vsbench_envs.get("kuhn_poker")` is the one, `vsbench_envs.make("kuhn_poker")` the
other. What a seat sees, is told and may know are the same, and the picture alone is enough to play
from. `vsbench envs NAME` says what this page says, `vsbench play NAME` lets you take a seat.

Scores are normalised so that random play is 0 and the oracle 100. For the games of the benchmark
these anchors are the paper's; beside them stands what this project's own bots `random` and
`oracle` reach. `vsbench results --anchors measured` normalises by those instead."""


def entry(game: Game[Any]) -> str:
    """Everything about a game but its picture."""
    spec = game.spec
    variant = [] if original(spec.id) == spec.id else [f"{spec.summary} The rules are those of:"]
    return "\n\n".join([f"## {spec.title}", *variant, rules(spec.id), *_tables(game)])


def rules(game_id: str) -> str:
    """The documentation of a game: the docstring of its module."""
    return cleandoc(import_module(registry.home(game_id)).__doc__ or "").replace("``", "`")


def original(game_id: str) -> str:
    """The game that a variant shares its module with; any other game is its own."""
    return next(name for name in registry.names() if registry.home(name) == registry.home(game_id))


def picture(game: Game[Any]) -> Image.Image:
    """The latest picture that a player sees in the middle of an episode of greedy play."""
    episode = rollout(game, MOMENT, ["greedy"] * game.spec.seats)
    percepts = [state.percept(state.acting[0]) for state, joint in episode if joint]
    return game.view.draw(percepts[len(percepts) // 2])[-1]


def page() -> str:
    """The whole catalogue of our own games."""
    games = [registry.get(name) for name in registry.GAMES]
    index = []
    for game in games:
        game_id, title, *rest = index_row(game.spec)
        index.append((game_id, link(title), *rest))
    return "\n\n".join([INTRODUCTION, table(INDEX, index), *map(_section, games)]) + "\n"


def write(folder: Path) -> None:
    """Write the page and the pictures."""
    (folder / PICTURES).mkdir(parents=True, exist_ok=True)
    for name in registry.GAMES:
        (folder / PICTURES / f"{name}.png").write_bytes(encode(picture(registry.get(name))))
    (folder / PAGE).write_text(page(), encoding="utf-8")


def _section(game: Game[Any]) -> str:
    """An entry with its picture; a variant refers to the rules of the game that it varies."""
    spec, first = game.spec, registry.get(original(game.spec.id)).spec
    varied = f"{spec.summary} The rules are those of {link(first.title)}."
    parts = [
        f"## {spec.title}",
        f"![{spec.title} in the middle of an episode]({PICTURES}/{spec.id}.png)",
        rules(spec.id) if first is spec else varied,
    ]
    return "\n\n".join([*parts, *_tables(game)])


def _tables(game: Game[Any]) -> Iterator[str]:
    yield table(("", ""), facts(game))
    yield "**Players**"
    yield table(BOTS, bots(game))
    yield "**Anchors**"
    yield table(anchor_columns(game.spec), anchor_rows(game.spec, anchors.load().get(game.spec.id)))
    if told := measured_with(game.spec):
        yield told
