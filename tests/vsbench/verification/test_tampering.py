"""Tampering with journals: whatever is changed is found, and the first difference is named."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vsbench.verification.run import Verification, verify

Edit = Callable[[str, Callable[[Any], object]], Verification]
Lines = list[dict[str, Any]]

HANDS = [f"journal/decision/kuhn_poker/{episode:04d}.jsonl" for episode in range(4)]
"""0: refused, then passed. 1: cut off, unparsable, twice illegal. 2: a fault, and asked twice."""

UNDERIVABLE = {
    *("reply", "reasoning", "served_model", "request_id", "expected_input"),
    *("message", "wait", "usage_estimated"),
    *("line", "chain"),
}
"""What a provider said or did; what follows from a reply is a matter of its own."""

FIELDS = {
    "episode": ["schema_version", "env", "episode", "seed", "seats", "measured"],
    "attempt": [
        "step",
        "seat",
        "attempt",
        "prompt",
        "pictures",
        "cut",
        "outcome",
        "answer",
        "stop",
        "max_tokens",
        "usage",
        "cost",
        "latency",
        "from_cache",
    ],
    "fault": ["step", "seat", "attempt", "kind"],
    "decision": ["step", "seat", "action", "outcome", "attempts"],
    "step": ["step", "moves", "rewards", "digest"],
    "end": ["returns", "length", "events"],
}
PAIRS = [(kind, name) for kind, names in FIELDS.items() for name in names]


def kinds(verification: Verification) -> list[str]:
    return [finding.kind for finding in verification.findings]


def of(lines: Lines, kind: str) -> Lines:
    return [line for line in lines if line["type"] == kind]


def lines_of(run: Path, name: str) -> Lines:
    return [json.loads(line) for line in (run / name).read_bytes().splitlines()]


def replaced(others: Lines) -> Callable[[Lines], None]:
    def change(lines: Lines) -> None:
        lines[:] = others

    return change


def other(value: Any) -> Any:
    """A value of the same type that is not the same."""
    swaps = {"ok": "illegal", "bet": "pass", "pass": "bet", "stop": "length"}
    match value:
        case str():
            return swaps.get(value, value + "0")
        case None:
            return 1
        case int() | float():
            return value + 1
        case list():
            return [other(value[0]), *value[1:]]
        case dict():
            name = next(iter(value))
            return value | {name: other(value[name])}


def test_the_fields_are_those_of_the_format(hands: Path) -> None:
    lines = [line for name in HANDS for line in lines_of(hands, name)]
    assert set(PAIRS) == {
        (line["type"], name) for line in lines for name in line if name not in UNDERIVABLE
    } - {(kind, "type") for kind in FIELDS}


@pytest.mark.parametrize(("kind", "name"), PAIRS)
def test_no_field_can_be_changed(edit: Edit, kind: str, name: str) -> None:
    def change(lines: Lines) -> None:
        line = of(lines, kind)[0]
        line[name] = other(line[name])

    verification = edit(HANDS[2], change)
    assert not verification.ok
    assert verification.findings[0].location.key or kinds(verification) == ["results"]


def test_the_first_step_that_differs_is_named(edit: Edit) -> None:
    def change(lines: Lines) -> None:
        of(lines, "step")[1]["rewards"] = [2.0, -2.0]

    (finding,) = edit(HANDS[0], change).findings
    assert finding.kind == "rewards"
    assert str(finding) == (
        "kuhn_poker/0000, step 1: the rewards: recorded (2.0, -2.0), derived (-1.0, 1.0)"
    )


def test_another_move_needs_another_reply(edit: Edit) -> None:
    def change(lines: Lines) -> None:
        of(lines, "decision")[0]["action"] = "bet"
        of(lines, "step")[0]["moves"] = {"0": "bet"}

    finding = edit(HANDS[0], change).findings[0]
    assert (finding.kind, finding.location.step, finding.location.seat) == ("decision", 0, 0)
    assert (finding.recorded, finding.derived) == ("bet", "pass")


def test_a_reply_cannot_be_read_otherwise(edit: Edit) -> None:
    def change(lines: Lines) -> None:
        of(lines, "attempt")[-1].update(outcome="ok", answer="bet")
        of(lines, "decision")[0].update(outcome="ok", action="bet")

    finding = edit(HANDS[1], change).findings[0]
    assert (finding.kind, finding.recorded, finding.derived) == ("reading", "ok", "illegal")


def test_the_move_that_stands_in_is_not_for_choosing(edit: Edit) -> None:
    def change(lines: Lines) -> None:
        of(lines, "decision")[0]["action"] = "bet"

    finding = edit(HANDS[1], change).findings[0]
    assert finding.subject == "the decision's action"
    assert (finding.recorded, finding.derived) == ("bet", "pass")


def test_a_reply_that_was_asked_about_again_cannot_be_changed(edit: Edit) -> None:
    def change(lines: Lines) -> None:
        line = next(line for line in lines if "rather not" in line.get("reply", ""))
        line["reply"] = "I would rather not say, thank you."

    (finding,) = edit(HANDS[1], change).findings
    assert (finding.kind, finding.location.step, finding.location.seat) == ("prompt", 1, 1)


def test_a_reply_that_was_kept_took_no_tokens(edit: Edit) -> None:
    def claim(lines: Lines) -> None:
        of(lines, "attempt")[0]["from_cache"] = True

    finding = edit(HANDS[2], claim).findings[0]
    assert (finding.kind, finding.subject) == ("attempt", "tokens of a cached reply")

    def unbilled(lines: Lines) -> None:
        of(lines, "attempt")[0].update(usage={}, cost=0.0)

    # An honest one, but for the sums in the results.
    assert kinds(edit(HANDS[2], unbilled)) == ["results"]


def test_attempts_cannot_be_left_out_or_added(run: Path, edit: Edit) -> None:
    lines = lines_of(run, HANDS[1])
    attempts = [index for index, line in enumerate(lines) if line["type"] == "attempt"]
    for index in attempts:
        assert not edit(HANDS[1], replaced(lines[:index] + lines[index + 1 :])).ok
        assert not edit(HANDS[1], replaced(lines[: index + 1] + lines[index:])).ok
    end = attempts[-1] + 1
    more = [*lines[:end], lines[end - 1] | {"attempt": 3}, *lines[end:]]
    assert kinds(edit(HANDS[1], replaced(more)))[0] == "attempt"


def test_lines_cannot_change_places(run: Path, edit: Edit) -> None:
    lines = lines_of(run, HANDS[2])
    for at in range(1, len(lines)):
        swapped = [*lines[: at - 1], lines[at], lines[at - 1], *lines[at + 1 :]]
        assert not edit(HANDS[2], replaced(swapped)).ok
    assert kinds(edit(HANDS[2], replaced([*lines, lines[-1]])))[0] == "order"


def test_a_reply_that_breaks_the_parser_is_a_finding(edit: Edit) -> None:
    def change(lines: Lines) -> None:
        of(lines, "attempt")[-1]["reply"] = f'{{"action": {"9" * 5000}}}'

    assert not edit(HANDS[0], change).ok


def test_scripted_players_play_as_they_would(edit: Edit) -> None:
    def change(lines: Lines) -> None:
        of(lines, "step")[-1]["moves"] = {"0": "bet"}

    finding = edit(HANDS[3], change).findings[0]
    assert (finding.kind, finding.subject) == ("move", "the move of bot/equilibrium")
    assert (finding.recorded, finding.derived) == ("bet", "pass")


@pytest.mark.parametrize("moves", [{"0": "castle"}, {"0": "pass", "1": "pass"}, {}])
def test_moves_that_no_rule_allows_are_found(edit: Edit, moves: dict[str, str]) -> None:
    finding = edit(HANDS[0], lambda lines: of(lines, "step")[0].update(moves=moves)).findings[0]
    assert (finding.kind, finding.location.step) == ("move", 0)


def test_an_episode_cannot_end_early(edit: Edit) -> None:
    def change(lines: Lines) -> None:
        lines[-1].update(length=1, returns=[0.0, 0.0])
        del lines[-2]

    assert kinds(edit(HANDS[0], change))[0] == "end"


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"not json\n",
        b"\xff\xfe\n",
        b'{"type":"end","returns":[0],"length":1,"events":{}}\n',
        b"[" * 100_000 + b"\n",
        b'{"type":"step","step":' + b"9" * 5000 + b"}\n",
    ],
)
def test_damaged_journals_are_found(run: Path, damage: bytes) -> None:
    (run / HANDS[0]).write_bytes(damage)
    verification = verify(run)
    assert not verification.ok
    assert verification.steps > 0


def test_what_stands_behind_the_end_is_found(run: Path) -> None:
    with (run / HANDS[0]).open("ab") as file:
        file.write(b"something")
    assert kinds(verify(run)) == ["order"]


SCALAR = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
JSON = st.recursive(
    SCALAR,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=4,
)


@settings(
    max_examples=50,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(pair=st.sampled_from(PAIRS), value=JSON)
def test_no_nonsense_goes_unnoticed(
    run: Path, edit: Edit, pair: tuple[str, str], value: object
) -> None:
    kind, name = pair
    honest = (run / HANDS[2]).read_bytes()
    line = of(lines_of(run, HANDS[2]), kind)[0]
    # Pydantic reads true as 1.
    same = value == line[name]
    try:
        assert edit(HANDS[2], lambda lines: of(lines, kind)[0].update({name: value})).ok <= same
    finally:
        (run / HANDS[2]).write_bytes(honest)
