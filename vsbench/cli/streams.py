"""Standard streams that take whatever is written, or say nothing of it."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import click


def open_streams() -> None:
    """Make sure that there is somewhere to write, and that every character can be written."""
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:  # Closed by the caller, as by `>&-`.
            mode = "r" if name == "stdin" else "w"
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115
    if not os.environ.get("COLUMNS", "1").strip("0 "):
        del os.environ["COLUMNS"]  # A width of nothing would show nothing.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors == "strict":
            stream.reconfigure(errors="replace")


@contextmanager
def output_may_fail() -> Iterator[None]:
    """Tell of output that cannot be written, and go on: the exit code tells of the run itself."""
    try:
        yield
    except OSError as error:
        if error.filename:
            raise
        with suppress(OSError):
            click.echo(f"vsbench: output cannot be written: {error.strerror}", err=True)
    except SystemExit:
        return  # So rich ends a program whose output nobody reads.


def close_streams() -> None:
    """Write what is buffered; what can no longer be written is dropped without a message."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            with suppress(OSError, ValueError):
                # The interpreter flushes once more when it ends, and would complain.
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
