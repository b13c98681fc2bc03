"""Begin the runs of a configuration, or continue those of an attempt that was killed."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from vsbench.ci.baselines import Baseline, find_baseline, open_baseline
from vsbench.ci.config import LAST_GREEN, Config, Subject
from vsbench.ci.state import Attempt, current_revision, read_attempt, write_attempt
from vsbench.errors import UsageError
from vsbench.output_paths import refuse_record
from vsbench.planning.permissions import granting, missing_permissions
from vsbench.planning.run import prompt_pack
from vsbench.records.files import MANIFEST, open_run
from vsbench.records.manifest import Manifest
from vsbench.runner import runs
from vsbench.runner.directory import lock_run, unused_directory
from vsbench.runner.runs import Prepared
from vsbench.settings import RunSettings

WHEN_BEGUN = ("created", "prices", "prices_date")
"""Fields of a manifest that say when a run began, not what it is."""

_ATTEMPT = re.compile(r"\d{8}-\d{6}-ci(-\d+)?")
"""Names of the folders of attempts."""

NO_BASELINE = "there was none when it began"


@dataclass(frozen=True)
class Job:
    """A run of the configuration, and what it is compared with."""

    subject: Subject
    settings: RunSettings
    manifest: Manifest
    """As it was begun, or as it will be."""
    directory: Path
    baseline: Baseline

    def prepared(self) -> Prepared:
        """The run, ready to be played from where it is."""
        new = not (self.directory / MANIFEST).exists()
        return Prepared(self.directory, self.manifest, prompt_pack(self.settings), new=new)


@dataclass(frozen=True)
class Work:
    """All runs of a configuration."""

    config: Config
    jobs: tuple[Job, ...]
    attempt: Attempt
    notes: tuple[str, ...]
    """What became of an earlier attempt, in words."""

    @property
    def settings(self) -> RunSettings:
        """The settings under which they are played: what the configuration names is permitted."""
        manifests = [job.manifest for job in self.jobs]
        settings: RunSettings = self.config.settings
        return granting(settings, missing_permissions(manifests, settings))

    def judged(self) -> None:
        """Record that the reports were written. Raises UsageError."""
        update = {"judged": True}
        write_attempt(output(self.config), self.attempt.model_copy(update=update))


def output(config: Config) -> Path:
    """The output directory of a configuration."""
    assert config.settings.out is not None
    return config.settings.out


def plan(config: Config) -> list[Manifest]:
    """Plan the run of each model; nothing is written. Raises UsageError."""
    return [
        manifest
        for subject in config.subjects
        for manifest in runs.plan(config.run_settings(subject, output(config)))
    ]


@contextmanager
def opened(config: Config, revision: str | None = None) -> Iterator[Work]:
    """Begin an attempt, or continue the last one if it was not judged.

    An attempt is continued if its runs are those that the configuration asks for, and what is
    tested has not changed. Its baselines stay the same too, so the verdict does.

    Args:
        config: the configuration.
        revision: of what is tested; None for the commit that the CI service names.

    Raises:
        UsageError: a setting is wrong, a baseline cannot be read, or another process plays here.
        VSBenchError: a name is unknown, or an extra is not installed.
    """
    revision = current_revision() if revision is None else revision
    planned = plan(config)
    out = output(config)
    refuse_record(out)
    refuse_record(config.settings.reports)
    with ExitStack() as stack:
        stack.enter_context(_locked(out))
        attempt, notes = _current(config, planned, revision)
        new = attempt is None
        attempt = attempt or Attempt(
            started=datetime.now(UTC), folder=_folder(out), revision=revision
        )
        jobs = []
        for subject, manifest in zip(config.subjects, planned, strict=True):
            directory = out / attempt.folder / subject.folder
            job = Job(
                subject,
                config.run_settings(subject, directory),
                open_run(directory) if (directory / MANIFEST).exists() else manifest,
                directory,
                Baseline("", None),
            )
            jobs.append(replace(job, baseline=_baseline(config, job, attempt, stack)))
        if new:
            _delete_old(out, config.settings.keep - 1)
            sources = {job.subject.name: job.baseline.source for job in jobs}
            attempt = attempt.model_copy(update={"baselines": sources})
            write_attempt(out, attempt)
        yield Work(config, tuple(jobs), attempt, notes)


def _baseline(config: Config, job: Job, attempt: Attempt, stack: ExitStack) -> Baseline:
    """What a run is compared with: in a continued attempt, the green run that it began with."""
    source = attempt.baselines.get(job.subject.name)
    if source is None or config.settings.baseline != LAST_GREEN:
        return find_baseline(config.settings, job.subject, job.manifest, stack)
    if not source:
        return Baseline("", None, NO_BASELINE)
    return replace(open_baseline(source, stack), green=True)


@contextmanager
def _locked(out: Path) -> Iterator[None]:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{out} cannot be written: {error.strerror}") from None
    with lock_run(out):
        yield


def _current(
    config: Config, planned: list[Manifest], revision: str
) -> tuple[Attempt | None, tuple[str, ...]]:
    """The attempt to continue, if any, and what is to be said about it."""
    out = output(config)
    attempt = read_attempt(out)
    if attempt is None or attempt.judged:
        return None, ()
    folder = out / attempt.folder
    why = _changed(config, planned, attempt, revision)
    if why:
        return None, (f"{folder} is unfinished, but {why}: starting anew",)
    return attempt, (f"continuing in {folder}",)


def _changed(config: Config, planned: list[Manifest], attempt: Attempt, revision: str) -> str:
    """Why an attempt cannot be continued; empty if it can."""
    if attempt.revision != revision:
        return f"it tested revision {attempt.revision or 'unknown'}, not {revision or 'unknown'}"
    if set(attempt.baselines) != {subject.name for subject in config.subjects}:
        return "the models have changed"
    for subject, manifest in zip(config.subjects, planned, strict=True):
        directory = output(config) / attempt.folder / subject.folder
        if not (directory / MANIFEST).exists():
            continue
        recorded = open_run(directory)
        begun = {name: getattr(recorded, name) for name in WHEN_BEGUN}
        expected = manifest.model_copy(update=begun)
        if recorded != expected:
            fields = [
                name
                for name in Manifest.model_fields
                if getattr(recorded, name) != getattr(expected, name)
            ]
            return f"its settings differ from the configuration ({', '.join(fields)})"
    return ""


def _delete_old(out: Path, keep: int) -> None:
    """Delete all but the last attempts; their runs are bundles in the reports and the store."""
    old = sorted(path for path in out.glob("*-ci*") if _ATTEMPT.fullmatch(path.name))
    for path in old[: len(old) - keep]:
        shutil.rmtree(path, ignore_errors=True)


def _folder(out: Path) -> str:
    """A name for the folder of a new attempt."""
    return unused_directory(out, "ci").name
