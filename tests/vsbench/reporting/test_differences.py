"""Reports of comparisons: what a person understands in ten seconds, and what services read."""

from io import StringIO
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from junitparser import Error, Failure, JUnitXml, Skipped
from rich.console import Console

from vsbench.records.comparison import (
    Choice,
    ChoicePair,
    ComparedFigure,
    Comparison,
    Difference,
    Judgement,
    SettingDifference,
    Side,
)
from vsbench.records.results import Figure, Standing
from vsbench.reporting.differences import (
    choice_lines,
    difference_tables,
    format_p,
    headline,
    setting_lines,
    side_lines,
    to_json,
    warning,
)
from vsbench.reporting.formats import to_rich
from vsbench.reporting.github import publish, workflow_commands
from vsbench.reporting.junit import to_junit
from vsbench.reporting.pull_request import to_markdown
from vsbench_envs import registry

EVIL = "x|y <b>@you</b> [a](http://b) `c`\n::error::d\x1b[1m"


def difference(value: float, p: float, width: float = 5.0, **changes: Any) -> Difference:
    return Difference(
        **{
            "value": value,
            "low": value - width,
            "high": value + width,
            "error": width / 2,
            "df": 20,
            "n": 20,
            "paired": True,
            "test": "sign-flip",
            "p": p,
            "p_worse": p / 2 if value < 0 else 1 - p / 2,
            "p_worse_adjusted": min(1.0, p * 4),
            "detectable": 1.2 * width,
            **changes,
        }
    )


def score(env: str, base: float, found: Difference | None, note: str = "") -> ComparedFigure:
    figures = [
        Figure(mean=mean, low=mean - 9, high=mean + 9, n=20)
        for mean in (base, base + (found.value if found else 0))
    ]
    return ComparedFigure(
        evaluation="decision",
        environment=env,
        figure="score",
        base=figures[0],
        new=figures[1],
        difference=found,
        note=note,
    )


def side(name: str, source: str) -> Side:
    return Side(
        source=source,
        label=name,
        model=name,
        seed=0,
        standing=Standing(protocol="vsbench-1", sha256="ab", track="image, io"),
        complete=True,
        stand_ins=0.125,
        cost=None,
    )


def comparison(*figures: ComparedFigure, **changes: Any) -> Comparison:
    return Comparison(
        **{
            "base": side("openai/gpt-4o", "runs/a"),
            "new": side("openai/gpt-5", "runs/b"),
            "settings": (),
            "figures": figures,
            **changes,
        }
    )


def choice(action: str, page: str = "base-hanabi-0003.html#step=4") -> Choice:
    return Choice(action=action, outcome="ok", replay="vsbench replay runs/a --html x", page=page)


@pytest.fixture
def unchanged() -> Comparison:
    return comparison(
        score("overall", 50.0, difference(-1.2, 0.6)),
        score("hanabi", 56.0, difference(-8.0, 0.2, width=9)),
        score("overcooked", 44.0, difference(5.6, 0.4)),
    )


@pytest.fixture
def worse() -> Comparison:
    return comparison(
        score("overall", 50.0, difference(-12.0, 0.001)),
        score("hanabi", 56.0, difference(-31.0, 0.0001)),
        score("overcooked", 44.0, difference(7.0, 0.01)),
        score("atari_pong", 44.0, None, note="left out of the new run"),
        settings=(
            SettingDifference(setting="seed", base="0", new="1", incomparable=False),
            SettingDifference(
                setting="seat 1", base="a", new="b", incomparable=True, environment="hanabi"
            ),
        ),
        choices=(
            ChoicePair(
                evaluation="decision",
                environment="hanabi",
                number=3,
                step=4,
                seat=0,
                base=choice("play 1"),
                new=choice("discard 2", "new-hanabi-0003.html#step=4"),
                difference=-40,
            ),
        ),
    )


def judged(found: Comparison, verdict: str, **changes: Any) -> Comparison:
    judgement = Judgement(verdict=verdict, reasons=("The reason.", "Another."), **changes)
    return found.model_copy(update={"judgement": judgement})


