"""Tables of runs: their figures, and that terminals crop nothing."""

from collections.abc import Sequence
from io import StringIO
from itertools import count

import pytest
from rich.console import Console

import vsbench
from manifests import plan
from vsbench.estimates.ranges import Range
from vsbench.estimates.usage import RunEstimate, UsageEstimate
from vsbench.protocols import standing_of
from vsbench.records.manifest import Manifest
from vsbench.records.results import (
    EnvironmentResult,
    Figure,
    Results,
    SampleResult,
    Standing,
    Usage,
)
from vsbench.reporting.comparison import (
    comparison_note,
    comparison_table,
    comparison_tables,
    marked_labels,
)
from vsbench.reporting.estimate import estimate_tables
from vsbench.reporting.formats import (
    Table,
    format_count,
    format_decimal,
    format_interval,
    to_latex,
    to_markdown,
    to_rich,
)
from vsbench.reporting.tables import (
    caveats,
    environments_table,
    run_tables,
    samples_table,
    to_csv,
)
from vsbench_envs import registry

MODELS = (
    "openai/gpt-4o",
    "openai-api/http://127.0.0.1:8000/v1#Qwen/Qwen2.5-VL-72B-Instruct",
    *(f"anthropic/claude-opus-5-{number}" for number in range(8)),
)
_number = count(1)


def figure() -> Figure:
    """A distinct figure."""
    mean = 100 + next(_number) / 10
    return Figure(mean=mean, low=mean - 15, high=mean + 15, n=20)


def run(model: str) -> Results:
    return Results(
        model=model,
        complete=True,
        overall={"decision": figure(), "reasoning": figure()},
        environments=tuple(
            EnvironmentResult(
                env=env,
                planned=1,
                finished=1,
                scored=1,
                score=figure(),
                measures={},
                behaviours={},
                seats=(),
                episodes=(),
            )
            for env in registry.BENCHMARK
        ),
        samples=tuple(
            SampleResult(
                evaluation="reasoning",
                env=env,
                planned=1,
                finished=1,
                scored=1,
                score=figure(),
                chance=50.0,
                by_source={},
                usage=Usage(),
            )
            for env in registry.BENCHMARK[:7]
        ),
        usage=Usage(),
    )


def shown(tables: list[Table], width: int) -> str:
    out = StringIO()
    for table in tables:
        Console(file=out, width=width).print(to_rich(table))
    return out.getvalue()


def alike(runs: Sequence[Results]) -> list[Manifest]:
    """Manifests of comparable runs."""
    return [plan()] * len(runs)


def figures(run: Results) -> list[Figure | None]:
    parts = (*run.environments, *run.samples)
    return [*run.overall.values(), *(part.score for part in parts)]


def test_runs_without_a_protocol_are_not_said_to_follow_one() -> None:
    free = Standing(protocol="", sha256="", track="image, io")
    runs = [run(model).model_copy(update={"standing": free}) for model in MODELS[:2]]
    assert comparison_note(runs, alike(runs)).splitlines() == [
        "All runs are comparable with one another.",
        "All runs: no protocol; image, io",
    ]


def test_incomparable_runs_are_marked_by_letters_and_their_differences_named() -> None:
    plans = [
        plan(),
        plan(seed=3),
        plan(attempts=3),
        plan(seats={1: "random"}, envs=("kuhn_poker",)),
    ]
    runs = [
        run(MODELS[0]).model_copy(update={"standing": standing_of(each), "model": each.model})
        for each in plans
    ]
    assert marked_labels(runs[:2], plans[:2]) == ["openai/gpt-4o (1)", "openai/gpt-4o (2)"]
    (table,) = comparison_tables(runs, plans)
    letters = [column.partition(":")[0] for column in table.columns[2:]]
    assert letters == ["A", "A", "B", "C"]
    assert table.note.splitlines()[:3] == [
        "Figures are comparable only under the same letter.",
        "B differs from A: attempts 20 in A, 3 in B.",
        "C differs from A: seat 1 equilibrium in A, random in C (kuhn_poker); "
        "seating rotating in A, fixed in C (kuhn_poker).",
    ]
    assert "Figures are comparable only" in comparison_tables(runs, plans, 80)[-1].note


