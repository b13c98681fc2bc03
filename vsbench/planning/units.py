"""Derive a run's units of work, its episodes and samples, from its manifest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from math import ceil
from pathlib import Path

from vsbench.bots import bot_name
from vsbench.datasets.published import PublishedSet
from vsbench.datasets.samples import Dataset, load
from vsbench.datasets.sets import open_set, shipped_path
from vsbench.errors import UsageError
from vsbench.evaluations.decision_making import EpisodePlan
from vsbench.evaluations.perception import PerceptionSample
from vsbench.evaluations.strategic_reasoning import PredictionSample, PublishedPrediction
from vsbench.evaluations.units import AskedSample, Unit
from vsbench.records.files import UnitKey
from vsbench.records.manifest import SHIPPED, EnvironmentPlan, Manifest, SamplePlan
from vsbench.settings import Evaluation
from vsbench_envs import registry
from vsbench_envs.anchors import decisions
from vsbench_envs.seeding import episode_seed


@dataclass(frozen=True)
class UnitQueue:
    """The units of one evaluation in one environment of a run."""

    evaluation: Evaluation
    plan: EnvironmentPlan
    numbers: Sequence[int]
    """Of the episodes or samples, in the order in which they are played."""
    unit: Callable[[int], Unit]
    """Makes a unit by its number."""

    @property
    def name(self) -> tuple[Evaluation, str]:
        """The evaluation and the environment."""
        return self.evaluation, self.plan.env

    def key(self, number: int) -> UnitKey:
        """The key of a unit's journal."""
        return UnitKey(self.evaluation, self.plan.env, number)


def unit_queues(manifest: Manifest, datasets: Path | None = None) -> list[UnitQueue]:
    """Return the units of a run by environment and evaluation, none of them made yet.

    Args:
        manifest: of the run.
        datasets: a file or folder with its data sets, unless they are the shipped ones.

    Raises:
        UsageError: a data set is not the one that the run began with.
    """
    return [
        UnitQueue(
            evaluation, plan, plan.order(evaluation), _maker(manifest, plan, evaluation, datasets)
        )
        for plan in manifest.environments
        for evaluation in manifest.evaluations
        if plan.numbers(evaluation)
    ]


def _maker(
    manifest: Manifest, plan: EnvironmentPlan, evaluation: Evaluation, datasets: Path | None
) -> Callable[[int], Unit]:
    if evaluation == "decision":
        return partial(episode_plan, manifest, plan)
    samples = planned_samples(manifest, plan, evaluation, datasets)
    return {sample.number: sample for sample in samples}.__getitem__


def longest_episode(plan: EnvironmentPlan) -> int:
    """Return the most decisions that an episode is expected to take of the models in its seats.

    With bots alone, joint moves count in place of decisions.
    """
    spec = registry.get(plan.env).spec
    found = decisions(plan.env)
    if found is not None:
        per_seat = found.longest / spec.model_seats
    else:
        per_seat = spec.typical_length / (1 if spec.simultaneous else spec.seats)
    models = sum(bot_name(player) is None for player in plan.seats.players)
    return ceil(per_seat * (models or (1 if spec.simultaneous else spec.seats)))


def episode_plan(manifest: Manifest, plan: EnvironmentPlan, episode: int) -> EpisodePlan:
    """Plan an episode: its seed and its players by seat.

    Starts are stratified: equally likely starts take turns, and each is kept while the players
    rotate, so that every start is played equally often from every seat.
    """
    count, strata = len(plan.seats.players), registry.get(plan.env).spec.strata
    deal = stratum = episode
    shift = 0
    if plan.seats.seating != "fixed":
        stratum, shift = divmod(episode, count)
    if plan.seats.seating == "duplicate":
        deal = stratum
    return EpisodePlan(
        env=plan.env,
        episode=episode,
        run_seed=manifest.seed,
        seed=episode_seed(manifest.seed, plan.env, deal, stratum=stratum, strata=strata),
        seats=tuple(plan.seats.players[(seat - shift) % count] for seat in range(count)),
        measured=tuple(sorted((seat + shift) % count for seat in plan.seats.measured)),
    )


def open_dataset(env: str, plan: SamplePlan, path: Path | None) -> Dataset | PublishedSet:
    """Open the data set of a run; ``path`` is its file or folder unless it is the shipped one.

    Raises:
        UsageError: it is not the one that the run began with, or ``path`` is missing.
    """
    if plan.dataset == SHIPPED:
        dataset: Dataset | PublishedSet = load(shipped_path(env))
    elif path is None:
        raise UsageError(
            f"the run uses a data set of {env} that is not shipped, {plan.dataset!r}: "
            "give its path with --dataset"
        )
    else:
        dataset = open_set(path, env)
    if dataset.sha256 != plan.sha256:
        where = "shipped with this version" if plan.dataset == SHIPPED else f"in {path}"
        raise UsageError(f"the data set of {env} {where} is not what the run began with")
    return dataset


def planned_samples(
    manifest: Manifest, plan: EnvironmentPlan, evaluation: Evaluation, datasets: Path | None = None
) -> list[AskedSample]:
    """Return the samples of one environment and evaluation of a run; see :func:`units`."""
    if plan.samples is None:
        return []
    dataset = open_dataset(plan.env, plan.samples, datasets)
    player, seed = manifest.model, manifest.seed
    numbers = plan.samples.numbers
    if isinstance(dataset, PublishedSet):
        return [PublishedPrediction(plan.env, n, player, seed, dataset) for n in numbers]
    ask = {"reasoning": PredictionSample, "perception": PerceptionSample}[evaluation]
    return [ask(plan.env, n, player, seed, dataset) for n in numbers]


def models_in_seats(manifest: Manifest) -> tuple[str, ...]:
    """Return the models in any seat of a run, without bots, in order of first seat."""
    players = (player for plan in manifest.environments for player in plan.seats.players)
    return tuple(dict.fromkeys(player for player in players if bot_name(player) is None))