def test_the_headline_says_it_all(unchanged: Comparison, worse: Comparison) -> None:
    tail = "-1.2 points [-6.2, 3.8]; drops of 6.0 points or more would have been found"
    assert headline(unchanged) == f"No difference beyond noise: {tail}"
    assert headline(judged(unchanged, "pass")) == f"No regression: {tail}"
    stricter = judged(unchanged, "pass", detectable={"decision": 7.5})
    assert "drops of 7.5 points or more" in headline(stricter)
    assert headline(judged(unchanged, "inconclusive")) == "Inconclusive: The reason."
    assert headline(judged(unchanged, "no verdict")) == "No verdict: The reason."
    assert headline(worse) == (
        "Worse: decision-making -12.0 points [-17.0, -7.0]; "
        "Hanabi (decision-making) -31.0 points [-36.0, -26.0]; "
        "Better: Overcooked (decision-making) +7.0 points [2.0, 12.0]"
    )
    found = judged(worse, "regression", regressions=(("decision", "hanabi"),))
    assert headline(found) == "Regression: Hanabi (decision-making) -31.0 points [-36.0, -26.0]"
    assert headline(comparison(score("overall", 1.0, None))) == "Nothing could be compared"


def test_tables_mark_what_differs_beyond_noise_in_words_and_fit_80_columns() -> None:
    found = comparison(
        score("overall", 50.0, difference(-12.0, 0.001)),
        *(
            score(env, 100.0, difference(-88.8 + 20 * place, 0.0002, width=60.5))
            for place, env in enumerate(registry.BENCHMARK)
        ),
        drop=5.0,
    )
    for each in (found, found.model_copy(update={"drop": None})):
        out = StringIO()
        for table in difference_tables(each, 80):
            Console(file=out, width=80).print(to_rich(table))
        text = out.getvalue()
        assert text.count("▼ worse") == 6
        assert text.count("▲ better") == 3
        assert "…" not in text
        for figure in each.figures:
            assert f"{figure.difference.value:+.1f}" in text
            assert f"[{figure.difference.low:.1f}, {figure.difference.high:.1f}]" in text
        assert ("find 5" in text) == (each.drop is not None)


def test_p_values_of_games_are_adjusted(worse: Comparison) -> None:
    (table,) = difference_tables(worse)
    rows = {row[0].partition("\n")[0]: row for row in table.rows}
    assert rows["Hanabi"][4] == "<.001"
    assert rows["Overcooked"][4] == "0.010"
    assert rows["Atari Pong"][3:5] == ("-", "-")
    assert "Atari Pong: left out of the new run" in table.note
    assert table.rows[-1][0].startswith("overall (2 of 8 games)")
    assert format_p(0.05) == "0.050"


def test_markdown_begins_with_the_verdict_and_folds_the_rest(worse: Comparison) -> None:
    text = to_markdown(judged(worse, "regression", regressions=(("decision", "hanabi"),)))
    lines = [line for line in text.splitlines() if line]
    assert lines[0] == "### openai/gpt-5 compared with openai/gpt-4o"
    assert lines[1].startswith("❌ **Regression:** Hanabi (decision-making) -31.0 points")
    assert "> **Not comparable: seat 1 a in base, b in new (hanabi)**" in lines
    assert "| Hanabi ▼ worse | 56.0 | 25.0 | -31.0 \\[-36.0, -26.0\\] | &lt;.001 | 6.0 |" in lines
    assert text.count("<details>") == text.count("</details>") == 3
    assert "<code>vsbench replay runs/a --html x</code>" in text
    assert "12.5 % of answers unusable" in text


def test_markdown_links_replays_that_were_written(worse: Comparison) -> None:
    text = to_markdown(worse, link=lambda page: f"re plays/{page}")
    assert "[base](<re%20plays/base-hanabi-0003.html#step=4>)" in text
    assert "vsbench replay" not in text


def test_names_in_markdown_are_text() -> None:
    found = comparison(score("overall", 1.0, difference(1, 1)), new=side(EVIL, EVIL))
    text = to_markdown(found)
    assert "<b>" not in text
    assert "\x1b" not in text
    assert "\n::error" not in text
    assert "[a](" not in text
    assert text.count("@you") == text.count("\\@you") == 3


