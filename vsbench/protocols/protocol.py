"""Schema of protocol files, and opening them."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from vsbench.errors import UsageError
from vsbench.records.manifest import ModelSettings, ProtocolName, Seating
from vsbench.settings import Evaluation, Modality, RunSettings, Style
from vsbench.validation import readable
from vsbench_envs.errors import UnknownNameError

DEFAULT = "vsbench-1"
"""The protocol of runs that name none."""

MODEL = "model"
"""Stands for the measured model in a game's seats."""


FEEDBACK_ATTEMPTS = 3
"""Attempts in runs with feedback."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ProtocolModelSettings(_Part):
    """Settings of requests and attempts."""

    persona: None
    """No persona."""
    attempts: int
    """Unparsable answers before a random legal move is played instead."""
    feedback: bool
    """Whether models get feedback and may correct illegal answers."""
    answer_tokens: int
    thinking_tokens: int
    """Additional tokens for models that think."""
    max_tokens_limit: None
    """Token limit after an answer was cut off: None for the model's own."""
    temperature: float
    """For models without this parameter, None conforms as well."""
    detail: Literal["auto", "low", "high"]


class Tracks(_Part):
    """Choices of conforming runs, stated with every figure. The first is the default."""

    modality: tuple[Modality, ...]
    style: tuple[Style, ...]


class ProtocolSamples(_Part):
    """The samples of a game."""

    sha256: str
    """Of the data set's file."""
    size: int
    count: int
    """Spread evenly over the set."""


class Anchor(_Part):
    """A measure of an episode, and the two anchors that it is normalised by."""

    name: str
    random: float
    best: float
    weight: float
    """Share in the game's score."""


class ProtocolGame(_Part):
    """The plan of one game."""

    env: str
    episodes: int
    players: tuple[str, ...]
    """By seat: ``model``, or a bot as in ``bot/mcts``."""
    options: dict[str, dict[str, str | int | float]]
    """Bot -> all its options."""
    seating: Seating
    group: int
    """Episodes that make one fair sample; intervals are taken over whole groups."""
    samples: ProtocolSamples
    anchors: tuple[Anchor, ...]


class OtherGames(_Part):
    """Sizes for games outside the protocol, which make a run deviate."""

    episodes: int
    samples: int


class Prompts(_Part):
    """The pack of prompts."""

    version: str
    sha256: str


class Protocol(_Part):
    """A named, versioned definition of a measurement. Released protocols never change."""

    name: ProtocolName
    about: str
    source: str
    evaluations: tuple[Evaluation, ...]
    tracks: Tracks
    free: dict[str, str]
    """Field -> why it may differ between conforming runs."""
    model_settings: ProtocolModelSettings
    prompts: Prompts
    scoring: dict[str, str]
    """The formulas, in words."""
    games: tuple[ProtocolGame, ...]
    other_games: OtherGames

    @property
    def sha256(self) -> str:
        """SHA-256 of the content, independent of the file's layout."""
        content = json.dumps(self.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(content.encode()).hexdigest()

    def evaluations_in(self, modality: Modality) -> tuple[Evaluation, ...]:
        """Return the evaluations of a track: perception needs pictures."""
        excluded = {"perception"} if modality == "text" else set()
        return tuple(name for name in self.evaluations if name not in excluded)

    def game(self, env: str) -> ProtocolGame | None:
        """Return the plan of a game; None if it is not in the protocol."""
        return next((game for game in self.games if game.env == env), None)

    def episodes(self, env: str) -> int:
        """Return the number of episodes of any game."""
        game = self.game(env)
        return self.other_games.episodes if game is None else game.episodes

    def samples(self, env: str) -> int:
        """Return the number of samples of any game."""
        game = self.game(env)
        return self.other_games.samples if game is None else game.samples.count


@cache
def protocol(name: str) -> Protocol:
    """Open a protocol.

    Raises:
        UnknownNameError: there is no such protocol.
        UsageError: its file is not a protocol, or has another name.
    """
    if name not in protocol_names():
        raise UnknownNameError("protocol", name, list(protocol_names()))
    text = _folder().joinpath(f"{name}.json").read_text(encoding="utf-8")
    return parse_protocol(text, f"{name}.json")


def parse_protocol(text: str, file: str) -> Protocol:
    """Parse a protocol from the text of its file, ``NAME.json``.

    Raises:
        UsageError: naming the fields that are missing or wrong.
    """
    try:
        found = Protocol.model_validate_json(text)
    except ValidationError as error:
        raise UsageError(f"{file} is not a protocol: {readable(error, limit=None)}") from None
    if f"{found.name}.json" != file:
        raise UsageError(f"{file} names its protocol {found.name!r}; the file's name must agree")
    return found


@cache
def protocol_names() -> tuple[str, ...]:
    """Return the names of all protocols, the default first."""
    found = {
        file.name.removesuffix(".json")
        for file in _folder().iterdir()
        if file.name.endswith(".json")
    }
    return tuple(sorted(found, key=lambda name: (name != DEFAULT, name)))


def identify(name: str, sha256: str) -> Protocol | None:
    """Return the protocol with this name and fingerprint; None if unknown."""
    if name not in protocol_names():
        return None
    found = protocol(name)
    return found if found.sha256 == sha256 else None


def resolve_model_settings(settings: RunSettings) -> ModelSettings:
    """Return the model settings of a run, with defaults from its protocol.

    Raises:
        UnknownNameError: there is no such protocol.
    """
    found = protocol(settings.protocol)
    theirs, tracks = found.model_settings, found.tracks
    attempts = FEEDBACK_ATTEMPTS if settings.feedback else theirs.attempts
    temperature = theirs.temperature if settings.temperature is None else settings.temperature
    thinking = settings.thinking
    budget = thinking if isinstance(thinking, int) else None
    return ModelSettings(
        modality=settings.modality or tracks.modality[0],
        style=settings.style or tracks.style[0],
        persona=settings.persona,
        attempts=settings.attempts or attempts,
        feedback=settings.feedback,
        answer_tokens=settings.max_tokens or theirs.answer_tokens,
        thinking_tokens=budget or theirs.thinking_tokens,
        max_tokens_limit=settings.max_tokens_limit,
        thinking="on" if isinstance(thinking, int) else thinking,
        reasoning_effort=settings.reasoning_effort,
        temperature=None if temperature == "provider" else temperature,
        detail=settings.detail or theirs.detail,
    )


def _folder() -> Traversable:
    return files(__package__).joinpath("data")
