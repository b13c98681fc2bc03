"""Example questions: show one without a run, and render one of each kind before a run."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from vsbench.errors import UsageError
from vsbench.evaluations.perception import PerceptionQuestion
from vsbench.evaluations.strategic_reasoning import PUBLISHED_TEMPLATE, PredictionQuestion
from vsbench.messages import Message
from vsbench.players.questions import RETRY, DecisionQuestion, PerceptQuestion, retry_messages
from vsbench.prompts import PromptError, PromptPack, is_known
from vsbench.records.manifest import ModelSettings
from vsbench.settings import Evaluation
from vsbench_envs import registry
from vsbench_envs.game import Game, State
from vsbench_envs.rollout import rollout
from vsbench_envs.seeding import stream
from vsbench_prompts import SHARED

DEFAULT_STEP = 6
"""Joint moves after which games show most of their elements."""

EXAMPLE_BOTS = ("greedy", "random")
"""The first of these that a game has plays the episode up to the example."""

RETRY_CASES = (("illegal", "castle"), ("unparsable", None))
"""Outcomes and answers after which a model is given feedback."""

REQUIRED_TEMPLATES: dict[Evaluation, tuple[str, ...]] = {
    "decision": ("_rules",),
    "reasoning": ("_rules",),
    "perception": ("_rules", "_elements"),
}
"""Templates that every game brings; the shared ones include them."""


def example_question(
    env: str,
    evaluation: Evaluation,
    *,
    seat: int | None = None,
    step: int | None = None,
    seed: int = 0,
) -> PerceptQuestion:
    """Make a question about a moment of an episode that bots play.

    Args:
        env: the game.
        evaluation: decision, reasoning or perception.
        seat: to be asked; None for a seat to move, or in predictions for its neighbour.
        step: joint moves played before, or more until the seat can be asked; None for
            :data:`DEFAULT_STEP`, or as many as the episode has.
        seed: of the episode.

    Raises:
        UnknownNameError: there is no such game.
        UsageError: there is no such seat, or it is never asked after that many moves.
    """
    game = registry.get(env)
    if seat is not None and not 0 <= seat < game.spec.seats:
        raise UsageError(f"{env} has the seats 0 to {game.spec.seats - 1}, not {seat}")
    state = _find_state(game, evaluation, seat, step, seed)
    if evaluation == "reasoning":
        target = next(t for t in state.acting if t != seat or game.spec.seats == 1)
        asked = (target + 1) % game.spec.seats if seat is None else seat
        return PredictionQuestion.at(env, state, asked, target)
    kind = PerceptionQuestion if evaluation == "perception" else DecisionQuestion
    return kind.at(env, state, state.acting[0] if seat is None else seat, run_seed=seed)


def _find_state(
    game: Game[Any], evaluation: Evaluation, seat: int | None, step: int | None, seed: int
) -> State[Any]:
    """The first state from a step on in which the seat can be asked."""
    found: State[Any] | None = None
    bot = next(name for name in EXAMPLE_BOTS if name in game.bots)
    for state, joint in rollout(game, seed, [bot] * game.spec.seats):
        if joint and _can_be_asked(game, evaluation, seat, state):
            found = state.copy()
            if state.step >= (DEFAULT_STEP if step is None else step):
                return found
    if found is not None and step is None:
        return found
    subject = "no seat is" if seat is None else f"seat {seat} is not"
    last = "" if found is None else f"; the last time is at step {found.step}"
    raise UsageError(f"{subject} asked at or after step {step or 0} of this episode{last}")


def _can_be_asked(
    game: Game[Any], evaluation: Evaluation, seat: int | None, state: State[Any]
) -> bool:
    if seat is None or evaluation == "perception":
        return True
    if evaluation == "decision":
        return seat in state.acting
    return game.spec.seats == 1 or any(acting != seat for acting in state.acting)


def check_games(
    pack: PromptPack, planned: Collection[tuple[str, Evaluation]], settings: ModelSettings
) -> None:
    """Check that the planned games can be played, and that a pack can ask about them.

    Questions are rendered at the first state, for the first and the last seat. Known packs are
    tested with each release, so only those of plug-in games are rendered.

    Raises:
        UsageError: a plug-in game fails a quick check of :mod:`vsbench_envs.testing`.
        PromptError: a template is missing or does not render.
    """
    known = is_known(pack)
    for env in dict.fromkeys(env for env, _ in planned):
        check_rules(env)
    for env, evaluation in planned:
        check_templates(pack, env, evaluation)
        if not known or registry.get(env).prompts:
            for question in _first_questions(registry.get(env), evaluation):
                _check_question(pack, settings, question)
    if not known and any(evaluation == "reasoning" for _, evaluation in planned):
        _check_published(pack, settings)


def check_templates(pack: PromptPack, env: str, evaluation: Evaluation) -> None:
    """Check that a pack has the templates that only a game itself can bring.

    Raises:
        PromptError: naming the template and where it belongs.
    """
    for part in REQUIRED_TEMPLATES[evaluation]:
        name = pack.name(env, part)
        if name not in pack.templates:
            raise PromptError(
                f"there is no prompt template {name}: {env} needs prompts of its own, in a "
                "package that Game.prompts names or in a folder given by --prompts"
            )


def check_rules(env: str) -> None:
    """Run the quick checks of a plug-in game; built-in games are tested with each release.

    Raises:
        UsageError: naming the first that fails.
    """
    if env in registry.GAMES:
        return
    # Imported late: it brings pytest along, and checks games of other packages alone.
    from vsbench_envs.testing import CHECKS, check_game

    quick = [check for check in CHECKS if check.quick]
    problems = [problem for problem in check_game(env, quick) if not problem.todo]
    if problems:
        raise UsageError(
            f"{env} cannot be played: {problems[0]}. See all with: vsbench envs check {env}"
        )


def _first_questions(game: Game[Any], evaluation: Evaluation) -> Iterator[PerceptQuestion]:
    """Questions about the first state of an episode, to the first seat and to the last."""
    env, seats = game.spec.id, game.spec.seats
    state = game.new(stream(env, "rehearsal").getrandbits(32))
    legal = game.spec.labels(state.legal_actions(state.acting[0]))
    for seat in sorted({0, seats - 1}):
        # Seats that are not to move are asked too, about the options of one that is.
        percept = state.percept(seat)
        if evaluation == "decision":
            yield DecisionQuestion(env, 0, 0, 0, seat, percept, legal)
        elif evaluation == "reasoning":
            yield PredictionQuestion(env, 0, 0, 0, seat, percept, (seat + 1) % seats, legal)
        else:
            yield PerceptionQuestion.at(env, state, seat)


def _check_question(pack: PromptPack, settings: ModelSettings, question: PerceptQuestion) -> None:
    _check_messages(pack.template(question.env, question.template), question.first(pack, settings))
    for outcome, answer in RETRY_CASES if settings.feedback else ():
        _check_messages(pack.name(SHARED, RETRY), retry_messages(pack, question, outcome, answer))


def _check_published(pack: PromptPack, settings: ModelSettings) -> None:
    row = {"system": "rules", "observation": "state", "action": "question"}
    context = {**row, "style": settings.style, "images": 1}
    template = pack.name(SHARED, PUBLISHED_TEMPLATE)
    _check_messages(template, pack.render(template, context, (b"",)))


def _check_messages(template: str, messages: tuple[Message, ...]) -> None:
    if not any(message.role == "user" and message.parts for message in messages):
        raise PromptError(f"prompt template {template}: it renders no user message")
