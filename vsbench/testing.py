"""The conformance suite of a game with its prompts.

Three lines of pytest run it, each check as a separate test::

    from vsbench.testing import GameSuite

    class TestNim(GameSuite):
        game = "nim"

``vsbench_envs.testing`` holds the checks of rules, PettingZoo environments, views and bots; the
checks here render the game's prompts and let the embedded model answer them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from itertools import product
from typing import Any, ClassVar, get_args

from vsbench.adapters import Request
from vsbench.adapters.registry import open_adapter
from vsbench.blocking import run_blocking
from vsbench.errors import UsageError
from vsbench.evaluations.examples import example_question
from vsbench.messages import Image, Message
from vsbench.players.questions import PerceptQuestion, judge, personas
from vsbench.prompts import PromptPack
from vsbench.protocols.protocol import resolve_model_settings
from vsbench.records.manifest import ModelSettings
from vsbench.settings import Evaluation, Modality, RunSettings, Style
from vsbench_envs import testing
from vsbench_envs.game import Game
from vsbench_envs.registry import is_registered
from vsbench_envs.testing import (
    Check,
    Problem,
    ToDo,
    checks_in,
    expect,
)
from vsbench_envs.testing.checks import check, expect_equal

__all__ = ["CHECKS", "Check", "GameSuite", "Problem", "check_game"]

OWN_TEMPLATES = {
    "_rules": "the rules in words, as a list",
    "_elements": "how elements of the picture are named",
}
"""Templates that every game has, and what they say."""

TOKENS = 4096


@check("prompts")
def the_game_has_templates_of_its_own(game: Game[Any]) -> None:
    """Its rules and the names of its elements in words."""
    pack = _pack(game)
    for name, what in OWN_TEMPLATES.items():
        path = pack.name(game.spec.id, name)
        if path not in pack.templates:
            package = game.prompts or "the package that Game.prompts names"
            raise ToDo(f"write the prompt template {path} ({what}) in {package}")
    for persona in sorted(personas(game.spec.personas)):
        path = pack.name(game.spec.id, f"personas/{persona}")
        expect(path in pack.templates, f"there is no prompt template {path}")


@check("prompts")
def prompts_render_for_every_seat(game: Game[Any]) -> None:
    """In every evaluation, modality, style and persona, with the choices that answers name."""
    the_game_has_templates_of_its_own(game)
    pack = _pack(game)
    names: tuple[str | None, ...] = (None, *sorted(personas(game.spec.personas)))
    asked = product(get_args(Evaluation), get_args(Modality), get_args(Style), names)
    for evaluation, modality, style, persona in asked:
        if evaluation == "perception" and modality == "text":
            continue
        settings = _settings(modality, style).model_copy(update={"persona": persona})
        for question in _questions(game, evaluation):
            messages = question.first(pack, settings)
            where = f"{evaluation} of seat {question.seat}, {modality}, {style}"
            _check_messages(game, question, messages, settings, where)


@check("prompts")
def the_embedded_model_answers_prompts(game: Game[Any]) -> None:
    """``sighted/oracle`` reads the pictures and ``blind/oracle`` the text; both answers count."""
    the_game_has_templates_of_its_own(game)
    if game.spec.oracle not in game.bots:
        raise ToDo(f"add the bot {game.spec.oracle!r}, which sighted/oracle plays")
    pack = _pack(game)
    players: tuple[tuple[str, Modality], ...] = (("sighted", "image"), ("blind", "text"))
    for provider, modality in players:
        name = f"{provider}/oracle"
        model = open_adapter(name)
        settings = _settings(modality, "io")
        for evaluation in get_args(Evaluation):
            if evaluation == "perception" and modality == "text":
                continue
            for question in _questions(game, evaluation):
                request = Request(question.first(pack, settings), TOKENS, seed=1)
                reply = run_blocking(model.complete(request))
                where = f"{name}, {evaluation}, seat {question.seat}"
                expect(not reply.hints, f"{where}: it cannot read the prompt and answers at random")
                reading = judge(question, reply.text, reply.stop)
                expect_equal(reading.outcome, "ok", f"{where}: the outcome of {reply.text!r}")


CHECKS: tuple[Check, ...] = (*testing.CHECKS, *checks_in(sys.modules[__name__]))
"""Every check of a game, its prompts included, stage by stage."""


def check_game(game: str | Game[Any], checks: Iterable[Check] = CHECKS) -> list[Problem]:
    """Check a game with its prompts; see :func:`vsbench_envs.testing.check_game`."""
    return testing.check_game(game, checks)


class GameSuite(testing.GameSuite):
    """The conformance tests of one game with its prompts: subclass it and name the game."""

    checks: ClassVar[tuple[Check, ...]] = CHECKS


def _pack(game: Game[Any]) -> PromptPack:
    if not is_registered(game):
        raise ToDo(
            "register the game under the entry-point group vsbench.envs: prompts need its id"
        )
    return PromptPack.shipped(None, [game.spec.id])


def _settings(modality: Modality, style: Style) -> ModelSettings:
    return resolve_model_settings(RunSettings(modality=modality, style=style))


def _questions(game: Game[Any], evaluation: Evaluation) -> Iterator[PerceptQuestion]:
    """A question to every seat that can be asked, in the middle of an episode."""
    for seat in range(game.spec.seats):
        try:
            yield example_question(game.spec.id, evaluation, seat=seat)
        except UsageError:  # This seat never acts, or no other seat does.
            continue


def _check_messages(
    game: Game[Any],
    question: PerceptQuestion,
    messages: tuple[Message, ...],
    settings: ModelSettings,
    where: str,
) -> None:
    text = "\n".join(message.text for message in messages)
    expect(any(message.role == "user" for message in messages), f"{where}: no user message")
    expect(game.spec.title in text, f"{where}: the prompt does not name {game.spec.title}")
    asked = question.variables
    choices = asked["elements"] if "elements" in asked else asked["legal"]
    for choice in choices:
        expect(choice in text, f"{where}: the prompt does not list {choice!r}")
    pictures = sum(1 for message in messages for part in message.parts if isinstance(part, Image))
    wanted = 0 if settings.modality == "text" else len(question.pictures())
    expect_equal(pictures, wanted, f"{where}: pictures in the prompt")
