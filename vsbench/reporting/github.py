"""Comparisons in GitHub Actions: annotations, and the summary of a job."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from vsbench.output_paths import write_errors
from vsbench.records.comparison import Comparison
from vsbench.reporting.differences import headline, warning

SUMMARY = "GITHUB_STEP_SUMMARY"
"""Variable with the path of the file that a step's summary is appended to."""

ACTIONS = "GITHUB_ACTIONS"
"""Variable that is ``true`` within GitHub Actions."""

LEVELS = {
    "pass": "notice",
    "regression": "error",
    "inconclusive": "warning",
    "no verdict": "warning",
}
"""Verdict of a gate -> level of its annotation."""


def workflow_commands(comparison: Comparison) -> Iterator[str]:
    """Yield workflow commands that annotate a pull request: the headline, and a warning."""
    judgement = comparison.judgement
    level = "notice" if judgement is None else LEVELS[judgement.verdict]
    title = f"vsbench: {comparison.new.label} compared with {comparison.base.label}"
    yield annotation(level, title, headline(comparison))
    if told := warning(comparison):
        yield annotation("warning", title, told)


def annotation(level: str, title: str, message: str) -> str:
    """Format a workflow command.

    Args:
        level: ``error``, ``warning`` or ``notice``.
        title: a few words.
        message: any text; line feeds are kept.
    """
    return f"::{level} title={_escape_property(title)}::{_escape(message)}"


def publish(
    report: str,
    annotations: Iterable[str],
    write: Callable[[str], object],
    environment: Mapping[str, str] = os.environ,
) -> None:
    """Within GitHub Actions, append a report to the summary of the step, and annotate.

    Args:
        report: in Markdown.
        annotations: workflow commands.
        write: writes a line to the standard output, where annotations are read from.
        environment: variables that GitHub sets.

    Raises:
        UsageError: the summary cannot be written.
    """
    if environment.get(SUMMARY):
        path = Path(environment[SUMMARY])
        with write_errors(path), path.open("a", encoding="utf-8") as file:
            file.write(report)
    if environment.get(ACTIONS) == "true":
        for line in annotations:
            write(line)


def _escape(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escape_property(text: str) -> str:
    return _escape(text).replace(":", "%3A").replace(",", "%2C")
