"""``vsbench ci`` from the first run to a regression, with embedded models and no network."""

import json
import shutil
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner, Result

from vsbench.ci.reports import CIReport
from vsbench.cli import cli
from vsbench.records.files import open_run
from vsbench.records.journals import JournalFiles
from vsbench.simulation.server import Simulation
from vsbench.simulation.settings import SimulationSettings
from vsbench.sources.stores import open_store

pytestmark = pytest.mark.xdist_group("pipeline")

GAME: dict[str, Any] = {
    "evals": ["decision"],
    "envs": ["coin_dilemma"],
    "episodes": 12,
    "modality": "text",
    "max_stand_ins": 50,
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project to work in, which no CI service tests."""
    for name in (
        *("GITHUB_SHA", "CI_COMMIT_SHA", "GITHUB_EVENT_NAME", "CI_MERGE_REQUEST_IID"),
        *("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY"),
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def ci(model: str, *options: str, **keys: Any) -> Result:
    """Call the command with a configuration."""
    config = {**GAME, "models": {"assistant": f"sighted/{model}"}, **keys}
    Path("ci.yml").write_text(json.dumps(config), encoding="utf-8")
    return CliRunner().invoke(cli, ["ci", "--config", "ci.yml", *options])


def report() -> CIReport:
    return CIReport.model_validate_json(Path("vsbench-reports/comparison.json").read_bytes())


def kept() -> list[str]:
    return open_store(".vsbench/baselines").names("assistant")


@pytest.fixture(scope="module")
def green(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with one green run of the oracle."""
    folder = tmp_path_factory.mktemp("green")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert ci("oracle").exit_code == 0
    return folder / ".vsbench" / "baselines"


@pytest.fixture
def store(green: Path, folder: Path) -> Path:
    return Path(shutil.copytree(green, folder / ".vsbench" / "baselines"))


def test_the_first_run_becomes_the_baseline() -> None:
    done = ci("oracle")
    assert done.exit_code == 0, done.output
    assert "No baseline: nothing to compare with" in done.output
    assert len(kept()) == 1
    (model,) = report().models
    assert (model.name, model.baseline, model.comparison) == ("assistant", "", None)
    assert model.kept == f".vsbench/baselines/{kept()[0]}"
    suite = ET.parse("vsbench-reports/junit.xml").getroot()
    assert (suite.get("tests"), suite.get("failures")) == ("1", "0")
    assert "No baseline" in Path("vsbench-reports/report.md").read_text(encoding="utf-8")


def test_an_equal_run_passes_and_becomes_the_last_green_one(store: Path) -> None:
    done = ci("oracle")
    assert done.exit_code == 0, done.output
    assert "No regression: +0.0 points" in done.output
    assert "would have been found" in done.output
    assert len(kept()) == 2
    (model,) = report().models
    assert model.judgement.verdict == "pass"
    assert model.comparison is not None
    assert model.comparison.new.source == "vsbench-reports/runs/assistant.vsb"


def test_a_worse_model_fails_and_is_not_kept(store: Path) -> None:
    done = ci("random")
    assert done.exit_code == 1, done.output
    assert "Regression: decision-making -" in done.output
    assert len(kept()) == 1
    (model,) = report().models
    assert model.judgement.regressions == (("decision", "overall"),)
    root = ET.parse("vsbench-reports/junit.xml").getroot()
    failed = {
        case.get("name") for case in root.iter("testcase") if case.find("failure") is not None
    }
    assert {"overall", "verdict"} <= failed
    text = Path("vsbench-reports/report.md").read_text(encoding="utf-8")
    assert text.startswith("### assistant (sighted/random) compared with the last green run of ")
    assert "❌ **Regression:** decision-making -" in text


@pytest.mark.slow
def test_commands_in_the_report_show_the_replays(store: Path) -> None:
    ci("random")
    (model,) = report().models
    assert model.comparison is not None
    pair = model.comparison.choices[0]
    for choice in (pair.base, pair.new):
        command, *arguments = choice.replay.split()
        assert command == "vsbench"
        shown = CliRunner().invoke(cli, arguments)
        assert shown.exit_code == 0, shown.output
    assert len(list(Path().glob("*.html"))) == 2


def test_too_many_unusable_answers_fail_even_without_a_baseline(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with Simulation(SimulationSettings(rates={"illegal": 0.5})) as provider:
        monkeypatch.setenv("OPENAI_BASE_URL", provider.base_url)
        monkeypatch.setenv("OPENAI_API_KEY", "any")
        keys = {"models": {"assistant": "openai/gpt-4o"}, "envs": ["kuhn_poker"], "max_cost": 9}
        done = ci("", **keys, max_stand_ins=10)
        assert done.exit_code == 1, done.output
        assert "of the model's moves and answers were unusable and replaced; at most 10 %" in (
            done.output
        )
        assert kept() == []
        assert ci("", **keys, max_stand_ins=90).exit_code == 0


def test_a_small_comparison_is_inconclusive_about_a_small_drop(store: Path) -> None:
    done = ci("oracle", detect=1, tolerance=0.5)
    assert done.exit_code == 4, done.output
    (model,) = report().models
    assert model.judgement.verdict == "inconclusive"
    assert "episodes" in model.judgement.reasons[0]
    assert len(kept()) == 1


@pytest.mark.slow
def test_another_task_begins_a_new_series(store: Path) -> None:
    done = ci("oracle", modality="both")
    assert done.exit_code == 0
    assert "no green run of assistant in .vsbench/baselines is comparable" in done.output
    assert "modality text in base, both in new" in done.output.replace("'", "")
    assert len(kept()) == 2


def test_a_named_baseline_must_be_comparable_before_anything_is_played(store: Path) -> None:
    done = ci("oracle", modality="both", baseline=f".vsbench/baselines/{kept()[0]}")
    assert "is not comparable with the configuration: " in str(done.exception)
    assert not list(Path(".vsbench/ci").glob("*/assistant"))


@pytest.mark.parametrize(
    "event",
    [
        "pull_request",
        pytest.param("pull_request_target", marks=pytest.mark.slow),
        pytest.param("merge_group", marks=pytest.mark.slow),
    ],
)
def test_pull_requests_never_change_the_baseline(
    store: Path, event: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_EVENT_NAME", event)
    assert ci("oracle").exit_code == 0
    assert len(kept()) == 1
    assert ci("oracle", "--update-baseline").exit_code == 0
    assert len(kept()) == 2


@pytest.mark.slow
def test_the_oldest_runs_are_deleted(store: Path) -> None:
    (first,) = kept()
    for _ in range(2):
        assert ci("oracle", keep=1).exit_code == 0
    assert len(kept()) == 1
    assert kept() != [first]
    assert len(lines_of_runs()) == 1


@pytest.mark.slow
def test_several_models_have_a_baseline_each(store: Path) -> None:
    done = ci("oracle", models={"assistant": "sighted/random", "other": "sighted/oracle"})
    assert done.exit_code == 1
    worse, new = report().models
    assert (worse.judgement.verdict, new.judgement.verdict) == ("regression", "pass")
    assert new.baseline == ""
    suites = list(ET.parse("vsbench-reports/junit.xml").getroot())
    assert len(suites) == 2


def test_github_gets_a_summary_and_annotations(
    store: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(folder / "summary.md"))
    done = ci("random")
    assert "::error title=vsbench%3A assistant" in done.output
    text = Path("vsbench-reports/report.md").read_text(encoding="utf-8")
    assert (folder / "summary.md").read_text(encoding="utf-8") == text


def test_a_dry_run_tells_what_it_would_do_and_writes_nothing(store: Path) -> None:
    done = ci("oracle", "--dry-run")
    assert done.exit_code == 0, done.output
    assert f"assistant: compared with .vsbench/baselines/{kept()[0]}" in done.output
    assert "decision-making: a comparison finds drops of" in done.output
    assert not Path(".vsbench/ci").exists()
    assert not Path("vsbench-reports").exists()


def lines_of_runs() -> dict[str, int]:
    """Run -> lines of its journals."""
    return {
        path.parent.name: sum(map(len, JournalFiles(path, open_run(path)).values()))
        for path in sorted(Path(".vsbench/ci").glob("*/assistant"))
    }


def test_a_stopped_attempt_is_continued(store: Path) -> None:
    stopped = ci("oracle", max_tokens_total=200_000)
    assert stopped.exit_code == 3, stopped.output
    assert "No verdict: too little is left" in stopped.output or (
        "No verdict: reached the limit" in stopped.output
    )
    assert "Raise the limit and start again" in stopped.output
    ((folder, lines),) = lines_of_runs().items()
    done = ci("oracle", max_tokens_total=100_000_000)
    assert done.exit_code == 0, done.output
    assert f"continuing in .vsbench/ci/{folder}" in done.output
    ((again, more),) = lines_of_runs().items()
    assert again == folder
    assert more > lines


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"seed": 5}, "its settings differ from the configuration (seed)"),
        ({"models": {"other": "sighted/oracle"}}, "the models have changed"),
    ],
)
@pytest.mark.slow
def test_a_changed_configuration_starts_anew(store: Path, change: dict[str, Any], why: str) -> None:
    assert ci("oracle", max_tokens_total=200_000).exit_code == 3
    done = ci("oracle", **change)
    assert why in done.output
    assert "starting anew" in done.output


