"""Open runs wherever they are kept: directories, bundles, links, and object stores."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from pathlib import Path

from vsbench.errors import UsageError
from vsbench.records.bounds import MAX_BUNDLE_BYTES
from vsbench.records.bundle import SUFFIX, unpack
from vsbench.records.files import run_directories
from vsbench.sources.links import bundle_link, download, is_link, public
from vsbench.sources.stores import is_object, open_store

HELP = (
    "a run's directory, a folder of runs, a bundle (.vsb), a link to a bundle or to the run's page "
    "on a leaderboard, or an object such as s3://bucket/run.vsb"
)
"""For help texts."""


def open_runs(source: str, stack: ExitStack) -> list[Path]:
    """Return the directories of the runs at a source.

    A run that is not on this machine is downloaded and unpacked.

    Args:
        source: a run directory, or a folder of runs; a bundle; an ``http(s)://`` link to a bundle,
            or to a run's page on a leaderboard; ``s3://``, ``gs://`` or ``az://`` and the place of
            a bundle.
        stack: removes temporary copies when it is closed.

    Raises:
        UsageError: there is no run, or it cannot be read.
        MissingExtraError: object stores need a package that is not installed.
    """
    if not (is_link(source) or is_object(source)):
        path = Path(source)
        return [_unpacked(path, source, stack)] if path.is_file() else run_directories(path)
    bundle = temporary(stack) / f"run{SUFFIX}"
    if is_object(source):
        folder, _, name = source.rpartition("/")
        open_store(folder).fetch(name, bundle, MAX_BUNDLE_BYTES)
    else:
        download(bundle_link(source), bundle, MAX_BUNDLE_BYTES)
    return [_unpacked(bundle, source, stack)]


def is_local(source: str) -> bool:
    """Whether a source is a directory on this machine, which pages can be written into."""
    return not (is_link(source) or is_object(source)) and Path(source).is_dir()


def temporary(stack: ExitStack) -> Path:
    """Create a temporary folder that is removed when ``stack`` is closed."""
    return Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="vsbench-")))


def _unpacked(bundle: Path, source: str, stack: ExitStack) -> Path:
    run = temporary(stack) / "run"
    try:
        unpack(bundle, run)
    except UsageError as error:
        raise UsageError(str(error).replace(str(bundle), public(source), 1)) from None
    return run
