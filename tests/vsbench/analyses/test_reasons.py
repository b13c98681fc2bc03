"""What reasoning settles on."""

from __future__ import annotations

import pytest

from vsbench.analyses.reasons import sentences, settled_on
from vsbench.records.journal import Attempt, TokenUsage

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
    found = settled_on(attempt(reply, reasoning), MOVES)
    assert (found and found[0]) == action
    if found:
        assert found[1] in list(sentences(attempt(reply, reasoning)))


def test_a_long_reply_is_read_in_no_time() -> None:
    assert settled_on(attempt("I will wait. " * 15_000), MOVES) is None
