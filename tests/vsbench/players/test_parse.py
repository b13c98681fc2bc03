"""Reading answers: exact, then forgiving, and never a guess."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vsbench.players.parse import parse_action

ACTIONS = ("pass", "bet", "play 1", "play 2", "reveal red", "reveal rank 1", "stay", "a2a3", "a2b3")
LEGAL = ("pass", "bet", "play 1", "reveal red", "a2a3")


def read(text: str) -> tuple[str, str | None]:
    reading = parse_action(text, LEGAL, ACTIONS)
    return reading.outcome, reading.answer


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ('{"action": "bet"}', "bet"),
        ('Sure!\n```json\n{"action": "bet"}\n```\nGood luck {everyone}', "bet"),
        ('{"action": "pass"} - no, better: {"action": "bet"}', "bet"),
        ('{"reason": "a {brace} \\" inside", "action": "play 1"}', "play 1"),
        ('{"answer": {"action": "reveal red"}}', "reveal red"),
        ('{"action": "<BET>"}', "bet"),
        ('{"action": " Play   1. "}', "play 1"),
        ('{"action": "bet"} although I could also pass', "bet"),
        ("I choose **bet**.", "bet"),
        ("<PASS>", "pass"),
        ("My move: A2A3!", "a2a3"),
        ("reveal red", "reveal red"),
        ("bet, bet and bet again", "bet"),
    ],
)
def test_understands(text: str, answer: str) -> None:
    assert read(text) == ("ok", answer)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('{"action": "stay"}', "stay"),
        ('{"action": "raise"}', "raise"),
        ('{"action": 3}', "3"),
        ('{"action": null} bet', "null"),
        ('{"action": "\\ud800"}', "?"),
        ("I would stay.", "stay"),
    ],
)
def test_names_what_is_not_legal(text: str, named: str) -> None:
    assert read(text) == ("illegal", named)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "pass or bet?",
        "I am better off passing",  # contains both labels, but not as tokens
        "alphabet",
        "non-bet",
        "a2a",
        "A",
        "R",
        '{"move": "??"}',
        "{" * 500,
        '{"action": ' + "9" * 5000 + "}",
        "stay, or a2b3",
    ],
)
def test_does_not_guess(text: str) -> None:
    assert read(text) == ("unparsable", None)


@given(
    st.sampled_from(LEGAL),
    st.text(alphabet=st.characters(exclude_characters="{}"), max_size=200),
    st.text(alphabet=st.characters(exclude_characters="{}"), max_size=200),
)
def test_the_json_answer_decides_whatever_surrounds_it(label: str, before: str, after: str) -> None:
    assert read(f"{before}{json.dumps({'action': label})}{after}") == ("ok", label)


@given(st.text(max_size=300))
def test_only_legal_labels_come_back(text: str) -> None:
    outcome, answer = read(text)
    assert outcome != "ok" or answer in LEGAL
