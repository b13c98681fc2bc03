"""What becomes of a model's answers, and of calls that bring none."""

import json
from itertools import count
from pathlib import Path

import pytest

import vsbench
from vsbench.adapters.base import (
    AuthError,
    BadRequestError,
    ContentRefusedError,
    OverloadedError,
    RateLimitedError,
    Reply,
    Request,
)
from vsbench.errors import Exit
from vsbench.records.journals import read_journal
from vsbench.runner.observer import RunReport
from written import MODEL


def play_one(out: Path, **settings: object) -> RunReport:
    settings = {
        "models": [MODEL],
        "evals": ["decision"],
        "envs": ["kuhn_poker"],
        "episodes": 1,
        "out": out,
        **settings,
    }
    return vsbench.run(**settings)[0]


def lines(out: Path, kind: str) -> list:
    records = read_journal(out / "journal/decision/kuhn_poker/0000.jsonl")
    return [record for record in records if record.type == kind]


def test_an_unreadable_answer_is_followed_by_the_same_question(
    written_model, tmp_path: Path
) -> None:
    replies = iter(["hm", "", Reply("I decline", stop="refusal")])

    def answer(request: Request, seen: int) -> Reply:
        reply = next(replies, '{"action": "bet"}')
        return reply if isinstance(reply, Reply) else Reply(reply)

    model = written_model(answer)
    report = play_one(tmp_path / "run")
    assert report.exit is Exit.COMPLETE
    first, *others = model.requests[:4]
    assert all(request.messages == first.messages for request in others)
    assert len({request.seed for request in model.requests[:4]}) == 4
    decision = lines(tmp_path / "run", "decision")[0]
    assert (decision.action, decision.outcome, decision.attempts) == ("bet", "ok", 4)


def test_an_illegal_answer_ends_the_decision(written_model, tmp_path: Path) -> None:
    model = written_model(lambda request, seen: Reply('{"action": "raise"}'))
    report = play_one(tmp_path / "run", episodes=4)
    decisions = lines(tmp_path / "run", "decision")
    assert {(d.outcome, d.attempts) for d in decisions} == {("illegal", 1)}
    seat = report.results.environments[0].seats[0]
    assert len(model.requests) == sum(
        seat.decisions["illegal"] for seat in report.results.environments[0].seats
    )
    assert seat.decisions["ok"] == 0


def test_an_illegal_prediction_is_wrong_at_once(written_model, tmp_path: Path) -> None:
    model = written_model(lambda request, seen: Reply('{"prediction": "raise"}'))
    report = play_one(tmp_path / "run", evals=["reasoning"], episodes=None, samples=5)
    (part,) = report.results.samples
    assert len(model.requests) == 5
    assert part.unusable["illegal"] == 5
    assert part.score.mean == 0


def test_with_feedback_an_answer_can_be_corrected_in_conversation(
    written_model, tmp_path: Path
) -> None:
    replies = iter(["hm", '{"action": "raise"}'])
    model = written_model(lambda request, seen: Reply(next(replies, '{"action": "bet"}')))
    report = play_one(tmp_path / "run", feedback=True)
    assert report.exit is Exit.COMPLETE
    first, second, third = model.requests[:3]
    assert [m.role for m in second.messages] == ["system", "user", "assistant", "user"]
    assert len(third.messages) == 6
    assert "raise" in third.messages[-1].text
    assert second.images == first.images
    attempts = lines(tmp_path / "run", "attempt")[:3]
    assert [a.outcome for a in attempts] == ["unparsable", "illegal", "ok"]
    decision = lines(tmp_path / "run", "decision")[0]
    assert (decision.action, decision.outcome, decision.attempts) == ("bet", "ok", 3)
    assert report.results.environments[0].seats[0].decisions["ok"] >= 1


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        (Reply("no idea"), "unparsable"),
        (Reply("I must decline", stop="refusal"), "refused"),
        (Reply('{"action": "bet"', stop="length"), "truncated"),
    ],
)
def test_after_the_attempts_a_seeded_random_move_stands_in(
    written_model, tmp_path: Path, reply: Reply, outcome: str
) -> None:
    written_model(lambda request, seen: reply)
    report = play_one(tmp_path / "one")
    again = play_one(tmp_path / "two")
    decisions = lines(tmp_path / "one", "decision")
    assert decisions
    assert {d.outcome for d in decisions} == {outcome}
    # The limit was raised once, which is no attempt.
    asked = 21 if outcome == "truncated" else 20
    assert {d.attempts for d in decisions} == {asked}
    assert decisions == lines(tmp_path / "two", "decision")
    seat = report.results.environments[0].seats[0]
    assert seat.decisions[outcome] == len(decisions)
    assert seat.attempts[outcome] == asked * len(decisions)
    assert again.exit is Exit.COMPLETE


