"""The bots of Overcooked: strength, teamwork, and golden transcripts.

``transcript.txt`` gives both actions of each step by their first letters, then the kitchen at the
end, the returns, the events and a digest.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from statistics import mean

import pytest

from vsbench_envs import Game, State, Turn, get, registry
from vsbench_envs.overcooked import GAME
from vsbench_envs.overcooked.rules import ACTIONS, STAY, OvercookedPercept
from vsbench_envs.replay import digest, replay
from vsbench_envs.seeding import stream

pytestmark = pytest.mark.slow

Play = Callable[..., State[OvercookedPercept]]


def mean_return(play: Play, game: Game[OvercookedPercept], player: str, episodes: int) -> float:
    return mean(play(game, seed, player, player).returns[0] for seed in range(episodes))


@pytest.mark.slow
def test_the_oracle_reaches_its_anchor(game: Game[OvercookedPercept], play: Play) -> None:
    end = play(game, 0, "oracle", "oracle")
    assert end.returns[0] >= game.spec.measures[0].best
    assert sum(end.events["deliveries"]) >= 2


def test_the_oracle_serves_three_soups_in_the_cramped_room(play: Play) -> None:
    end = play(GAME, 0, "oracle", "oracle")
    assert sum(end.events["deliveries"]) == 3
    assert end.returns == (60, 60)
    assert GAME.spec.score(end.summary, (0, 1)) > 100


def test_random_play_lands_on_the_papers_anchor(play: Play) -> None:
    # Ten episodes of the paper have a standard error of 0.3.
    assert mean_return(play, GAME, "random", 300) == pytest.approx(0.2, abs=0.4)


def test_bots_differ_in_strength(game: Game[OvercookedPercept], play: Play) -> None:
    strengths = [
        mean_return(play, game, player, 12)
        for player in ("random", "human:noise=0.7", "human:noise=0.3", "human:noise=0.05")
    ]
    assert strengths == sorted(strengths)
    assert strengths[-1] > 20


def test_greedy_makes_no_mistakes(game: Game[OvercookedPercept], play: Play) -> None:
    exact = play(game, 3, "human:noise=0", "human:noise=0").percept(0)
    assert play(game, 3, "greedy", "greedy").percept(0) == exact


@pytest.mark.parametrize("written", ["oracle", "greedy", "human"])
def test_bots_decide_from_the_pictures_alone(
    game: Game[OvercookedPercept], play: Play, written: str
) -> None:
    found, options = registry.bot(game, written)
    for steps in (0, 2, 17, 30):
        state = play(game, 5, "human", "human", steps=steps)
        for seat in (0, 1):
            knows = state.percept(seat)
            described, seen = (
                found.decide(Turn((percept,), state.legal_actions(seat), stream("rng")), **options)
                for percept in (knows, game.view.drawn(knows))
            )
            assert described == seen


def test_human_rarely_stays_idle(play: Play) -> None:
    actions: list[int] = []
    for seed in range(40):
        state = GAME.new(seed)
        found, options = registry.bot(GAME, "human")
        while state.acting:
            joint = {}
            for seat in state.acting:
                rng = stream(seed, "human", state.step, seat)
                turn = Turn((state.percept(seat),), state.legal_actions(seat), rng)
                joint[seat] = found.decide(turn, **options)
            actions += joint.values()
            state.apply(joint)
    assert actions.count(STAY) < 0.1 * len(actions)
    assert all(actions.count(action) > 0.05 * len(actions) for action in range(6))


@pytest.mark.parametrize("noise", ["-0.1", "1.5", "much"])
def test_noise_is_a_probability(noise: str) -> None:
    with pytest.raises(ValueError, match="noise cannot be"):
        registry.bot(GAME, f"human:noise={noise}")


@pytest.mark.parametrize("pair", [("oracle", "human"), ("human", "oracle")])
def test_the_oracle_helps_every_partner(pair: tuple[str, str], play: Play) -> None:
    assert play(GAME, 0, *pair).returns > play(GAME, 0, "human", "human").returns


@pytest.mark.slow
def test_the_oracle_works_alone_next_to_an_idle_chef() -> None:
    oracle = GAME.bots["oracle"]
    state = GAME.new(0)
    while state.acting:
        turn = Turn((state.percept(0),), state.legal_actions(0), stream("alone", state.step))
        state.apply({0: oracle.decide(turn), 1: STAY})
    assert state.events["deliveries"] == (1, 0)
    assert state.returns[0] > 20


def test_the_oracle_needs_neither_randomness_nor_memory(play: Play) -> None:
    oracle = GAME.bots["oracle"]
    state = play(GAME, 0, "greedy", "human", steps=30)
    seen = [state.percept(0)]
    state.apply({0: STAY, 1: STAY})
    seen.append(state.percept(0))
    legal = state.legal_actions(0)
    alone = oracle.decide(Turn((seen[-1],), legal, stream("one")))
    assert oracle.decide(Turn(tuple(seen), legal, stream("other"))) == alone


def test_the_percept_reaches_back_three_steps() -> None:
    """Episodes that differ only before these have equal percepts."""
    bump_and_stay = [{0: STAY, 1: 0}, *[{0: STAY, 1: STAY}] * 6]
    stay = [{0: STAY, 1: STAY}] * 7
    *_, one = replay(GAME, 1, bump_and_stay)
    *_, two = replay(GAME, 2, stay)
    for seat in (0, 1):
        assert one.percept(seat) == two.percept(seat)
        assert GAME.view.describe(one.percept(seat)) == GAME.view.describe(two.percept(seat))
        assert GAME.view.facts(one.percept(seat)) == GAME.view.facts(two.percept(seat))
        pictures = [
            [image.tobytes() for image in GAME.view.draw(state.percept(seat))]
            for state in (one, two)
        ]
        assert pictures[0] == pictures[1]


EPISODES = Path(__file__).with_name("transcript.txt").read_text().strip().split("\n\n")
LETTERS = {action[0]: number for number, action in enumerate(ACTIONS)}


def transcript(game_id: str, end: State[OvercookedPercept]) -> list[str]:
    description = get(game_id).view.describe(end.percept(0)).splitlines()
    return [
        description[-1].removeprefix("Step 50: "),
        f"returns {end.returns}, events {end.events}, digest {digest(end)}",
    ]


@pytest.mark.parametrize("episode", EPISODES, ids=lambda episode: episode.splitlines()[0])
def test_the_moves_of_the_transcript_lead_to_its_end(episode: str) -> None:
    heading, *lines = episode.splitlines()
    game_id, _, seed, *_ = heading.replace(",", "").split()
    pairs = " ".join(lines[:-2]).split()
    joint = [{seat: LETTERS[letter] for seat, letter in enumerate(pair)} for pair in pairs]
    *_, end = replay(get(game_id), int(seed), joint)
    assert end.acting == ()
    assert transcript(game_id, end) == lines[-2:]


@pytest.mark.parametrize("episode", EPISODES, ids=lambda episode: episode.splitlines()[0])
def test_bots_replay_the_transcript(
    episode: str, play: Callable[..., State[OvercookedPercept]]
) -> None:
    heading, *lines = episode.splitlines()
    game_id, _, seed, blue, _, green = heading.replace(",", "").split()
    assert transcript(game_id, play(get(game_id), int(seed), blue, green)) == lines[-2:]
