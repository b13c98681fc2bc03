"""Write the reports of ``vsbench ci``: for people, for CI services, and for programs."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal
from xml.etree import ElementTree as ET

from vsbench.ci.attempts import Job
from vsbench.ci.verdicts import Outcome
from vsbench.errors import UsageError
from vsbench.output_paths import write_errors
from vsbench.printable import printable
from vsbench.records.bounds import Name, Text
from vsbench.records.bundle import SUFFIX, pack
from vsbench.records.comparison import Comparison, Judgement
from vsbench.records.journal import Record
from vsbench.reporting import differences, pull_request, tables
from vsbench.reporting.differences import VERDICTS
from vsbench.reporting.formats import to_markdown as table_to_markdown
from vsbench.reporting.github import LEVELS, annotation, workflow_commands
from vsbench.reporting.junit import to_junit
from vsbench.reporting.pull_request import SIGNS, markdown_text

log = logging.getLogger(__name__)

MARKDOWN, JUNIT, COMPARISON, RESULTS, RUNS = (
    "report.md",
    "junit.xml",
    "comparison.json",
    "results.json",
    "runs",
)
"""Names in the directory of the reports."""


class ModelReport(Record):
    """What became of one model's run."""

    name: Name
    """The name of the model in the configuration."""
    model: Name
    run: Text
    """The run's directory."""
    baseline: Text
    """What it was compared with; empty if there was none."""
    kept: Text
    """Where the run is kept as the last green one; empty if it is not."""
    judgement: Judgement
    comparison: Comparison | None


class CIReport(Record):
    """``comparison.json``."""

    format: Literal["vsbench-ci-report"] = "vsbench-ci-report"
    schema_version: Literal[1] = 1
    exit_code: int
    models: tuple[ModelReport, ...]


def bundled(job: Job, folder: Path) -> tuple[str, str]:
    """Put a run and its baseline into the folder of the reports, as bundles that commands take.

    Returns:
        Where the baseline and the run are: as before, if they are too large for a bundle.

    Raises:
        UsageError: the folder cannot be written.
    """

    def bundle(run: Path | None, name: str, source: str) -> str:
        if run is None:
            return source
        path = folder / RUNS / f"{name}{SUFFIX}"
        with write_errors(folder):
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                pack(run, path)
            except UsageError as error:
                log.warning("%s", error)
                return source
        return str(path)

    name = job.subject.folder
    return (
        bundle(job.baseline.directory, f"{name}-baseline", job.baseline.source),
        bundle(job.directory, name, str(job.directory)),
    )


def write_reports(folder: Path, outcomes: Sequence[Outcome], exit_code: int) -> None:
    """Write all reports into a folder. Raises UsageError."""
    report = CIReport(exit_code=exit_code, models=tuple(map(_model_report, outcomes)))
    results = [outcome.report.results for outcome in outcomes]
    with write_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in {
            MARKDOWN: to_markdown(outcomes),
            JUNIT: junit(outcomes),
            COMPARISON: report.model_dump_json(indent=2) + "\n",
            RESULTS: tables.to_json(results) + "\n",
        }.items():
            (folder / name).write_text(text, encoding="utf-8")


def to_markdown(outcomes: Sequence[Outcome]) -> str:
    """All outcomes in Markdown, each a headline and what led to it."""
    return "\n".join(_section(outcome) for outcome in outcomes)


def headline(outcome: Outcome) -> str:
    """The outcome in a line."""
    if outcome.comparison is not None:
        return differences.headline(outcome.comparison)
    return f"{_title(outcome)}: {outcome.judgement.reasons[0]}"


def _title(outcome: Outcome) -> str:
    """The verdict in words, of a run that was not compared."""
    return "No baseline" if outcome.unjudged else VERDICTS[outcome.judgement.verdict]


def junit(outcomes: Sequence[Outcome]) -> str:
    """All outcomes as JUnit XML; one without a comparison is a suite with a verdict alone."""
    compared = [outcome.comparison for outcome in outcomes if outcome.comparison is not None]
    root = ET.fromstring(to_junit(compared).encode())  # noqa: S314
    root.set("name", "vsbench ci")
    for outcome in outcomes:
        if outcome.comparison is None:
            _add_suite(root, outcome)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def github_annotations(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Yield the workflow commands that annotate a pull request in GitHub Actions."""
    for outcome in outcomes:
        if outcome.comparison is not None:
            yield from workflow_commands(outcome.comparison)
        else:
            level = LEVELS[outcome.judgement.verdict]
            yield annotation(level, f"vsbench: {outcome.job.subject.name}", headline(outcome))


def _section(outcome: Outcome) -> str:
    kept = f"Kept as the last green run: `{printable(outcome.kept)}`\n" if outcome.kept else ""
    if outcome.comparison is not None:
        return f"{pull_request.to_markdown(outcome.comparison)}\n{kept}"
    lines = [
        f"### {markdown_text(outcome.job.subject.name)}",
        "",
        f"{SIGNS[outcome.judgement.verdict]} **{_title(outcome)}**",
        "",
        *(f"- {markdown_text(reason)}" for reason in outcome.judgement.reasons),
        "",
        *(f"{table_to_markdown(table)}\n" for table in tables.run_tables(outcome.report.results)),
    ]
    return "\n".join([*lines, kept])


def _model_report(outcome: Outcome) -> ModelReport:
    return ModelReport(
        name=outcome.job.subject.name,
        model=outcome.job.manifest.model,
        run=str(outcome.job.directory),
        baseline=outcome.job.baseline.source,
        kept=outcome.kept,
        judgement=outcome.judgement,
        comparison=outcome.comparison,
    )


def _add_suite(root: ET.Element, outcome: Outcome) -> None:
    suite = ET.SubElement(
        root,
        "testsuite",
        {"name": printable(outcome.job.subject.name), "tests": "1", "errors": "0"},
    )
    case = ET.SubElement(suite, "testcase", classname="vsbench.gate", name="verdict", time="0")
    line = printable(headline(outcome))
    reasons = "\n".join(map(printable, outcome.judgement.reasons))
    ET.SubElement(case, "system-out").text = reasons
    failed = outcome.judgement.verdict == "regression"
    if failed:
        ET.SubElement(case, "failure", message=line, type="regression").text = reasons
    elif outcome.judgement.verdict != "pass":
        ET.SubElement(case, "skipped", message=line)
    counts = {
        "tests": 1,
        "failures": int(failed),
        "skipped": int(outcome.judgement.verdict in ("inconclusive", "no verdict")),
    }
    for name, count in counts.items():
        suite.set(name, str(count))
        root.set(name, str(int(root.get(name, "0")) + count))
