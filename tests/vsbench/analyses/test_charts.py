"""Charts of runs, and the files drawn of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from matplotlib.figure import Figure as Drawing
from PIL import Image

import vsbench
from vsbench.analyses import charts
from vsbench.analyses.charts import variation
from vsbench.analyses.drawing import COLOURS, MARKERS, draw, lay_out
from vsbench.api import results
from vsbench.cli import cli
from vsbench.errors import UsageError
from vsbench.protocols import resolve_model_settings
from vsbench.records.results import Figure, Results
from vsbench.settings import RunSettings
from vsbench_envs.errors import MissingExtraError


def plot(*arguments: str | Path) -> Result:
    result = CliRunner().invoke(cli, ["plot", *map(str, arguments)])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("charts") / "run"
    vsbench.run(
        models=["sighted/greedy"],
        envs=["coin_dilemma", "kuhn_poker"],
        evals=["decision", "reasoning"],
        episodes=2,
        samples=12,
        out=out,
    )
    return out


@pytest.fixture(scope="module")
def found(run: Path) -> Results:
    return results(run)[0]


def asked(found: Results, **settings: object) -> Results:
    """The same results with other model settings."""
    usual = resolve_model_settings(RunSettings(modality="image"))
    return found.model_copy(update={"model_settings": usual.model_copy(update=settings)})


def test_scores_are_by_game_and_overall(found: Results) -> None:
    chart = charts.scores([found, found])
    (panel,) = chart.panels
    assert panel.groups == ("Kuhn poker", "Coin Dilemma", "overall (2 of 8 games)")
    first, second = panel.series
    assert (first.name, second.name) == ("sighted/greedy (1)", "sighted/greedy (2)")
    assert (first.colour, first.marker) != (second.colour, second.marker)
    assert first.points["Coin Dilemma"] == found.environments[0].score
    assert panel.lines == {"random play": 0.0, "oracle": 100.0}


def test_predictions_have_their_guessing(found: Results) -> None:
    (panel,) = charts.scores([found], "reasoning").panels
    assert panel.ticks["Kuhn poker"] == 50.0
    sources = charts.predictions([found])
    assert [each.title for each in sources.panels] == ["Kuhn poker", "Coin Dilemma"]
    assert set(sources.panels[1].groups) <= {"common_welfare", "random", "self_interest"}
    assert "chance" in sources.panels[0].lines


def test_behaviours_are_by_player(found: Results) -> None:
    chart = charts.behaviours([found])
    assert chart.title == "sighted/greedy: social behaviours by player"
    (panel,) = chart.panels
    assert panel.title == "Coin Dilemma"
    assert panel.groups == ("own coins", "other coins")
    assert [series.name for series in panel.series] == ["red player", "blue player"]
    by_seat = found.environments[0].behaviours_by_seat
    assert panel.series[1].points["own coins"] == by_seat["own_coins"]["1"]
    two = charts.behaviours([found, found]).panels[0].series
    # Players by colour, runs by marker.
    assert [(series.colour, series.marker) for series in two] == [(0, 0), (1, 0), (0, 1), (1, 1)]


def test_counts_are_drawn_from_zero_on() -> None:
    figure = Figure(mean=12.0, low=11.0, high=13.0, n=4)
    series = charts.Series("red player", {"own coins": figure}, 0, 0)
    panel = charts.Panel("Coin Dilemma", ("own coins",), (series,))
    drawing = Drawing()
    lay_out(charts.Chart("", "times", (panel,), shared=False), drawing)
    assert drawing.axes[0].get_xlim()[0] <= 0


def test_the_lowest_panel_of_each_column_has_the_axis_label() -> None:
    figure = Figure(mean=50.0, low=40.0, high=60.0, n=4)
    series = charts.Series("model", {"oracle": figure}, 0, 0)
    panels = tuple(charts.Panel(title, ("oracle",), (series,)) for title in "abc")
    drawing = Drawing()
    lay_out(charts.Chart("", "accuracy in %", panels, window=(0.0, 100.0)), drawing)
    labelled = {ax.get_title(loc="left"): ax.get_xlabel() for ax in drawing.axes}
    assert labelled == {"a": "", "b": "accuracy in %", "c": "accuracy in %", "": ""}


@pytest.mark.parametrize(
    ("differing", "name", "values"),
    [
        (
            [{"modality": "both"}, {"modality": "image"}, {"modality": "text"}],
            "modality",
            ("image", "text", "image and text"),
        ),
        (
            [{"reasoning_effort": "high"}, {"style": "cot"}, {}],
            "test-time scaling",
            ("answer only (io)", "chain of thought (cot)", "thinking, effort high"),
        ),
        (
            [{"persona": "self_interest"}, {}, {"persona": "common_welfare"}],
            "persona",
            ("no persona", "common welfare", "self interest"),
        ),
    ],
)
def test_the_setting_in_which_runs_differ_is_found(
    found: Results, differing: list[dict[str, object]], name: str, values: tuple[str, ...]
) -> None:
    runs = [asked(found, **settings) for settings in differing]
    varied = variation(runs)
    assert (varied.name, varied.values) == (name, values)
    chart = charts.settings(runs)
    assert chart.title == f"sighted/greedy: {name}"
    assert tuple(series.name for series in chart.panels[0].series) == values


@pytest.mark.parametrize(
    ("differing", "told"),
    [
        ([{}, {}], "these differ in: none"),
        ([{}, {"style": "cot", "modality": "both"}], "modality, test-time scaling"),
        ([{}, {"style": "cot", "temperature": 0.5}], "test-time scaling, temperature"),
        ([{}, {}, {"style": "cot"}], "have the same value"),
        ([{}], "at least two runs"),
    ],
)
def test_runs_that_differ_otherwise_are_refused(
    found: Results, differing: list[dict[str, object]], told: str
) -> None:
    with pytest.raises(UsageError, match=told):
        variation([asked(found, **settings) for settings in differing])


def test_several_models_are_no_variation(found: Results) -> None:
    other = found.model_copy(update={"model": "openai/gpt-4o"})
    with pytest.raises(UsageError, match="of several models: openai/gpt-4o, sighted/greedy"):
        variation([found, other])


def test_what_lies_far_out_does_not_stretch_the_scale(found: Results) -> None:
    far = Figure(mean=900.0, low=-800.0, high=1000.0, n=2)
    environments = [env.model_copy(update={"score": far}) for env in found.environments]
    chart = charts.scores([found.model_copy(update={"environments": tuple(environments)})])
    assert chart.window == charts.MAX_RETURN_WINDOW


@pytest.mark.parametrize("suffix", ["png", "svg", "pdf"])
@pytest.mark.parametrize("kind", ["scores", "behaviours", "predictions"])
def test_files_are_drawn(run: Path, tmp_path: Path, kind: str, suffix: str) -> None:
    path = tmp_path / f"{kind}.{suffix}"
    assert str(path) in plot(kind, run, "--to", path).output
    first = path.read_bytes()
    if suffix == "png":
        with Image.open(path) as image:
            image.load()
            colours = {colour for _, colour in image.convert("RGB").getcolors(1 << 20)}
        drawn = tuple(int(COLOURS[0][place : place + 2], 16) for place in (1, 3, 5))
        assert drawn in colours
    elif suffix == "svg":
        assert "Coin Dilemma" in first.decode()
    else:
        assert first.startswith(b"%PDF")
    plot(kind, run, "--to", path)
    assert path.read_bytes() == first


def test_names_are_no_formulas(found: Results, tmp_path: Path) -> None:
    odd = found.model_copy(update={"model": "openai-api/http://h/v1#$\\frac$_x\x1b"})
    draw(charts.scores([odd]), tmp_path / "odd.svg")
    assert "$\\frac$_x" in (tmp_path / "odd.svg").read_text("utf-8")


def test_many_runs_differ_by_marker_and_colour() -> None:
    assert len(set(zip(COLOURS, MARKERS, strict=True))) == len(COLOURS) == 8


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["scores", "RUN", "--to", "a.jpg"], "must end in .png, .svg, .pdf"),
        (["behaviours", "RUN", "--to", "a.png", "--eval", "reasoning"], "--eval applies to scores"),
        (["settings", "RUN", "--to", "a.png"], "at least two runs"),
        (["scores", "RUN", "--to", "a.png", "--eval", "perception"], "no run has figures"),
        (["scores", "RUN", "--to", "nowhere/a.png"], "nowhere is not a directory"),
    ],
)
def test_what_cannot_be_drawn(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], told: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=told):
        plot(*(str(run) if each == "RUN" else each for each in arguments))
    assert list(tmp_path.iterdir()) == []


def test_the_extra_is_named_where_it_is_missing(
    found: Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "matplotlib", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'vsbench\[plots\]'"):
        draw(charts.scores([found]), tmp_path / "a.png")