def test_a_cut_off_answer_gets_more_room(written_model, tmp_path: Path) -> None:
    model = written_model(
        lambda request, seen: (
            Reply('{"action": "bet"}')
            if request.max_tokens > 300
            else Reply("I thi", stop="length")
        )
    )
    play_one(tmp_path / "run", max_tokens=100, max_tokens_limit=350, attempts=1)
    assert [request.max_tokens for request in model.requests[:2]] == [100, 350]
    decision = lines(tmp_path / "run", "decision")[0]
    assert (decision.outcome, decision.attempts) == ("ok", 2)


def test_a_filter_s_refusal_is_a_refusal(written_model, tmp_path: Path) -> None:
    def refuse(request: Request, seen: int) -> Reply:
        raise ContentRefusedError("not this")

    written_model(refuse)
    report = play_one(tmp_path / "run")
    assert report.exit is Exit.COMPLETE
    assert {a.outcome for a in lines(tmp_path / "run", "attempt")} == {"refused"}


def test_faults_are_repeated_and_counted_and_never_play(written_model, tmp_path: Path) -> None:
    def twice_broken(request: Request, seen: int) -> Reply:
        if seen < 2:
            raise OverloadedError("down") if seen else RateLimitedError("slow", retry_after=0.01)
        return Reply('{"action": "bet"}')

    model = written_model(twice_broken)
    report = play_one(tmp_path / "run", episodes=4)
    usage = report.results.usage
    assert report.exit is Exit.COMPLETE
    assert usage.faults == {"overloaded": usage.replies, "rate_limited": usage.replies}
    assert len(model.requests) == 3 * usage.replies
    seats = report.results.environments[0].seats
    assert sum(seat.decisions["ok"] for seat in seats) == usage.replies


def test_a_final_error_leaves_the_run_resumable(written_model, tmp_path: Path) -> None:
    def locked_out(request: Request, seen: int) -> Reply:
        raise AuthError("the key was revoked")

    written_model(locked_out)
    report = play_one(tmp_path / "run", episodes=6)
    assert report.exit is Exit.INCOMPLETE
    assert "the key was revoked" in report.why
    assert report.results.environments[0].finished < 6
    written_model()
    report = vsbench.resume(tmp_path / "run")[0]
    assert report.exit is Exit.COMPLETE


def test_a_request_that_is_refused_costs_its_own_episode_only(
    written_model, tmp_path: Path
) -> None:
    calls = count()

    def once(request: Request, seen: int) -> Reply:
        if next(calls) == 5:
            raise BadRequestError("this prompt is too long")
        return Reply('{"action": "bet"}')

    written_model(once)
    report = play_one(tmp_path / "run", episodes=6)
    assert report.exit is Exit.INCOMPLETE
    assert report.results.environments[0].finished == 5
    assert report.why == ("this prompt is too long",)


def test_a_model_that_never_answered_is_not_asked_on(written_model, tmp_path: Path) -> None:
    def unknown(request: Request, seen: int) -> Reply:
        raise BadRequestError("there is no such model")

    model = written_model(unknown)
    report = play_one(tmp_path / "run", episodes=40, max_connections=1)
    assert report.exit is Exit.INCOMPLETE
    assert len(model.requests) == 1
    assert report.why == ("there is no such model",)


def test_patience_ends(written_model, tmp_path: Path) -> None:
    def down(request: Request, seen: int) -> Reply:
        raise OverloadedError("down for good")

    written_model(down)
    report = play_one(tmp_path / "run", patience=0.1)
    assert report.exit is Exit.INCOMPLETE
    assert not lines(tmp_path / "run", "decision")
    assert json.loads((tmp_path / "run/results.json").read_text())["complete"] is False
