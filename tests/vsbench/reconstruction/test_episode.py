"""Episodes played again: what was seen, asked and answered, moment by moment."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from vsbench.errors import UsageError
from vsbench.fingerprints import text_fingerprint
from vsbench.reconstruction.episode import open_episode, parse_unit_key
from vsbench.records.files import UnitKey, open_run
from vsbench.records.journal import EpisodeClosed, Step
from vsbench.records.journals import read_journal
from vsbench.records.manifest import Manifest
from vsbench.runner.budget import Budget
from vsbench_envs import registry
from vsbench_envs.canvas import decode

Begin = Callable[..., Manifest]

COIN = UnitKey("decision", "coin_dilemma", 0)
KUHN = UnitKey("decision", "kuhn_poker", 0)


def test_moments_follow_the_journal(recorded: Path) -> None:
    lines = read_journal(COIN.path(recorded))
    steps = [line for line in lines if isinstance(line, Step)]
    *moments, end = open_episode(recorded, COIN).moments()
    assert [moment.played for moment in moments] == steps
    assert [moment.after.rewards for moment in moments] == [step.rewards for step in steps]
    assert end.played is None
    assert not end.before.acting
    assert isinstance(lines[-1], EpisodeClosed)
    assert end.before.returns == lines[-1].returns


def test_states_of_different_moments_are_their_own(recorded: Path) -> None:
    moments = list(open_episode(recorded, COIN).moments())
    assert [moment.before.step for moment in moments] == list(range(51))
    percepts = [moment.seats[0].percept for moment in moments]
    assert percepts == [moment.before.percept(0) for moment in moments]
    assert len(set(percepts)) > 30  # Players who stay change nothing that is seen.


def test_a_seat_sees_what_its_percept_holds(recorded: Path) -> None:
    view = registry.get("coin_dilemma").view
    for moment in list(open_episode(recorded, COIN).moments())[::10]:
        for seat in moment.seats:
            assert view.read([decode(png) for png in seat.pictures]) == seat.percept
            assert seat.text == view.describe(seat.percept)


def test_questions_are_rendered_as_they_were_asked(recorded: Path) -> None:
    asked = [
        question
        for moment in open_episode(recorded, COIN).moments()
        for seat in moment.seats
        for question in seat.exchanges()
    ]
    assert len(asked) > 100
    assert all(text_fingerprint(question.messages) == question.attempt.prompt for question in asked)
    assert {question.attempt.outcome for question in asked} == {
        "ok",
        "illegal",
        "unparsable",
        "refused",
        "truncated",
    }
    for question in asked:
        fresh = question.messages[question.sent_before :]
        first = question.attempt.attempt == 0
        assert [message.role for message in fresh] in (
            [["system", "user"]] if first else [[], ["assistant", "user"]]
        )


def test_seats_know_who_acts_and_why(hands: Path) -> None:
    first, second, end = open_episode(hands, KUHN).moments()
    model, opponent = first.seats
    assert (model.acting, opponent.acting) == (True, False)
    assert (model.bot, opponent.bot) == (None, "equilibrium")
    assert model.decision is not None
    assert model.move == model.decision.action == "pass"
    assert opponent.move is None
    assert not opponent.lines
    assert second.seats[1].move == "pass"
    assert not any(seat.acting or seat.legal for seat in end.seats)
    third = UnitKey("decision", "kuhn_poker", 2)
    (fault,) = next(open_episode(hands, third).moments()).seats[0].faults
    assert fault.kind == "overloaded"


def test_an_unfinished_episode_ends_where_its_journal_does(tmp_path: Path, begin: Begin) -> None:
    begin(tmp_path / "run", Budget(max_tokens=20_000), envs=["coin_dilemma"], episodes=1)
    *moments, last = open_episode(tmp_path / "run", COIN).moments()
    assert 2 < len(moments) < 30
    assert last.played is None
    assert last.step == len(moments)
    assert last.before.acting == (0, 1)


def test_changed_prompts_are_left_out(run: Path) -> None:
    (run / "prompts/kuhn_poker/v1/_rules.j2").write_text("other rules")
    (question, _) = next(open_episode(run, KUHN).moments()).seats[0].exchanges()
    assert question.messages == ()
    assert question.attempt.reply == "the filter says no"


@pytest.mark.parametrize(
    ("written", "episode"),
    [("kuhn_poker/0", 0), ("kuhn_poker/0003", 3), ("2", 2), (" kuhn_poker/1\n", 1)],
)
def test_episodes_are_named_as_people_do(hands: Path, written: str, episode: int) -> None:
    key = parse_unit_key(open_run(hands), written)
    assert key == UnitKey("decision", "kuhn_poker", episode)


@pytest.mark.parametrize("written", ["", "4", "kuhn_poker", "kuhn_poker/x", "hanabi/0", "-1"])
def test_unknown_episodes_are_told(hands: Path, written: str) -> None:
    with pytest.raises(UsageError, match="it has kuhn_poker/0 to kuhn_poker/3"):
        parse_unit_key(open_run(hands), written)


def test_a_run_of_several_games_needs_the_game(recorded: Path) -> None:
    with pytest.raises(UsageError, match="no episode '0'"):
        parse_unit_key(open_run(recorded), "0")


def test_episodes_that_cannot_be_shown_are_told(run: Path) -> None:
    path = KUHN.path(run)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(lines[0] + lines[-1] + lines[-1])
    with pytest.raises(UsageError, match="after the end"):
        open_episode(run, KUHN)
    path.write_bytes(b"")
    with pytest.raises(UsageError, match="has not begun"):
        open_episode(run, KUHN)
    path.unlink()
    with pytest.raises(UsageError, match="no journal of kuhn_poker/0"):
        open_episode(run, KUHN)
