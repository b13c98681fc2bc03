"""Estimates of calls, tokens and cost, before any call is made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean
from typing import Any

from vsbench.bots import bot_name
from vsbench.models import estimate_tokens, traits_of
from vsbench.planning.units import episode_plan, planned_samples
from vsbench.players.questions import DecisionQuestion, Question
from vsbench.prompts import PromptPack
from vsbench.records.manifest import EnvironmentPlan, Manifest
from vsbench.records.tournament import Tournament
from vsbench.reporting.formats import Table, env_title, format_cost, format_count
from vsbench.settings import Evaluation
from vsbench_envs import registry
from vsbench_envs.game import Game
from vsbench_envs.seeding import stream

ROLLOUTS = 4
"""Episodes of random play over which lengths are averaged."""

PROMPTS = 8
"""Prompts rendered of each of these episodes, or of a data set."""

ANSWER_TOKENS = {"io": 30, "cot": 400}
"""Style -> expected tokens of an answer; reasoning models use more."""


@dataclass(frozen=True)
class UsageEstimate:
    """Expected usage of the measured model in one evaluation and environment."""

    evaluation: Evaluation
    env: str
    planned: int
    """Episodes or samples."""
    calls: float
    input: float
    """Tokens."""
    output: float
    cost: float | None
    """US dollars; None without a price."""


def estimate(
    pack: PromptPack, manifest: Manifest, datasets: Path | None = None
) -> list[UsageEstimate]:
    """Estimate a run from random play and rendered prompts; empty for bots.

    Args:
        pack: prompts of the run.
        manifest: the run.
        datasets: path of data sets that do not ship with vsbench.
    """
    if bot_name(manifest.model) is not None:
        return []
    return [
        _estimate(pack, manifest, plan, evaluation, datasets)
        for evaluation in manifest.evaluations
        for plan in manifest.environments
        if plan.numbers(evaluation)
    ]


def _estimate(
    pack: PromptPack,
    manifest: Manifest,
    plan: EnvironmentPlan,
    evaluation: Evaluation,
    datasets: Path | None,
) -> UsageEstimate:
    if evaluation == "decision":
        calls, questions = _decisions(manifest, plan)
    else:
        calls, questions = _samples(manifest, plan, evaluation, datasets)
    settings = manifest.model_settings
    prompts = (question.first(pack, settings) for question in questions)
    tokens = fmean(
        estimate_tokens(manifest.model, messages, settings.detail) for messages in prompts
    )
    input_tokens, output_tokens = calls * tokens, calls * ANSWER_TOKENS[settings.style]
    price = manifest.prices.get(manifest.model)
    cost = None if price is None else price.cost(input_tokens, output_tokens)
    planned = len(plan.numbers(evaluation))
    return UsageEstimate(evaluation, plan.env, planned, calls, input_tokens, output_tokens, cost)


def _decisions(manifest: Manifest, plan: EnvironmentPlan) -> tuple[float, list[Question]]:
    """The expected number of decisions in all episodes, and questions of random play."""
    game = registry.get(plan.env)
    lengths: list[int] = []
    questions: list[Question] = []
    for episode in range(min(ROLLOUTS, plan.episodes)):
        measured = episode_plan(manifest, plan, episode).measured
        asked = _random_play(game, manifest.seed, episode, measured)
        lengths.append(len(asked))
        questions += asked[:: max(1, len(asked) // PROMPTS)]
    return fmean(lengths) * plan.episodes, questions


def _samples(
    manifest: Manifest, plan: EnvironmentPlan, evaluation: Evaluation, datasets: Path | None
) -> tuple[float, list[Question]]:
    """The number of samples, and questions about some of them."""
    asked = planned_samples(manifest, plan, evaluation, datasets)
    return len(asked), [unit.question() for unit in asked[:: max(1, len(asked) // PROMPTS)]]


def estimate_table(manifest: Manifest, estimates: list[UsageEstimate]) -> Table:
    """Estimates by evaluation and environment, and their total."""
    without = "; without reasoning tokens" if traits_of(manifest.model).reasons else ""
    costs = [line.cost for line in estimates if line.cost is not None]
    return Table(
        title=f"{manifest.model}: estimate (episode lengths from random play{without})",
        columns=("evaluation", "environment", "planned", "calls", "input", "output", "cost"),
        rows=tuple(
            (
                line.evaluation,
                env_title(line.env),
                str(line.planned),
                format_count(line.calls),
                format_count(line.input),
                format_count(line.output),
                format_cost(line.cost),
            )
            for line in estimates
        ),
        footer=(
            "total",
            "",
            "",
            format_count(sum(line.calls for line in estimates)),
            format_count(sum(line.input for line in estimates)),
            format_count(sum(line.output for line in estimates)),
            format_cost(sum(costs) if costs else None),
        ),
        label_columns=2,
    )


def _random_play(
    game: Game[Any], run_seed: int, episode: int, measured: tuple[int, ...]
) -> list[DecisionQuestion]:
    """The questions to the measured seats in an episode of random play."""
    rng = stream(run_seed, game.spec.id, episode, "estimate")
    state = game.new(rng.randrange(2**32))
    questions = []
    while state.acting:
        for seat in set(state.acting) & set(measured):
            question = DecisionQuestion.at(
                game.spec.id, state, seat, number=episode, run_seed=run_seed
            )
            questions.append(question)
        state.apply({seat: rng.choice(state.legal_actions(seat)) for seat in state.acting})
    return questions


def tournament_estimates(
    pack: PromptPack, tournament: Tournament
) -> Iterator[tuple[Manifest, list[UsageEstimate]]]:
    """Estimates of each model, with the pairing that they are extrapolated from.

    A seat decides equally often with any players in the others, so one pairing of a model stands
    for all of them.
    """
    for model in tournament.entrants:
        if bot_name(model) is None:
            other = next(name for name in tournament.entrants if name != model)
            one = tournament.pairing(model, other, tournament.games)
            yield one, [_scale(tournament, model, each) for each in estimate(pack, one)]


def _scale(tournament: Tournament, model: str, one: UsageEstimate) -> UsageEstimate:
    """Extrapolate from one seat in the episodes of one pairing to all seats in all pairings."""
    plans = [
        plan
        for manifest in tournament.pairings.values()
        for plan in manifest.environments
        if plan.env == one.env and model in plan.seats.players
    ]
    factor = sum(plan.episodes * plan.seats.players.count(model) for plan in plans) / one.planned
    return replace(
        one,
        planned=sum(plan.episodes for plan in plans),
        calls=one.calls * factor,
        input=one.input * factor,
        output=one.output * factor,
        cost=None if one.cost is None else one.cost * factor,
    )
