"""What may be compared with the paper, and what may not, and why."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from io import StringIO

import pytest
from rich.console import Console

from vsbench.published.comparison import PAPER_TRACK, obstacles
from vsbench.published.tables import OVERALL, published
from vsbench.records.results import (
    EnvironmentResult,
    Figure,
    Results,
    SampleResult,
    Standing,
    Usage,
)
from vsbench.reporting import paper
from vsbench.reporting.formats import to_latex, to_markdown, to_rich
from vsbench.settings import Evaluation
from vsbench_envs.registry import BENCHMARK

CONFORMING = Standing(protocol="vsbench-1", sha256="", track=PAPER_TRACK)
FIGURE = Figure(mean=40.0, low=30.0, high=50.0, n=10)


def run(
    model: str = "openai/o3",
    *,
    episodes: Mapping[str, int] = published().episodes,
    samples: int = 400,
    by_third: bool = True,
    standing: Standing = CONFORMING,
) -> Results:
    """A run of everything, with as many episodes and samples."""
    thirds = dict.fromkeys(("first", "second", "last"), FIGURE) if by_third else {}
    return Results(
        model=model,
        standing=standing,
        complete=True,
        overall=dict.fromkeys(("decision", "reasoning", "perception"), FIGURE),
        environments=tuple(
            EnvironmentResult(
                env=env,
                planned=count,
                finished=count,
                scored=count,
                score=FIGURE,
                measures={},
                behaviours={},
                seats=(),
                episodes=(),
            )
            for env, count in episodes.items()
        ),
        samples=tuple(
            SampleResult(
                evaluation=evaluation,
                env=env,
                planned=samples,
                finished=samples,
                scored=samples,
                score=FIGURE,
                by_third=thirds,
            )
            for evaluation in ("reasoning", "perception")
            for env in BENCHMARK
        ),
        usage=Usage(),
    )


def test_a_conforming_run_of_all_episodes_is_comparable() -> None:
    found = obstacles(run(), "decision")
    assert set(found) == {OVERALL, *BENCHMARK}
    assert not any(found.values())


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"protocol": ""}, "no protocol"),
        (
            {"differences": ("attempts 3 instead of 20", "a persona")},
            "not conforming to vsbench-1: attempts 3 instead of 20; a persona",
        ),
        (
            {"track": "text, io"},
            "track text, io instead of image, io",
        ),
    ],
)
@pytest.mark.parametrize("evaluation", ["decision", "reasoning", "perception"])
def test_conditions_hold_for_every_column(
    change: dict[str, object], told: str, evaluation: Evaluation
) -> None:
    found = obstacles(run(standing=CONFORMING.model_copy(update=change)), evaluation)
    assert all(told in reasons for reasons in found.values())


def test_few_episodes_are_not_comparable() -> None:
    few = {**published().episodes, "kuhn_poker": 60}
    found = obstacles(run(episodes=few), "decision")
    assert found.pop("kuhn_poker") == ["60 episodes instead of 1,200"]
    assert found.pop(OVERALL) == ["not all games are comparable"]
    assert not any(found.values())


def test_a_mean_over_some_games_is_not_comparable() -> None:
    found = obstacles(run(episodes={"hanabi": 10}), "decision")
    assert found == {"hanabi": [], OVERALL: ["over 1 of 8 games"]}


def test_our_own_samples_are_not_the_papers() -> None:
    own = "the recorded states are not the paper's"
    for evaluation in ("reasoning", "perception"):
        found = obstacles(run(), evaluation)
        assert all(found[env] == [own] for env in BENCHMARK)
    few = obstacles(run(samples=100), "reasoning")
    assert few["hanabi"] == [own, "100 samples instead of 400"]
    rows = obstacles(run(by_third=False), "reasoning")
    assert rows["hanabi"] == ["comparable only if the published rows are the paper's"]


def test_measured_anchors_are_another_scale() -> None:
    measured = run().model_copy(update={"anchors": "measured"})
    (reason,) = obstacles(measured, "decision")["hanabi"]
    assert reason == "normalised by measured anchors instead of the paper's"


def test_all_that_belongs_beside_a_run_is_there() -> None:
    decision, reasoning, perception = paper.compare_with_paper([run()])
    assert [row.name for row in decision.rows] == [
        "openai/o3",
        "paper v3: o3",
        "paper: humans",
        "paper: random play",
        "vsbench: random bot",
        "vsbench: oracle bot",
    ]
    assert [row.kind for row in reasoning.rows] == ["run", "published", "random", "bot"]
    assert [row.kind for row in perception.rows] == ["run", "published"]
    bots = {row.name: row.cells for row in decision.rows if row.kind == "bot"}
    assert abs(bots["vsbench: random bot"][OVERALL].mean) < 2
    assert bots["vsbench: oracle bot"][OVERALL].mean > 95
    o3 = decision.rows[1].cells
    assert (o3["kuhn_poker"].mean, o3[OVERALL].mean) == (61.8, pytest.approx(30.8875))


def test_a_model_with_two_rows_has_both_and_others_none() -> None:
    claude = paper.compare_with_paper([run("anthropic/claude-3-7-sonnet-latest")])[0]
    assert [row.name for row in claude.rows if row.kind == "published"] == [
        "paper v3: Claude 3.7 Sonnet, with thinking",
        "paper v3: Claude 3.7 Sonnet, without thinking",
    ]
    unknown = run("openai/gpt-9")
    assert paper.in_the_paper(run())
    assert not paper.in_the_paper(unknown)
    assert "published" not in [row.kind for row in paper.compare_with_paper([unknown])[0].rows]


def test_every_format_holds_figures_comparability_and_reasons() -> None:
    runs = [run(), run("openai/gpt-4.1", episodes={"hanabi": 3})]
    tables = paper.paper_tables(runs)
    for text in ("\n".join(map(to_markdown, tables)), "\n".join(map(to_latex, tables))):
        for told in ("40.0 [30.0, 50.0]", "61.8", "3 episodes instead of 10"):
            assert told in text
    data = json.loads(paper.to_json(runs))
    second = data[0]["rows"][1]
    assert second["name"] == "openai/gpt-4.1"
    assert "3 episodes instead of 10" in second["comparability"]["hanabi"]["reasons"]
    assert second["comparability"]["hanabi"]["comparable"] is False
    lines = list(csv.DictReader(io.StringIO(paper.to_csv(runs))))
    o3 = next(line for line in lines if line["row"] == "paper v3: o3")
    assert (o3["column"], o3["comparable"]) == (OVERALL, "")
    assert {line["comparable"] for line in lines if line["kind"] == "run"} == {"no", "yes"}


def test_only_games_that_a_run_has_are_shown() -> None:
    table = paper.paper_tables([run(episodes={"kuhn_poker": 3})])[0]
    assert table.columns == ("", "overall (8)", "Kuhn poker")
    assert {len(row) for row in table.rows} == {3}


@pytest.mark.parametrize("width", [80, 100, 160])
def test_tables_fit_a_terminal(width: int) -> None:
    out = StringIO()
    for table in paper.paper_tables([run(), run("anthropic/claude-3-7-sonnet-latest")], width):
        Console(file=out, width=width).print(to_rich(table))
    assert "…" not in out.getvalue()
    assert out.getvalue().count("1,200") == 0
    assert "Breakthrough" in out.getvalue()
