"""``vsbench tournament`` and ``vsbench results`` as people use them."""

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from vsbench import cli
from vsbench.errors import Exit
from vsbench.runner.tournaments import TournamentReport

ORACLE, RANDOM = ["--player", "bot/oracle"], ["--player", "bot/random"]
KUHN = ["--env", "kuhn_poker"]


def call(*arguments: str | Path, monkeypatch: pytest.MonkeyPatch) -> Result:
    """A command as the program runs it, with its exit code."""

    def program() -> None:
        cli.main()

    monkeypatch.setattr("sys.argv", ["vsbench", *map(str, arguments)])
    monkeypatch.setenv("COLUMNS", "100")
    command = cli.click.Command("vsbench", callback=program)
    return CliRunner().invoke(command, [])


BAD = {
    "nobody": (KUHN, "at least two players"),
    "one": ([*ORACLE, *KUHN], "at least two players"),
    "the same twice": ([*ORACLE, *RANDOM, *ORACLE, *KUHN], "duplicate player bot/oracle"),
    "the same by two names": (
        ["--player", "gpt-4o", "--player", "openai/gpt-4o", *KUHN],
        "duplicate player openai/gpt-4o",
    ),
    "a bot by its bare name": (
        ["--player", "random", *ORACLE, *KUHN],
        "did you mean bot/random",
    ),
    "unknown provider": ([*ORACLE, "--player", "opnai/gpt-4o", *KUHN], "Did you mean 'openai'?"),
    "unknown policy": (["--player", "sighted/nope", *RANDOM, *KUHN], "nope"),
    "unknown player": ([*ORACLE, "--player", "bot/randm", *KUHN], "Did you mean 'random'?"),
    "a player of another game": (
        [*ORACLE, "--player", "bot/mcts", "--env", "breakthrough", *KUHN],
        "there is no bot in kuhn_poker called 'mcts'",
    ),
    "unknown game": ([*ORACLE, *RANDOM, "--env", "kuhn"], "kuhn_poker"),
    "a game for one": ([*ORACLE, *RANDOM, "--env", "atari_pong"], "single seat"),
    "no deals": ([*ORACLE, *RANDOM, *KUHN, "--episodes", "0"], "episodes"),
    "unknown self-play": ([*ORACLE, *RANDOM, "--self-play", "maybe"], "'auto', 'always', 'never'"),
    "nothing to resume": (["--resume", "nowhere"], "nowhere"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input(case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    arguments, told = BAD[case]
    monkeypatch.chdir(tmp_path)
    done = call("tournament", *arguments, monkeypatch=monkeypatch)
    assert done.exit_code == Exit.USAGE
    assert told in done.output
    assert list(tmp_path.iterdir()) == []


def test_played_resumed_and_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "t"
    plan = [*ORACLE, *RANDOM, *KUHN, "--episodes", "6", "--out", str(out)]
    done = call("tournament", *plan, monkeypatch=monkeypatch)
    assert done.exit_code == 0, done.output
    assert "2 players, 1 pairings: 12 episodes and samples, 0 done" in done.stderr
    assert "12/12 done" in done.stderr
    assert "Kuhn poker: cross-play returns" in done.stdout
    assert "Bradley-Terry ratings (mean 1500): Kuhn poker" in done.stdout
    shown = call("results", out, monkeypatch=monkeypatch)
    assert shown.stdout == done.stdout
    again = call("tournament", "--resume", out, monkeypatch=monkeypatch)
    assert (again.exit_code, again.stdout) == (0, done.stdout)
    assert "12 done" in again.stderr
    refused = call("tournament", "--resume", out, "--seed", "3", monkeypatch=monkeypatch)
    assert refused.exit_code == Exit.USAGE
    assert "leave out: --seed" in refused.stderr
    as_run = call("run", "--resume", out, monkeypatch=monkeypatch)
    assert as_run.exit_code == Exit.USAGE
    assert f"vsbench tournament --resume {out}" in as_run.stderr


def test_a_limit_ends_it_and_says_how_to_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "t"
    models = ["--player", "sighted/oracle", "--player", "sighted/random"]
    plan = [*models, *KUHN, "--episodes", "2", "--out", str(out), "--max-tokens-total", "3000"]
    done = call("tournament", *plan, monkeypatch=monkeypatch)
    assert done.exit_code == Exit.BUDGET
    assert f"vsbench tournament --resume {out}" in done.stderr
    assert call("tournament", "--resume", out, monkeypatch=monkeypatch).exit_code == 0


def test_events_for_machines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = [*ORACLE, *RANDOM, *KUHN, "--episodes", "1", "--out", str(tmp_path / "t"), "--json"]
    done = call("tournament", *plan, monkeypatch=monkeypatch)
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert [events[0]["event"], events[-2]["event"]] == ["run", "end"]
    assert events[-1]["event"] == "tournament"
    assert events[-1]["results"]["complete"] is True


def test_a_dry_run_tells_of_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    models = ["--player", "gpt-4o", "--player", "claude-opus-5-5", *RANDOM]
    plan = [*models, "--env", "coin_dilemma_3p", "--episodes", "2", "--dry-run"]
    done = call("tournament", *plan, monkeypatch=monkeypatch)
    assert done.exit_code == 0, done.output
    rows = [line.split() for line in done.stdout.splitlines() if "Coin Dilemma" in line]
    # With each of two others 6 episodes in one seat and 6 in two, and 2 alone in three: of 50
    # steps, 6 x 3 x 2 + 2 x 3 = 42 seats.
    assert [row[-5:-3] for row in rows] == [["26", "2.1k"]] * 2
    assert [row[-1][0] for row in rows] == ["$", "$"]
    assert list(tmp_path.iterdir()) == []


def test_results_in_every_format(played: TournamentReport, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = played.directory

    def show(form: str) -> str:
        return call("results", folder, "--format", form, monkeypatch=monkeypatch).stdout

    (found,) = json.loads(show("json"))
    assert found == json.loads(played.results.model_dump_json())
    rows = list(csv.DictReader(io.StringIO(show("csv"))))
    returns = [row for row in rows if row["figure"] == "return"]
    assert len(returns) == 6 + 9 + 9
    assert {row["player"] for row in rows if row["figure"] == "rating"} == {
        *played.results.entrants
    }
    assert "| 1 bot/oracle |" in show("markdown")
    assert r"\toprule" in show("latex")
    mixed = call("results", folder, folder / "pairings", monkeypatch=monkeypatch)
    assert mixed.exit_code == Exit.USAGE
    runs = call("results", folder / "pairings", "--format", "csv", monkeypatch=monkeypatch)
    assert "kuhn_poker" in runs.stdout
