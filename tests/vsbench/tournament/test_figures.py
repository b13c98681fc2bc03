"""Cross-play and ratings of a case that can be worked out by hand."""

from math import log10

import pytest

from vsbench.planning.units import episode_plan
from vsbench.records.files import UnitKey
from vsbench.records.journal import EpisodeClosed
from vsbench.records.journals import Journals
from vsbench.records.tournament import Tournament, TournamentResults
from vsbench.reporting.tournament import crossplay_tables, tournament_tables
from vsbench.runner.tournaments import plan
from vsbench.scoring.tournament import score_tournament
from vsbench.settings import run_settings

A, B, C = "bot/oracle", "bot/greedy", "bot/random"


def planned(*envs: str, players: tuple[str, ...] = (A, B, C), deals: int = 2) -> Tournament:
    return plan(run_settings(models=players, envs=envs, episodes=deals))


def nothing(tournament: Tournament) -> dict[str, Journals]:
    return {name: {} for name in tournament.pairings}


def journals(
    tournament: Tournament, name: str, env: str, returns: list[tuple[float, ...] | None]
) -> dict[str, Journals]:
    """A pairing's journals, its episodes with these returns by seat; None for one under way."""
    manifest = tournament.pairings[name]
    (environment,) = (plan for plan in manifest.environments if plan.env == env)
    lines: Journals = {
        UnitKey("decision", env, number): (
            episode_plan(manifest, environment, number).opening,
            *([] if each is None else [EpisodeClosed(returns=each, length=9, events={})]),
        )
        for number, each in enumerate(returns)
    }
    return nothing(tournament) | {name: lines}


def cells(results: TournamentResults, env: str) -> dict[tuple[str, str], float]:
    (game,) = (game for game in results.games if game.env == env)
    return {(c.player, c.against): c.returns.mean for c in game.crossplay if c.returns is not None}


def test_both_sides_of_two_seats() -> None:
    tournament = planned("breakthrough")
    # A sits first, then second, on each deal: it wins both, then one of them.
    played = [(1.0, -1.0), (-1.0, 1.0), (1.0, -1.0), (1.0, -1.0)]
    found = journals(tournament, "bot-oracle--bot-greedy", "breakthrough", played)
    results = score_tournament(tournament, found)
    assert cells(results, "breakthrough") == {(A, B): 0.5, (B, A): -0.5}
    (game,) = results.games
    cell = next(cell for cell in game.crossplay if (cell.player, cell.against) == (A, B))
    assert (cell.score.mean, cell.superiority.mean, cell.returns.n) == (75.0, 0.75, 2)
    first, second = game.ratings
    assert (first.player, first.won, first.drawn, first.lost) == (A, 1, 1, 0)
    assert (second.player, second.won, second.drawn, second.lost) == (B, 0, 1, 1)
    # Two to one, the prior's drawn deal among them.
    assert first.elo.mean - second.elo.mean == pytest.approx(400 * log10(2), abs=0.01)
    assert results.ratings == game.ratings
    assert not results.complete


def test_who_wins_often_and_loses_dear_wins_no_deal() -> None:
    tournament = planned("kuhn_poker")
    # A wins a chip in the first seat and loses two in the second, on the same cards.
    played = [(1.0, -1.0), (2.0, -2.0), (2.0, -2.0), (2.0, -2.0)]
    found = journals(tournament, "bot-oracle--bot-greedy", "kuhn_poker", played)
    first, second = score_tournament(tournament, found).games[0].ratings
    assert (first.player, first.won, first.drawn, first.lost) == (B, 1, 1, 0)
    assert (second.player, second.won, second.drawn, second.lost) == (A, 0, 1, 1)


def test_a_deal_counts_when_all_seats_have_played_it() -> None:
    tournament = planned("breakthrough")
    played = [(1.0, -1.0), (-1.0, 1.0), (-1.0, 1.0), None]
    found = journals(tournament, "bot-oracle--bot-greedy", "breakthrough", played)
    assert cells(score_tournament(tournament, found), "breakthrough")[A, B] == 1.0


def test_own_returns_in_company() -> None:
    tournament = planned("coin_dilemma_3p")
    # A among two Bs, then B among two As: a deal each from the three seats.
    among = [(6.0, 0.0, 0.0), (0.0, 3.0, 0.0), (0.0, 0.0, 0.0)] * 2
    found = journals(tournament, "bot-oracle--bot-greedy", "coin_dilemma_3p", among)
    back = journals(tournament, "bot-greedy--bot-oracle", "coin_dilemma_3p", [(-1.0, 5.0, 5.0)] * 6)
    found |= {name: lines for name, lines in back.items() if lines}
    results = score_tournament(tournament, found)
    # B's own return among As: it sits where the returns are -1, 5 and 5.
    assert cells(results, "coin_dilemma_3p") == {(A, B): 3.0, (B, A): 3.0}
    assert results.games[0].ratings == results.ratings == ()


def test_self_play_is_the_mean_of_the_seats() -> None:
    tournament = planned("coin_dilemma")
    found = journals(tournament, "bot-oracle--bot-oracle", "coin_dilemma", [(4.0, 0.0), (6.0, 6.0)])
    assert cells(score_tournament(tournament, found), "coin_dilemma") == {(A, A): 4.0}


def test_nothing_played_yet() -> None:
    tournament = planned("breakthrough", "coin_dilemma")
    results = score_tournament(tournament, nothing(tournament))
    assert results.ratings == ()
    assert not results.complete
    for table in tournament_tables(results, 80):
        assert "(incomplete: 0 of " in table.title


def test_the_best_of_a_column_is_marked() -> None:
    tournament = planned("breakthrough")
    name = "bot-oracle--bot-random"
    found = journals(tournament, name, "breakthrough", [(1.0, -1.0), (-1.0, 1.0)] * 2)
    name = "bot-greedy--bot-random"
    greedy = journals(tournament, name, "breakthrough", [(1.0, -1.0), (1.0, -1.0)] * 2)
    results = score_tournament(tournament, found | {name: greedy[name]})
    (table,) = crossplay_tables(results, results.games[0])
    assert [row[3] for row in table.rows] == ["*1.00 [-0.32, 1.00]", "0.00 [-0.81, 0.81]", ""]


@pytest.mark.parametrize("width", [40, 80, 120])
def test_tables_fit_a_terminal(width: int) -> None:
    from io import StringIO

    from rich.console import Console

    from vsbench.reporting.formats import to_rich

    tournament = planned("coin_dilemma", players=(A, B, C, "sighted/self_interest"))
    found = journals(tournament, "bot-oracle--bot-greedy", "coin_dilemma", [(-10.0, 20.0)] * 4)
    out = StringIO()
    console = Console(file=out, width=width)
    for table in tournament_tables(score_tournament(tournament, found), width):
        console.print(to_rich(table))
    text = out.getvalue()
    assert "…" not in text
    # Deals were worth -10 in the first seat and 20 in the second, so 5 to both.
    assert text.count("5.00") == 2
    assert all(f"with {number}" in text for number in range(1, 5))
