"""Who sits where on which deal: everybody gets the same luck in every seat."""

from collections import Counter

import pytest

from vsbench.errors import UsageError
from vsbench.evaluations.decision_making import EpisodePlan
from vsbench.planning.units import episode_plan
from vsbench.records.manifest import Manifest
from vsbench.records.tournament import Tournament
from vsbench.runner.tournaments import plan
from vsbench.settings import run_settings
from vsbench_envs import registry

PLAYERS = ("bot/oracle", "bot/random", "bot/greedy")
A, B, C = PLAYERS


def planned(*envs: str, self_play: str = "auto", **settings: object) -> Tournament:
    given = {"models": PLAYERS, "envs": envs, "episodes": 6, "seed": 7} | settings
    return plan(run_settings(**given), self_play)


def episodes(manifest: Manifest, env: str) -> list[EpisodePlan]:
    (environment,) = (each for each in manifest.environments if each.env == env)
    return [episode_plan(manifest, environment, each) for each in range(environment.episodes)]


def test_every_deal_is_played_from_every_seat() -> None:
    for manifest in planned("kuhn_poker", "breakthrough").pairings.values():
        for env in ("kuhn_poker", "breakthrough"):
            played = episodes(manifest, env)
            assert len(played) == 12
            for first, second in zip(played[::2], played[1::2], strict=True):
                assert first.seed == second.seed
                assert first.seats == second.seats[::-1]
                assert (first.measured, second.measured) == ((0,), (1,))
                assert first.seats[0] == manifest.model
            assert len({plan.seed for plan in played}) == 6


def test_all_pairings_play_the_same_deals() -> None:
    tournament = planned("kuhn_poker", "coin_dilemma", "coin_dilemma_3p", self_play="always")
    for game in tournament.games:
        seeds = {
            tuple(sorted({episode.seed for episode in episodes(manifest, game.env)}))
            for manifest in tournament.pairings.values()
            if any(each.env == game.env for each in manifest.environments)
        }
        assert len(seeds) == 1
        assert len(seeds.pop()) == 6


def test_every_start_is_dealt_equally_often() -> None:
    strata = registry.get("kuhn_poker").spec.strata
    for manifest in planned("kuhn_poker", self_play="always").pairings.values():
        counts = Counter((e.seed % strata, e.seats) for e in episodes(manifest, "kuhn_poker"))
        assert set(counts.values()) == {1}
        assert {start for start, _ in counts} == set(range(strata))


def test_with_more_seats_one_meets_many_both_ways_round() -> None:
    pairings = planned("coin_dilemma_3p", self_play="never").pairings
    assert len(pairings) == 6
    played = episodes(pairings["bot-oracle--bot-random"], "coin_dilemma_3p")
    assert [plan.seats for plan in played[:3]] == [(A, B, B), (B, A, B), (B, B, A)]
    assert len({plan.seed for plan in played[:3]}) == 1
    (back, *_) = episodes(pairings["bot-random--bot-oracle"], "coin_dilemma_3p")
    assert (back.seats, back.measured) == ((B, A, A), (0,))


def test_two_seats_need_one_pairing() -> None:
    assert list(planned("kuhn_poker").pairings) == [
        "bot-oracle--bot-random",
        "bot-oracle--bot-greedy",
        "bot-random--bot-greedy",
    ]


@pytest.mark.parametrize(
    ("self_play", "with_itself"),
    [
        ("auto", {"coin_dilemma", "overcooked"}),
        ("always", {"coin_dilemma", "overcooked", "kuhn_poker"}),
        ("never", set()),
    ],
)
def test_who_plays_with_itself(self_play: str, with_itself: set[str]) -> None:
    tournament = planned("coin_dilemma", "overcooked", "kuhn_poker", self_play=self_play)
    alone = [
        manifest
        for name, manifest in tournament.pairings.items()
        if name.partition("--")[0] == name.partition("--")[2]
    ]
    plans = [each for manifest in alone for each in manifest.environments]
    assert len(plans) == 3 * len(with_itself)
    assert {each.env for each in plans} == with_itself
    assert all((each.episodes, each.seats.measured) == (6, (0, 1)) for each in plans)


def test_a_pairing_has_as_many_episodes_as_a_run() -> None:
    games = planned("breakthrough", "hanabi", "kuhn_poker", episodes=None).games
    assert [game.deals * game.seats for game in games] == [20, 10, 1200]


def test_games_for_one_are_left_out() -> None:
    envs = [game.env for game in planned(episodes=1).games]
    assert len(envs) == 7
    assert "atari_pong" not in envs
    with pytest.raises(UsageError, match="single seat"):
        planned("atari_pong")


def test_folders_have_names_of_their_own() -> None:
    models = ("openai-api/http://a:1/v1#m", "openai-api/http://a:1/v1-m", f"openai/{'x' * 300}")
    names = list(planned("kuhn_poker", models=models).pairings)
    assert len(set(names)) == 3
    assert all(len(name) < 200 and "/" not in name and ":" not in name for name in names)


def test_options_go_to_the_pairings_of_their_provider() -> None:
    models = ("openai/gpt-4o", "anthropic/claude-opus-5-5", "bot/random")
    options = {"openai.api": "chat"}
    pairings = planned("kuhn_poker", models=models, model_options=options).pairings
    assert [bool(manifest.model_options) for manifest in pairings.values()] == [True, True, False]
    with pytest.raises(UsageError, match="no model of this provider takes part"):
        planned("kuhn_poker", model_options=options)


@pytest.mark.parametrize("name", ["seats", "samples", "evals"])
def test_settings_of_runs_that_make_no_sense(name: str) -> None:
    value = {"seats": {0: "random"}, "samples": 4, "evals": ("perception",)}[name]
    with pytest.raises(UsageError, match=name):
        planned("kuhn_poker", **{name: value})
