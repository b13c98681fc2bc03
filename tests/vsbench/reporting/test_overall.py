"""What is called overall, and whether it is the sum of what stands above it."""

import pytest

import vsbench
from vsbench.records.results import Results
from vsbench.reporting import tables
from vsbench.reporting.overall import overall_label
from vsbench_envs.registry import BENCHMARK

LABELS = [
    (BENCHMARK, "overall"),
    (("hanabi",), "overall (1 of 8 games)"),
    (BENCHMARK[:5], "overall (5 of 8 games)"),
    (
        [env for env in BENCHMARK if env != "atari_pong"],
        "overall (7 of 8 games, without Atari Pong)",
    ),
    (("hanabi_3p",), "overall (mean of 1 game)"),
    ((*BENCHMARK, "hanabi_3p"), "overall (mean of 9 games)"),
]


@pytest.mark.parametrize(("envs", "label"), LABELS)
def test_only_the_whole_benchmark_is_overall(envs: list[str], label: str) -> None:
    assert overall_label(envs) == label


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
    """Tokens of predictions are no tokens of decisions."""
    table = tables.environments_table(results)
    tokens = [seat.usage.input + seat.usage.output for env in results.environments
              for seat in env.seats]  # fmt: skip
    assert table.footer is not None
    assert table.footer[4] == tables.count(sum(tokens))
    assert sum(tokens) < results.usage.input + results.usage.output


def test_every_form_says_over_how_many_games_the_mean_is(results: Results) -> None:
    label = "overall (2 of 8 games)"
    first, second = tables.environments_table(results), tables.samples_table(results, "reasoning")
    assert [table.footer and table.footer[0] for table in (first, second)] == [label, label]
    assert f"decision,{label},score" in tables.to_csv([results])
    rows = tables.comparison_table([results, results]).rows
    assert [row[1] for row in rows].count(label) == 2


def test_means_over_different_games_are_told_apart(results: Results) -> None:
    part = results.model_copy(update={"environments": results.environments[:1]})
    rows = tables.comparison_table([results, part]).rows
    assert ("decision-making", "overall (each over its own games)") in [row[:2] for row in rows]


def test_names_are_neither_markup_nor_more_than_a_line(results: Results) -> None:
    evil = "x[/]\neverything agrees\x1b[2K"
    strange = results.model_copy(update={"model": evil})
    for table in tables.of_run(strange):
        assert "\n" not in table.title
        assert "\x1b" not in table.title
    assert r"x[/]\neverything agrees\x1b[2K" in tables.environments_table(strange).title


def test_costs_of_samples_are_summed_too(results: Results) -> None:
    usage = results.samples[0].usage.model_copy(update={"cost": 1.25})
    parts = tuple(part.model_copy(update={"usage": usage}) for part in results.samples)
    table = tables.samples_table(results.model_copy(update={"samples": parts}), "reasoning")
    assert table.footer is not None
    assert table.footer[-1] == "$2.50"
