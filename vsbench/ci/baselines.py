"""Baselines: what a run is compared with, and the green runs that are kept."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC
from pathlib import Path

from vsbench.ci.config import LAST_GREEN, CISettings, Subject
from vsbench.errors import UsageError
from vsbench.protocols import setting_differences, settings_in_words
from vsbench.records.bundle import SUFFIX, pack
from vsbench.records.files import open_run
from vsbench.records.manifest import Manifest
from vsbench.sources import open_runs
from vsbench.sources.links import public
from vsbench.sources.stores import open_store


@dataclass(frozen=True)
class Baseline:
    """The run that another one is compared with."""

    source: str
    """Where it is kept, without secrets; empty if there is none."""
    directory: Path | None
    note: str = ""
    """Why there is none."""
    green: bool = False
    """Whether it is a green run from the store."""


def find_baseline(
    settings: CISettings, subject: Subject, manifest: Manifest, stack: ExitStack
) -> Baseline:
    """Find what a run is to be compared with.

    Of the green runs it is the latest one that is comparable. Where none is, the run has no
    baseline: a configuration that asks for something else begins a new series.

    Args:
        settings: with the baseline and the store.
        subject: the model under test.
        manifest: of the run.
        stack: removes temporary copies when it is closed.

    Raises:
        UsageError: the baseline or the store cannot be read.
        MissingExtraError: object stores need a package that is not installed.
    """
    if settings.baseline != LAST_GREEN:
        found = open_baseline(settings.baseline, stack)
        assert found.directory is not None
        if blocking := _blocking(open_run(found.directory), manifest):
            raise UsageError(
                f"the baseline {found.source} is not comparable with the configuration: {blocking}"
            )
        return found
    names = open_store(settings.store).names(subject.folder)
    why = f"{settings.store} holds no green run of {subject.name}"
    for name in reversed(names):
        found = open_baseline(f"{settings.store.rstrip('/')}/{name}", stack)
        assert found.directory is not None
        blocking = _blocking(open_run(found.directory), manifest)
        if not blocking:
            return replace(found, green=True)
        if name == names[-1]:
            why = (
                f"no green run of {subject.name} in {settings.store} is comparable; the latest "
                f"differs: {blocking}"
            )
    return Baseline("", None, why)


def _blocking(base: Manifest, new: Manifest) -> str:
    """The settings because of which runs are not comparable, in words; empty if they are."""
    blocking = [each for each in setting_differences(base, new) if each.incomparable]
    return "; ".join(settings_in_words(blocking))


def open_baseline(source: str, stack: ExitStack) -> Baseline:
    """Open a baseline by its source. Raises UsageError, MissingExtraError."""
    runs = open_runs(source, stack)
    if len(runs) > 1:
        raise UsageError(f"the baseline {source} holds {len(runs)} runs; name one of them")
    return Baseline(public(source), runs[0])


def keep_green(settings: CISettings, subject: Subject, run: Path) -> str:
    """Keep a run in the store, delete those beyond ``keep``, and return where it is.

    Raises:
        UsageError: the store cannot be written, or the run is too large for a bundle.
    """
    store, created = open_store(settings.store), open_run(run).created
    with tempfile.TemporaryDirectory(prefix="vsbench-") as folder:
        bundle = Path(folder, f"run{SUFFIX}")
        digest = pack(run, bundle)
        # By the time of the run, so that the last name is the latest and keeping twice changes
        # nothing.
        name = f"{subject.folder}/{created.astimezone(UTC):%Y%m%dT%H%M%S}-{digest[:12]}{SUFFIX}"
        store.put(name, bundle)
    for old in store.names(subject.folder)[: -settings.keep]:
        store.delete(old)
    return f"{settings.store.rstrip('/')}/{name}"
