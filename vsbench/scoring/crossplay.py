"""Who does how well with whom: the encounters in a game of a tournament.

The deal is the unit throughout, as a board is in duplicate bridge. What players make of it from its
different seats shares its luck, so it is won by whoever has more over all seats together. Episodes
one by one would crown who wins often and loses dear: at poker, whoever never folds. A deal counts
once it has been played from every seat.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import fmean

import numpy as np

from vsbench.records.journal import EpisodeOpened
from vsbench.records.manifest import EnvironmentPlan
from vsbench.records.results import Figure
from vsbench.records.tournament import CrossPlay, TournamentGame
from vsbench.scoring.intervals import figure
from vsbench.scoring.ratings import Wins
from vsbench_envs.spec import EpisodeSummary, GameSpec, own_return

Ended = tuple[EpisodeOpened, EpisodeSummary]
"""A finished episode."""

ROUNDING = 1e-9
"""What a lead may be off by."""


@dataclass(frozen=True)
class Encounter:
    """What one player made of a deal with another at the table, from every seat."""

    player: str
    against: str
    deal: int
    """Its seed."""
    returns: float
    """The player's own, by episode."""
    score: float
    """Normalised as the game defines it, by episode."""
    lead: float
    """The player's own return less the mean of the others', by episode."""

    @classmethod
    def of(cls, spec: GameSpec, deal: Sequence[Ended], player: str, against: str) -> Encounter:
        """One player's view of the episodes of a deal."""
        returns, scores, leads = [], [], []
        for opened, summary in deal:
            mine = [seat for seat, name in enumerate(opened.seats) if name == player]
            others = [seat for seat, name in enumerate(opened.seats) if name == against]
            returns.append(own_return(summary, mine))
            scores.append(spec.score(summary, mine))
            leads.append(returns[-1] - own_return(summary, others))
        return cls(
            player=player,
            against=against,
            deal=deal[0][0].seed,
            returns=fmean(returns),
            score=fmean(scores),
            lead=fmean(leads),
        )

    @property
    def drawn(self) -> bool:
        """Whether nobody had more."""
        return math.isclose(self.lead, 0.0, abs_tol=ROUNDING)

    @property
    def points(self) -> float:
        """1 for a deal that was won, 1/2 for a draw."""
        return 0.5 if self.drawn else float(self.lead > 0)


@dataclass
class Encounters:
    """All encounters in a game."""

    game: TournamentGame
    spec: GameSpec
    views: dict[tuple[str, str], list[Encounter]] = field(default_factory=dict)
    """By player and whom it met. With two seats, what two players play is seen from both sides."""
    contests: list[Encounter] = field(default_factory=list)
    """What different players played, each deal of a pairing once."""

    def add(self, plan: EnvironmentPlan, ended: Sequence[Ended]) -> None:
        """Take in a pairing's episodes."""
        player, against = plan.seats.players[0], plan.seats.players[-1]
        by_seed: dict[int, list[Ended]] = {}
        for opened, summary in ended:
            by_seed.setdefault(opened.seed, []).append((opened, summary))
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
        """One player's figures with another at the table."""
        found = self.views.get((player, against), [])

        def mean(values: Sequence[float]) -> Figure | None:
            return figure(values) if values else None

        rivals = self.spec.kind == "competitive" and player != against
        return CrossPlay(
            player=player,
            against=against,
            planned=self.game.deals,
            returns=mean([each.returns for each in found]),
            score=mean([each.score for each in found]),
            superiority=mean([each.points for each in found]) if rivals else None,
        )

    def wins(self, players: Sequence[str]) -> Wins:
        """What ``i`` won of ``j`` on each deal: ``(deals, players, players)``."""
        deals = {seed: row for row, seed in enumerate(dict.fromkeys(e.deal for e in self.contests))}
        place = {player: index for index, player in enumerate(players)}
        wins = np.zeros((len(deals), len(players), len(players)))
        for each in self.contests:
            row, one, two = deals[each.deal], place[each.player], place[each.against]
            wins[row, one, two] += each.points
            wins[row, two, one] += 1 - each.points
        return wins
