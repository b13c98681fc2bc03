"""Example questions"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from vsbench.datasets.samples import options_at
from vsbench.errors import UsageError
from vsbench.evaluations.perception import PerceptionQuestion
from vsbench.evaluations.strategic_reasoning import TEMPLATE, PredictionQuestion
from vsbench.messages import Message
from vsbench.players.questions import RETRY, DecisionQuestion, PerceptQuestion, retry_messages
from vsbench.prompts import PromptError, PromptPack, is_known
from vsbench.records.manifest import ModelSettings
from vsbench.settings import Evaluation
from vsbench_envs import registry
from vsbench_envs.game import Game, State
from vsbench_envs.rollout import rollout
from vsbench_envs.seeding import stream
from vsbench_envs.testing import CHECKS, check_game
from vsbench_prompts import VERSION

SOME = 6
"""Joint moves after which most of what a game shows is there."""

BOTS = ("greedy", "random")
"""Who plays the episode up to the moment: the first that the game has."""


def specimen(
    env: str,
    evaluation: Evaluation,
    *,
    seat: int | None = None,
    step: int | None = None,
    seed: int = 0,
) -> PerceptQuestion:
    """The question that a model is asked at a moment of an episode that bots play.

    Args:
        env: the game.
        evaluation: what is asked for: a decision, a prediction, or what is in the picture.
        seat: who is asked; None for whoever moves, in predictions for who watches them.
        step: joint moves played before, or more until the seat can be asked; None for some, or as
            many as the episode has.
        seed: of the episode.

    Raises:
        UnknownNameError: there is no such game.
        UsageError: there is no such seat, or it is not asked after that many moves.
    """
    game = registry.get(env)
    if seat is not None and not 0 <= seat < game.spec.seats:
        raise UsageError(f"{env} has the seats 0 to {game.spec.seats - 1}, not {seat}")
    state = _moment(game, evaluation, seat, step, seed)
    if evaluation == "reasoning":
        return _prediction(game, state, seat)
    asked = state.acting[0] if seat is None else seat
    percept = state.percept(asked)
    if evaluation == "perception":
        elements = tuple(game.view.labels(percept))
        return PerceptionQuestion(env, 0, seed, state.step, asked, percept, elements)
    legal = game.spec.labels(state.legal_actions(asked))
    return DecisionQuestion(env, 0, seed, state.step, asked, percept, legal)


def _moment(
    game: Game[Any], evaluation: Evaluation, seat: int | None, step: int | None, seed: int
) -> State[Any]:
    """The first state from a step on in which the question can be put to the seat."""
    found: State[Any] | None = None
    bot = next(name for name in BOTS if name in game.bots)
    for state, joint in rollout(game, seed, [bot] * game.spec.seats):
        if joint and _can_be_asked(game, evaluation, seat, state):
            found = state.copy()
            if state.step >= (SOME if step is None else step):
                return found
    if found is not None and step is None:
        return found
    nobody = "nobody is" if seat is None else f"seat {seat} is not"
    last = "" if found is None else f"; the last time is at step {found.step}"
    raise UsageError(f"{nobody} asked at or after step {step or 0} of this episode{last}")


def _can_be_asked(
    game: Game[Any], evaluation: Evaluation, seat: int | None, state: State[Any]
) -> bool:
    if seat is None or evaluation == "perception":
        return True
    if evaluation == "decision":
        return seat in state.acting
    return game.spec.seats == 1 or any(acting != seat for acting in state.acting)


def _prediction(game: Game[Any], state: State[Any], seat: int | None) -> PredictionQuestion:
    """What a seat is asked about another that moves; a game's only seat is asked about itself."""
    others = [acting for acting in state.acting if acting != seat or game.spec.seats == 1]
    target = others[0]
    asked = (target + 1) % game.spec.seats if seat is None else seat
    return PredictionQuestion(
        env=game.spec.id,
        episode=0,
        run_seed=0,
        step=state.step,
        seat=asked,
        percept=state.percept(asked),
        target=target,
        legal=options_at(game, state, asked, target),
    )


OUTCOMES = (("illegal", "castle"), ("unparsable", None))
"""Answers after which a model is asked again."""

QUICK_CHECKS = tuple(check for check in CHECKS if check.quick)

PARTS: dict[Evaluation, tuple[str, ...]] = {
    "decision": ("_rules",),
    "reasoning": ("_rules",),
    "perception": ("_rules", "_elements"),
}
"""Templates of a game's own that the shared ones include."""


def rehearse(
    pack: PromptPack, planned: Collection[tuple[str, Evaluation]], settings: ModelSettings
) -> None:
    """Check that a pack can ask what is planned of each environment, from its first and last seat.

    Raises:
        UsageError: a game of another package breaks the rules of all games; or, as a PromptError,
            a template is missing or does not render.
    """
    known = is_known(pack)
    for env in dict.fromkeys(env for env, _ in planned):
        _check_rules(env)
    for env, evaluation in planned:
        for part in PARTS[evaluation]:
            name = f"{env}/{VERSION}/{part}.j2"
            if name not in pack.templates:
                raise PromptError(
                    f"there is no prompt template {name}: {env} needs prompts of its own, in a "
                    "package that Game.prompts names or in a folder given by --prompts"
                )
        # Known packs are tested with each release, but for games of other packages.
        if not known or registry.get(env).prompts:
            for question in _questions(registry.get(env), evaluation):
                _rehearse(pack, settings, question)
    if not known and any(evaluation == "reasoning" for _, evaluation in planned):
        _rehearse_published(pack, settings)


def _check_rules(env: str) -> None:
    """Check what is checked in milliseconds; our own games are tested with each release."""
    if env in registry.GAMES:
        return
    problems = [p for p in check_game(env, QUICK_CHECKS) if not p.todo]
    if problems:
        raise UsageError(
            f"{env} cannot be played: {problems[0]}. See all with: vsbench envs check {env}"
        )


def _questions(game: Game[Any], evaluation: Evaluation) -> Iterator[PerceptQuestion]:
    """The first moment of an episode as a question, from the first seat and from the last."""
    state = game.new(stream(game.spec.id, "rehearsal").getrandbits(32))
    legal = game.spec.labels(state.legal_actions(state.acting[0]))
    for seat in sorted({0, game.spec.seats - 1}):
        percept = state.percept(seat)
        if evaluation == "decision":
            yield DecisionQuestion(game.spec.id, 0, 0, 0, seat, percept, legal)
        elif evaluation == "reasoning":
            target = (seat + 1) % game.spec.seats
            yield PredictionQuestion(game.spec.id, 0, 0, 0, seat, percept, target, legal)
        else:
            elements = tuple(game.view.labels(percept))
            yield PerceptionQuestion(game.spec.id, 0, 0, 0, seat, percept, elements)


def _rehearse(pack: PromptPack, settings: ModelSettings, question: PerceptQuestion) -> None:
    _check(pack.template(question.env, question.template), question.first(pack, settings))
    for outcome, answer in OUTCOMES if settings.feedback else ():
        _check(RETRY, retry_messages(pack, question, outcome, answer))


def _rehearse_published(pack: PromptPack, settings: ModelSettings) -> None:
    row = {"system": "rules", "observation": "state", "action": "question"}
    _check(TEMPLATE, pack.render(TEMPLATE, {**row, "style": settings.style, "images": 1}, (b"",)))


def _check(template: str, messages: tuple[Message, ...]) -> None:
    if not any(message.role == "user" and message.parts for message in messages):
        raise PromptError(f"prompt template {template}: it says nothing to the model as the user")
