"""An answer is read where a model declared one, and nowhere else."""

import json

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from vsbench.answers.limits import MAX_NAMED, MAX_REPLY
from vsbench.answers.parsing import parse_action, parse_choice, parse_elements
from vsbench.answers.thinking import split_thinking
from vsbench_envs import registry

GRID = ("stay", "right", "left", "up", "down")
KUHN = ("pass", "bet")
HANABI = registry.get("hanabi").spec.actions
BREAKTHROUGH = registry.get("breakthrough").spec.actions
OPENING = ("a2a3", "a2b3", "e2e3", "e2d3")


def read(
    text: str, legal: tuple[str, ...] = GRID, actions: tuple[str, ...] | None = None
) -> tuple[str, str | None]:
    reading = parse_action(text, legal, actions or legal)
    return reading.outcome, reading.answer


@pytest.mark.parametrize(
    "text",
    [
        "",
        "I don't see an image. Could you share it, so I can make the right choice?",
        "I'm unable to view the picture, so it is hard to stay objective.",
        "Anything but left.",
        "not up",
        "up?",
        "!up",
        "~~up~~",
        "Right, so there is no picture.",
        "The options are:\n- stay\n- left",
        "stay\nright\nleft",
        "I will avoid:\nleft",
        "Opponent's move: left",
        "Legal actions: up, left",
        "If it comes closer, I play **left**",
        "Action: up\nAction: left",
        "Action: up or left",
        "Action: up. No, left.",
        '{"action": "<one of the legal actions>"}',
        '{"action": "up|down|left|right|stay"}',
        '{"action": null} up',
        '{"options": [{"action": "up"}]}',
        '[{"action": "up"}, {"action": "left"}]',
        'Option A: {"action": "up"}\nOption B: {"action": "left"}',
        '{"prediction": {"action": "left"}}',
        '{"action": "stay", oops! [{"action": "up"}]}',
        "<think>I go {'action': 'left'}",
        "<answer>left<answer>",
        "{" * 500,
        '{"action": ' * 500,
    ],
)
def test_nothing_is_read_where_nothing_is_declared(text: str) -> None:
    assert read(text) == ("unparsable", None)


def test_idioms_and_refusals_are_no_moves() -> None:
    text = "I can't take part in gambling. I'd rather pass on this request."
    assert read(text, KUHN) == ("unparsable", None)
    for text in ("I bet.", "You bet!", "I'll pass.", "I pass", "Pass? Bet?"):
        assert read(text, KUHN) == ("unparsable", None)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ('{"action": "stay", "alternatives": [{"action": "up"}, {"action": "left"}]}', "stay"),
        ('{"action": "up"}\nForm: {"action": "<one of the legal actions>"}', "up"),
        ('{"why": "left is\nblocked", "action": "up"}', "up"),
        ('left is blocked. {"action": "up",}', "up"),
        ('left is blocked. {"Action": "up"}', "up"),
        ("left is blocked. {'action': 'up'}", "up"),
        ("left is blocked. {“action”: “up”}", "up"),
        ("left is blocked. ｛＂action＂： ＂ｕｐ＂｝", "up"),
        ("{action: up}", "up"),
        ('{"action": "up" // left is blocked\n}', "up"),
        ('{"why": "he said "left" to me", "action": "up"}', "up"),
        ("{'action': 'up', 'why': 'I don't go left'}", "up"),
        ('{\n  "action": "up"\n  "why": "near"\n}', "up"),
        ('{"reason": "a {brace} \\" inside", "action": "up"}', "up"),
        ('{"action": "left"} - no, better: {"action": "up"}', "up"),
        ('{"answer": {"action": "up"}}', "up"),
        ('{"name": "act", "arguments": {"action": "up"}}', "up"),
        ('{"name": "act", "arguments": "{\\"action\\": \\"up\\"}"}', "up"),
        ('{"action": ["up"]}', "up"),
        ('{"action": {"name": "up"}}', "up"),
        ('{"action": "up (towards the coin)"}', "up"),
        ('{"answer": "up"}', "up"),
        ('{"action": "up"', "up"),
        ("{ I think {'action': 'up'}", "up"),
        ("Action: up", "up"),
        ("**Final answer:** up\nThat is closer.", "up"),
        ("Action: left\nFinal answer: up", "up"),
        ("My move is up.", "up"),
        ("### Action\nup", "up"),
        ("I choose **up**.", "up"),
        ("**up**", "up"),
        ("<UP>", "up"),
        ("<answer>up</answer>", "up"),
        (r"$\boxed{\text{up}}$", "up"),
        ("<|begin_of_box|>up<|end_of_box|>", "up"),
        ("UP!", "up"),
        ("left is blocked, so I go there:\n\nup", "up"),
    ],
)
def test_a_declared_answer_is_read(text: str, answer: str) -> None:
    assert read(text) == ("ok", answer)


