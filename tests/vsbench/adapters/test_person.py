"""A person at the terminal, as an adapter: what is shown, what is typed, what is replied."""

import asyncio
import io
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

from questions import question, text_question
from vsbench.adapters import AdapterOptions, Message, Request, Text, open_adapter
from vsbench.adapters.base import PlayerLeftError
from vsbench.adapters.person import Keyboard, Person, parse_line
from vsbench.adapters.person.display import GAP, WAIT, Display, side_by_side
from vsbench_envs import registry
from vsbench_envs.canvas import decode
from vsbench_envs.errors import UnknownNameError
from vsbench_envs.pictures import pngs
from waiting import wait_until


class Seat:
    """A person with a pipe for a keyboard and a text for a screen."""

    def __init__(
        self, folder: Path | None = None, terminal: bool = False, wait: float = WAIT
    ) -> None:
        self.shown = io.StringIO()
        reading, self.fingers = os.pipe()
        console = Console(file=self.shown, width=100, force_terminal=terminal)
        self.display = Display(console, folder, wait)
        self.person = Person(Keyboard(reading), self.display)
        self.reading = reading

    def type(self, text: str) -> None:
        os.write(self.fingers, text.encode())

    async def answer(self, request: Request) -> str:
        return (await self.person.complete(request)).text


@pytest.fixture
def seat(tmp_path: Path) -> Iterator[Seat]:
    made = Seat(tmp_path / "replays")
    yield made
    os.close(made.reading)


async def settle() -> None:
    """Let everything happen that the event loop can do by now."""
    for _ in range(20):
        await asyncio.sleep(0)


def kuhn(*messages: Message) -> Request:
    asked = question(registry.get("kuhn_poker").new(0), "kuhn_poker")
    return Request((*asked.messages, *messages), 500, 0)


@pytest.mark.parametrize(
    ("line", "meaning"),
    [("2", "bet"), ("bet", "bet"), ("0", "0"), ("3", "3"), ("-1", "-1"), ("I bet!", "I bet!")],
)
def test_numbers_stand_for_labels(line: str, meaning: str) -> None:
    assert parse_line(line, ("pass", "bet")) == meaning


def test_a_label_that_is_a_number_is_itself() -> None:
    assert parse_line("2", ("3", "2", "1")) == "2"
    assert parse_line("1", ("3", "2")) == "3"


async def test_what_is_shown_and_replied(seat: Seat, tmp_path: Path) -> None:
    seat.type("2\n")
    assert await seat.answer(kuhn()) == "bet"
    shown = seat.shown.getvalue()
    assert "You are playing Kuhn poker, seat 0." in shown
    assert "1 pass   2 bet" in shown
    assert '["pass", "bet"]' not in shown
    percept = registry.get("kuhn_poker").new(0).percept(0)
    assert (tmp_path / "replays/now.png").read_bytes() == pngs("kuhn_poker", percept)[0]


async def test_rules_are_told_once_and_without_the_form_of_answers(seat: Seat) -> None:
    rules = 'You play.\n\n# Rules\n\nBe good.\n\n# How to answer\n\nReply:\n{"action": "<one>"}'
    request = Request((Message("system", (Text(rules),)), *kuhn().messages[1:]), 500, 0)
    other = rules.replace("You play.", "You play Black.")
    again = Request((Message("system", (Text(other),)), *kuhn().messages[1:]), 500, 0)
    seat.type("1\n1\n1\n")
    for asked in (request, request, again):
        await seat.answer(asked)
    shown = seat.shown.getvalue()
    assert (
        shown.count("Be good.") == shown.count("You play.") == shown.count("You play Black.") == 1
    )
    assert "How to answer" not in shown
    assert "{" not in shown


async def test_an_answer_that_could_not_be_played(seat: Seat) -> None:
    said = Message("assistant", (Text("foo"),))
    retry = Message("user", (Text('No "foo". Choose one of:\n["pass", "bet"]\n\nEnd with JSON.'),))
    seat.type("1\n")
    assert await seat.answer(kuhn(said, retry)) == "pass"
    shown = seat.shown.getvalue()
    assert 'No "foo".' in shown
    assert "End with JSON" not in shown


async def test_a_question_without_listed_actions_is_answered_freely(seat: Seat) -> None:
    seat.type("\n  \n it is a king \n")
    assert await seat.answer(text_question("Which card?")) == "it is a king"
    assert seat.shown.getvalue().count("> ") == 3


@pytest.mark.parametrize("end", ["q\n", "QUIT\n", None])
async def test_leaving(seat: Seat, end: str | None) -> None:
    if end is None:
        os.close(seat.fingers)
    else:
        seat.type(end)
    asked = [asyncio.create_task(seat.answer(kuhn())) for _ in range(2)]
    for task in asked:
        with pytest.raises(PlayerLeftError):
            await task
    assert seat.shown.getvalue().count("> ") == 1


async def test_q_may_be_an_action(seat: Seat) -> None:
    seat.type("q\n")
    assert await seat.answer(text_question(json.dumps(["q", "r"]))) == "q"


async def test_questions_are_put_one_at_a_time(seat: Seat) -> None:
    asked = [asyncio.create_task(seat.answer(kuhn())) for _ in range(2)]
    await settle()
    assert seat.shown.getvalue().count("> ") == 1
    seat.type("1\n2")
    seat.type("\n")
    assert await asyncio.gather(*asked) == ["pass", "bet"]


async def test_the_loop_goes_on_while_the_person_thinks(seat: Seat) -> None:
    waiting = asyncio.create_task(seat.answer(kuhn()))
    await settle()
    assert not waiting.done()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_a_terminal_says_that_it_waits_for_others() -> None:
    seat = Seat(terminal=True, wait=0.01)
    seat.type("1\n2\n")
    await seat.answer(kuhn())
    assert seat.display.waiting
    assert "waiting" not in seat.shown.getvalue()
    await asyncio.to_thread(wait_until, lambda: "waiting" in seat.shown.getvalue())
    await seat.answer(kuhn())
    await seat.person.close()
    assert not seat.display.waiting


async def test_a_file_as_keyboard(tmp_path: Path) -> None:
    (tmp_path / "moves").write_text("one\n\ntwo")
    with (tmp_path / "moves").open("rb") as file:
        keyboard = Keyboard(file.fileno())
        assert [await keyboard.read_line() for _ in range(4)] == ["one", "", "two", None]


async def test_nothing_is_saved_where_there_is_no_folder() -> None:
    seat = Seat()
    seat.type("1\n")
    assert await seat.answer(kuhn()) == "pass"
    assert "picture:" not in seat.shown.getvalue()


async def test_a_picture_that_cannot_be_saved_is_no_disaster(seat: Seat, tmp_path: Path) -> None:
    (tmp_path / "replays").write_text("in the way")
    seat.type("1\n")
    assert await seat.answer(kuhn()) == "pass"
    assert "cannot save the picture" in seat.shown.getvalue()


def test_several_pictures_stand_side_by_side() -> None:
    frames = pngs("kuhn_poker", registry.get("kuhn_poker").new(0).percept(0)) * 3
    one, row = decode(frames[0]), decode(side_by_side(frames))
    assert row.size == (3 * one.width + 2 * GAP, one.height)
    last = row.crop((row.width - one.width, 0, row.width, row.height))
    assert last.tobytes() == one.convert("RGB").tobytes()


def test_people_are_only_at_the_terminal() -> None:
    with pytest.raises(UnknownNameError, match="terminal"):
        open_adapter("person/telephone", AdapterOptions())
