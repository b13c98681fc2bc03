"""The end of a game that a person has played: the last situation, and what it was worth."""

from __future__ import annotations

from typing import Any

from rich.console import Console

from vsbench.adapters.person.display import Display
from vsbench.evaluations.decision_making import EVALUATION
from vsbench.messages import Image, Text
from vsbench.reconstruction.episode import open_episode
from vsbench.records.files import REPLAYS, UnitKey
from vsbench.records.results import EpisodeResult
from vsbench.reporting.formats import Table, to_rich
from vsbench.runner.observer import RunReport
from vsbench_envs import registry
from vsbench_envs.game import State
from vsbench_envs.spec import GameSpec


def show_ending(report: RunReport, console: Console) -> None:
    """Show the last sight of the first seat that the person held, and the figures."""
    (result,), (plan,) = report.results.environments, report.manifest.environments
    (episode,) = result.episodes
    key = UnitKey(EVALUATION, plan.env, episode.episode)
    *_, last = open_episode(report.directory, key).moments()
    console.print()
    console.rule("The end", style="dim")
    sight = last.seats[plan.seats.measured[0]]
    display = Display(console, report.directory / REPLAYS)
    display.situation([*map(Image, sight.pictures), Text(sight.told)])
    console.print()
    console.print(to_rich(figures_by_seat(registry.get(plan.env).spec, episode, last.before)))
    console.print(f"{episode.length} steps, in {report.directory}", soft_wrap=True, highlight=False)


def figures_by_seat(spec: GameSpec, episode: EpisodeResult, end: State[Any]) -> Table:
    """Who sat where, what it brought and what was counted; below, the score."""
    rows = []
    never = (0,) * spec.seats
    for seat, player in enumerate(episode.seats):
        counts = (str(end.events.get(event, never)[seat]) for event in spec.events)
        rows.append((str(seat), spec.roles[seat], player, f"{end.returns[seat]:g}", *counts))
    return Table(
        title=f"{spec.title}: score {episode.score:.1f} (random play is 0, the oracle 100)",
        columns=("seat", "role", "player", "return", *spec.events.values()),
        rows=tuple(rows),
    )
