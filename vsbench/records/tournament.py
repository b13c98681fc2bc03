"""Schemas of tournaments: their record, and their results."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, model_validator

from vsbench.printable import folder_name
from vsbench.records.bounds import (
    MAX_ENTRANTS,
    MAX_EPISODES,
    MAX_GAMES,
    MAX_SEATS,
    MAX_TOURNAMENT_EPISODES,
    Count,
    EnvId,
    Name,
    Share,
)
from vsbench.records.chain import Head
from vsbench.records.frames import TournamentRow, to_frame, tournament_rows
from vsbench.records.journal import Record
from vsbench.records.manifest import Conditions, EnvironmentPlan, Frozen, Manifest, SeatPlan
from vsbench.records.results import AnchorSet, Figure, Usage
from vsbench_envs.spec import Kind

if TYPE_CHECKING:
    import pandas as pd


class TournamentGame(Frozen):
    """A game of a tournament."""

    env: EnvId
    seats: Annotated[int, Field(ge=2, le=MAX_SEATS)]
    deals: Annotated[int, Field(ge=1, le=MAX_EPISODES)]
    """Deals between every two entrants; each is played once from every seat."""
    self_play: bool
    """Whether every entrant also plays with itself: each deal once."""

    @model_validator(mode="after")
    def _fits_into_a_run(self) -> Self:
        if self.deals * self.seats > MAX_EPISODES:
            raise ValueError(f"more than {MAX_EPISODES} episodes in a pairing")
        return self

    def pairing(self, player: str, against: str) -> EnvironmentPlan:
        """Plan a pairing: the first player in one seat, the second in all others."""
        if player == against:
            all_seats = tuple(range(self.seats))
            seats = SeatPlan(players=(player,) * self.seats, measured=all_seats, seating="fixed")
            return EnvironmentPlan(env=self.env, episodes=self.deals, seats=seats)
        players = (player, *[against] * (self.seats - 1))
        seats = SeatPlan(players=players, measured=(0,), seating="duplicate")
        return EnvironmentPlan(env=self.env, episodes=self.deals * self.seats, seats=seats)


class Tournament(Conditions):
    """A tournament's ``tournament.json``."""

    format: Literal["vsbench-tournament"] = "vsbench-tournament"
    entrants: Annotated[tuple[Name, ...], Field(min_length=2, max_length=MAX_ENTRANTS)]
    """Full model ids, or ``bot/...``."""
    games: Annotated[tuple[TournamentGame, ...], Field(min_length=1, max_length=MAX_GAMES)]

    @model_validator(mode="after")
    def _no_duplicates(self) -> Self:
        envs = [game.env for game in self.games]
        for what, names in (("entrant", list(self.entrants)), ("game", envs)):
            if len(set(names)) < len(names):
                raise ValueError(f"duplicate {what}")
        pairings = len(self.entrants) ** 2
        if pairings * sum(game.deals * game.seats for game in self.games) > MAX_TOURNAMENT_EPISODES:
            raise ValueError(f"more than {MAX_TOURNAMENT_EPISODES} episodes in all")
        return self

    def games_between(self, player: str, against: str) -> tuple[TournamentGame, ...]:
        """Return the games of a pairing: the first player in one seat, the second in all others.

        With two seats both orders are the same, and only the earlier entrant's pairing has it.
        """
        if player == against:
            return tuple(game for game in self.games if game.self_play)
        first = self.entrants.index(player) < self.entrants.index(against)
        return tuple(game for game in self.games if first or game.seats > 2)

    @property
    def pairings(self) -> dict[str, Manifest]:
        """Folder of each pairing -> its run."""
        folders = _folder_names(self.entrants)
        return {
            f"{folders[player]}--{folders[against]}": self.pairing(player, against, games)
            for player, against in product(self.entrants, repeat=2)
            if (games := self.games_between(player, against))
        }

    def pairing(self, player: str, against: str, games: Sequence[TournamentGame]) -> Manifest:
        """Plan the run of one pairing."""
        providers = {name.partition("/")[0] for name in (player, against)}
        options = {
            name: value
            for name, value in self.model_options.items()
            if name.partition(".")[0] in providers
        }
        models = {name: self.models[name] for name in (player, against) if name in self.models}
        conditions = {
            name: getattr(self, name) for name in Conditions.model_fields.keys() - {"format"}
        }
        return Manifest(
            model=player,
            evaluations=("decision",),
            environments=tuple(game.pairing(player, against) for game in games),
            **conditions | {"model_options": options, "models": models},
        )


def _folder_names(entrants: tuple[str, ...]) -> dict[str, str]:
    """Return a unique folder name for each entrant."""
    names: dict[str, str] = {}
    for entrant in entrants:
        names[entrant] = folder_name(entrant.lower(), names.values())
    return names


class CrossPlay(Record):
    """The figures of one player in a game when another holds the other seats."""

    player: str
    against: str
    planned: int
    """Deals; one counts when it has been played from every seat."""
    returns: Figure | None
    """The player's own return per episode; None before a deal counts."""
    score: Figure | None
    """The normalised return as the game defines it; in mixed-motive games, of all seats."""
    superiority: Figure | None = None
    """In competitive games: the share of deals won; a draw counts half."""


class Rating(Record):
    """The strength of a player among the entrants."""

    player: str
    elo: Figure
    """Bradley-Terry strength on the Elo scale; the mean of all rated players is 1500."""
    rank: tuple[Count, Count]
    """The best and the worst rank that the data allow: 1 plus the number of players significantly
    better, and the number of players minus that of players significantly worse."""
    group: Count
    """Tie group, from 1: no player of a group is significantly worse than its first."""
    won: int
    """Deals, over all seats together."""
    drawn: int
    lost: int


class RatingDifference(Record):
    """The rating of one player minus that of another."""

    player: str
    against: str
    elo: Figure
    p: Share
    """Two-sided p value of no difference, adjusted for all pairs (Holm)."""


class GameResult(Record):
    """A game of a tournament."""

    env: str
    kind: Kind
    crossplay: tuple[CrossPlay, ...]
    ratings: tuple[Rating, ...] = ()
    """Strongest first; in competitive games only."""
    differences: tuple[RatingDifference, ...] = ()
    """Of every two rated players, the stronger first."""


class TournamentResults(Record):
    """A tournament's ``results.json``, always derivable from its pairings' journals."""

    format: Literal["vsbench-tournament-results"] = "vsbench-tournament-results"
    schema_version: Literal[1] = 1
    entrants: tuple[str, ...]
    anchors: AnchorSet = "paper"
    heads: dict[Name, Head] = Field(default_factory=dict)
    """Pairing's folder -> head of the chain that these figures were computed from."""
    complete: bool
    games: tuple[GameResult, ...]
    ratings: tuple[Rating, ...] = ()
    """Over all competitive games with equal weights."""
    differences: tuple[RatingDifference, ...] = ()
    usage: dict[str, Usage] = Field(default_factory=dict)
    """Of each model, over all pairings."""

    def to_frame(self) -> pd.DataFrame:
        """Cross-play and ratings in tidy form, one row per environment, pair and figure.

        Columns are ``environment``, ``player``, ``against``, ``figure``, ``value``, ``low``,
        ``high`` and ``n``; see :class:`vsbench.records.frames.TournamentRow`.

        Raises:
            MissingExtraError: pandas is not installed.
        """
        return to_frame(TournamentRow, tournament_rows(self))
