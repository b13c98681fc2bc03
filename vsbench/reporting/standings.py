"""A tournament as tables: who does how well with whom, and how strong all are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from vsbench.printable import printable
from vsbench.records.results import Figure
from vsbench.records.tournament import GameResult, Rating, TournamentResults
from vsbench.reporting import formats
from vsbench.reporting.figures import count, interval, money, numbers
from vsbench.reporting.figures import title as env_title
from vsbench.reporting.fitting import fitted
from vsbench.reporting.formats import Table

BEST = "*"
"""Stands before the best figure of a column."""

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
    tables += [ratings_table(env_title(game.env), game.ratings) for game in rated]
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
    columns = [_column(game, entrants, against) for against in entrants]
    title = f"{env_title(game.env)}: cross-play returns (95 %), {BEST} best of column"
    table = Table(
        title=title + ("" if results.complete else " (incomplete)"),
        columns=("player", *(f"with {number}" for number, _ in enumerate(entrants, 1))),
        rows=tuple(
            (f"{number} {printable(name)}", *row)
            for number, (name, *row) in enumerate(zip(entrants, *columns, strict=True), 1)
        ),
    )
    return fitted(table, width)


def ratings_table(about: str, ratings: Sequence[Rating]) -> Table:
    """Who is how strong, the strongest first."""
    return Table(
        title=f"Ratings (Bradley-Terry, mean 1500): {about}",
        columns=("player", "rating (95 %)", "deals won", "drawn", "lost"),
        rows=tuple(
            (
                printable(each.player),
                interval(each.elo, 0),
                *map(str, (each.won, each.drawn, each.lost)),
            )
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
                printable(model),
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
    return formats.to_csv(
        ("environment", "player", "against", "figure", "mean", "low", "high", "n"),
        *(
            (*about, *numbers(figure))
            for results in tournaments
            for *about, figure in _figures(results)
            if figure is not None
        ),
    )


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


def _figures(results: TournamentResults) -> Iterator[tuple[str, str, str, str, Figure | None]]:
    """Game, player, opponent, name and the figure itself, of all figures."""
    for game in results.games:
        for cell in game.crossplay:
            about = game.env, cell.player, cell.against
            yield *about, "return", cell.returns
            yield *about, "score", cell.score
            yield *about, "superiority", cell.superiority
        for rating in game.ratings:
            yield game.env, rating.player, "", "rating", rating.elo
    for rating in results.ratings:
        yield "overall", rating.player, "", "rating", rating.elo
