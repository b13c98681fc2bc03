"""Human studies."""

from __future__ import annotations

import json
from collections.abc import Sequence
from io import StringIO
from pathlib import Path

import pytest
from click.testing import CliRunner
from rich.console import Console

import vsbench
from vsbench.analyses.people import people_table, pool, to_csv
from vsbench.cli import cli
from vsbench.errors import UsageError
from vsbench.published.tables import human_row
from vsbench.records.results import EnvironmentResult, EpisodeResult, Results, Usage
from vsbench.reporting.formats import to_rich
from vsbench_envs.registry import BENCHMARK


def game(env: str, *scores: float, model: str = "person/terminal") -> Results:
    """A person's run with episodes of these scores."""
    episodes = tuple(
        EpisodeResult(episode=n, seats=(model,), returns=(0.0,), length=1, score=score)
        for n, score in enumerate(scores)
    )
    return Results(
        model=model,
        complete=True,
        overall={},
        environments=(
            EnvironmentResult(
                env=env,
                planned=len(scores),
                finished=len(scores),
                scored=len(scores),
                score=None,
                measures={},
                behaviours={},
                seats=(),
                episodes=episodes,
            ),
        ),
        samples=(),
        usage=Usage(),
    )


def study() -> dict[str, Sequence[Results]]:
    return {
        "ann": [game("hanabi", 40.0), game("hanabi", 60.0), game("kuhn_poker", 10.0)],
        "bob": [game("hanabi", 80.0)],
        "eve": [game("hanabi", 100.0), game("kuhn_poker")],
    }


def test_people_are_pooled_by_game() -> None:
    pooled = pool(study())
    hanabi, kuhn = pooled.games
    assert (hanabi.people, hanabi.episodes) == (3, 4)
    assert hanabi.score.mean == 70.0
    assert hanabi.score.n == 3
    # Intervals are over people: four independent episodes would have a narrower one.
    assert 20.0 < hanabi.score.low < 35.0
    assert hanabi.quartiles == (55.0, 70.0, 85.0)
    assert hanabi.paper == 72.9
    assert (kuhn.people, kuhn.episodes) == (1, 1)
    # One hand says nothing but that chips are between -2 and 2.
    assert (kuhn.score.low, kuhn.score.high) == pytest.approx((-1700, 1900))
    assert (pooled.people, pooled.episodes, pooled.overall) == (3, 5, 40.0)


def test_the_table_says_who_played_what_where_it_differs() -> None:
    table = people_table(pool(study()))
    assert table.columns[:3] == ("environment", "people", "episodes")
    assert table.rows[0][1:3] == ("3", "4")
    assert table.footer is not None
    assert table.footer[0] == "overall (2 of 8 games)"
    line = to_csv(pool(study())).splitlines()[-1]
    assert line.startswith("kuhn_poker,1,1,10.0,-1700.0,1900.0")
    assert line.endswith(",10.0,10.0,10.0,7.6")


def test_a_study_of_all_games_stands_beside_the_papers() -> None:
    runs = [game(env, 50.0) for env in BENCHMARK]
    table = people_table(pool({"ann": runs, "bob": runs}))
    assert "people" not in table.columns
    assert table.footer is not None
    assert table.footer[0] == "overall"
    assert table.footer[-1] == f"{human_row().overall:.1f}"
    out = StringIO()
    Console(file=out, width=80).print(to_rich(table))
    assert "…" not in out.getvalue()
    assert "Battle of the Colors" in out.getvalue()


def test_models_are_no_people() -> None:
    with pytest.raises(UsageError, match="openai/gpt-4o, which is not a person"):
        pool({"ann": [game("hanabi", 1.0, model="openai/gpt-4o")]})
    with pytest.raises(UsageError, match="no person has finished a game"):
        pool({"ann": [game("hanabi")]})


@pytest.mark.parametrize("form", ["table", "json", "csv", "markdown", "latex"])
def test_the_command_refuses_what_is_not_peoples(form: str, tmp_path: Path) -> None:
    run = tmp_path / "run"
    vsbench.run(models=["sighted/random"], envs=["kuhn_poker"], evals=["decision"],
                episodes=2, out=run)  # fmt: skip
    result = CliRunner().invoke(cli, ["results", str(run), "--people", "--format", form])
    assert "which is not a person" in str(result.exception)
    # As if a person had played it.
    for path in [run / "run.json", *run.glob("journal/decision/kuhn_poker/*.jsonl")]:
        text = path.read_text("utf-8")
        path.write_text(text.replace("sighted/random", "person/terminal"), "utf-8")
    shown = CliRunner().invoke(cli, ["results", str(run), "--people", "--format", form])
    assert "Kuhn poker" in shown.output or "kuhn_poker" in shown.output
    if form == "json":
        assert json.loads(shown.output)["episodes"] == 2
