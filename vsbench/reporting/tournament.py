"""Tables of tournaments: cross-play returns, ratings and usage."""

from __future__ import annotations

from collections.abc import Sequence

from vsbench.printable import printable
from vsbench.records.frames import TournamentRow, tournament_rows
from vsbench.records.results import FEW
from vsbench.records.tournament import GameResult, Rating, TournamentResults
from vsbench.reporting import formats
from vsbench.reporting.formats import (
    Table,
    env_title,
    fit,
    format_cost,
    format_count,
    format_interval,
)

BEST = "*"
"""Marks the best figure of a column."""

FEW_DEALS = f" (few: fewer than {FEW} deals)"
"""Added to titles of tables with few deals."""

TWO_DIGITS_BELOW = 10.0
"""Returns below this have two digits after the point, others one."""


def tournament_tables(results: TournamentResults, width: int | None = None) -> list[Table]:
    """All tables of a tournament: cross-play by game, ratings, usage.

    Args:
        results: figures so far.
        width: characters of a terminal's line; wider cross-play tables are wrapped or split.
    """
    tables = [table for game in results.games for table in crossplay_tables(results, game, width)]
    rated = [game for game in results.games if game.ratings]
    tables += [ratings_table(env_title(game.env), game.ratings) for game in rated]
    if len(rated) > 1:
        tables.append(ratings_table("all competitive games, equally weighted", results.ratings))
    if results.usage:
        tables.append(usage_table(results))
    return tables


def crossplay_tables(
    results: TournamentResults, game: GameResult, width: int | None = None
) -> list[Table]:
    """The mean return of each player (rows) with each other player in the other seats (columns)."""
    entrants = results.entrants
    columns = [_crossplay_column(game, entrants, against) for against in entrants]
    title = f"{env_title(game.env)}: cross-play returns (95 % CI), {BEST} = best in column"
    few = any(cell.returns.few for cell in game.crossplay if cell.returns is not None)
    table = Table(
        title=title + _incomplete(game) + (FEW_DEALS if few else ""),
        columns=("player", *(f"with {number}" for number, _ in enumerate(entrants, 1))),
        rows=tuple(
            (f"{number} {printable(name)}", *row)
            for number, (name, *row) in enumerate(zip(entrants, *columns, strict=True), 1)
        ),
    )
    return fit(table, width)


def _incomplete(game: GameResult) -> str:
    """Say how many deals are scored, if not all are."""
    planned = sum(cell.planned for cell in game.crossplay)
    scored = sum(0 if cell.returns is None else cell.returns.n for cell in game.crossplay)
    return "" if scored == planned else f" (incomplete: {scored:,} of {planned:,} deals scored)"


def ratings_table(games: str, ratings: Sequence[Rating]) -> Table:
    """Bradley-Terry ratings, the strongest player first, and the ranks that the data allow."""
    few = any(rating.elo.few for rating in ratings)
    return Table(
        title=f"Bradley-Terry ratings (mean 1500): {games}{FEW_DEALS if few else ''}",
        columns=("player", "rating (95 % CI)", "rank", "deals won", "drawn", "lost"),
        rows=tuple(
            (
                printable(rating.player),
                format_interval(rating.elo, 0),
                _format_rank(rating.rank),
                *map(str, (rating.won, rating.drawn, rating.lost)),
            )
            for rating in ratings
        ),
    )


def _format_rank(rank: tuple[int, int]) -> str:
    """Format a range of ranks: ``2`` or ``2-3``."""
    best, worst = rank
    return str(best) if best == worst else f"{best}-{worst}"


def usage_table(results: TournamentResults) -> Table:
    """Replies, faults, tokens and cost of each model."""
    return Table(
        title="Usage, all pairings",
        columns=("model", "replies", "faults", "tokens", "cost"),
        rows=tuple(
            (
                printable(model),
                format_count(usage.replies),
                format_count(sum(usage.faults.values())),
                format_count(usage.input + usage.output),
                format_cost(usage.cost),
            )
            for model, usage in results.usage.items()
        ),
    )


def to_csv(tournaments: Sequence[TournamentResults]) -> str:
    """One line per game, player, opponent and figure; see :class:`TournamentRow`."""
    rows = [row for results in tournaments for row in tournament_rows(results)]
    return formats.to_csv(TournamentRow._fields, *rows)


def _crossplay_column(game: GameResult, entrants: Sequence[str], against: str) -> list[str]:
    """The returns of all entrants with one of them; empty where none are to be played."""
    cells = {cell.player: cell for cell in game.crossplay if cell.against == against}
    means = [cell.returns.mean for cell in cells.values() if cell.returns is not None]
    digits = 2 if max(map(abs, means), default=0.0) < TWO_DIGITS_BELOW else 1
    column = []
    for player in entrants:
        returns = cells[player].returns if player in cells else None
        best = len(means) > 1 and returns is not None and returns.mean == max(means)
        text = format_interval(returns, digits) if player in cells else ""
        column.append(f"{BEST if best else ''}{text}")
    return column
