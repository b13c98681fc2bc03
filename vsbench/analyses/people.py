"""Human studies: the games of several people, pooled by environment."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
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
from vsbench.reporting.labels import mean_label
from vsbench.scoring.episodes import Scales
from vsbench.scoring.intervals import clustered
from vsbench_envs import registry
from vsbench_envs.registry import BENCHMARK

PERSON = "person/"
"""Prefix of the model ids of people."""

QUARTILES = (25, 50, 75)
"""Percentiles."""


class PooledGame(BaseModel):
    """Normalised scores of people in a game."""

    model_config = ConfigDict(frozen=True)

    env: str
    people: int
    episodes: int
    score: Figure
    """Mean over episodes; the interval is over people, or over episodes if there is one person."""
    quartiles: tuple[float, float, float]
    """25th, 50th and 75th percentile over episodes."""
    paper: float | None
    """Mean of the paper's human study; None if it does not have the game."""


class Pooled(BaseModel):
    """A human study."""

    model_config = ConfigDict(frozen=True)

    people: int
    episodes: int
    games: tuple[PooledGame, ...]
    overall: float
    """The mean over games."""


def pool(people: Mapping[str, Sequence[Results]]) -> Pooled:
    """Pool the runs of several people.

    Args:
        people: name of each person -> their runs.

    Raises:
        UsageError: a run is not a person's, or no game is finished.
    """
    scores: dict[str, dict[str, list[float]]] = {}
    """Environment -> person -> scores of episodes."""
    for person, runs in people.items():
        for run in runs:
            if not run.model.startswith(PERSON):
                raise UsageError(
                    f"{person} has a run of {run.model}, which is not a person; "
                    "people play with vsbench play"
                )
            for part in run.environments:
                if part.episodes:
                    found = scores.setdefault(part.env, {}).setdefault(person, [])
                    found += [episode.score for episode in part.episodes]
    if not scores:
        raise UsageError("no person has finished a game")
    games = tuple(_game(env, scores[env]) for env in catalogue_order(scores))
    return Pooled(
        people=len({person for by_person in scores.values() for person in by_person}),
        episodes=sum(game.episodes for game in games),
        games=games,
        overall=fmean(game.score.mean for game in games),
    )


def people_table(pooled: Pooled) -> Table:
    """Scores of people by game, compared with the paper's human study."""
    envs = [game.env for game in pooled.games]
    complete = set(envs) == set(BENCHMARK)
    # The number of people is given by game only where it differs.
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
    paper = format_decimal(human_row().overall if complete else None, 1)
    counts = (str(pooled.people), str(pooled.episodes))
    footer = (mean_label(envs), *counts, format_decimal(pooled.overall, 1), "", paper)
    columns = ("environment", "people", "episodes", "score (95 % CI)", "quartiles", "paper")
    shown = [place for place, column in enumerate(columns) if uneven or column != "people"]

    def cells(row: Sequence[str]) -> tuple[str, ...]:
        return tuple(row[place] for place in shown)

    people = "1 person" if pooled.people == 1 else f"{pooled.people} people"
    return Table(
        title=f"Human study: normalised returns ({people}, {pooled.episodes} episodes)",
        columns=cells(columns),
        rows=tuple(map(cells, rows)),
        footer=cells(footer),
    )


def to_csv(pooled: Pooled) -> str:
    """One line per game."""
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
    # Episodes of one person are not independent of one another; alone they are all there is.
    persons = [person for person, scores in by_person.items() for _ in scores]
    clusters: Sequence[Hashable] = persons if len(by_person) > 1 else range(len(values))
    scale = Scales(registry.get(env).spec).score.of_units(1)
    q25, q50, q75 = (float(value) for value in np.percentile(values, QUARTILES))
    return PooledGame(
        env=env,
        people=len(by_person),
        episodes=len(values),
        score=clustered(values, clusters, scale).figure,
        quartiles=(q25, q50, q75),
        paper=human_row().means.get(env),
    )
