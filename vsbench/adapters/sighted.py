"""Models that see, and models that only read: they play a bot from a prompt.

``sighted/oracle`` gets what any vision-language model gets, and nothing else. It finds the
pictures in the request, reads their pixels with the game's own reader, asks the game's oracle what
to do in the situation it saw, and answers in the form that the prompt asks for. Where it falls
short of the oracle, something between state and score is lost. Without pictures it reads what the
text tells of the state. It needs no key and no network.

``blind/oracle`` is the same model with its eyes shut: it plays from the text alone. Where the text
does not tell the state, it picks a listed action at random, so that any score above chance in the
image track is something that the text gives away.
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
    AdapterOptions,
    BadRequestError,
    Image,
    Reply,
    Request,
    Usage,
)
from vsbench.adapters.options import refuse_options
from vsbench.bots import decide
from vsbench.models import message_tokens, text_tokens
from vsbench_envs import registry
from vsbench_envs.errors import UnknownNameError, UnreadableError
from vsbench_envs.game import Game, Percept, Turn
from vsbench_envs.seeding import stream

ORACLE = "oracle"
"""The policy that is each game's own choice of its best player."""

UNKNOWN = "unknown"
"""What an element is called of which nothing is known."""

AT_RANDOM = (
    "neither pictures nor text told the state, so that actions were picked at random; "
    "--modality image shows it"
)

_STRING = r'"(?:[^"\\]|\\.)*"'
STRINGS = re.compile(rf"\[\s*{_STRING}(?:\s*,\s*{_STRING})*\s*\]")
"""A JSON array of strings, anywhere in a text."""


def sighted(policy: str, options: AdapterOptions) -> Sighted:
    """The model ``sighted/<policy>``; a policy is ``oracle`` or a player, as in ``greedy``.

    Raises:
        UnknownNameError: no game has such a player.
        BadRequestError: it takes no options.
    """
    refuse_options("sighted", options.extra)
    return Sighted(policy)


def blind(policy: str, options: AdapterOptions) -> Sighted:
    """The model ``blind/<policy>``, with the policies of ``sighted``.

    Raises:
        UnknownNameError: no game has such a player.
        BadRequestError: it takes no options.
    """
    refuse_options("blind", options.extra)
    return Sighted(policy, blind=True)


class Sighted:
    """An adapter whose model is a bot behind a reader of pictures and of text.

    A blind one ignores pictures.
    """

    max_output_tokens: int | None = None
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
        """Look at the pictures, or read the text, and answer the question.

        Raises:
            BadRequestError: the prompt names no game, shows pictures that are not of it or lists
                no actions of it, or the game has no such player.
        """
        game = game_named(request)
        percept = self._perceive(game, request)
        field = asked_for(request)
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
        hints = (AT_RANDOM,) if percept is None and not self.blind else ()
        return Reply(answer, usage=usage, served_model=self.name, hints=hints)

    async def close(self) -> None:
        """Nothing is held."""

    def _perceive(self, game: Game[Any], request: Request) -> Percept | None:
        """What the latest pictures show or, without any, what the latest text tells of the state.

        None if neither does.
        """
        messages = request.messages[::-1]
        for message in () if self.blind else messages:
            if pngs := tuple(part.png for part in message.parts if isinstance(part, Image)):
                return read_pictures(game.spec.id, pngs)
        for message in messages:
            if message.role == "user":
                with suppress(UnreadableError):
                    told: Percept = game.view.read_text(message.text)
                    return told
        return None

    async def _act(self, game: Game[Any], percept: Percept | None, request: Request) -> str:
        """The action that this policy takes, or a random one if it perceives nothing."""
        legal, luck = legal_ids(game, request), stream(request.seed, "sighted")
        if percept is None:
            return game.spec.actions[luck.choice(legal)]
        turn = Turn((percept,), legal, luck)
        return game.spec.actions[await decide(game.spec.id, self._player(game), turn)]

    async def _predict(self, game: Game[Any], percept: Percept | None, request: Request) -> str:
        """What the other seat does next.

        Where both see the same, it is what this policy would do in the other's place; where the
        other knows what this seat does not perceive, it is a guess.
        """
        legal, luck = legal_ids(game, request), stream(request.seed, "sighted")
        if percept is None or not game.spec.perfect_information:
            return game.spec.actions[luck.choice(legal)]
        other = replace(percept, seat=(percept.seat + 1) % game.spec.seats)
        turn = Turn((other,), legal, luck)
        return game.spec.actions[await decide(game.spec.id, self._player(game), turn)]

    def _player(self, game: Game[Any]) -> str:
        """The policy as this game's players are written."""
        written = game.spec.oracle if self.policy == ORACLE else self.policy
        try:
            player, _ = registry.bot(game, written)
        except (UnknownNameError, ValueError) as error:
            raise BadRequestError(f"{self.name}: {error}") from None
        if player.needs_state:
            raise BadRequestError(
                f"{self.name} cannot play {game.spec.title}: "
                f"its player {written!r} needs the state itself, not pictures of it"
            )
        return written


