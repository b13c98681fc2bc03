"""Compute a tournament's results from the journals of its pairings.

The deal is the unit throughout, as a board is in duplicate bridge: its episodes, one from every
seat, share the same chance. A deal is won by the player with the higher return over all seats
together. Counting episodes instead would reward winning often and losing much: at poker, a player
who never folds. A deal counts once it, and every deal before it, has been played from every seat;
see :mod:`vsbench.scoring.prefix`.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from statistics import fmean

import numpy as np

from vsbench.records.chain import Head
from vsbench.records.files import MANIFEST, PAIRINGS, UnitKey
from vsbench.records.journals import JournalFiles, Journals
from vsbench.records.manifest import EnvironmentPlan
from vsbench.records.results import AnchorSet, Figure
from vsbench.records.tournament import (
    CrossPlay,
    GameResult,
    Rating,
    RatingDifference,
    Tournament,
    TournamentGame,
    TournamentResults,
)
from vsbench.scoring.episodes import (
    Finished,
    Scales,
    check_players,
    count_by_seat,
    finished,
    normalised_by,
)
from vsbench.scoring.intervals import Scale, figure
from vsbench.scoring.prefix import Prefix
from vsbench.scoring.ratings import Wins, rate
from vsbench.scoring.tally import Tally
from vsbench_envs import registry
from vsbench_envs.spec import GameSpec, own_return

ROUNDING = 1e-9
"""Rounding error of a lead."""

SUPERIORITY = Scale(spread=0.5, bounds=(0.0, 1.0), binary=True)
"""Share of deals won. A draw is half of one, which makes Wilson's interval conservative."""


@dataclass(frozen=True)
class Encounter:
    """The figures of one player on a deal against another, over all seats."""

    player: str
    against: str
    deal: int
    """Its seed."""
    returns: float
    """The player's own mean return per episode."""
    score: float
    """The mean normalised return per episode, as the game defines it."""
    lead: float
    """The player's own return minus the mean of the others', per episode."""

    @classmethod
    def of(cls, spec: GameSpec, deal: Sequence[Finished], player: str, against: str) -> Encounter:
        """Compute the figures of one player from the episodes of a deal."""
        returns, scores, leads = [], [], []
        for episode in deal:
            opened, summary = episode.opened, episode.summary
            mine = [seat for seat, name in enumerate(opened.seats) if name == player]
            others = [seat for seat, name in enumerate(opened.seats) if name == against]
            returns.append(own_return(summary, mine))
            scores.append(spec.score(summary, mine))
            leads.append(returns[-1] - own_return(summary, others))
        return cls(
            player=player,
            against=against,
            deal=deal[0].opened.seed,
            returns=fmean(returns),
            score=fmean(scores),
            lead=fmean(leads),
        )

    @property
    def drawn(self) -> bool:
        """Whether both sides had the same return."""
        return math.isclose(self.lead, 0.0, abs_tol=ROUNDING)

    @property
    def points(self) -> float:
        """1 for a deal that was won, 1/2 for a draw, 0 for a loss."""
        return 0.5 if self.drawn else float(self.lead > 0)


@dataclass
class Encounters:
    """All encounters in a game."""

    game: TournamentGame
    spec: GameSpec
    views: dict[tuple[str, str], list[Encounter]] = field(default_factory=dict)
    """(player, opponent) -> encounters. With two seats, a pairing is seen from both sides."""
    contests: list[Encounter] = field(default_factory=list)
    """Encounters between different players, each deal of a pairing once."""

    def add(self, plan: EnvironmentPlan, scored: Sequence[Finished]) -> None:
        """Add a pairing's episodes."""
        player, against = plan.seats.players[0], plan.seats.players[-1]
        by_seed: dict[int, list[Finished]] = {}
        for episode in scored:
            by_seed.setdefault(episode.opened.seed, []).append(episode)
        times = plan.episodes // self.game.deals
        deals = [deal for deal in by_seed.values() if len(deal) == times]

        def seen(player: str, against: str) -> list[Encounter]:
            return [Encounter.of(self.spec, deal, player, against) for deal in deals]

        mine = self.views[player, against] = seen(player, against)
        if player != against:
            self.contests += mine
            if self.game.seats == 2:
                self.views[against, player] = seen(against, player)

    def crossplay(self, player: str, against: str) -> CrossPlay:
        """Return one player's figures against another."""
        found = self.views.get((player, against), [])
        # Figures of a deal are means of as many episodes.
        episodes = 1 if player == against else self.game.seats
        scales = Scales(self.spec)

        def mean(values: Sequence[float], scale: Scale) -> Figure | None:
            return figure(values, scale) if values else None

        rivals = self.spec.kind == "competitive" and player != against
        return CrossPlay(
            player=player,
            against=against,
            planned=self.game.deals,
            returns=mean([each.returns for each in found], scales.own_return.of_units(episodes)),
            score=mean([each.score for each in found], scales.score.of_units(episodes)),
            superiority=mean([each.points for each in found], SUPERIORITY) if rivals else None,
        )

    def wins(self, players: Sequence[str]) -> Wins:
        """Return the points of ``i`` against ``j`` per deal: ``(deals, players, players)``."""
        deals = {seed: row for row, seed in enumerate(dict.fromkeys(e.deal for e in self.contests))}
        place = {player: index for index, player in enumerate(players)}
        wins = np.zeros((len(deals), len(players), len(players)))
        for each in self.contests:
            row, one, two = deals[each.deal], place[each.player], place[each.against]
            wins[row, one, two] += each.points
            wins[row, two, one] += 1 - each.points
        return wins


