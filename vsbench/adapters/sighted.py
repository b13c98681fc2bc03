"""Bots behind a reader of pictures and text, called like any model: ``sighted/...``, ``blind/...``.

``sighted/oracle`` gets what any vision-language model gets, and nothing else. It finds the pictures
in the request, reads their pixels with the game's own reader, asks the game's oracle for a move in
the state that they show, and answers in the form that the prompt asks for. Where it falls short of
the oracle, something between state and score is lost. Without pictures it reads the state from the
text. It needs no key and no network.

``blind/oracle`` ignores pictures: it plays from the text alone. Where the text does not give the
state, it picks a listed action at random, so that any score above chance in the image track is
information that the text gives away.
"""

from __future__ import annotations

import io
import json
import re
from contextlib import suppress
from dataclasses import replace
from functools import cache, lru_cache
from importlib.metadata import version
from typing import Any

from PIL import Image as Pictures

from vsbench.adapters.base import (
    Adapter,
    AdapterOptions,
    BadRequestError,
    Image,
    Reply,
    Request,
    Usage,
    refuse_options,
)
from vsbench.bots import decide
from vsbench.errors import UsageError
from vsbench.models import message_tokens, text_tokens
from vsbench_envs import registry
from vsbench_envs.errors import UnknownNameError, UnreadableError
from vsbench_envs.game import Game, Percept, Turn
from vsbench_envs.seeding import stream

ORACLE = "oracle"
"""The policy that stands for each game's own oracle bot."""

UNKNOWN = "unknown"
"""The label of an element that was not perceived."""

NO_STATE = (
    "neither pictures nor text gave the state, so actions were picked at random; "
    "use --modality image"
)
"""The hint for requests without a state."""

_STRING = r'"(?:[^"\\]|\\.)*"'
STRING_ARRAYS = re.compile(rf"\[\s*{_STRING}(?:\s*,\s*{_STRING})*\s*\]")
"""JSON arrays of strings in a text."""


def sighted(policy: str, options: AdapterOptions) -> Sighted:
    """Open ``sighted/<policy>``; a policy is ``oracle`` or the name of a bot, as in ``greedy``.

    Raises:
        UnknownNameError: no game has such a bot.
        BadRequestError: an option is given: there are none.
    """
    refuse_options("sighted", options.extra)
    return Sighted(policy)


def blind(policy: str, options: AdapterOptions) -> Sighted:
    """Open ``blind/<policy>``, with the policies of ``sighted``.

    Raises:
        UnknownNameError: no game has such a bot.
        BadRequestError: an option is given: there are none.
    """
    refuse_options("blind", options.extra)
    return Sighted(policy, blind=True)


class Sighted(Adapter):
    """An adapter whose model is a bot behind a reader of pictures and text.

    A blind one ignores pictures.
    """

    address = f"vsbench {version('vsbench')}"

    def __init__(self, policy: str, *, blind: bool = False) -> None:
        self.blind = blind
        provider = "blind" if blind else "sighted"
        name = policy.partition(":")[0]
        if name not in policies():
            raise UnknownNameError(f"{provider} policy", name, policies())
        self.policy = policy
        self.name = f"{provider}/{policy}"

    async def complete(self, request: Request) -> Reply:
        """Read the pictures, or else the text, and answer the question.

        Raises:
            BadRequestError: the prompt names no game, shows pictures that are not of it or lists
                no actions of it, or the game has no such bot.
        """
        game = game_named(request)
        percept = self._perceive(game, request)
        field = answer_field(request)
        match field:
            case "elements" if percept is None:
                found: Any = dict.fromkeys(listed_actions(request), UNKNOWN)
            case "elements":
                found = game.view.labels(percept)
            case "prediction":
                found = await self._predict(game, percept, request)
            case _:
                found = await self._act(game, percept, request)
        answer = json.dumps({field: found})
        usage = Usage(
            input=message_tokens(request.messages, request.sampling.detail),
            output=text_tokens(answer),
        )
        hints = (NO_STATE,) if percept is None and not self.blind else ()
        return Reply(answer, usage=usage, served_model=self.name, hints=hints)

    def _perceive(self, game: Game[Any], request: Request) -> Percept | None:
        """Read the state from the latest pictures or, without any, from the latest text.

        None if neither gives it.
        """
        messages = request.messages[::-1]
        for message in () if self.blind else messages:
            if pngs := tuple(part.png for part in message.parts if isinstance(part, Image)):
                return read_pictures(game.spec.id, pngs)
        for message in messages:
            if message.role == "user":
                with suppress(UnreadableError):
                    percept: Percept = game.view.read_text(message.text)
                    return percept
        return None

    async def _act(self, game: Game[Any], percept: Percept | None, request: Request) -> str:
        """The action of this policy, or a random one without a percept."""
        legal, rng = legal_ids(game, request), stream(request.seed, "sighted")
        if percept is None:
            return game.spec.actions[rng.choice(legal)]
        turn = Turn((percept,), legal, rng)
        return game.spec.actions[await decide(game.spec.id, self._bot(game), turn)]

    async def _predict(self, game: Game[Any], percept: Percept | None, request: Request) -> str:
        """The next action of the other seat.

        Where both see the same, it is the action of this policy in the other seat; where the other
        seat knows more, it is a guess.
        """
        legal, rng = legal_ids(game, request), stream(request.seed, "sighted")
        if percept is None or not game.spec.perfect_information:
            return game.spec.actions[rng.choice(legal)]
        other = replace(percept, seat=(percept.seat + 1) % game.spec.seats)
        turn = Turn((other,), legal, rng)
        return game.spec.actions[await decide(game.spec.id, self._bot(game), turn)]

    def _bot(self, game: Game[Any]) -> str:
        """The policy as the name of one of this game's bots, with options."""
        try:
            return embedded_bot(self.policy, game)
        except UsageError as error:
            raise BadRequestError(f"{self.name}: {error}") from None


