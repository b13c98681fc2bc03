"""What a run would take, before any call is made."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from vsbench.bots import bot_name
from vsbench.evaluations.schedule import asked_samples, episode_plan
from vsbench.models import estimate_tokens, traits_of
from vsbench.players.questions import DecisionQuestion, Question
from vsbench.prompts import PromptPack
from vsbench.records.manifest import EnvironmentPlan, Manifest
from vsbench.reporting.figures import count, money, title
from vsbench.reporting.formats import Table
from vsbench.settings import Evaluation
from vsbench_envs import registry
from vsbench_envs.game import Game
from vsbench_envs.seeding import stream

ROLLOUTS = 4
"""Episodes of random play that lengths are taken from."""

PROMPTS = 8
"""Prompts of each of them that are rendered."""

ANSWER_TOKENS = {"io": 30, "cot": 400}
"""Expected of an answer; models that reason take more."""


@dataclass(frozen=True)
class Expected:
    """What one evaluation in one environment would take of the measured model."""

    evaluation: Evaluation
    env: str
    planned: int
    """Episodes or samples."""
    calls: float
    input: float
    output: float
    cost: float | None


def estimate(pack: PromptPack, manifest: Manifest, datasets: Path | None = None) -> list[Expected]:
    """Calls, tokens and cost, from random play and prompts as they would be.

    ``datasets`` is where the data sets are that do not ship.
    """
    if bot_name(manifest.model) is not None:
        return []
    return [
        _expected(pack, manifest, plan, evaluation, datasets)
        for evaluation in manifest.evaluations
        for plan in manifest.environments
        if plan.numbers(evaluation)
    ]


def _expected(
    pack: PromptPack,
    manifest: Manifest,
    plan: EnvironmentPlan,
    evaluation: Evaluation,
    datasets: Path | None,
) -> Expected:
    if evaluation == "decision":
        calls, questions = _decisions(manifest, plan)
    else:
        calls, questions = _asked(manifest, plan, evaluation, datasets)
    settings = manifest.model_settings
    prompts = (question.first(pack, settings) for question in questions)
    tokens = fmean(
        estimate_tokens(manifest.model, messages, settings.detail) for messages in prompts
    )
    spent_in, spent_out = calls * tokens, calls * ANSWER_TOKENS[settings.style]
    price = manifest.prices.get(manifest.model)
    cost = None if price is None else price.cost(spent_in, spent_out)
    planned = len(plan.numbers(evaluation))
    return Expected(evaluation, plan.env, planned, calls, spent_in, spent_out, cost)


def _decisions(manifest: Manifest, plan: EnvironmentPlan) -> tuple[float, list[Question]]:
    """Decisions in all episodes, and some of those of random play."""
    game = registry.get(plan.env)
    lengths: list[int] = []
    questions: list[Question] = []
    for episode in range(min(ROLLOUTS, plan.episodes)):
        measured = episode_plan(manifest, plan, episode).measured
        situations = _random_play(game, manifest.seed, episode, measured)
        lengths.append(len(situations))
        questions += situations[:: max(1, len(situations) // PROMPTS)]
    return fmean(lengths) * plan.episodes, questions


def _asked(
    manifest: Manifest, plan: EnvironmentPlan, evaluation: Evaluation, datasets: Path | None
) -> tuple[float, list[Question]]:
    """Samples in all, and some of them."""
    asked = asked_samples(manifest, plan, evaluation, datasets)
    some = asked[:: max(1, len(asked) // PROMPTS)]
    return len(asked), [unit.question() for unit in some]


def estimate_table(manifest: Manifest, expected: list[Expected]) -> Table:
    """The estimate by evaluation and environment, and in all."""
    apart = "; reasoning not counted" if traits_of(manifest.model).reasons else ""
    costs = [line.cost for line in expected if line.cost is not None]
    return Table(
        title=f"{manifest.model}: expected (lengths from random play{apart})",
        columns=("evaluation", "environment", "planned", "calls", "tokens in", "out", "cost"),
        rows=tuple(
            (
                line.evaluation,
                title(line.env),
                str(line.planned),
                count(line.calls),
                count(line.input),
                count(line.output),
                money(line.cost),
            )
            for line in expected
        ),
        footer=(
            "all",
            "",
            "",
            count(sum(line.calls for line in expected)),
            count(sum(line.input for line in expected)),
            count(sum(line.output for line in expected)),
            money(sum(costs) if costs else None),
        ),
        names=2,
    )


def _random_play(
    game: Game[Any], run_seed: int, episode: int, measured: tuple[int, ...]
) -> list[DecisionQuestion]:
    rng = stream(run_seed, game.spec.id, episode, "estimate")
    state = game.new(rng.randrange(2**32))
    situations = []
    while state.acting:
        for seat in set(state.acting) & set(measured):
            legal = game.spec.labels(state.legal_actions(seat))
            situations.append(
                DecisionQuestion(
                    env=game.spec.id,
                    episode=episode,
                    run_seed=run_seed,
                    step=state.step,
                    seat=seat,
                    percept=state.percept(seat),
                    legal=legal,
                )
            )
        state.apply({seat: rng.choice(state.legal_actions(seat)) for seat in state.acting})
    return situations