def test_few_units_unfinished_ones_and_missing_games_are_said() -> None:
    whole = run(MODELS[0])
    assert caveats(whole) == ["Missing from overall: Battle of the Colors (strategic reasoning)"]
    first, second, *others = whole.environments
    few = first.score.model_copy(update={"n": 4})
    results = whole.model_copy(
        update={
            "environments": (
                first.model_copy(update={"score": few}),
                second.model_copy(
                    update={
                        "score": None,
                        "finished": 2,
                        "scored": 0,
                        "planned": 9,
                        "unfinished": 0,
                    }
                ),
                *others,
            ),
            "overall": {"decision": None},
        }
    )
    lines = [
        "Few (fewer than 5; intervals are mostly prior knowledge): Hanabi",
        "Incomplete: Overcooked 0 of 9 scored, 9 pending",
        "Broken off (short episodes end first, so figures may be biased until the run is resumed): "
        "Overcooked at episode 0, 2 later finished",
        "Missing from overall: Overcooked",
    ]
    assert caveats(results) == lines
    assert run_tables(results)[0].note.splitlines()[1:] == lines
    (table,) = comparison_tables([results, whole], alike([results, whole]))
    assert [f"{MODELS[0]} (1): {line}" for line in lines[:3]] == table.note.splitlines()[-5:-2]


@pytest.mark.parametrize("runs", [2, 3, 10])
@pytest.mark.parametrize("width", [80, 100, 120, 300])
def test_a_comparison_fits(runs: int, width: int) -> None:
    compared = [run(model) for model in MODELS[:runs]]
    text = shown(comparison_tables(compared, alike(compared), width), width)
    assert "…" not in text
    for each in compared:
        for one in figures(each):
            mean, _, bounds = format_interval(one).partition(" ")
            assert mean in text
            assert bounds in text


def test_a_comparison_is_one_table_where_there_is_room() -> None:
    compared = [run(model) for model in MODELS[:2]]
    (table,) = comparison_tables(compared, alike(compared))
    assert comparison_tables(compared, alike(compared), 200) == [table]
    assert table.columns[2:] == MODELS[:2]
    first = comparison_tables(compared, alike(compared), 80)[0]
    assert first.columns[:2] == ("run", "overall")
    assert len(first.rows) == 2


def test_tables_of_a_run_fit_80_columns() -> None:
    usage = Usage(
        replies=999_999, input=123_456_789, expected_input=120_000_000, output=9e8, cost=1234.56
    )
    wide = run(MODELS[0])
    samples = tuple(part.model_copy(update={"usage": usage}) for part in wide.samples)
    wide = wide.model_copy(update={"samples": samples, "usage": usage})
    text = shown(run_tables(wide), 80)
    assert "…" not in text
    # Of each game, of all together, and of the whole run.
    assert text.count("$1234.56") == len(samples) + 1
    assert f"${len(samples) * 1234.56:.2f}" in text


def test_an_estimate_fits_80_columns() -> None:
    expected = [
        UsageEstimate(
            "perception", env, "openai/gpt-4o", 1200, Range(99_900, 123_456), Range(1.23e7, 1.23e8),
            Range(4.44e6, 9.99e7), Range(1034.56, 2456.78), Range(1e4, 1e5), Range(1, 2), runs=0,
        )
        for env in registry.BENCHMARK
    ]  # fmt: skip
    text = shown(estimate_tables(RunEstimate("openai/gpt-4o", tuple(expected), 64)), 80)
    assert "…" not in text
    assert text.count("$1000..2500") == len(registry.BENCHMARK)
    assert text.count("100k..120k") == len(registry.BENCHMARK)
    assert "$8300..20000" in text


def test_models_in_other_seats_have_a_table_of_their_own() -> None:
    lines = [
        UsageEstimate(
            "decision", "hanabi", model, 10, Range(10, 20), Range(1e4, 2e4), Range(10, 600),
            cost, None, None, runs,
        )
        for model, cost, runs in (("openai/one", Range(1, 2), 3), ("hf/two", None, 0))
    ]  # fmt: skip
    first, second = estimate_tables(RunEstimate("openai/one", tuple(lines), 4))
    assert first.columns[-1] == "runs"
    assert first.rows[1][-1] == "3"
    assert "runs" not in second.columns
    assert second.title == "hf/two: estimate, in the other seats of openai/one"
    assert second.footer is not None
    assert second.footer[-1] == "-"
    assert "All models: 20..40 calls, $1..2." in second.note
    assert "Time: unknown without an earlier run of openai/one." in second.note


