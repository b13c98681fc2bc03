"""The state of the current attempt, so that one that was killed continues where it was."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import AwareDatetime, Field

from vsbench.errors import UsageError
from vsbench.output_paths import write_errors
from vsbench.records.bounds import MAX_MANIFEST_BYTES, Name, Text
from vsbench.records.journal import Record
from vsbench.records.reading import read_json
from vsbench.runner.directory import write_json

STATE = "state.json"

REVISIONS = ("GITHUB_SHA", "CI_COMMIT_SHA")
"""Variables in which GitHub and GitLab name the commit."""


class Attempt(Record):
    """``state.json``: what is being played, and whether it was judged."""

    format: Literal["vsbench-ci"] = "vsbench-ci"
    schema_version: Literal[1] = 1
    started: AwareDatetime
    folder: Name
    """Of the runs, in the output directory."""
    revision: Text = ""
    """Of what is tested, such as a commit. Answers of another revision are not continued."""
    baselines: Mapping[Name, Text] = Field(default_factory=dict)
    """Name of a model -> where its baseline is; empty if it has none."""
    judged: bool = False
    """Whether the reports were written: the next call starts anew."""


def read_attempt(out: Path) -> Attempt | None:
    """Read the state in an output directory; None if there is none.

    Raises:
        UsageError: it cannot be read.
    """
    path = out / STATE
    try:
        return read_json(path, Attempt, MAX_MANIFEST_BYTES)
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise UsageError(f"{path} cannot be read: {why}; delete it to start anew") from None


def write_attempt(out: Path, attempt: Attempt) -> None:
    """Write the state, creating the directory. Raises UsageError."""
    with write_errors(out):
        out.mkdir(parents=True, exist_ok=True)
        write_json(out / STATE, attempt)


def current_revision() -> str:
    """The commit that a CI service tests; empty elsewhere."""
    return next((os.environ[name] for name in REVISIONS if os.environ.get(name)), "")
