"""Where log messages go, and what they look like."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable
from contextlib import ExitStack
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from vsbench.errors import UsageError
from vsbench.output_paths import refuse_orphan, refuse_record
from vsbench.printable import printable
from vsbench.redaction import Secrets

Level = Literal["debug", "info", "warning", "error"]

UNIT: ContextVar[str] = ContextVar("unit", default="")
"""The episode or sample that the current task plays, such as ``decision/kuhn_poker/3``."""

SDKS = ("openai", "anthropic", "httpx2", "httpcore2", "transformers", "huggingface_hub", "obstore")
"""Packages whose loggers are shown at the level ``debug``."""

MAX_MESSAGE = 2_000
"""Characters of a message: SDKs log whole requests, with the pictures in them."""


def configure(level: Level | None, file: Path | None, stack: ExitStack) -> None:
    """Send the log to a file, or to stderr without one.

    With a file, warnings are still shown on stderr. With neither level nor file nothing changes:
    Python shows warnings on stderr.

    Args:
        level: the lowest level that is logged; None for ``info`` in a file.
        file: appended to; JSON Lines if its name ends in ``.jsonl``.
        stack: restores logging, and closes the file.

    Raises:
        UsageError: the file cannot be written.
    """
    if level is None and file is None:
        return
    least = logging.getLevelNamesMapping()[(level or "info").upper()]
    if file is None:
        add_handler(_StderrHandler(_line), least, stack)
    else:
        handler = _open(file)
        stack.callback(handler.close)
        add_handler(handler, least, stack)
        add_handler(_StderrHandler(logging.Formatter().format), logging.WARNING, stack)
    _set_level("vsbench", min(least, logging.WARNING), stack)
    for name in SDKS if least <= logging.DEBUG else ():
        _set_level(name, least, stack)


def add_handler(handler: logging.Handler, least: int, stack: ExitStack) -> None:
    """Add a handler of all messages from a level on until ``stack`` is closed."""
    handler.setLevel(least)
    logging.getLogger().addHandler(handler)
    stack.callback(logging.getLogger().removeHandler, handler)


def _set_level(name: str, level: int, stack: ExitStack) -> None:
    logger = logging.getLogger(name)
    stack.callback(logger.setLevel, logger.level)
    logger.setLevel(level)


def _open(file: Path) -> logging.FileHandler:
    refuse_record(file.parent)
    refuse_orphan(file)
    try:
        handler = logging.FileHandler(file, encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror}") from None
    handler.setFormatter(_Formatter(_json if file.suffix == ".jsonl" else _line))
    return handler


class _Formatter(logging.Formatter):
    """Formats by a function."""

    def __init__(self, form: Callable[[logging.LogRecord], str]) -> None:
        super().__init__()
        self._form = form

    def format(self, record: logging.LogRecord) -> str:
        return self._form(record)


class _StderrHandler(logging.Handler):
    """Writes to what stderr is at the moment: a progress display takes its place meanwhile."""

    def __init__(self, form: Callable[[logging.LogRecord], str]) -> None:
        super().__init__()
        self.setFormatter(_Formatter(form))

    def emit(self, record: logging.LogRecord) -> None:
        try:
            print(self.format(record), file=sys.stderr, flush=True)
        except OSError:
            # The terminal or the pipe is gone, which is no reason to end a run.
            pass
        except Exception:
            self.handleError(record)


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    """What is logged of a record, without secrets."""
    redact = Secrets.in_environment().redact
    message = redact(record.getMessage())
    if len(message) > MAX_MESSAGE:
        message = f"{message[:MAX_MESSAGE]}... ({len(message):,} characters)"
    time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
    fields = {
        "time": time.replace("+00:00", "Z"),
        "level": record.levelname.lower(),
        "logger": record.name,
        "unit": UNIT.get(),
        "message": message,
    }
    if record.exc_info:
        fields["traceback"] = redact(logging.Formatter().formatException(record.exc_info))
    return fields


def _line(record: logging.LogRecord) -> str:
    found = _fields(record)
    unit = f" [{found['unit']}]" if found["unit"] else ""
    line = f"{found['time']} {found['level']:7} {found['logger']}{unit} {found['message']}"
    lines = [line, *found.get("traceback", "").splitlines()]
    return "\n".join(map(printable, lines))


def _json(record: logging.LogRecord) -> str:
    return json.dumps({name: value for name, value in _fields(record).items() if value})
