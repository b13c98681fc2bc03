"""Measuring anchors."""

import json
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path

import pytest
from click.testing import CliRunner

import vsbench
from manifests import plan
from vsbench import anchors
from vsbench.anchors import StoppingRule, estimate, measure
from vsbench.cli.anchors import command
from vsbench.errors import UsageError
from vsbench.records.journal import Step
from vsbench.records.journals import read_journal
from vsbench.reporting.comparison import comparison_table
from vsbench.reporting.tables import environments_table
from vsbench_envs import get
from vsbench_envs.anchors import SHIPPED, load, save


@pytest.fixture
def pool() -> Iterator[Executor]:
    """A pool in this process, which starts faster than others."""
    with ThreadPoolExecutor(1) as found:
        yield found


def progress(bot: str, done: int, expected: int) -> None:
    assert 0 < done <= expected


def test_they_are_the_episodes_of_runs(tmp_path: Path, pool: Executor) -> None:
    found = measure("kuhn_poker", StoppingRule(episodes=24), seed=5, progress=progress, pool=pool)
    for player in ("random", "oracle"):
        (report,) = vsbench.run(
            models=[f"bot/{player}"], envs=["kuhn_poker"], evals=["decision"], episodes=24,
            seed=5, out=tmp_path / player,
        )  # fmt: skip
        (env,) = report.results.environments
        ends = found.measures["return"]
        measured = {"random": ends.random, "oracle": ends.oracle}[player]
        assert measured.mean == pytest.approx(env.measures["return"].mean, abs=1e-5)
        assert measured.n == 24
        journals = (read_journal(path) for path in (tmp_path / player).glob("journal/*/*/*"))
        moves = [
            lines[0].measured[0] in line.moves
            for lines in journals
            for line in lines
            if isinstance(line, Step)
        ]
        assert found.decisions is not None
        mean = {"random": found.decisions.random, "oracle": found.decisions.oracle}[player]
        assert mean == pytest.approx(sum(moves) / 24, abs=1e-5)
        assert found.decisions.longest == 2


@pytest.mark.slow
def test_it_goes_on_until_intervals_are_narrow(pool: Executor) -> None:
    expected: list[int] = []
    rule = StoppingRule(seconds=60, precision=2.0)
    found = measure("coin_dilemma", rule, 0, lambda bot, done, total: expected.append(total), pool)
    spec = get("coin_dilemma").spec
    for ends in (found.measures["total return"].random, found.measures["total return"].oracle):
        width = spec.measures[0].normalise(ends.high) - spec.measures[0].normalise(ends.low)
        assert width / 2 <= 2.2
        assert ends.n >= anchors.MIN_EPISODES
    assert expected[0] == anchors.FIRST_ROUND


def test_it_stops_when_time_is_up(pool: Executor) -> None:
    found = measure("coin_dilemma", StoppingRule(seconds=1e-9), 0, progress, pool)
    assert found.measures["total return"].random.n == anchors.FIRST_ROUND


def test_intervals() -> None:
    found = estimate([0.0, 1.0] * 50)
    assert found.mean == 0.5
    assert found.high - found.mean == pytest.approx(1.96 * 0.5025 / 10, abs=1e-4)
    assert estimate([0.0, 1.0] * 50, group=2).high == 0.5
    assert estimate([3.0] * 10).low == 3.0


def test_a_table_is_renewed_game_by_game(tmp_path: Path) -> None:
    path, runner = tmp_path / "anchors.json", CliRunner()
    for env in ("kuhn_poker", "coin_dilemma", "kuhn_poker"):
        done = runner.invoke(
            command, ["--env", env, "--episodes", "12", "--seed", "1", "--write", str(path)]
        )
        assert done.exit_code == 0, done.output
        assert get(env).spec.title in done.output
    assert list(load(path)) == ["kuhn_poker", "coin_dilemma"]
    assert load(path)["kuhn_poker"].measures["return"].oracle.n == 12
    assert json.loads(path.read_text())["kuhn_poker"]["seed"] == 1


def test_the_spread_is_kept_when_anchors_are_measured_again(tmp_path: Path) -> None:
    path = tmp_path / "anchors.json"
    shipped = load(SHIPPED)["kuhn_poker"]
    save({"kuhn_poker": shipped}, path)
    done = CliRunner().invoke(
        command, ["--env", "kuhn_poker", "--episodes", "12", "--write", str(path)]
    )
    assert done.exit_code == 0, done.output
    found = load(path)["kuhn_poker"]
    assert found.measures != shipped.measures
    assert found.spread == shipped.spread
    assert found.spread.score == 130


def test_wins_and_losses_alone_have_an_interval_of_some_width() -> None:
    found = estimate([1.0] * 100, win=1.0)
    assert found.high == 1.0
    assert 0.9 < found.low < 0.95


def test_a_table_that_cannot_be_written(tmp_path: Path) -> None:
    done = CliRunner().invoke(
        command, ["--env", "kuhn_poker", "--episodes", "2", "--write", str(tmp_path / "no/where")]
    )
    assert isinstance(done.exception, UsageError)


def test_results_by_measured_anchors(tmp_path: Path) -> None:
    vsbench.run(
        models=["bot/greedy"], envs=["coin_dilemma"], evals=["decision"], episodes=2,
        out=tmp_path / "run",
    )  # fmt: skip
    (paper,), (measured,) = (
        vsbench.results(tmp_path / "run", anchors=name) for name in ("paper", "measured")
    )
    ends = load(SHIPPED)["coin_dilemma"].measures["total return"]
    total = paper.environments[0].measures["total return"].mean
    at = (total - ends.random.mean) / (ends.oracle.mean - ends.random.mean)
    assert measured.environments[0].score.mean == pytest.approx(100 * at)
    assert measured.environments[0].measures == paper.environments[0].measures
    assert (paper.anchors, measured.anchors) == ("paper", "measured")
    assert "measured anchors" in environments_table(measured).title
    assert "measured anchors" in comparison_table([measured] * 2, [plan()] * 2).title
    assert (
        "anchors" not in environments_table(paper).title + comparison_table([paper], [plan()]).title
    )
    assert json.loads((tmp_path / "run/results.json").read_text())["anchors"] == "paper"