def game_named(request: Request) -> Game[Any]:
    """The game whose title stands in the system message; of several titles, the longest.

    Raises:
        BadRequestError: no title does.
    """
    told = system_text(request)
    for title, game in _games_by_title().items():
        if title in told:
            return game
    raise BadRequestError("the system message names no game that is known here")


def system_text(request: Request) -> str:
    """What the system messages say."""
    return "\n".join(message.text for message in request.messages if message.role == "system")


def asked_for(request: Request) -> str:
    """The field of the JSON object that a prompt of ours wants for an answer."""
    told = system_text(request)
    return next((f for f in ("elements", "prediction") if f'{{"{f}"' in told), "action")


def listed_actions(request: Request) -> tuple[str, ...]:
    """The legal actions: the last JSON array of strings in the last user message.

    Raises:
        BadRequestError: there is none.
    """
    text = next((m.text for m in reversed(request.messages) if m.role == "user"), "")
    for array in reversed(STRINGS.findall(text)):
        try:
            return tuple(json.loads(array))
        except ValueError:
            continue
    raise BadRequestError("the last user message lists no legal actions as a JSON array")


def legal_ids(game: Game[Any], request: Request) -> tuple[int, ...]:
    """The ids of the listed actions, ascending.

    Raises:
        BadRequestError: none are listed, or one that the game does not have.
    """
    labels, ids = listed_actions(request), game.spec.ids
    if unknown := [label for label in labels if label not in ids]:
        raise BadRequestError(f"{game.spec.title} has no action {unknown[0]!r}")
    return tuple(sorted(ids[label] for label in labels))


@lru_cache(maxsize=512)
def read_pictures(game_id: str, pngs: tuple[bytes, ...]) -> Percept:
    """The percept that some pictures show, as PNG or JPEG.

    Raises:
        BadRequestError: they are neither, or no pictures of this game.
    """
    game = registry.get(game_id)
    try:
        images = [Pictures.open(io.BytesIO(png), formats=("PNG", "JPEG")) for png in pngs]
        percept: Percept = game.view.read(images)
    # Pillow reports broken files in three ways; UnreadableError is a ValueError.
    except (OSError, SyntaxError, Pictures.DecompressionBombError, ValueError) as error:
        raise BadRequestError(f"no picture of {game.spec.title}: {error}") from None
    return percept


@cache
def policies() -> list[str]:
    """Every policy that some game can play from pictures."""
    found = {
        name
        for game in _games_by_title().values()
        for name, player in game.bots.items()
        if not player.needs_state
    }
    return [ORACLE, *sorted(found - {ORACLE})]


@cache
def _games_by_title() -> dict[str, Game[Any]]:
    """Every installed game by its title, longest title first."""
    games = {game.spec.title: game for game in registry.installed().values()}
    return dict(sorted(games.items(), key=lambda item: -len(item[0])))
