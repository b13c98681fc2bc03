"""Tables on terminals: nothing is cropped, and nothing is lost by parting them."""

from io import StringIO
from itertools import count

import pytest
from rich.console import Console

from vsbench.api import plan
from vsbench.records.results import (
    EnvironmentResult,
    Figure,
    Results,
    SampleResult,
    Standing,
    Usage,
)
from vsbench.reporting.estimate import Expected, estimate_table
from vsbench.reporting.figures import decimal, interval
from vsbench.reporting.formats import Table, to_latex, to_markdown, to_rich
from vsbench.reporting.tables import comparison_note, comparison_tables
from vsbench.settings import RunSettings
from vsbench_envs import registry

MODELS = (
    "openai/gpt-4o",
    "openai-api/http://127.0.0.1:8000/v1#Qwen/Qwen2.5-VL-72B-Instruct",
    *(f"anthropic/claude-opus-5-{number}" for number in range(8)),
)
_number = count(1)


def figure() -> Figure:
    """One that no other is."""
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


def figures(run: Results) -> list[Figure | None]:
    parts = (*run.environments, *run.samples)
    return [*run.overall.values(), *(part.score for part in parts)]


def test_runs_without_a_protocol_are_not_said_to_follow_one() -> None:
    free = Standing(protocol="", sha256="", track="image, io")
    runs = [run(model).model_copy(update={"standing": free}) for model in MODELS[:2]]
    assert comparison_note(runs).splitlines() == [
        "These figures are not all comparable.",
        "openai/gpt-4o: no protocol; image, io",
        f"{MODELS[1]}: no protocol; image, io",
    ]


@pytest.mark.parametrize("runs", [2, 3, 10])
@pytest.mark.parametrize("width", [80, 100, 120, 300])
def test_a_comparison_fits(runs: int, width: int) -> None:
    compared = [run(model) for model in MODELS[:runs]]
    text = shown(comparison_tables(compared, width), width)
    assert "…" not in text
    for each in compared:
        for one in figures(each):
            mean, _, bounds = interval(one).partition(" ")
            assert mean in text
            assert bounds in text


def test_a_comparison_is_one_table_where_there_is_room() -> None:
    compared = [run(model) for model in MODELS[:2]]
    (table,) = comparison_tables(compared)
    assert comparison_tables(compared, 200) == [table]
    assert table.columns[2:] == MODELS[:2]
    first = comparison_tables(compared, 80)[0]
    assert first.columns[:2] == ("run", "overall")
    assert len(first.rows) == 2


def test_an_estimate_fits_80_columns() -> None:
    (manifest,) = plan(RunSettings(models=("openai/gpt-4o",), evals=("decision",)))
    expected = [
        Expected("perception", env, 1200, 99_900, 1.23e8, 9.99e6, 1234.56)
        for env in registry.BENCHMARK
    ]
    text = shown([estimate_table(manifest, expected)], 80)
    assert "…" not in text
    assert text.count("$1234.56") == len(registry.BENCHMARK)


def test_nothing_has_no_sign() -> None:
    tiny = Figure(mean=-0.001, low=-0.004, high=-0.0, n=9)
    assert interval(tiny, 2) == "0.00 [0.00, 0.00]"
    assert interval(tiny, 3) == "-0.001 [-0.004, 0.000]"
    assert [decimal(-0.04, 1), decimal(-0.05001, 1), decimal(None, 1)] == ["0.0", "-0.1", "-"]


def test_names_are_on_the_left() -> None:
    table = Table("", ("game", "player", "return"), (("poker", "oracle", "1.0"),), names=2)
    assert "| --- | --- | ---: |" in to_markdown(table)
    assert r"\begin{tabular}{llr}" in to_latex(table)


def test_titles_and_notes_may_be_wider_than_their_tables() -> None:
    table = Table("A title of many words", ("a",), (("b",),), note="And what is to be known of it")
    lines = [line.strip() for line in shown([table], 80).splitlines()]
    assert table.title in lines
    assert table.note in lines


def test_without_rows_there_is_no_empty_grid() -> None:
    assert shown([Table("0 cases", ("environment",), ())], 80).split() == ["0", "cases"]
