"""Results of a tournament from the journals of its pairings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path

from vsbench.records.chain import Head
from vsbench.records.files import MANIFEST, PAIRINGS, UnitKey
from vsbench.records.journals import JournalFiles, Journals
from vsbench.records.results import AnchorSet
from vsbench.records.tournament import GameResult, Rating, Tournament, TournamentResults
from vsbench.scoring.crossplay import Encounters
from vsbench.scoring.ratings import elo_ratings
from vsbench.scoring.results import check_players, count_by_seat, finished, normalised_by
from vsbench.scoring.tally import Tally
from vsbench_envs import registry


def results_of_tournament(
    directory: Path, tournament: Tournament, anchors: AnchorSet = "paper"
) -> TournamentResults:
    """The figures that a tournament's journals amount to, as far as it has come.

    Raises:
        UsageError: a journal is damaged, or nobody has measured a game's anchors.
    """
    journals = journals_of_pairings(directory, tournament)
    results = score_tournament(tournament, journals, anchors)
    heads = {name: files.chain().head for name, files in journals.items()}
    return results.model_copy(update={"heads": heads})


def journals_of_pairings(
    directory: Path, tournament: Tournament, heads: Mapping[str, Head] | None = None
) -> dict[str, JournalFiles]:
    """The journals of the pairings that have begun, by the pairing's folder.

    Args:
        directory: of the tournament.
        tournament: what is planned.
        heads: only so many lines of each pairing.
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
    """The figures of a tournament, from the journals of each pairing that has begun.

    Raises:
        UsageError: a journal is of other players than the plan's.
    """
    games = {
        game.env: Encounters(game, normalised_by(anchors, registry.get(game.env).spec))
        for game in tournament.games
    }
    complete = True
    tallies: dict[str, Tally] = {}
    for name, manifest in tournament.pairings.items():
        for plan in manifest.environments:
            begun = journals.get(name, {})
            ended = []
            by_seat: dict[tuple[int, str], Tally] = {}
            for number in range(plan.episodes):
                if (key := UnitKey("decision", plan.env, number)) in begun:
                    lines = begun[key]
                    check_players(plan, lines)
                    count_by_seat(lines, by_seat)
                    if (pair := finished(lines)) is not None:
                        ended.append(pair)
            games[plan.env].add(plan, ended)
            complete = complete and len(ended) == plan.episodes
            for (_, player), tally in by_seat.items():
                tallies.setdefault(player, Tally()).merge(tally)
    competitive = [game for game in games.values() if game.spec.kind == "competitive"]
    return TournamentResults(
        entrants=tournament.entrants,
        anchors=anchors,
        heads=dict(heads or {}),
        complete=complete,
        games=tuple(_game_result(tournament, game) for game in games.values()),
        ratings=ratings(tournament.entrants, competitive),
        usage={name: tallies[name].usage for name in tournament.entrants if name in tallies},
    )


def _game_result(tournament: Tournament, game: Encounters) -> GameResult:
    competitive = game.spec.kind == "competitive"
    return GameResult(
        env=game.game.env,
        kind=game.spec.kind,
        crossplay=tuple(
            game.crossplay(player, against)
            for player, against in product(tournament.entrants, repeat=2)
            if player != against or game.game.self_play
        ),
        ratings=ratings(tournament.entrants, [game]) if competitive else (),
    )


def ratings(entrants: Sequence[str], games: Sequence[Encounters]) -> tuple[Rating, ...]:
    """How strong the entrants are over some games, the strongest first.

    Those who have played nothing yet, and games that nobody has, are left out.
    """
    played = [game for game in games if game.contests]
    contests = [contest for game in played for contest in game.contests]
    met = {name for contest in contests for name in (contest.player, contest.against)}
    players = [name for name in entrants if name in met]
    if not players:
        return ()
    found = []
    for player, elo in zip(players, elo_ratings([g.wins(players) for g in played]), strict=True):
        points = Counter(
            [contest.points for contest in contests if contest.player == player]
            + [1 - contest.points for contest in contests if contest.against == player]
        )
        won, drawn, lost = points[1.0], points[0.5], points[0.0]
        found.append(Rating(player=player, elo=elo, won=won, drawn=drawn, lost=lost))
    return tuple(sorted(found, key=lambda rating: -rating.elo.mean))
