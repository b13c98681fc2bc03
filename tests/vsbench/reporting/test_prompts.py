"""Prompts of the image track give the facts that the protocol lists, and nothing else."""

import re
from collections import defaultdict
from pathlib import Path

import pytest

from vsbench.evaluations.examples import example_question
from vsbench.evaluations.perception import PerceptionQuestion
from vsbench.evaluations.strategic_reasoning import PredictionQuestion
from vsbench.messages import Image, Message, Text
from vsbench.players.questions import DecisionQuestion, PerceptQuestion
from vsbench.prompts import PromptPack
from vsbench.protocols import resolve_model_settings
from vsbench.reporting.formats import to_markdown
from vsbench.reporting.prompts import prompt_contents, prompt_contents_table
from vsbench.settings import RunSettings
from vsbench_envs import registry
from vsbench_envs.game import Percept
from vsbench_envs.registry import BENCHMARK
from vsbench_envs.rollout import rollout

ROOT = Path(__file__).parents[3]

TOLD = {
    "hanabi": ((), 1),
    "overcooked": (("held item", "joint actions"), 4),
    "breakthrough": ((), 1),
    "kuhn_poker": (("ante", "betting"), 1),
    "atari_pong": ((), 4),
    "coin_dilemma": ((), 1),
    "monster_hunt": ((), 1),
    "battle_of_the_colors": ((), 1),
}
"""Facts in the text, and the number of pictures, as the specification lists them."""

OWN_SCORE = {"atari_pong", "coin_dilemma", "monster_hunt", "battle_of_the_colors"}

NOT_TOLD = {
    "overcooked": r"\b50\b|\bscores?\b|points?\b|\b[0-9]+ for\b",
    "breakthrough": r"last move",
    "kuhn_poker": r"you hold",
    "atari_pong": r"surviv|long rall|sticky|one time in|chance|angle|steep|pixel|\bx\b|\by\b|1000",
    "coin_dilemma": r"\b50\b|step \d|steps have been played|\b[a-e][1-5]\b",
    "monster_hunt": r"\b50\b|step \d|steps have been played|\b[a-e][1-5]\b",
    "battle_of_the_colors": r"\b50\b|step \d|steps have been played|\b[a-e][1-5]\b",
}
"""Words that would reveal what the specification excludes."""

SEATED = ("greedy", "random")
SEEDS = range(2)

PACK, ASKING = PromptPack.shipped(), resolve_model_settings(RunSettings())


def test_the_document_holds_the_table_that_real_prompts_make() -> None:
    document = (ROOT / "docs/PROTOCOL.md").read_text(encoding="utf-8")
    _, _, rows = to_markdown(prompt_contents_table()).split("\n", 2)
    assert f"<!-- prompts -->\n{rows.strip()}\n<!-- end -->" in document


@pytest.mark.parametrize("env", BENCHMARK)
def test_each_game_tells_and_shows_what_the_specification_says(env: str) -> None:
    for evaluation in ("decision", "reasoning"):
        found = prompt_contents(env, evaluation)
        assert (tuple(name for name, _ in found.facts), found.pictures) == TOLD[env]
    objective = prompt_contents(env).objective
    assert (objective == "Maximise your own score.") == (env in OWN_SCORE)
    assert len(re.findall(r"[.!?]", objective)) == 1
    assert prompt_contents(env, "perception").facts == ()
    assert ASKING.modality == "image"


def test_beside_facts_and_choices_messages_are_alike_in_all_games() -> None:
    by_pictures = defaultdict(set)
    for env in BENCHMARK:
        found = prompt_contents(env)
        by_pictures[found.pictures > 1].add(found.rest)
    assert all(len(messages) == 1 for messages in by_pictures.values())


def percepts(env: str) -> list[Percept]:
    """The distinct percepts of all seats in some episodes."""
    game, found = registry.get(env), dict[Percept, None]()
    for seed in SEEDS:
        for bot in SEATED:
            for state, _ in rollout(game, seed, [bot] * game.spec.seats):
                if state.step > 60:
                    break
                for seat in range(game.spec.seats):
                    found[state.percept(seat)] = None
    return list(found)


def questions(env: str, percept: Percept) -> list[PerceptQuestion]:
    """All questions about a percept, as if every action were legal."""
    spec = registry.get(env).spec
    about = (env, 0, 0, 0, percept.seat, percept)
    target = (percept.seat + 1) % spec.seats
    return [
        DecisionQuestion(*about, spec.actions),
        PredictionQuestion(*about, target, spec.actions),
        PerceptionQuestion(*about, ("an element",)),
    ]


def words(messages: tuple[Message, ...]) -> str:
    """The texts, with markers in place of pictures."""
    return "\n".join(
        part.text if isinstance(part, Text) else "(picture)" for m in messages for part in m.parts
    )


@pytest.mark.parametrize("env", BENCHMARK)
@pytest.mark.slow
def test_percepts_that_differ_in_what_is_drawn_alone_give_the_same_text(env: str) -> None:
    """Texts depend only on the seat, the facts and the number of pictures."""
    view = registry.get(env).view
    texts, seen = defaultdict(set), defaultdict(int)
    for percept in percepts(env):
        facts = tuple(view.facts(percept).values())
        for place, question in enumerate(questions(env, percept)):
            told = facts if place < 2 else ()
            messages = question.first(PACK, ASKING)
            pictures = sum(isinstance(part, Image) for m in messages for part in m.parts)
            key = (place, percept.seat, told, pictures)
            texts[key].add(words(messages))
            seen[key] += 1
    assert max(seen.values()) >= 3
    assert all(len(found) == 1 for found in texts.values())


@pytest.mark.parametrize("env", NOT_TOLD)
def test_what_is_not_told_is_in_no_prompt(env: str) -> None:
    for evaluation in ("decision", "reasoning"):
        for seat in range(registry.get(env).spec.seats):
            question = example_question(env, evaluation, seat=seat)
            text = words(question.first(PACK, ASKING))
            assert not re.findall(NOT_TOLD[env], text, re.IGNORECASE)
