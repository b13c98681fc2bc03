"""Which recorded states a run asks about, and where they are from."""

from __future__ import annotations

from pathlib import Path

from vsbench.datasets.official import guess_env, parquet_files
from vsbench.datasets.official_set import OfficialSet, open_official
from vsbench.datasets.samples import Dataset, load, shipped
from vsbench.errors import UsageError
from vsbench.evaluations.perception import Sighting
from vsbench.evaluations.published import PublishedPrediction
from vsbench.evaluations.samples import AskedSample
from vsbench.evaluations.strategic_reasoning import Prediction
from vsbench.players.seats import scripted_name
from vsbench.records.manifest import EnvironmentPlan, Manifest, SamplePlan
from vsbench.settings import Evaluation, RunSettings
from vsbench_envs import registry

SHIPPED = "shipped"
"""Stands for the data set that ships for an environment."""

GUESSER = "player/random"
"""The only scripted player that needs no state."""

SAMPLES = {"paper": 400, "quick": 40}
"""By preset."""


def environments_in(path: Path) -> tuple[str, ...]:
    """The environments that a data set, or a folder of them, is of, in the order of the registry.

    Raises:
        UsageError: there is none, or its name does not tell.
    """
    if path.is_dir():
        found = {file.stem for file in path.glob("*.jsonl")}
        found |= {guess_env(file) or "" for file in path.rglob("*.parquet")}
    elif path.suffix == ".parquet":
        found = {guess_env(file) or "" for file in parquet_files(path)}
    else:
        found = {load(path).header.env}
    envs = tuple(env for env in registry.names() if env in found)
    if not envs:
        raise UsageError(f"{path} does not tell which environment it is of: name it with --env")
    return envs


def plan_samples(settings: RunSettings, model: str, env: str) -> SamplePlan | None:
    """Which samples are asked about; None where no set ships and none was asked for by name.

    Raises:
        UsageError: there is no such set, or not what is to be measured by it.
    """
    if settings.dataset is not None:
        dataset, name = open_set(settings.dataset, env), str(settings.dataset.resolve())
        _check_answerable(dataset, settings, model)
    else:
        try:
            dataset, name = load(shipped(env)), SHIPPED
        except UsageError:
            if settings.evals:
                raise
            return None
    count = settings.samples or SAMPLES[settings.preset]
    size = len(dataset.samples)
    return SamplePlan(dataset=name, sha256=dataset.sha256, size=size, count=min(count, size))


def _check_answerable(dataset: Dataset | OfficialSet, settings: RunSettings, model: str) -> None:
    if isinstance(dataset, Dataset):
        return
    if "perception" in settings.evals:
        raise UsageError(
            f"{settings.dataset} holds pictures, but not what is in them: perception needs "
            "recorded states, which vsbench dataset build makes"
        )
    if scripted_name(model) is not None and model != GUESSER:
        raise UsageError(
            f"{settings.dataset} holds no states to play from: of the scripted players, only "
            f"{GUESSER} can guess"
        )


def open_set(path: Path, env: str) -> Dataset | OfficialSet:
    """The set of an environment in a file, or in a folder of files.

    Raises:
        UsageError: there is none, it is damaged, or it is of another environment.
    """
    own = path / f"{env}.jsonl"
    if path.suffix == ".parquet" or (path.is_dir() and not own.exists()):
        return open_official(path, env)
    file = own if path.is_dir() else path
    dataset = load(file)
    if dataset.header.env != env:
        raise UsageError(f"{file} is a data set of {dataset.header.env}, not of {env}")
    return dataset


def open_planned(env: str, plan: SamplePlan) -> Dataset | OfficialSet:
    """The data set that a run asks about.

    Raises:
        UsageError: it is not the one that the run began with.
    """
    shipped_one = plan.dataset == SHIPPED
    dataset = load(shipped(env)) if shipped_one else open_set(Path(plan.dataset), env)
    if dataset.sha256 != plan.sha256:
        raise UsageError(f"the data set {plan.dataset} of {env} is not what the run began with")
    return dataset


def asked_samples(
    manifest: Manifest, plan: EnvironmentPlan, evaluation: Evaluation
) -> list[AskedSample]:
    """The samples that a run asks about in one environment."""
    if plan.samples is None:
        return []
    dataset, player, seed = open_planned(plan.env, plan.samples), manifest.model, manifest.seed
    numbers = plan.samples.numbers
    if isinstance(dataset, OfficialSet):
        return [PublishedPrediction(plan.env, n, player, seed, dataset) for n in numbers]
    ask = {"reasoning": Prediction, "perception": Sighting}[evaluation]
    return [ask(plan.env, n, player, seed, dataset) for n in numbers]
