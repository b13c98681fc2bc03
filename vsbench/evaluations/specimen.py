"""A real question of a game, as a run would put it to a model, without a run."""

from __future__ import annotations

from typing import Any

from vsbench.datasets.options import options_at
from vsbench.errors import UsageError
from vsbench.evaluations.perception import PerceptionQuestion
from vsbench.evaluations.strategic_reasoning import PredictionQuestion
from vsbench.players.questions import DecisionQuestion, PerceptQuestion
from vsbench.settings import Evaluation
from vsbench_envs import registry
from vsbench_envs.game import Game, State
from vsbench_envs.rollout import rollout

SOME = 6
"""Joint moves after which most of what a game shows is there."""

PLAYER = "greedy"
"""Who plays the episode up to the moment: every game has this bot."""


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
    for state, joint in rollout(game, seed, [PLAYER] * game.spec.seats):
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
