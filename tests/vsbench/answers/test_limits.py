"""Replies beyond the limit are cut, and what was cut stays known."""

import pytest

from vsbench.answers.limits import HEAD, MAX_REPLY, cut, left_out
from vsbench.answers.parsing import parse_action


@pytest.mark.parametrize("length", [0, 1, MAX_REPLY])
def test_what_is_within_the_limit_stays(length: int) -> None:
    text = "x" * length
    assert cut(text) == text
    assert left_out(text) == 0


@pytest.mark.parametrize("more", [1, 61, 5_000_000])
def test_the_middle_of_what_is_longer_is_left_out(more: int) -> None:
    text = "a" * HEAD + "b" * (MAX_REPLY + more - HEAD - 1) + "c"
    kept = cut(text)
    assert len(kept) <= MAX_REPLY
    assert cut(kept) == kept
    assert kept.startswith("a" * HEAD)
    assert kept.endswith("bc")
    assert left_out(kept) == text.count("b") - kept.count("b")


def test_the_answer_at_the_end_is_still_read() -> None:
    labels = ("up", "left")
    text = "word " * MAX_REPLY + '{"action": "up"}'
    assert parse_action(cut(text), labels, labels).answer == "up"


def test_no_answer_comes_of_two_halves() -> None:
    labels = ("up", "left")
    start = " " * (HEAD - 12) + '{"action": "'
    text = start + "x" * MAX_REPLY + " " * MAX_REPLY + 'left"}'
    assert parse_action(cut(text), labels, labels).outcome != "ok"
