"""What is recorded of a model's reply."""

from pathlib import Path

import pytest

import vsbench
from vsbench.adapters.base import Reply
from vsbench.answers.limits import MAX_REPLY
from vsbench.records.journal import Attempt
from vsbench.records.journals import read_journal
from vsbench.verification.run import verify
from written import MODEL, choose


@pytest.fixture
def first_attempt(written_model, tmp_path: Path):
    """Plays an episode whose first reply is given, and verifies it."""

    def play(reply: Reply) -> Attempt:
        first = iter([reply])
        written_model(lambda request, seen: next(first, None) or choose(request))
        settings = {"evals": ["decision"], "envs": ["kuhn_poker"], "episodes": 1}
        vsbench.run(models=[MODEL], out=tmp_path / "run", **settings)
        assert not verify(tmp_path / "run").findings
        lines = read_journal(tmp_path / "run/journal/decision/kuhn_poker/0000.jsonl")
        return next(line for line in lines if isinstance(line, Attempt))

    return play


def test_thinking_that_an_adapter_leaves_in_the_text_is_recorded_as_such(first_attempt) -> None:
    attempt = first_attempt(
        Reply('<think>{"action": "pass"}?</think>{"action": "bet"}', reasoning="A king.")
    )
    assert (attempt.reply, attempt.answer) == ('{"action": "bet"}', "bet")
    assert attempt.reasoning == 'A king.\n\n{"action": "pass"}?'


def test_thinking_that_never_ends_is_no_answer(first_attempt) -> None:
    attempt = first_attempt(Reply('<think>{"action": "pass"}'))
    assert (attempt.reply, attempt.outcome) == ("", "unparsable")


def test_a_reply_that_is_too_long_is_cut_and_still_read(first_attempt) -> None:
    attempt = first_attempt(
        Reply("Well. " * MAX_REPLY + '{"action": "bet"}', reasoning="Hm. " * MAX_REPLY)
    )
    assert (attempt.outcome, attempt.answer) == ("ok", "bet")
    assert len(attempt.reply) <= MAX_REPLY
    assert len(attempt.reasoning) <= MAX_REPLY
    assert attempt.cut > 8 * MAX_REPLY


@pytest.mark.parametrize("depth", [973, 90_000])
def test_a_reply_that_is_nested_deep_stops_nothing(first_attempt, depth: int) -> None:
    attempt = first_attempt(Reply('{"action":' + "[" * depth + "]" * depth + "}"))
    assert attempt.outcome == "unparsable"


@pytest.mark.parametrize(
    "reply",
    [
        Reply("a\0b \ud800"),
        Reply('{"action": "a\\u0000b\\ud800"}', reasoning="\0"),
        Reply("", served_model="\0m\ud800" * 10**6, request_id="x" * 10**7),
    ],
    ids=["text", "escapes", "names"],
)
def test_whatever_a_server_sends_can_be_recorded(first_attempt, reply: Reply) -> None:
    attempt = first_attempt(reply)
    assert attempt.outcome in ("illegal", "unparsable")
    assert "\0" not in attempt.model_dump_json()
    assert len(attempt.served_model) + len(attempt.request_id) < 1000
