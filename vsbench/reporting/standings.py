"""A tournament as tables: who does how well with whom, and how strong all are."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from math import ceil

from vsbench.records.results import Figure
from vsbench.records.tournament import CrossPlay, GameResult, Rating, TournamentResults
from vsbench.reporting.formats import Table
from vsbench.reporting.tables import count, interval, money
from vsbench_envs import registry

BEST = "*"
"""Stands before the best figure of a column."""

NAME, GAP = 24, 3
"""Letters of a line that a name takes, longer ones being broken, and those between columns."""

WHOLE = 10.0
"""Returns from here on have one digit after the point, smaller ones two."""


def of_tournament(results: TournamentResults, width: int | None = None) -> list[Table]:
    """Everything there is to show about a tournament.

    Args:
        results: as far as they have come.
        width: letters in a line, for terminals: what is wider is folded or parted.
    """
    tables = [table for game in results.games for table in crossplay_tables(results, game, width)]
    rated = [game for game in results.games if game.ratings]
    tables += [ratings_table(_title(game.env), game.ratings) for game in rated]
    if len(rated) > 1:
        tables.append(ratings_table("all competitive games, weighing alike", results.ratings))
    if results.usage:
        tables.append(usage_table(results))
    return tables


def crossplay_tables(
    results: TournamentResults, game: GameResult, width: int | None = None
) -> list[Table]:
    """A game: each player's own return, by who holds the other seats."""
    entrants = results.entrants
    names = [f"{number} {name}" for number, name in enumerate(entrants, 1)]
    columns = [_column(game, entrants, against) for against in entrants]
    size = len(columns)
    if width is not None:
        if size * (_widest(columns) + GAP) > width - max(map(len, names)):
            names = [name.replace("/", "/\n  ", 1) for name in names]
            columns = [[cell.replace(" [", "\n[") for cell in column] for column in columns]
        room = width - min(NAME, _widest([names]))
        most = max(1, room // (_widest(columns) + GAP))
        size = ceil(size / ceil(size / most))
    title = f"{_title(game.env)}: cross-play returns (95 %), {BEST} best of column"
    return [
        Table(
            title=title + ("" if results.complete else " (incomplete)"),
            columns=("player", *(f"with {number + 1}" for number in shown)),
            rows=tuple(
                (name, *(columns[number][row] for number in shown))
                for row, name in enumerate(names)
            ),
        )
        for start in range(0, len(columns), size)
        if (shown := range(start, min(start + size, len(columns))))
    ]


def ratings_table(about: str, ratings: Sequence[Rating]) -> Table:
    """Who is how strong, the strongest first."""
    return Table(
        title=f"Ratings (Bradley-Terry, mean 1500): {about}",
        columns=("player", "rating (95 %)", "deals won", "drawn", "lost"),
        rows=tuple(
            (each.player, interval(each.elo, 0), *map(str, (each.won, each.drawn, each.lost)))
            for each in ratings
        ),
    )


def usage_table(results: TournamentResults) -> Table:
    """What the models took."""
    return Table(
        title="Calls, over all pairings",
        columns=("model", "replies", "faults", "tokens", "cost"),
        rows=tuple(
            (
                model,
                count(usage.replies),
                count(sum(usage.faults.values())),
                count(usage.input + usage.output),
                money(usage.cost),
            )
            for model, usage in results.usage.items()
        ),
    )


def to_csv(tournaments: Sequence[TournamentResults]) -> str:
    """One line for each game, player, opponent and figure; numbers in full."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["environment", "player", "against", "figure", "mean", "low", "high", "n"])
    for results in tournaments:
        for game in results.games:
            for cell in game.crossplay:
                for name, figure in _figures(cell).items():
                    row = [game.env, cell.player, cell.against, name]
                    writer.writerow([*row, figure.mean, figure.low, figure.high, figure.n])
            for rating in game.ratings:
                writer.writerow([game.env, rating.player, "", "rating", *_numbers(rating.elo)])
        for rating in results.ratings:
            writer.writerow(["overall", rating.player, "", "rating", *_numbers(rating.elo)])
    return out.getvalue().rstrip("\n")


def _column(game: GameResult, entrants: Sequence[str], against: str) -> list[str]:
    """The cells of all who have one player with them; empty where nothing is to be played."""
    cells = {cell.player: cell for cell in game.crossplay if cell.against == against}
    means = [cell.returns.mean for cell in cells.values() if cell.returns is not None]
    digits = 2 if max(map(abs, means), default=0.0) < WHOLE else 1
    shown = []
    for player in entrants:
        returns = cells[player].returns if player in cells else None
        best = len(means) > 1 and returns is not None and returns.mean == max(means)
        text = interval(returns, digits) if player in cells else ""
        shown.append(f"{BEST if best else ''}{text}")
    return shown


def _widest(columns: Sequence[Sequence[str]]) -> int:
    return max(len(line) for column in columns for cell in column for line in cell.split("\n"))


def _figures(cell: CrossPlay) -> dict[str, Figure]:
    figures = {"return": cell.returns, "score": cell.score, "superiority": cell.superiority}
    return {name: figure for name, figure in figures.items() if figure is not None}


def _numbers(figure: Figure) -> list[float | int | None]:
    return [figure.mean, figure.low, figure.high, figure.n]


def _title(env: str) -> str:
    return registry.get(env).spec.title