def test_junit_has_a_test_for_each_score_and_the_verdict(worse: Comparison) -> None:
    found = judged(worse, "regression", regressions=(("decision", "hanabi"),))
    suites = JUnitXml.fromstring(to_junit([found, judged(worse, "inconclusive")]).encode())
    first, second = list(suites)
    assert first.name == "openai/gpt-5 compared with openai/gpt-4o"
    results = {case.name: [type(each) for each in case.result] for case in first}
    assert results == {
        "overall": [],
        "Hanabi": [Failure],
        "Overcooked": [],
        "Atari Pong": [Skipped],
        "verdict": [Failure],
    }
    assert (first.tests, first.failures, first.skipped, first.errors) == (5, 1 + 1, 1, 0)
    assert (suites.tests, suites.failures) == (10, 2)
    (verdict,) = (case for case in second if case.name == "verdict")
    assert [type(each) for each in verdict.result] == [Skipped]
    assert verdict.result[0].message == "Inconclusive: The reason."
    assert Error not in {type(each) for case in second for each in case.result}


def test_junit_without_a_gate_fails_what_became_worse(worse: Comparison) -> None:
    (suite,) = JUnitXml.fromstring(to_junit([worse]).encode())
    failed = [case.name for case in suite if case.is_failure]
    assert failed == ["overall", "Hanabi"]


def test_junit_is_well_formed_whatever_models_are_called() -> None:
    figure = score("overall", 1.0, None, note=f"{EVIL}\x00"[:-1])
    root = ET.fromstring(to_junit([comparison(figure, new=side(EVIL, EVIL))]))
    assert EVIL.partition("\n")[0] in root[0].attrib["name"]


def test_annotations_are_escaped_and_the_summary_appended(worse: Comparison, tmp_path) -> None:
    found = judged(worse, "regression").model_copy(update={"new": side(EVIL, "b")})
    first, second = workflow_commands(found)
    assert first.startswith("::error title=vsbench%3A x|y <b>@you</b> [a](http%3A//b)")
    assert "%0A%3A%3Aerror%3A%3Ad" in first
    assert second.startswith("::warning ")
    assert all("\n" not in line for line in (first, second))
    assert next(workflow_commands(judged(worse, "pass"))).startswith("::notice ")
    assert next(workflow_commands(judged(worse, "inconclusive"))).startswith("::warning ")

    summary = tmp_path / "summary.md"
    summary.write_text("before\n", encoding="utf-8")
    lines: list[str] = []
    publish(
        "# Report", workflow_commands(worse), lines.append, {"GITHUB_STEP_SUMMARY": str(summary)}
    )
    assert summary.read_text(encoding="utf-8") == "before\n# Report"
    assert lines == []
    publish("# Report", workflow_commands(worse), lines.append, {"GITHUB_ACTIONS": "true"})
    assert len(lines) == 2
    publish("# Report", workflow_commands(worse), lines.append, {})
    assert len(lines) == 2


def test_json_is_the_records(worse: Comparison, unchanged: Comparison) -> None:
    import json

    read = json.loads(to_json([worse, judged(unchanged, "pass")]))
    assert [Comparison.model_validate_json(json.dumps(each)) for each in read] == [
        worse,
        judged(unchanged, "pass"),
    ]


def test_lines_for_a_terminal(worse: Comparison) -> None:
    assert side_lines(worse) == [
        "base  openai/gpt-4o  (runs/a); 12.5 % of answers unusable",
        "new   openai/gpt-5  (runs/b); 12.5 % of answers unusable",
        "Protocol vsbench-1, image, io",
    ]
    assert setting_lines(worse) == [
        "seat 1 a in base, b in new (hanabi): not comparable",
        "seed 0 in base, 1 in new",
    ]
    assert warning(worse) == "Not comparable: seat 1 a in base, b in new (hanabi)"
    first, *commands = choice_lines(worse)
    role = registry.get("hanabi").spec.roles[0]
    assert first == (
        f"Hanabi, episode 3, step 4, {role}: play 1 in base, discard 2 in new (-40.0 points)"
    )
    assert commands == ["  vsbench replay runs/a --html x"] * 2
