"""Real prompts about a state, as the harness asks them."""

from __future__ import annotations

from functools import cache
from typing import Any

from vsbench.adapters import Request
from vsbench.datasets.samples import options_at
from vsbench.evaluations.perception import PerceptionQuestion
from vsbench.evaluations.strategic_reasoning import PredictionQuestion
from vsbench.players.questions import DecisionQuestion, PerceptQuestion
from vsbench.prompts import PromptPack
from vsbench.protocols import resolve_model_settings
from vsbench.settings import Evaluation, Modality, RunSettings, Style
from vsbench_envs import registry
from vsbench_envs.game import State


@cache
def pack() -> PromptPack:
    """The shipped prompts."""
    return PromptPack.shipped()


def question(state: State[Any], env: str, evaluation: Evaluation) -> PerceptQuestion:
    """What one of the acting seats is asked; predictions of what it does are another's."""
    game, acting = registry.get(env), state.acting[-1]
    legal = game.spec.labels(state.legal_actions(acting))
    seat = (acting + 1) % game.spec.seats if evaluation == "reasoning" else acting
    percept = state.percept(seat)
    about = (env, 0, state.seed, state.step, seat, percept)
    if evaluation == "decision":
        return DecisionQuestion(*about, legal)
    if evaluation == "reasoning":
        return PredictionQuestion(*about, acting, options_at(game, state, seat, acting))
    return PerceptionQuestion(*about, tuple(game.view.labels(percept)))


def requested(asked: PerceptQuestion, modality: Modality, style: Style = "io") -> Request:
    """A question as a model gets it."""
    settings = resolve_model_settings(RunSettings(modality=modality, style=style))
    return Request(asked.first(pack(), settings), 500, asked.call_seed(0))
