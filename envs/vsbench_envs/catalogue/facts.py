"""Facts about a game and its bots, as rows of tables."""

from __future__ import annotations

from typing import Any

from vsbench_envs.errors import MissingExtraError
from vsbench_envs.game import Game
from vsbench_envs.spec import GameSpec

Rows = list[tuple[str, ...]]

INDEX = ("id", "game", "kind", "seats", "others", "")
"""Headings for rows of :func:`index_row`."""

BOTS = ("bot", "options", "")
"""Headings for :func:`bots`."""

SHOWN_ACTIONS = 12


def index_row(spec: GameSpec) -> tuple[str, ...]:
    """A game in a line."""
    others = spec.opponent or "self-play"
    return (spec.id, spec.title, spec.kind, str(spec.seats), others, spec.summary)


def facts(game: Game[Any]) -> Rows:
    """Name and value of everything that the specification says, and of the spaces."""
    spec = game.spec
    rows = [
        ("id", f"`{spec.id}`"),
        ("kind", spec.kind),
        ("moves", "all at once" if spec.simultaneous else "in turns"),
        ("seats", "; ".join(f"{seat}: {role}" for seat, role in enumerate(spec.roles))),
        ("other seats", _others(spec)),
        ("information", "perfect: every seat sees the same" if spec.perfect_information else ""),
        ("actions", _actions(spec)),
        ("observation", _observation(game)),
        ("counted", "; ".join(f"{name}: {what}" for name, what in spec.events.items())),
        ("personas", ", ".join(spec.personas)),
        ("needs", f"`pip install 'vsbench[{spec.extra}]'`" if spec.extra else ""),
    ]
    return [row for row in rows if row[1]]


def bots(game: Game[Any]) -> Rows:
    """Every bot, its options with their defaults and ranges, and what it does."""
    rows: Rows = []
    for name, bot in game.bots.items():
        options = (
            f"`{option}={parameter.default}` ({parameter.range})"
            for option, parameter in bot.parameters.items()
        )
        traits = {"searches on the state itself": bot.needs_state, "slow": bot.slow}
        noted = ", ".join(trait for trait, has in traits.items() if has)
        about = f"{bot.about} ({noted})" if noted else bot.about
        rows.append((f"`{name}`", ", ".join(options), about))
    return rows


def _others(spec: GameSpec) -> str:
    if spec.opponent is not None:
        return f"`{spec.opponent}`; the model takes each seat equally often"
    return "none" if spec.seats == 1 else "self-play: the model holds every seat"


def _actions(spec: GameSpec) -> str:
    labels = [f"`{label}`" for label in spec.actions]
    if len(labels) > SHOWN_ACTIONS:
        labels = [*labels[: SHOWN_ACTIONS - 1], "...", labels[-1]]
    return f"`Discrete({len(spec.actions)})`: {', '.join(labels)}"


def _observation(game: Game[Any]) -> str:
    try:
        percept = game.new(0).percept(0)
    except MissingExtraError as error:
        return str(error)
    width, height = game.view.draw(percept)[-1].size
    frames = game.view.frames
    pictures = f"{frames} pictures" if frames > 1 else "a picture"
    return (
        f"{pictures} of {width} x {height}: `Box(0, 255, ({height}, {width}, {3 * frames}), "
        f"uint8)`; `action_mask`: `Box(0, 1, ({len(game.spec.actions)},), int8)`; "
        f"{len(game.view.labels(percept))} elements to name"
    )
