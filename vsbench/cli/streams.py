"""Standard streams: open, closed or broken ones do not fail a command."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import click


def open_streams() -> None:
    """Replace closed standard streams, and escape characters that they cannot encode."""
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:  # Closed by the caller, for example by `>&-`.
            mode = "r" if name == "stdin" else "w"
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115
    if not os.environ.get("COLUMNS", "1").strip("0 "):
        del os.environ["COLUMNS"]  # Zero columns would print nothing.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors == "strict":
            stream.reconfigure(errors="replace")


@contextmanager
def output_may_fail() -> Iterator[None]:
    """Report output that cannot be written, and continue: the exit code is that of the run."""
    try:
        yield
    except OSError as error:
        if error.filename:
            raise
        with suppress(OSError):
            click.echo(f"vsbench: output cannot be written: {error.strerror}", err=True)
    except SystemExit:
        return  # Raised by rich when the reader of the output has ended.


def close_streams() -> None:
    """Flush the streams, and drop what can no longer be written."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            with suppress(OSError, ValueError):
                # The interpreter flushes again at exit, and would report the error.
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
