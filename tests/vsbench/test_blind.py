"""Whoever does not see the pictures of the image track does no better than chance.

``blind/oracle`` plays from the text alone, and as well as ``sighted/oracle`` where the text tells
the state. In the image track it should be left with guessing.
"""

import json
from collections import defaultdict
from collections.abc import Iterator
from math import sqrt
from pathlib import Path
from random import Random
from typing import Any, get_args

import pytest

import vsbench
from asked import question, requested
from vsbench.adapters import open_adapter
from vsbench.errors import Exit
from vsbench.players.questions import PerceptQuestion
from vsbench.runner.observer import RunReport
from vsbench.settings import Evaluation
from vsbench_envs import registry
from vsbench_envs.anchors import load
from vsbench_envs.game import State

each_game = pytest.mark.parametrize("env", registry.BENCHMARK)

EPISODES = {
    "hanabi": 30,
    "overcooked": 12,
    "breakthrough": 8,
    "kuhn_poker": 2400,
    "atari_pong": 3,
    "coin_dilemma": 20,
    "monster_hunt": 20,
    "battle_of_the_colors": 20,
}
"""Enough to tell chance from the oracle, in seconds."""

SIGMAS = 3.0
"""Standard errors that chance may lie off."""

Z = 1.96
"""Standard errors to either end of an interval."""

TELLING = {"overcooked", "kuhn_poker"}
"""Games with facts that are told beside the pictures."""


def blindfold(out: Path, env: str, evaluation: Evaluation, **plan: Any) -> RunReport:
    """A run in the image track."""
    (report,) = vsbench.run(
        models=["blind/oracle"], envs=[env], evals=[evaluation], modality="image", out=out, **plan
    )
    assert report.exit is Exit.COMPLETE, report.why
    return report


@pytest.mark.slow
@each_game
def test_it_plays_like_the_random_player(env: str, tmp_path: Path) -> None:
    report = blindfold(tmp_path / "run", env, "decision", episodes=EPISODES[env])
    (played,) = report.results.environments
    for seat in played.seats:
        assert seat.decisions["ok"] == sum(seat.decisions.values())
    anchors, spec = load()[env].measures, registry.get(env).spec
    for measure in spec.measures:
        chance, oracle = anchors[measure.name].random, anchors[measure.name].oracle
        error = (chance.high - chance.low) / 2 / Z
        margin = SIGMAS * error * sqrt(1 + chance.n / EPISODES[env])
        found = played.measures[measure.name].mean
        scale = 100 / (oracle.mean - chance.mean)
        print(
            f"{env}, {measure.name}: blind {found:.3f}, random {chance.mean:.3f}; "
            f"normalised {scale * (found - chance.mean):.1f} (within {scale * margin:.1f})"
        )
        assert abs(found - chance.mean) <= margin
        assert chance.mean + margin < oracle.mean


@pytest.mark.slow
@each_game
def test_it_predicts_as_chance_does(env: str, tmp_path: Path) -> None:
    (result,) = blindfold(tmp_path / "run", env, "reasoning").results.samples
    share = result.chance / 100
    margin = SIGMAS * 100 * sqrt(share * (1 - share) / result.finished)
    print(
        f"{env}, reasoning: blind {result.score.mean:.2f} %, chance {result.chance:.2f} % "
        f"(within {margin:.2f}) of {result.finished} samples"
    )
    assert result.unusable == {}
    assert result.finished >= 400
    assert abs(result.score.mean - result.chance) <= margin


def moments(env: str, wanted: int, seed: int = 3) -> Iterator[State[Any]]:
    """States of random play, from several episodes."""
    game, luck = registry.get(env), Random(seed)
    while wanted:
        state = game.new(luck.getrandbits(16))
        for _ in range(60):
            if not state.acting or not wanted:
                break
            if luck.random() < 0.25:
                wanted -= 1
                yield state
            state.apply({seat: luck.choice(state.legal_actions(seat)) for seat in state.acting})


@each_game
async def test_in_text_it_plays_as_the_sighted_do_from_pictures(env: str) -> None:
    """Else its play in the image track would prove nothing."""
    sighted, blind = (open_adapter(f"{name}/oracle") for name in ("sighted", "blind"))
    for state in moments(env, 12):
        for evaluation in ("decision", "reasoning"):
            asked = question(state, env, evaluation)
            seen = await sighted.complete(requested(asked, "image"))
            for model, modality in ((blind, "text"), (blind, "both"), (sighted, "text")):
                reply = await model.complete(requested(asked, modality))
                assert (reply.text, reply.hints) == (seen.text, ())


@pytest.mark.parametrize("evaluation", get_args(Evaluation))
@each_game
def test_the_text_beside_pictures_is_the_same_in_every_state(
    env: str, evaluation: Evaluation
) -> None:
    """But for the legal actions, and for the facts that two games tell."""
    texts: dict[tuple[int, int], set[tuple[str, ...]]] = defaultdict(set)
    for state in moments(env, 60):
        asked = question(state, env, evaluation)
        request = requested(asked, "image")
        text = tuple(unvarying(message.text, asked) for message in request.messages)
        texts[asked.seat, len(request.images)].add(text)
    assert texts
    assert all(len(each) == 1 for each in texts.values())


def unvarying(text: str, asked: PerceptQuestion) -> str:
    """A prompt's text without legal actions and facts."""
    facts = asked.game.view.facts(asked.percept)
    assert not facts or asked.env in TELLING
    legal = json.dumps(list(asked.variables.get("legal", ())), ensure_ascii=False)
    for told in (*facts.values(), legal):
        text = text.replace(told, "...")
    return text
