"""What a model only thought is not what it said."""

import pytest

from vsbench.answers.parsing import parse_action
from vsbench.answers.thinking import split_thinking

HARMONY = (
    '<|channel|>analysis<|message|>Left, {"action": "left"}?<|end|>'
    '<|start|>assistant<|channel|>final<|message|>{"action": "up"}<|return|>'
)


@pytest.mark.parametrize(
    ("text", "said", "thinking"),
    [
        ("<think>\nA king.\n</think>\n\nbet", "bet", "A king."),
        ("A king.\n</think>\n\nbet", "bet", "A king."),
        ("<think></think>bet", "bet", ""),
        ("<think>\nA king beats", "", "A king beats"),
        ("bet", "bet", ""),
        (" bet\n", " bet\n", ""),
        ("", "", ""),
        ("<THINK>A king.</THINK>bet", "bet", "A king."),
        ("<thinking>A king.</thinking>bet", "bet", "A king."),
        ("<thought>A king.</thought>bet", "bet", "A king."),
        ("<reasoning>A king.</reasoning>bet", "bet", "A king."),
        ("<seed:think>A king.</seed:think>bet", "bet", "A king."),
        ("[THINK]A king.[/THINK]bet", "bet", "A king."),
        ("◁think▷A king.◁/think▷bet", "bet", "A king."),
        (
            "<|begin_of_thought|>A king.<|end_of_thought|>\n"
            "<|begin_of_solution|>bet<|end_of_solution|>",
            "bet",
            "A king.",
        ),
        ("<|START_THINKING|>A king.<|END_THINKING|>bet", "bet", "A king."),
        ("<|channel>thought\nA king.<channel|>bet", "bet", "A king."),
        ("A king.[BEGIN FINAL RESPONSE]bet[END FINAL RESPONSE]", "bet", "A king."),
        ("<think>A </think> ends it.</think>bet", "bet", "A </think> ends it."),
        ("<think>A <think> begins it.</think>bet", "bet", "A <think> begins it."),
        ("<think>One.</think>pass?<think>Two.</think>bet", "pass?bet", "One.\n\nTwo."),
        ("bet<think>or", "bet", "or"),
        (HARMONY, '{"action": "up"}', 'Left, {"action": "left"}?'),
        ("<|channel|>analysis<|message|>A king", "", "A king"),
        ("analysisA king.assistantfinalbet", "bet", "A king."),
        ("analysisA king", "", "A king"),
        ("analysis of a king: bet", "analysis of a king: bet", ""),
    ],
)
def test_thinking_is_taken_off(text: str, said: str, thinking: str) -> None:
    parted = split_thinking(text)
    assert (parted.text, parted.thinking) == (said, thinking)


@pytest.mark.parametrize(
    "thinking",
    [
        '<think>{"action": "left"}</think>',
        '{"action": "left"}</think>',
        '<think>The mark </think> ends it; {"action": "left"}</think>',
        "[THINK]Action: left[/THINK]",
        "<|channel|>analysis<|message|><answer>left</answer><|end|>",
    ],
)
def test_an_answer_that_was_only_thought_is_not_read(thinking: str) -> None:
    labels = ("up", "left")
    assert parse_action(thinking, labels, labels).outcome == "unparsable"
    if "channel" not in thinking:
        reading = parse_action(f'{thinking}\n{{"action": "up"}}', labels, labels)
        assert (reading.outcome, reading.answer) == ("ok", "up")