@pytest.mark.parametrize(
    ("named", "answer"),
    [
        ("e2-e3", "e2e3"),
        ("e2 to e3", "e2e3"),
        ("e2→e3", "e2e3"),
        ("e2xd3", "e2d3"),
        ("E2E3", "e2e3"),
        ("play_1", "play 1"),
        ("PLAY-1", "play 1"),
        ("play1", "play 1"),
        ("Play card 1", "play 1"),
        ("ｐｌａｙ　１", "play 1"),
        ("REVEAL_RED", "reveal red"),
        ("RevealRed", "reveal red"),
        ("reveal the color red", "reveal red"),
        ("`reveal rank 1`", "reveal rank 1"),
    ],
)
@pytest.mark.parametrize("form", ['{{"action": "{}"}}', "Action: {}", "<answer>{}</answer>"])
def test_a_declared_value_means_the_action_that_it_spells(
    form: str, named: str, answer: str
) -> None:
    actions = HANABI + BREAKTHROUGH
    assert read(form.format(named), actions) == ("ok", answer)


@pytest.mark.parametrize("named", ["reveal 1", "play -1", "play 1.5", "play 1 or 2", "card", "1"])
def test_a_declared_value_that_means_no_single_action_is_illegal(named: str) -> None:
    assert read(json.dumps({"action": named}), HANABI) == ("illegal", named)


@pytest.mark.parametrize("env", registry.names())
def test_every_label_means_itself_in_every_dress(env: str) -> None:
    actions = registry.get(env).spec.actions
    for label in actions:
        for dressed in (label, label.upper(), label.replace(" ", "_"), f"<{label}>", f'"{label}".'):
            assert read(f"Action: {dressed}", actions) == ("ok", label)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("a2a3 loses the pawn. My move is d4d5.", "d4d5"),
        ('a2a3 loses the pawn. {"action": "d4d5",}', "d4d5"),
        ('{"action": "d4-d5"}', "d4d5"),
        ("d4d5", "d4d5"),
        ('{"action": "castle"}', "castle"),
        ('{"action": 3}', "3"),
        ('{"action": ["a2a3", "a2b3"]}', '["a2a3", "a2b3"]'),
        ('{"action": "x\\ud800"}', "x\N{REPLACEMENT CHARACTER}"),
    ],
)
def test_what_is_declared_and_not_legal_is_named(text: str, named: str) -> None:
    assert read(text, OPENING, BREAKTHROUGH) == ("illegal", named)


def test_of_mentions_beside_the_answer_none_is_played() -> None:
    assert read('{"action":"up"} (I weighed {"action":"left"} too)') == ("ok", "up")
    assert read('{"action":"up"} ({"action":"left"} was close)') == ("unparsable", None)
    assert read('{"action":"up"}\nRejected:\n{"action":"left"}') == ("unparsable", None)


def test_the_name_of_an_action_is_kept_short() -> None:
    outcome, answer = read(json.dumps({"action": "x\n" * 50_000}))
    assert outcome == "illegal"
    assert answer is not None
    assert len(answer) == MAX_NAMED


@pytest.mark.parametrize(
    ("text", "outcome", "answer"),
    [
        ('{"action": "UP"}', "ok", "<UP>"),
        ('{"prediction": "<up>"}', "ok", "<UP>"),
        ("<STAY>", "ok", "<STAY>"),
        ('{"action": "jump"}', "illegal", "jump"),
        ("I'd stay away.", "unparsable", None),
    ],
)
def test_choices_are_read_by_any_of_their_keys(text: str, outcome: str, answer: str | None) -> None:
    reading = parse_choice(text, ("<STAY>", "<UP>", "<LEFT>"), ("action", "prediction"))
    assert (reading.outcome, reading.answer) == (outcome, answer)


