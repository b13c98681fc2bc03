"""The options that questions list, in every form of list."""

from dataclasses import replace

import pytest

from questions import kuhn_question, text_question
from vsbench.adapters import Message, Request, Text
from vsbench.adapters.base import BadRequestError
from vsbench.errors import UsageError
from vsbench.simulation.policies import Policies, answer_key, listed_options
from vsbench_envs.errors import UnknownNameError

FORM = 'Answer as\n```json\n{\n    "action": "<ACTION>"\n}\n```\n'


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ('Choose from ["up", "left"].', ("up", "left")),
        ('Of these: {"0": "<STAY>", "3": "<UP>"}', ("<STAY>", "<UP>")),
        ("Of these: {0: 'stay', 3: 'move up'}", ("stay", "move up")),
        ('First {"0": "a"}, then {"1": "b", "2": "c"}', ("b", "c")),
        ("LEGAL ACTIONS:\n(Play 0), (Tell +1 rank 2).", ("(Play 0)", "(Tell +1 rank 2)")),
        ("Legal moves: a7a6, b7c6\n\nMoves are letters and numbers.", ("a7a6", "b7c6")),
        ("## Legal actions:\n- stay\n- move up\n\nThink well.", ("stay", "move up")),
        ("LEGAL ACTIONS:\na, b.\n\nIs it one of the LEGAL ACTIONS section?", ("a", "b")),
        (FORM + "where <ACTION> is one of <PASS> and <BET>.", ("<PASS>", "<BET>")),
        (FORM + "where <ACTION> is one of <UP>, <UP>, <MOVE LEFT>.", ("<UP>", "<MOVE LEFT>")),
    ],
)  # fmt: skip
def test_forms_of_lists(text: str, labels: tuple[str, ...]) -> None:
    assert listed_options(text_question(text)) == labels


@pytest.mark.parametrize(
    "text", ["", "What now?", FORM, "legal actions: ", "{0: up}", "{" * 50_000, "\n" * 50_000]
)
def test_without_a_list(text: str) -> None:
    with pytest.raises(BadRequestError, match="no actions to choose from"):
        listed_options(text_question(text))


def test_what_models_said_lists_nothing() -> None:
    asked = Message("user", (Text(FORM + "where <ACTION> is one of <PASS> and <BET>."),))
    said = Message("assistant", (Text("I choose <FOLD>."),))
    request = Request((asked, said, Message("user", (Text("Again."),))), 500, 0)
    assert listed_options(request) == ("<PASS>", "<BET>")


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (FORM, "action"),
        ("What does it do?", "action"),
        ("{'prediction': '<ACTION>'}", "prediction"),
        ('not {"prediction": "..."} but {"action": "..."}', "action"),
    ],
)
def test_the_key_of_an_answer(text: str, key: str) -> None:
    assert answer_key(text_question(text)) == key


def test_our_own_prompts_are_read_as_ever() -> None:
    assert listed_options(kuhn_question()) == ("pass", "bet")
    assert answer_key(kuhn_question()) == "action"


async def test_a_mixture_answers_each_question_by_one_of_its_policies() -> None:
    mixture = Policies("oracle=0.7,random=0.3").named("any")
    oracle = Policies("oracle").named("any")
    questions = [replace(kuhn_question(), seed=seed) for seed in range(300)]
    answers = [(await mixture.complete(each)).text for each in questions]
    assert answers == [(await mixture.complete(each)).text for each in questions]
    right = (await oracle.complete(questions[0])).text
    # Random play picks the oracle's answer half of the time.
    assert 0.75 < answers.count(right) / len(answers) < 0.95


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        ("oracle=0.5,random=0.6", "add up to 1.1, not to 1"),
        ("oracle=1.5,random=-0.5", "must be above 0"),
        ("oracle=0.5,oracle=0.5", "one for each policy"),
        ("oracle=half,random=0.5", "is not of the form POLICY=SHARE"),
    ],
)
def test_wrong_shares_of_a_mixture(policy: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        Policies(policy)


def test_a_mixture_of_an_unknown_policy() -> None:
    with pytest.raises(UnknownNameError, match="genius"):
        Policies("oracle=0.5,genius=0.5")