@pytest.mark.slow
def test_another_commit_starts_anew(store: Path) -> None:
    assert ci("oracle", "--revision", "abc", max_tokens_total=200_000).exit_code == 3
    done = ci("oracle", "--revision", "def")
    assert "it tested revision abc, not def: starting anew" in done.output
    assert len(lines_of_runs()) == 2


@pytest.mark.slow
def test_a_judged_attempt_is_not_continued(store: Path) -> None:
    assert ci("oracle").exit_code == 0
    assert ci("oracle").exit_code == 0
    assert len(lines_of_runs()) == 2


def test_a_sequential_comparison_stops_early_at_a_regression(store: Path) -> None:
    done = ci("random", sequential=True)
    assert done.exit_code == 1, done.output
    (model,) = report().models
    assert model.comparison is not None
    (overall, *_) = model.comparison.scores("decision")
    assert overall.new is not None
    assert overall.new.n < 12
    assert "of the planned tokens of episodes were saved" in model.judgement.reasons[-1]


def test_a_run_that_was_stopped_early_is_no_baseline(store: Path) -> None:
    done = ci("oracle", sequential=True, detect=50)
    assert done.exit_code == 0, done.output
    assert len(kept()) == 1 + report().models[0].judgement.reasons[-1].startswith("No drop")


@pytest.mark.slow
def test_a_sequential_comparison_needs_the_same_seed(store: Path) -> None:
    done = ci("oracle", sequential=True, seed=3)
    assert done.exit_code == 0, done.output
    assert "played to its end, since the baseline has another seed, 0" in done.output
