"""Plan, begin, reopen and play runs, for the Python API and the command line."""

from __future__ import annotations

import asyncio
import logging
import shlex
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from vsbench.env_file import load_env_file
from vsbench.errors import UsageError
from vsbench.output_paths import refuse_record
from vsbench.planning.notices import notices
from vsbench.planning.permissions import check_permissions
from vsbench.planning.prices import price_table
from vsbench.planning.run import check_cost_limit, check_options, make_manifest, prompt_pack
from vsbench.planning.units import models_in_seats
from vsbench.players.seats import first_duplicate, player_id
from vsbench.prompts import PromptPack, open_recorded
from vsbench.records.files import PROMPTS, open_run, refuse_tournament, run_directories
from vsbench.records.manifest import SHIPPED, Conditions, Manifest
from vsbench.runner.budget import Budget
from vsbench.runner.directory import lock_run, start_run, unused_directory
from vsbench.runner.observer import GuardedObserver, Observer, RunReport
from vsbench.runner.pool import ModelPool
from vsbench.runner.schedule import Schedule, Until
from vsbench.runner.session import Session
from vsbench.settings import RunSettings

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Prepared:
    """A run, checked and ready to be played."""

    directory: Path
    manifest: Manifest
    pack: PromptPack
    new: bool
    """Whether its directory does not exist yet."""


def warn(manifests: Sequence[Manifest], settings: RunSettings) -> None:
    """Log what :func:`vsbench.planning.notices.notices` finds about new runs."""
    for notice in notices(manifests, settings):
        log.warning("%s", notice)


def plan(settings: RunSettings) -> list[Manifest]:
    """Plan the runs of these settings, one for each model; nothing is written.

    Raises:
        UsageError: a setting is wrong.
    """
    if not settings.models:
        raise UsageError("name a model, for example sighted/oracle or gpt-4o")
    pack = prompt_pack(settings)
    table = price_table(settings.prices)
    models = [player_id(model) for model in settings.models]
    if (twice := first_duplicate(models)) is not None:
        raise UsageError(f"duplicate model {twice}")
    manifests = [make_manifest(settings, model, pack, table) for model in models]
    check_options(settings, {name for one in manifests for name in models_in_seats(one)})
    check_cost_limit(settings, manifests)
    return manifests


def begin(settings: RunSettings) -> list[Prepared]:
    """Prepare new runs, one for each model; several share the folder ``out``."""
    manifests, pack = plan(settings), prompt_pack(settings)
    refuse_output_in_records(settings)
    if settings.out is not None and len(manifests) == 1:
        return [Prepared(settings.out, manifests[0], pack, new=True)]
    parent, directories = settings.out or Path("runs"), list[Path]()
    for manifest in manifests:
        directories.append(unused_directory(parent, manifest.model, directories))
    return [
        Prepared(directory, manifest, pack, new=True)
        for directory, manifest in zip(directories, manifests, strict=True)
    ]


def refuse_output_in_records(settings: RunSettings) -> None:
    """Raise UsageError if the output or the cache would be inside another run's directory."""
    for path in (settings.out, settings.cache):
        if path is not None:
            refuse_record(path.parent)


def reopen(directory: Path, *, trust_prompts: bool = False) -> list[Prepared]:
    """The runs in a directory, as they were begun.

    ``trust_prompts`` lets a pack that is not one of ours be rendered, in a process with limits.

    Raises:
        UsageError: there is none, or it is a tournament, which has standings to be renewed too; or
            its prompts were changed, or are not trusted.
    """
    refuse_tournament(
        directory,
        f"resume with: {shlex.join(['vsbench', 'tournament', '--resume', str(directory)])}, "
        f"or vsbench.resume_tournament({str(directory)!r})",
    )
    manifests = {path: open_run(path) for path in run_directories(directory)}
    return [
        Prepared(path, manifest, reopen_pack(path, manifest, trust_prompts), new=False)
        for path, manifest in manifests.items()
    ]


def reopen_pack(directory: Path, record: Conditions, trust_prompts: bool) -> PromptPack:
    """Open a run's or tournament's own copy of its prompts. Raises UsageError."""
    return open_recorded(
        directory / PROMPTS,
        record.prompts_sha256,
        version=record.prompts_version,
        trusted=trust_prompts,
    )


async def play(
    runs: Sequence[Prepared],
    settings: RunSettings,
    observer: Observer,
    budget: Budget | None = None,
    until: Until = MappingProxyType({}),
) -> list[RunReport]:
    """Play runs concurrently, under a common budget.

    Args:
        runs: to be played.
        settings: of the command.
        observer: follows the runs.
        budget: of the command; by default with the limits of the settings.
        until: how many episodes or samples to play by now. A later call for the same directories
            plays on; what was played counts once in a budget that is passed again.

    Raises:
        UsageError: a run cannot begin; none was begun.
    """
    check_cost_limit(settings, [run.manifest for run in runs])
    _check_datasets(runs, settings)
    load_env_file()
    check_permissions((run.manifest for run in runs if not run.new), settings)
    observer = GuardedObserver(observer)
    budget = budget or Budget(settings.max_cost, settings.max_tokens_total, settings.time_limit)
    async with AsyncExitStack() as stack:
        pool = ModelPool(settings, budget, stack)
        opened = pool.open_all((run.directory, run.manifest) for run in runs)
        for run in runs:
            stack.callback(run.pack.close)
            stack.enter_context(
                start_run(run.directory, run.manifest, run.pack)
                if run.new
                else lock_run(run.directory)
            )
        schedule = Schedule(budget, 2 * settings.max_connections)
        sessions = [
            Session(
                directory=run.directory,
                manifest=run.manifest,
                pack=run.pack,
                calls=models,
                budget=budget,
                observer=observer,
                schedule=schedule,
                datasets=settings.dataset,
                until=until,
            )
            for run, models in zip(runs, opened, strict=True)
        ]
        with budget.deadline():
            ends = await asyncio.gather(
                *(session.run() for session in sessions), return_exceptions=True
            )
        # Calls in progress in other runs were paid for, and are journalled by now.
        return [_report_or_raise(end) for end in ends]


def _check_datasets(runs: Sequence[Prepared], settings: RunSettings) -> None:
    """Raise UsageError if a data set is given for resumed runs that use shipped ones only."""
    asked = [plan.samples for run in runs for plan in run.manifest.environments]
    own = any(samples is not None and samples.dataset != SHIPPED for samples in asked)
    if settings.dataset is not None and not own:
        raise UsageError(
            f"these runs ask about shipped data sets alone; leave out --dataset {settings.dataset}"
        )


def _report_or_raise(end: RunReport | BaseException) -> RunReport:
    if isinstance(end, BaseException):
        raise end
    return end