def embedded_bot(policy: str, game: Game[Any]) -> str:
    """The bot by which an embedded model plays a game.

    Raises:
        UsageError: the game has no such bot or option, or the bot needs more than pictures.
    """
    written = game.spec.oracle if policy == ORACLE else policy
    try:
        bot, _ = registry.bot(game, written)
    except (UnknownNameError, ValueError) as error:
        raise UsageError(str(error)) from None
    if bot.needs_state:
        raise UsageError(
            f"the bot {written!r} of {game.spec.title} needs the state itself, not pictures of it"
        )
    return written


def game_named(request: Request) -> Game[Any]:
    """Return the game whose title is in the system message; of several titles, the longest.

    Raises:
        BadRequestError: no title is.
    """
    text = system_text(request)
    for title, game in _games_by_title().items():
        if title in text:
            return game
    raise BadRequestError("the system message names no known game")


def system_text(request: Request) -> str:
    """Return the text of the system messages."""
    return "\n".join(message.text for message in request.messages if message.role == "system")


def answer_field(request: Request) -> str:
    """Return the field of the JSON object that one of our prompts asks for."""
    text = system_text(request)
    return next((f for f in ("elements", "prediction") if f'{{"{f}"' in text), "action")


def listed_actions(request: Request) -> tuple[str, ...]:
    """Return the legal actions: the last JSON array of strings in the last user message.

    Raises:
        BadRequestError: there is none.
    """
    text = next((m.text for m in reversed(request.messages) if m.role == "user"), "")
    for array in reversed(STRING_ARRAYS.findall(text)):
        try:
            return tuple(json.loads(array))
        except ValueError:
            continue
    raise BadRequestError("the last user message lists no legal actions as a JSON array")


def legal_ids(game: Game[Any], request: Request) -> tuple[int, ...]:
    """Return the ids of the listed actions, ascending.

    Raises:
        BadRequestError: none are listed, or one that the game does not have.
    """
    labels, ids = listed_actions(request), game.spec.ids
    if unknown := [label for label in labels if label not in ids]:
        raise BadRequestError(f"{game.spec.title} has no action {unknown[0]!r}")
    return tuple(sorted(ids[label] for label in labels))


@lru_cache(maxsize=512)
def read_pictures(game_id: str, pngs: tuple[bytes, ...]) -> Percept:
    """Read the percept from pictures, PNG or JPEG.

    Raises:
        BadRequestError: they are neither, or not pictures of this game.
    """
    game = registry.get(game_id)
    try:
        images = [Pictures.open(io.BytesIO(png), formats=("PNG", "JPEG")) for png in pngs]
        percept: Percept = game.view.read(images)
    # Pillow reports broken files in three ways; UnreadableError is a ValueError.
    except (OSError, SyntaxError, Pictures.DecompressionBombError, ValueError) as error:
        raise BadRequestError(f"not a picture of {game.spec.title}: {error}") from None
    return percept


@cache
def policies() -> list[str]:
    """Return every policy that can play some game from pictures."""
    found = {
        name
        for game in _games_by_title().values()
        for name, bot in game.bots.items()
        if not bot.needs_state
    }
    return [ORACLE, *sorted(found - {ORACLE})]


@cache
def _games_by_title() -> dict[str, Game[Any]]:
    """Every installed game by its title, longest title first."""
    games = {game.spec.title: game for game in registry.installed().values()}
    return dict(sorted(games.items(), key=lambda item: -len(item[0])))
