"""Comparisons as JUnit XML, which CI services show as tests."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree as ET

from vsbench.printable import printable
from vsbench.records.comparison import Comparison
from vsbench.reporting.differences import WORSE, headline, marked_scores, score_line
from vsbench.reporting.formats import env_title
from vsbench.settings import EVALUATION_TITLES

OVERALL_CASE, VERDICT_CASE = "overall", "verdict"


def to_junit(comparisons: Sequence[Comparison]) -> str:
    """A suite for each comparison: a test for each score, and one for the verdict of a gate.

    Scores that became worse beyond noise fail, or with a gate those that it rejects. Scores that
    could not be compared, and verdicts that are neither pass nor regression, are skipped.
    """
    root = ET.Element("testsuites", name="vsbench compare")
    for comparison in comparisons:
        _add_suite(root, comparison)
    _count(root, root)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _add_suite(root: ET.Element, comparison: Comparison) -> None:
    suite = ET.SubElement(
        root,
        "testsuite",
        name=printable(f"{comparison.new.label} compared with {comparison.base.label}"),
    )
    judgement = comparison.judgement
    for evaluation in comparison.evaluations:
        for figure, mark, _ in marked_scores(comparison, evaluation):
            name = OVERALL_CASE if figure.is_overall else env_title(figure.environment)
            line = printable(score_line(figure))
            case = _case(suite, EVALUATION_TITLES[evaluation], name, line)
            rejected = mark == WORSE
            if judgement is not None:
                rejected = (evaluation, figure.environment) in judgement.regressions
            if figure.difference is None:
                ET.SubElement(case, "skipped", message=line)
            elif rejected:
                ET.SubElement(case, "failure", message=line, type="regression").text = line
    if judgement is not None:
        line, reasons = (
            printable(headline(comparison)),
            "\n".join(map(printable, judgement.reasons)),
        )
        case = _case(suite, "gate", VERDICT_CASE, line)
        if judgement.verdict == "regression":
            ET.SubElement(case, "failure", message=line, type="regression").text = reasons
        elif judgement.verdict != "pass":
            ET.SubElement(case, "skipped", message=line)
    _count(suite, suite)


def _case(suite: ET.Element, group: str, name: str, output: str) -> ET.Element:
    case = ET.SubElement(suite, "testcase", classname=f"vsbench.{group}", name=name, time="0")
    ET.SubElement(case, "system-out").text = output
    return case


def _count(element: ET.Element, within: ET.Element) -> None:
    """Add the attributes that count tests."""
    counts = {"tests": "testcase", "failures": "failure", "skipped": "skipped"}
    for attribute, tag in counts.items():
        element.set(attribute, str(sum(1 for _ in within.iter(tag))))
    element.set("errors", "0")
