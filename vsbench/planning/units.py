"""Derive a run's units of work, its episodes and samples, from its manifest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import zip_longest
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
from vsbench.records.manifest import SHIPPED, EnvironmentPlan, Manifest, SamplePlan
from vsbench.settings import Evaluation
from vsbench_envs import registry
from vsbench_envs.seeding import episode_seed


def units(manifest: Manifest, datasets: Path | None = None) -> Iterator[Unit]:
    """Yield every unit of a run, interleaving evaluations and environments.

    Args:
        manifest: of the run.
        datasets: a file or folder with its data sets, unless they are the shipped ones.

    Raises:
        UsageError: a data set is not the one that the run began with.
    """
    queues: list[Iterable[Unit]] = [
        _episodes(manifest, plan)
        if evaluation == "decision"
        else planned_samples(manifest, plan, evaluation, datasets)
        for plan in manifest.environments
        for evaluation in manifest.evaluations
    ]
    for row in zip_longest(*queues):
        yield from (unit for unit in row if unit is not None)


def _episodes(manifest: Manifest, plan: EnvironmentPlan) -> Iterator[Unit]:
    return (episode_plan(manifest, plan, episode) for episode in range(plan.episodes))


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