@pytest.mark.parametrize(
    ("text", "elements"),
    [
        ('{"elements": {"A1": "empty", "lives": 3}}', {"A1": "empty", "lives": "3"}),
        ('{"elements": {"A1": ["red player", "blue coin"]}}', {"A1": "red player and blue coin"}),
        ("{'Elements': {'A1': 'red',},}", {"A1": "red"}),
        ('<think>{"elements": {"A1": "red"}}</think>{"elements": {"A1": "blue"}}', {"A1": "blue"}),
        ('{"elements": {"A1": "x"}} Form: {"elements": {"<name>": "<what>", ...}}', {"A1": "x"}),
        ('{"elements": {}}', {}),
        ('{"elements": []}', None),
        ('{"elements": {"A1": "empty", "lives"', None),
        ("nothing", None),
    ],
)
def test_elements_are_read(text: str, elements: dict[str, str] | None) -> None:
    assert parse_elements(text) == elements


HOSTILE = {
    "lists of objects": '[{"action":' * 18_000,
    "braces": "{" * MAX_REPLY,
    "quotes": '{"action":' + '"' * MAX_REPLY,
    "backslashes": '{"action": "' + "\\" * MAX_REPLY,
    "nested lists": '{"action":' + "[" * 95_000 + "]" * 95_000 + "}",
    "nested less": '{"action":' + "[" * 973 + "]" * 973 + "}",
    "nested objects": '{"action":' * 18_000 + '"up"' + "}" * 18_000,
    "strings of objects": '{"arguments":"{' * 13_000,
    "many objects": '{"action":"up"}' * 13_000,
    "damaged objects": '{"a":!\n\n' * 25_000,
    "comments": '{"a":/*\n\n' * 20_000,
    "members": '{"action":1,' + '"b":1,' * 33_000,
    "line feeds": "\n" * MAX_REPLY,
    "forms": "action:\n" * 25_000,
    "labels": "up\n" * 66_000,
    "tags": "<answer>" * 25_000,
    "thinking": "<think></think>" * 13_000,
    "channels": "<|channel|>" * 18_000,
    "full width": "｛" * MAX_REPLY,
    "longer than what is read": "x" * 3_000_000,
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_replies_are_read_without_harm(kind: str) -> None:
    """A quadratic reader takes minutes over these; the suite would hang."""
    for reading in (read(HOSTILE[kind]), parse_elements(HOSTILE[kind])):
        assert reading in (("unparsable", None), ("ok", "up"), None)


SURROUNDINGS = st.text(alphabet=st.characters(exclude_characters="{}<[◁｛｝＜［"), max_size=200)


@given(st.sampled_from(GRID), SURROUNDINGS, SURROUNDINGS)
def test_the_object_decides_whatever_surrounds_it(label: str, before: str, after: str) -> None:
    text = f"{before}{json.dumps({'action': label})}{after}"
    assume(not split_thinking(text).thinking)
    assert read(text) == ("ok", label)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(
    st.dictionaries(st.text(max_size=8), JSON_VALUES, max_size=4),
    st.sampled_from(GRID),
    st.booleans(),
    st.sampled_from([None, 2]),
)
def test_json_that_is_right_is_read_as_it_stands(
    others: dict[str, object], label: str, ascii_only: bool, indent: int | None
) -> None:
    others = {key: value for key, value in others.items() if key.strip().casefold() != "action"}
    text = json.dumps({**others, "action": label}, ensure_ascii=ascii_only, indent=indent)
    assume(split_thinking(text).text == text)
    assert read(text) == ("ok", label)


WORDS = st.sampled_from(
    [
        *(
            "I",
            "think",
            "we",
            "should",
            "go",
            "left",
            "or",
            "right",
            "up",
            "down",
            "stay",
            "because",
        ),
        *(
            "because",
            "coin",
            "is",
            "not",
            "blocked",
            "and",
            "looks",
            "better",
            "perhaps",
            "my",
            "opponent",
        ),
    ]
)


@given(st.lists(WORDS, min_size=4, max_size=60))
def test_prose_declares_nothing(words: list[str]) -> None:
    assert read(f"I think {' '.join(words)} now, that is all.") == ("unparsable", None)


@given(st.text(max_size=2000))
def test_any_text_is_read(text: str) -> None:
    outcome, answer = read(text)
    assert outcome != "ok" or answer in GRID
    parse_elements(text)


@given(
    st.lists(st.sampled_from([*"{}[]\"':,\n\\ ", "action", "up", "left", "<think>", "/*", "```"]))
)
def test_any_scrap_of_an_answer_is_read(pieces: list[str]) -> None:
    outcome, answer = read("".join(pieces))
    assert outcome != "ok" or answer in GRID
