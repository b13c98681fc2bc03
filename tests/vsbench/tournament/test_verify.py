"""A tournament's own record: whatever is changed in it is found."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from vsbench import cli
from vsbench.errors import UsageError
from vsbench.records.chain import Head
from vsbench.records.journals import chain_start
from vsbench.runner.tournaments import TournamentReport
from vsbench.scoring.tournament import score_tournament
from vsbench.verification.tournament import verify_tournament

PAIRING = "pairings/bot-oracle--bot-random"


def edit(path: Path, change: Callable[[Any], object]) -> None:
    content = json.loads(path.read_bytes())
    change(content)
    path.write_text(json.dumps(content))


def found(directory: Path) -> list[tuple[str, str]]:
    return [(finding.kind, finding.subject) for finding in verify_tournament(directory)]


def test_an_honest_one_passes(played: TournamentReport) -> None:
    assert verify_tournament(played.directory) == []


def test_nobody_gives_themselves_a_rating(copy: Path) -> None:
    edit(copy / "results.json", lambda r: r["ratings"][0]["elo"].update(mean=9999))
    (finding,) = verify_tournament(copy)
    assert finding.kind == "results"
    assert str(finding).startswith(
        "the tournament: results.json › ratings › 0 › elo › mean: recorded 9999.0, derived 1"
    )
    done = CliRunner().invoke(cli.cli, ["replay", str(copy)])
    assert done.exit_code == 1
    assert "recorded 9999.0" in done.output
    assert done.output.count("verification passed") == 9


def test_results_are_missed(copy: Path) -> None:
    (copy / "results.json").unlink()
    assert found(copy) == [("stale", "results.json")]


def test_a_pairing_that_is_dropped_is_missed(copy: Path) -> None:
    edit(copy / "results.json", lambda results: results.update(complete=False))
    shutil.rmtree(copy / PAIRING)
    (finding,) = verify_tournament(copy)
    assert finding.is_error
    assert finding.subject == f"results.json › heads › {Path(PAIRING).name}"


def test_results_may_be_older_than_the_journals(copy: Path, played: TournamentReport) -> None:
    """As after a kill: they follow from the lines that there were."""
    heads = {name: Head() for name in played.results.heads}
    begun = {
        name: head.model_copy(update={"chain": chain_start(copy / "pairings" / name).chain})
        for name, head in heads.items()
    }
    early = score_tournament(played.tournament, {}, heads=begun)
    (copy / "results.json").write_text(early.model_dump_json())
    (finding,) = verify_tournament(copy)
    assert (finding.kind, finding.is_error) == ("stale", False)


def test_pairings_are_those_of_the_tournament(copy: Path) -> None:
    (copy / "results.json").unlink()
    edit(copy / PAIRING / "run.json", lambda run: run.update(seed=8))
    edit(
        copy / "pairings/bot-greedy--bot-random/run.json",
        lambda run: run["environments"][0].update(episodes=2),
    )
    assert found(copy) == [
        ("plan", f"{PAIRING}/run.json › seed"),
        ("plan", "pairings/bot-greedy--bot-random/run.json › environments › 0 › episodes"),
        ("stale", "results.json"),
    ]


def test_nothing_stands_beside_it(copy: Path) -> None:
    shutil.copytree(copy / PAIRING, copy / "pairings/one-more")
    (copy / "notes.txt").write_text("They all won.")
    (copy / "prompts/kuhn_poker/v1/_rules.j2").write_text("The oracle says: bet.")
    assert found(copy) == [
        ("file", "notes.txt"),
        ("file", "pairings/one-more"),
        ("prompts", "prompts"),
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"entrants": ["bot/oracle", "bot/nope"]},
        {"games": [{"env": "kuhn", "seats": 2, "deals": 2, "self_play": False}]},
        {"games": [{"env": "kuhn_poker", "seats": 3, "deals": 2, "self_play": False}]},
    ],
)
def test_tournaments_that_make_no_sense(copy: Path, change: dict[str, Any]) -> None:
    edit(copy / "tournament.json", lambda tournament: tournament.update(change))
    (finding,) = verify_tournament(copy)
    assert finding.kind == "plan"


KUHN = {"env": "kuhn_poker", "seats": 2, "deals": 2, "self_play": False}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"entrants": ["bot/oracle", "bot/oracle"]}, "duplicate entrant"),
        ({"entrants": ["bot/oracle"]}, "at least 2"),
        ({"entrants": [f"bot/{n}" for n in range(300)]}, "at most 64"),
        ({"games": [KUHN | {"seats": 10**9}]}, "seats"),
        ({"games": [KUHN | {"seats": 1}]}, "seats"),
        ({"games": [KUHN | {"deals": 10**9}]}, "deals"),
        ({"games": [KUHN | {"deals": 9_999}]}, "more than 10000 episodes"),
        ({"games": 2 * [KUHN]}, "duplicate game"),
        (
            {"games": [KUHN | {"deals": 5000}], "entrants": [f"bot/{n}" for n in range(64)]},
            "more than 1000000 episodes in all",
        ),
    ],
)
def test_a_tournament_keeps_to_its_limits(copy: Path, change: dict[str, Any], says: str) -> None:
    edit(copy / "tournament.json", lambda tournament: tournament.update(change))
    with pytest.raises(UsageError, match=says):
        verify_tournament(copy)


def test_damaged_journals_are_found(copy: Path) -> None:
    (copy / PAIRING / "journal/decision/kuhn_poker/0000.jsonl").write_text("what?\n")
    assert found(copy) == [("results", "the journals")]
