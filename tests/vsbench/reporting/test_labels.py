"""Labels of runs and of means."""

import pytest

from vsbench.protocols import resolve_model_settings
from vsbench.records.results import Results, Usage
from vsbench.reporting.labels import mean_label, run_labels
from vsbench.reporting.tables import to_csv
from vsbench.settings import RunSettings
from vsbench_envs.registry import BENCHMARK


def run(model: str, **settings: object) -> Results:
    return Results(
        model=model,
        model_settings=resolve_model_settings(RunSettings(**settings)),
        complete=True,
        overall={},
        environments=(),
        samples=(),
        usage=Usage(),
    )


def test_models_tell_runs_apart() -> None:
    runs = [run("openai/a", style="cot"), run("openai/b"), run("openai/c", modality="text")]
    assert run_labels(runs) == ["openai/a", "openai/b", "openai/c"]


def test_runs_of_one_model_are_told_apart_by_what_differs() -> None:
    runs = [
        run("openai/a"),
        run("openai/a", modality="text"),
        run("openai/a", persona="self_interest"),
        run("openai/b"),
    ]
    assert run_labels(runs) == [
        "openai/a, image, no persona",
        "openai/a, text, no persona",
        "openai/a, image, self_interest",
        "openai/b",
    ]


def test_what_is_not_set_is_said_in_words() -> None:
    assert run_labels([run("a"), run("a", reasoning_effort="high")]) == [
        "a, default effort",
        "a, effort high",
    ]
    assert run_labels([run("a"), run("a", thinking="off")]) == [
        "a, default thinking",
        "a, thinking off",
    ]
    assert run_labels([run("a", attempts=3), run("a", feedback=True)]) == [
        "a, no feedback",
        "a, feedback",
    ]


def test_runs_that_differ_in_nothing_are_numbered() -> None:
    assert run_labels([run("openai/a"), run("openai/a")]) == ["openai/a (1)", "openai/a (2)"]
    assert to_csv([run("openai/a")]).splitlines()[0].startswith("run,model,")


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
    assert mean_label(envs) == label