def test_nothing_has_no_sign() -> None:
    tiny = Figure(mean=-0.001, low=-0.004, high=-0.0, n=9)
    assert format_interval(tiny, 2) == "0.00 [0.00, 0.00]"
    assert format_interval(tiny, 3) == "-0.001 [-0.004, 0.000]"
    assert [format_decimal(-0.04, 1), format_decimal(-0.05001, 1), format_decimal(None, 1)] == [
        "0.0",
        "-0.1",
        "-",
    ]


def test_names_are_on_the_left() -> None:
    table = Table("", ("game", "player", "return"), (("poker", "oracle", "1.0"),), label_columns=2)
    assert "| --- | --- | ---: |" in to_markdown(table)
    assert r"\begin{tabular}{llr}" in to_latex(table)


def test_titles_and_notes_may_be_wider_than_their_tables() -> None:
    table = Table("A title of many words", ("a",), (("b",),), note="And what is to be known of it")
    lines = [line.strip() for line in shown([table], 80).splitlines()]
    assert table.title in lines
    assert table.note in lines


def test_figures_wrap_before_anything_is_cropped() -> None:
    interval = "-1250.0 [-1700.0, -800.0]"
    table = Table("", ("environment", *"abc"), (("Battle of the Colors", *[interval] * 3),))
    text = shown([table], 72)
    assert "…" not in text
    assert [text.count(part) for part in ("-1250.0", "[-1700.0,", "-800.0]")] == [3, 3, 3]
    assert interval in shown([table], 200)


def test_without_rows_there_is_no_empty_grid() -> None:
    assert shown([Table("0 cases", ("environment",), ())], 80).split() == ["0", "cases"]


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    (report,) = vsbench.run(
        models=["sighted/random"],
        envs=["kuhn_poker", "breakthrough"],
        evals=["decision", "reasoning"],
        episodes=2,
        samples=4,
        out=tmp_path_factory.mktemp("overall") / "run",
    )
    return report.results


def test_the_footer_sums_the_rows_above_it(results: Results) -> None:
    """Tokens of predictions do not count as tokens of decisions."""
    table = environments_table(results)
    tokens = [seat.usage.input + seat.usage.output for env in results.environments
              for seat in env.seats]  # fmt: skip
    assert table.footer is not None
    assert table.footer[4] == format_count(sum(tokens))
    assert sum(tokens) < results.usage.input + results.usage.output


def test_every_form_says_over_how_many_games_the_mean_is(results: Results) -> None:
    label = "overall (2 of 8 games)"
    first, second = environments_table(results), samples_table(results, "reasoning")
    assert [table.footer and table.footer[0] for table in (first, second)] == [label, label]
    assert f"decision,{label},score" in to_csv([results])
    rows = comparison_table([results, results], alike([results] * 2)).rows
    assert [row[1] for row in rows].count(label) == 2


def test_means_over_different_games_are_told_apart(results: Results) -> None:
    part = results.model_copy(update={"environments": results.environments[:1]})
    rows = comparison_table([results, part], alike([results, part])).rows
    assert ("decision-making", "overall (different games per run)") in [row[:2] for row in rows]


def test_names_are_neither_markup_nor_more_than_a_line(results: Results) -> None:
    evil = "x[/]\nverification passed\x1b[2K"
    strange = results.model_copy(update={"model": evil})
    for table in run_tables(strange):
        assert "\n" not in table.title
        assert "\x1b" not in table.title
    assert r"x[/]\nverification passed\x1b[2K" in environments_table(strange).title


def test_costs_of_samples_are_summed_too(results: Results) -> None:
    usage = results.samples[0].usage.model_copy(update={"cost": 1.25})
    parts = tuple(part.model_copy(update={"usage": usage}) for part in results.samples)
    table = samples_table(results.model_copy(update={"samples": parts}), "reasoning")
    assert table.footer is not None
    assert table.footer[-1] == "$2.50"
