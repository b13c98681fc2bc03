"""Exceptions as messages and exit codes."""

from __future__ import annotations

import errno
import os
import traceback
from contextlib import suppress

import click

from vsbench.defects import EXPECTED, report_defect
from vsbench.errors import Exit
from vsbench.printable import printable
from vsbench.redaction import Secrets

DEBUG = "VSBENCH_DEBUG"
"""Environment variable; 1 shows tracebacks of unexpected errors."""

SYSTEM_ERRORS = {
    *(errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.ESTALE, errno.ENXIO),
    *(errno.EACCES, errno.EPERM, errno.EROFS, errno.ENAMETOOLONG, errno.ELOOP),
    *(errno.ENOTDIR, errno.EISDIR, errno.EMFILE, errno.ENFILE),
}
"""Errors of disks, permissions and paths, which the user can fix."""


def report(error: BaseException) -> Exit:
    """Print what went wrong, and return the exit code.

    Raises:
        BaseException: the error itself, if it is unexpected and ``VSBENCH_DEBUG`` is set.
    """
    if isinstance(error, click.ClickException):
        with suppress(OSError):
            error.show()
        return Exit.USAGE
    if isinstance(error, EXPECTED):
        _print(printable(error))
        return Exit.USAGE
    if isinstance(error, KeyboardInterrupt | click.Abort):
        _print("interrupted")
        return Exit.INTERRUPTED
    if isinstance(error, BrokenPipeError):
        # The reader of our output has ended (`vsbench results | head`).
        return Exit.COMPLETE
    if isinstance(error, OSError) and (message := _system_error(error)):
        _print(printable(message))
        return Exit.USAGE
    if os.environ.get(DEBUG, "0") not in ("", "0"):
        raise error
    _report_defect(error)
    return Exit.DEFECT


def _system_error(error: OSError) -> str:
    """A message about an error that the user can fix; empty for others."""
    try:
        os.getcwd()  # noqa: PTH109
    except FileNotFoundError:
        return "the working directory no longer exists; change to another one"
    if error.errno not in SYSTEM_ERRORS:
        return ""
    return f"{error.filename or 'output cannot be written'}: {error.strerror}"


def _report_defect(error: BaseException) -> None:
    where = "".join(f" ({note})" for note in getattr(error, "__notes__", ()))
    redacted = Secrets.in_environment().redact
    message = redacted(f"{type(error).__name__}: {error}".partition("\n")[0][:300] + where)
    path = report_defect(error)
    if path is None:
        _print(redacted("".join(traceback.format_exception(error))))
        _print("unexpected error; please report it with the lines above")
    else:
        _print(f"unexpected error: {message}; please report it with the file {path}")


def _print(text: str) -> None:
    """Print to stderr, unless it is closed."""
    with suppress(OSError, ValueError):
        click.echo(f"vsbench: {text}", err=True)
