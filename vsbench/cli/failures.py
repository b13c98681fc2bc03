"""How commands end that did not end well: a message, and an exit code."""

from __future__ import annotations

import errno
import os
import traceback
from contextlib import suppress

import click

from vsbench.defects import EXPECTED, redacted, report_defect
from vsbench.errors import Exit
from vsbench.printable import printable

DEBUG = "VSBENCH_DEBUG"
"""An environment variable: set to 1, unexpected errors end in a traceback."""

SURROUNDINGS = {
    *(errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.ESTALE, errno.ENXIO),
    *(errno.EACCES, errno.EPERM, errno.EROFS, errno.ENAMETOOLONG, errno.ELOOP),
    *(errno.ENOTDIR, errno.EISDIR, errno.EMFILE, errno.ENFILE),
}
"""Errors of disks, permissions and paths that a person can mend."""


def explain(error: BaseException) -> Exit:
    """Say what went wrong, and return the exit code.

    Raises:
        BaseException: the error itself, if it is unexpected and ``VSBENCH_DEBUG`` is set.
    """
    if isinstance(error, click.ClickException):
        with suppress(OSError):
            error.show()
        return Exit.USAGE
    if isinstance(error, EXPECTED):
        _say(printable(error))
        return Exit.USAGE
    if isinstance(error, KeyboardInterrupt | click.Abort):
        _say("interrupted")
        return Exit.INTERRUPTED
    if isinstance(error, BrokenPipeError):
        # Whoever read our output has gone (`vsbench results | head`).
        return Exit.COMPLETE
    if isinstance(error, OSError) and (told := _of_surroundings(error)):
        _say(printable(told))
        return Exit.USAGE
    if os.environ.get(DEBUG, "0") not in ("", "0"):
        raise error
    _report(error)
    return Exit.DEFECT


def _of_surroundings(error: OSError) -> str:
    """What a person has to mend, or nothing."""
    try:
        os.getcwd()  # noqa: PTH109
    except FileNotFoundError:
        return "the working directory no longer exists; change to another one"
    if error.errno not in SURROUNDINGS:
        return ""
    return f"{error.filename or 'output cannot be written'}: {error.strerror}"


def _report(error: BaseException) -> None:
    told = redacted(f"{type(error).__name__}: {error}".partition("\n")[0])[:300]
    path = report_defect(error)
    if path is None:
        _say(redacted("".join(traceback.format_exception(error))))
        _say("unexpected error; please report it with the lines above")
    else:
        _say(f"unexpected error: {told}; please report it with the file {path}")


def _say(text: str) -> None:
    """Tell a person, if there is still anybody to be told."""
    with suppress(OSError, ValueError):
        click.echo(f"vsbench: {text}", err=True)
