"""People who played, pooled into one row as in a human study."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean

import numpy as np
from pydantic import BaseModel, ConfigDict

from vsbench.errors import UsageError
from vsbench.published.tables import human_row
from vsbench.records.results import Figure, Results
from vsbench.reporting import formats
from vsbench.reporting.formats import (
    Table,
    catalogue_order,
    env_title,
    format_decimal,
    format_interval,
)
from vsbench.scoring.intervals import bounded, figure
from vsbench_envs.registry import BENCHMARK

PERSON = "person/"
"""What the model id of a person begins with."""

QUARTILES = (25, 50, 75)

OVERALL = "overall"


class PooledGame(BaseModel):
    """What people scored in a game, normalised."""

    model_config = ConfigDict(frozen=True)

    env: str
    people: int
    episodes: int
    score: Figure
    """The mean over all episodes; its interval is over people, or over episodes of only one."""
    quartiles: tuple[float, float, float]
    """Of the episodes: 25 %, the median, 75 %."""
    paper: float | None
    """The paper's people."""


class Pooled(BaseModel):
    """A human study."""

    model_config = ConfigDict(frozen=True)

    people: int
    episodes: int
    games: tuple[PooledGame, ...]
    overall: float
    """The mean over games."""


def pool(people: Mapping[str, Sequence[Results]]) -> Pooled:
    """Several people's runs as one row.

    Args:
        people: each person's runs, by what the person is called.

    Raises:
        UsageError: a run is no person's, or nobody has finished a game.
    """
    scores: dict[str, dict[str, list[float]]] = {}
    """Environment -> person -> scores of episodes."""
    for person, runs in people.items():
        for run in runs:
            if not run.model.startswith(PERSON):
                raise UsageError(
                    f"{person} has a run of {run.model}, which is no person; "
                    "people's games are those of vsbench play"
                )
            for part in run.environments:
                if part.episodes:
                    found = scores.setdefault(part.env, {}).setdefault(person, [])
                    found += [episode.score for episode in part.episodes]
    if not scores:
        raise UsageError("nobody has finished a game")
    games = tuple(_game(env, scores[env]) for env in catalogue_order(scores))
    return Pooled(
        people=len({person for by_person in scores.values() for person in by_person}),
        episodes=sum(game.episodes for game in games),
        games=games,
        overall=fmean(game.score.mean for game in games),
    )


def people_table(pooled: Pooled) -> Table:
    """The row of people, a line for each game, beside the paper's."""
    shown = {game.env for game in pooled.games}
    everything = shown == set(BENCHMARK)
    games = "1 game" if len(shown) == 1 else f"{len(shown)} games"
    # Who played what is said by game only where not everybody has played everything.
    uneven = any(game.people < pooled.people for game in pooled.games)
    rows = []
    for game in pooled.games:
        row = (
            env_title(game.env),
            str(game.people),
            str(game.episodes),
            format_interval(game.score),
        )
        quartiles = ", ".join(format_decimal(value, 0) for value in game.quartiles)
        rows.append((*row, quartiles, format_decimal(game.paper, 1)))
    paper = format_decimal(human_row().overall if everything else None, 1)
    name = OVERALL if everything else f"{OVERALL} ({games})"
    counts = (str(pooled.people), str(pooled.episodes))
    footer = (name, *counts, format_decimal(pooled.overall, 1), "", paper)
    columns = ("environment", "people", "episodes", "score (95 %)", "quartiles", "paper")
    kept = [place for place, column in enumerate(columns) if uneven or column != "people"]

    def some(row: Sequence[str]) -> tuple[str, ...]:
        return tuple(row[place] for place in kept)

    return Table(
        title=f"People: normalised returns ({pooled.people} persons, {pooled.episodes} episodes)",
        columns=some(columns),
        rows=tuple(map(some, rows)),
        footer=some(footer),
    )


def to_csv(pooled: Pooled) -> str:
    """One line for each game; numbers in full."""
    heads = ("environment", "people", "episodes", "mean", "low", "high", "q25", "q50", "q75")
    return formats.to_csv(
        (*heads, "paper"),
        *(
            (
                *(game.env, game.people, game.episodes),
                *(game.score.mean, game.score.low, game.score.high),
                *game.quartiles,
                game.paper,
            )
            for game in pooled.games
        ),
    )


def _game(env: str, by_person: Mapping[str, Sequence[float]]) -> PooledGame:
    values = [score for scores in by_person.values() for score in scores]
    q25, q50, q75 = (float(value) for value in np.percentile(values, QUARTILES))
    return PooledGame(
        env=env,
        people=len(by_person),
        episodes=len(values),
        score=_score(values, [fmean(scores) for scores in by_person.values()]),
        quartiles=(q25, q50, q75),
        paper=human_row().means.get(env),
    )


def _score(values: Sequence[float], by_person: Sequence[float]) -> Figure:
    """The mean over episodes. What one person plays shares that person's skill."""
    if len(by_person) < 2:
        return figure(values)
    over = figure(by_person)
    assert over.low is not None
    assert over.high is not None
    return bounded(fmean(values), (over.low, over.high), over.n)
