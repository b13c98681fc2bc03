"""Failure cases: finding and printing them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from click.testing import CliRunner, Result

import vsbench
from vsbench.adapters.base import Reply, Request
from vsbench.analyses.failures import (
    EXCERPT,
    Failure,
    excerpt,
    find_failures,
    sentences,
    settled_action,
    summary,
)
from vsbench.cli import cli
from vsbench.errors import UsageError
from vsbench.records.journal import Attempt, TokenUsage
from written import MODEL, WrittenModel, legal_actions


def command(*arguments: str | Path) -> Result:
    result = CliRunner().invoke(cli, ["failures", *map(str, arguments)])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def play(model: str, out: Path, *envs: str, episodes: int = 1) -> Path:
    vsbench.run(models=[model], envs=envs, evals=["decision"], episodes=episodes, out=out)
    return out


@pytest.fixture(scope="module")
def random_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("failures") / "random"
    return play("sighted/random", out, "battle_of_the_colors", "kuhn_poker")


def test_the_oracle_makes_no_blunders(tmp_path: Path) -> None:
    games = ("kuhn_poker", "coin_dilemma", "monster_hunt", "tiny_hanabi")
    found = find_failures(play("sighted/oracle", tmp_path / "run", *games))
    assert found.found == ()
    assert found.episodes == len(games)
    assert found.decisions > 200


def test_a_random_player_does(random_run: Path) -> None:
    found = find_failures(random_run)
    counts = summary(found.found)
    assert counts["battle_of_the_colors"]["blunder"] > 10
    assert {failure.kind for failure in found.found} == {"blunder"}
    for failure in found.found:
        assert failure.loss is not None
        assert failure.taken != failure.oracle
    by_env = [f.loss for f in found.found if f.env == "battle_of_the_colors"]
    assert by_env == sorted(by_env, reverse=True)
    alone = find_failures(random_run, ["kuhn_poker"])
    assert [f for f in found.found if f.env == "kuhn_poker"] == list(alone.found)


def test_illegal_and_contradicted_decisions(
    tmp_path: Path, written_model: Callable[..., WrittenModel]
) -> None:
    def answer(request: Request, seen: int) -> Reply:
        legal = legal_actions(request)
        match request.seed % 3:
            case 0:
                return Reply('I jump.\n{"action": "jump"}')
            case 1:
                wanted = Random(request.seed).sample(["left", "right", "up", "down"], 2)
                return Reply(f'So I will go {wanted[0]}.\n{{"action": "{wanted[1]}"}}')
        return Reply(json.dumps({"action": legal[0]}))

    written_model(answer)
    run = play(MODEL, tmp_path / "run", "coin_dilemma")
    found = find_failures(run, kinds=["illegal", "contradiction"])
    kinds = {failure.kind for failure in found.found}
    assert kinds == {"illegal", "contradiction"}
    for failure in found.found:
        if failure.kind == "illegal":
            assert failure.named == "jump"
            assert failure.excerpt.startswith("I jump.")
        else:
            assert failure.excerpt == f"So I will go {failure.named}."
            assert failure.named != failure.taken
        assert failure.loss is None
        assert failure.oracle in ("stay", "right", "left", "up", "down")
    assert find_failures(run, kinds=["unparsable", "refused", "truncated"]).found == ()


def test_cases_are_shown_with_links(random_run: Path) -> None:
    shown = command(random_run, "--env", "battle_of_the_colors", "--limit", 2)
    assert shown.output.count("blunder: battle_of_the_colors/") == 2
    assert "Loss in Battle of the Colors: total return of all players" in shown.output
    assert "more; use --limit, --env and --kind to show others." in shown.output
    (listed,) = json.loads(
        command(
            random_run, "--env", "battle_of_the_colors", "--limit", 2, "--format", "json"
        ).output
    )
    assert listed["model"] == "sighted/random"
    failures = [Failure.model_validate(each) for each in listed["found"]]
    assert len(failures) == 2
    for failure in failures:
        assert failure.command in shown.output
        assert failure.page in shown.output
        assert failure.page.endswith(f"#step={failure.step}")


def test_pages_that_cases_link_to_are_written(random_run: Path) -> None:
    output = command(random_run, "--limit", 1, "--env", "battle_of_the_colors", "--pages").output
    (page,) = (random_run / "replays").iterdir()
    assert str(page) in output
    assert "<html" in page.read_text("utf-8")


def test_a_link_in_place_of_a_page_is_refused(random_run: Path, tmp_path: Path) -> None:
    target = tmp_path / "precious"
    target.write_text("mine", "utf-8")
    (random_run / "replays").mkdir(exist_ok=True)
    command(random_run, "--limit", 1, "--env", "battle_of_the_colors", "--pages")
    for page in (random_run / "replays").iterdir():
        page.unlink()
        page.symlink_to(target)
    with pytest.raises(UsageError, match="is a link"):
        command(random_run, "--limit", 1, "--env", "battle_of_the_colors", "--pages")
    assert target.read_text("utf-8") == "mine"


def test_scripted_players_are_not_looked_at(tmp_path: Path) -> None:
    run = play("bot/random", tmp_path / "run", "kuhn_poker")
    assert command(run).output.splitlines() == [
        "bot/random: 0 failures in 0 decisions of 1 episodes",
        "The model made no decisions here; moves of bots are not searched.",
    ]


def test_environments_that_a_run_lacks(random_run: Path) -> None:
    with pytest.raises(
        UsageError, match="no episodes of hanabi; it has battle_of_the_colors, kuhn_poker"
    ):
        find_failures(random_run, ["hanabi"])


@pytest.mark.parametrize(
    ("recorded", "forged"),
    [('"decision","step":0,"seat":0,"action":"', '"decision","step":0,"seat":0,"action":"fly '),
     ('"moves":{"0":"', '"moves":{"0":"fly ')],
)  # fmt: skip
def test_moves_that_cannot_be_played_are_bad_input(
    tmp_path: Path, recorded: str, forged: str
) -> None:
    run = play("sighted/random", tmp_path / "run", "battle_of_the_colors")
    (journal,) = run.glob("journal/decision/*/*.jsonl")
    text = journal.read_text("utf-8")
    assert recorded in text
    journal.write_text(text.replace(recorded, forged, 1), "utf-8")
    with pytest.raises(UsageError, match="the episode cannot be reconstructed"):
        find_failures(run)


def test_excerpts_are_one_short_line() -> None:
    assert excerpt("a\n\n  b\x1b[1m") == r"a b\x1b[1m"
    long = excerpt("x" * 999)
    assert (len(long), long[0]) == (EXCERPT, "…")


MOVES = ("stay", "right", "left", "up", "down")


def attempt(reply: str, reasoning: str = "") -> Attempt:
    return Attempt(
        step=0,
        seat=0,
        attempt=0,
        prompt="",
        reply=reply,
        reasoning=reasoning,
        outcome="ok",
        answer="up",
        stop="stop",
        max_tokens=1,
        usage=TokenUsage(),
        latency=0.0,
    )


@pytest.mark.parametrize(
    ("reply", "reasoning", "action"),
    [
        ('The coin is two cells down. I will go down.\n{"action": "up"}', "", "down"),
        ('I will go left.\nNo, wait: the best move is **down**. {"action": "up"}', "", "down"),
        ('<think>Therefore I choose left.</think>{"action": "up"}', "", "left"),
        ('{"action": "up"}', "The answer is right.", "right"),
        # What is said last counts, wherever it stands.
        ('So I move up. {"action": "up"}', "Thus I should go left.", "up"),
        # Nothing is settled on, or more than one thing, or it is taken back.
        ('The monster is up and left of me. {"action": "up"}', "", None),
        ('I will go up or left. {"action": "up"}', "", None),
        ('I will not go left. {"action": "up"}', "", None),
        ('If the monster comes, I will go left. {"action": "up"}', "", None),
        ('The monster moves down. {"action": "up"}', "", None),
        ('{"action": "up"}', "", None),
        ("", "", None),
    ],
)  # fmt: skip
def test_the_last_sentence_that_settles_on_one_action(
    reply: str, reasoning: str, action: str | None
) -> None:
    found = settled_action(attempt(reply, reasoning), MOVES)
    assert (found and found[0]) == action
    if found:
        assert found[1] in list(sentences(attempt(reply, reasoning)))


def test_a_long_reply_is_read_in_no_time() -> None:
    assert settled_action(attempt("I will wait. " * 15_000), MOVES) is None