def results_of_tournament(
    directory: Path, tournament: Tournament, anchors: AnchorSet = "paper"
) -> TournamentResults:
    """Compute the results of a tournament so far from its directory.

    Raises:
        UsageError: a journal is damaged, or the anchors of a game have not been measured.
    """
    journals = journals_of_pairings(directory, tournament)
    results = score_tournament(tournament, journals, anchors)
    heads = {name: files.chain().head for name, files in journals.items()}
    return results.model_copy(update={"heads": heads})


def journals_of_pairings(
    directory: Path, tournament: Tournament, heads: Mapping[str, Head] | None = None
) -> dict[str, JournalFiles]:
    """Open the journals of the pairings that have started, by the pairing's folder.

    Args:
        directory: of the tournament.
        tournament: its record.
        heads: how many lines of each pairing to read; None for all.
    """
    return {
        name: JournalFiles(path.parent, manifest, heads[name].lines if heads is not None else None)
        for name, manifest in tournament.pairings.items()
        if (path := directory / PAIRINGS / name / MANIFEST).is_file()
        and (heads is None or name in heads)
    }


def score_tournament(
    tournament: Tournament,
    journals: Mapping[str, Journals],
    anchors: AnchorSet = "paper",
    heads: Mapping[str, Head] | None = None,
) -> TournamentResults:
    """Compute the results of a tournament from the journals of each pairing that has started.

    Raises:
        UsageError: a journal has other players than the plan.
    """
    games = {
        game.env: Encounters(game, normalised_by(anchors, registry.get(game.env).spec))
        for game in tournament.games
    }
    complete = True
    tallies: dict[str, Tally] = {}
    for name, manifest in tournament.pairings.items():
        for plan in manifest.environments:
            started = journals.get(name, {})
            prefix = Prefix[Finished]()
            by_seat: dict[tuple[int, str], Tally] = {}
            for number in plan.order("decision"):
                lines = started.get(UnitKey("decision", plan.env, number), ())
                check_players(plan, lines)
                count_by_seat(lines, by_seat)
                prefix.add(number, lines, finished(lines))
            games[plan.env].add(plan, prefix.scored)
            complete = complete and not prefix.progress.pending
            for (_, player), tally in by_seat.items():
                tallies.setdefault(player, Tally()).merge(tally)
    competitive = [game for game in games.values() if game.spec.kind == "competitive"]
    rated, differences = ratings(tournament.entrants, competitive)
    return TournamentResults(
        entrants=tournament.entrants,
        anchors=anchors,
        heads=dict(heads or {}),
        complete=complete,
        games=tuple(_game_result(tournament, game) for game in games.values()),
        ratings=rated,
        differences=differences,
        usage={name: tallies[name].usage for name in tournament.entrants if name in tallies},
    )


def _game_result(tournament: Tournament, game: Encounters) -> GameResult:
    competitive = [game] if game.spec.kind == "competitive" else []
    rated, differences = ratings(tournament.entrants, competitive)
    return GameResult(
        env=game.game.env,
        kind=game.spec.kind,
        crossplay=tuple(
            game.crossplay(player, against)
            for player, against in product(tournament.entrants, repeat=2)
            if player != against or game.game.self_play
        ),
        ratings=rated,
        differences=differences,
    )


def ratings(
    entrants: Sequence[str], games: Sequence[Encounters]
) -> tuple[tuple[Rating, ...], tuple[RatingDifference, ...]]:
    """Rate the entrants over some games, strongest first, and compare every two of them.

    Entrants and games without any deal played are left out.
    """
    played = [game for game in games if game.contests]
    contests = [contest for game in played for contest in game.contests]
    met = {name for contest in contests for name in (contest.player, contest.against)}
    players = [name for name in entrants if name in met]
    if not players:
        return (), ()
    found = rate([game.wins(players) for game in played])
    groups = found.tie_groups()
    rated = []
    for place, player in enumerate(players):
        points = Counter(
            [contest.points for contest in contests if contest.player == player]
            + [1 - contest.points for contest in contests if contest.against == player]
        )
        rated.append(
            Rating(
                player=player,
                elo=found.elo[place],
                rank=found.rank(place),
                group=groups[place],
                won=points[1.0],
                drawn=points[0.5],
                lost=points[0.0],
            )
        )
    differences = [
        RatingDifference(
            player=players[each.first], against=players[each.second], elo=each.points, p=each.p
        )
        for each in found.differences
    ]
    return tuple(sorted(rated, key=lambda rating: -rating.elo.mean)), tuple(differences)
