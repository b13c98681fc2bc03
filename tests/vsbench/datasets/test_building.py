"""Sets by recipe: repeatable, balanced, and about what can be known."""

from collections import Counter

import pytest

from vsbench.datasets.building import build, with_recipe
from vsbench.datasets.checking import check_dataset
from vsbench.datasets.samples import Dataset, load, parse, walk
from vsbench.datasets.sets import shipped_path
from vsbench.errors import UsageError
from vsbench_envs.recipe import Lineup, Recipe

QUICK = ("kuhn_poker", "coin_dilemma", "monster_hunt", "battle_of_the_colors", "overcooked")
"""Environments whose sets are built in a second or two."""

SLOW = "atari_pong"
"""Takes long to replay."""


def test_the_same_seed_makes_the_same_bytes(poker: Dataset) -> None:
    again = build("kuhn_poker", seed=3, samples=40)
    assert again.content == poker.content
    assert build("kuhn_poker", seed=4, samples=40).content != poker.content


@pytest.mark.parametrize("env", QUICK)
def test_the_shipped_sets_are_what_building_makes(env: str) -> None:
    assert build(env).content == shipped_path(env).read_bytes()


@pytest.mark.parametrize("env", [env for env in with_recipe() if env != SLOW])
@pytest.mark.slow
def test_nothing_is_wrong_with_the_shipped_sets(env: str) -> None:
    assert not list(check_dataset(load(shipped_path(env))))


def test_a_set_survives_its_file(coins: Dataset) -> None:
    assert parse(coins.content, "it") == coins


def test_small_sets_are_balanced_too(poker: Dataset, coins: Dataset) -> None:
    for dataset in (poker, coins):
        assert len(dataset.samples) == 40
        assert not list(check_dataset(dataset))


def test_any_part_of_a_set_is_a_fair_one(coins: Dataset) -> None:
    first = coins.samples[:20]
    assert {sample.target for sample in first} == {0, 1}
    assert {sample.source for sample in first} == {sample.source for sample in coins.samples}


def test_random_players_are_not_asked_about(coins: Dataset) -> None:
    assert any("bot/random" in episode.players for episode in coins.episodes)
    assert not any(sample.source == "bot/random" for sample in coins.samples)


def test_walls_make_different_actions_right(coins: Dataset) -> None:
    for _, sample, state in walk(build("monster_hunt", samples=40)):
        if sample.source == "bot/wait_in_corner" and state.players[sample.target] == (0, 0):
            assert sample.answers == ("stay", "left", "up")
            return
    pytest.fail("nobody waits in the corner")


def test_walking_finds_the_states_of_the_samples(coins: Dataset) -> None:
    seen = set()
    for place, sample, state in walk(coins):
        assert state.percept(sample.seat) == coins.state(sample).percept(sample.seat)
        seen.add(place)
    assert seen == set(range(40))


def test_environments_without_a_recipe_are_named() -> None:
    with pytest.raises(UsageError, match="no recipe for coin_dilemma_3p"):
        build("coin_dilemma_3p")


def test_more_is_played_for_moments_that_are_rare() -> None:
    """Honest players seldom bet; as first players they never do so with a jack."""
    lineup = Lineup(("greedy", "greedy"), (1, 0))
    rare = Recipe((lineup,), {"bet": 1, "pass": 1}, per_episode=4)
    dataset = build("kuhn_poker", samples=20, recipe=rare)
    assert Counter(sample.answers for sample in dataset.samples) == {("bet",): 10, ("pass",): 10}
    assert len(dataset.episodes) > 20 / rare.per_episode


def test_moments_that_never_come_are_named() -> None:
    never = Recipe((Lineup(("greedy", "greedy"), (1, 1)),), {"bet": 1, "raise": 1})
    with pytest.raises(UsageError, match="hardly ever takes an action of the group 'raise'"):
        build("kuhn_poker", samples=20, recipe=never)


DAMAGED = {
    b"": "is empty",
    b"{}": "line 1",
    b'{"type":"dataset","env":"kuhn_poker","seed":0,"recipe":"x","more":1}': (
        "line 1: no field 'more'"
    ),
    b'{"type":"episode","seed":0,"players":[],"moves":[]}': "unexpected episode line",
}


@pytest.mark.parametrize("text", DAMAGED)
def test_damaged_files_are_named(text: bytes) -> None:
    with pytest.raises(UsageError, match=DAMAGED[text]):
        parse(text, "it.jsonl")


def test_samples_are_of_moments_that_exist(poker: Dataset) -> None:
    lines = poker.content.splitlines()
    late = lines[-1].replace(b'"step":', b'"step":9')
    with pytest.raises(UsageError, match=f"line {len(lines)}.*ends before step 9"):
        parse(b"\n".join([*lines[:-1], late]), "it.jsonl")


@pytest.mark.parametrize("env", with_recipe())
def test_the_shipped_files_are_small(env: str) -> None:
    path = shipped_path(env)
    assert path.stat().st_size < 300_000
    assert load(path).header.env == env
