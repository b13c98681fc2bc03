"""Write unexpected errors to files that users can report."""

from __future__ import annotations

import os
import platform
import shlex
import sys
import tempfile
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from vsbench.errors import UsageError
from vsbench.records.files import ERROR
from vsbench.redaction import Secrets
from vsbench_envs.errors import MissingExtraError, PluginError, UnknownNameError

EXPECTED = (UsageError, UnknownNameError, MissingExtraError, PluginError)
"""Errors that the user can fix: shown in one line, and no defects."""

PACKAGES = ("vsbench", "pydantic", "openai", "anthropic", "transformers", "torch", "filelock")

_REPORT = "_vsbench_report"


@contextmanager
def reporting_defects(directory: Path) -> Iterator[None]:
    """Write an unexpected error to ``error.txt`` in a run directory, and pass it on."""
    try:
        yield
    except EXPECTED:
        raise
    except Exception as error:
        report_defect(error, directory)
        raise


def report_defect(error: BaseException, directory: Path | None = None) -> Path | None:
    """Write an error to a file, once.

    Args:
        error: as it was caught.
        directory: of the run that it ended. Without one, or if it cannot be written, a temporary
            file is created.

    Returns:
        The path of the file; None if no file can be written at all.
    """
    written: Path | None = getattr(error, _REPORT, None)
    if written is not None:
        return written
    text = _report(error)
    with suppress(OSError):
        written = _write(text, directory)
    if written is None:
        with suppress(OSError):
            written = _write(text, None)
    setattr(error, _REPORT, written)
    return written


def _write(text: str, directory: Path | None) -> Path:
    prefix = ".vsbench-" if directory else "vsbench-"
    descriptor, name = tempfile.mkstemp(prefix=prefix, suffix=f"-{ERROR}", dir=directory)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
        # Renamed, not opened by its name: in an untrusted directory that may be a link.
        return Path(name).replace(directory / ERROR) if directory else Path(name)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise


def _report(error: BaseException) -> str:
    """Format an error with versions and the command, but nothing of the environment."""
    versions = [f"Python {platform.python_version()} on {platform.platform()}"]
    for package in PACKAGES:
        with suppress(PackageNotFoundError):
            versions.append(f"{package} {version(package)}")
    return Secrets.in_environment().redact(
        "vsbench ended with an unexpected error. Please report this file.\n\n"
        f"time: {datetime.now(UTC).isoformat(timespec='seconds')}\n"
        f"command: {shlex.join(sys.argv)}\n"
        f"versions: {', '.join(versions)}\n\n"
        f"{''.join(traceback.format_exception(error))}"
    )
