"""A protocol's file, read: every choice that a measurement makes."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Literal

from pydantic import BaseModel, ConfigDict

from vsbench.records.manifest import ModelSettings, ProtocolName, Seating
from vsbench.settings import Evaluation, Modality, RunSettings, Style
from vsbench_envs.errors import UnknownNameError

DEFAULT = "vsbench-1"
"""What a run follows unless told otherwise."""

MODEL = "model"
"""Stands for the measured model in a game's seats."""


FEEDBACK_ATTEMPTS = 3
"""Attempts of runs whose models are told what was wrong with an answer."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ProtocolModelSettings(_Part):
    """How models are asked."""

    persona: None
    """Nobody plays a part."""
    attempts: int
    """Answers from which nothing can be read, before a random legal move stands in."""
    feedback: bool
    """Whether a model is told what was wrong, and may correct an illegal answer too."""
    answer_tokens: int
    thinking_tokens: int
    """In addition, for models that think."""
    max_tokens_limit: None
    """How far the limit is raised when an answer was cut off: to the model's own."""
    temperature: float
    """None is as good for models that take no temperature."""
    detail: Literal["auto", "low", "high"]


class Tracks(_Part):
    """What conforming runs may choose, and is said with every figure. The first is the main one."""

    modality: tuple[Modality, ...]
    style: tuple[Style, ...]


class ProtocolSamples(_Part):
    """The recorded states that a game is asked about."""

    sha256: str
    """Of the data set's file."""
    size: int
    count: int
    """Spread evenly over the set."""


class Anchor(_Part):
    """A figure of an episode, and the two ends that it is normalised by."""

    name: str
    random: float
    best: float
    weight: float
    """Share in the game's score."""


class ProtocolGame(_Part):
    """What is done in one game."""

    env: str
    episodes: int
    players: tuple[str, ...]
    """By seat: ``model``, or a bot as in ``bot/mcts``."""
    options: dict[str, dict[str, str | int | float]]
    """Of each bot, every option spelt out."""
    seating: Seating
    group: int
    """Episodes that make one published run, over which intervals are taken."""
    samples: ProtocolSamples
    anchors: tuple[Anchor, ...]


class OtherGames(_Part):
    """Sizes for games that a run names besides, which makes it deviate."""

    episodes: int
    samples: int


class Prompts(_Part):
    """The pack of prompts."""

    version: str
    sha256: str


class Protocol(_Part):
    """A named, versioned definition of a measurement. It never changes once released."""

    name: ProtocolName
    about: str
    source: str
    evaluations: tuple[Evaluation, ...]
    tracks: Tracks
    free: dict[str, str]
    """What may differ between conforming runs, and why."""
    model_settings: ProtocolModelSettings
    prompts: Prompts
    scoring: dict[str, str]
    """The formulas, in words."""
    games: tuple[ProtocolGame, ...]
    other_games: OtherGames

    @property
    def sha256(self) -> str:
        """The fingerprint of its content, however the file is laid out."""
        content = json.dumps(self.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(content.encode()).hexdigest()

    def evaluations_in(self, modality: Modality) -> tuple[Evaluation, ...]:
        """What is measured in a track: perception needs pictures."""
        without = {"perception"} if modality == "text" else set()
        return tuple(name for name in self.evaluations if name not in without)

    def game(self, env: str) -> ProtocolGame | None:
        """What is done in a game; None if it is none of the protocol's."""
        return next((game for game in self.games if game.env == env), None)

    def episodes(self, env: str) -> int:
        """Episodes played in a game, one of the protocol's or another."""
        game = self.game(env)
        return self.other_games.episodes if game is None else game.episodes

    def samples(self, env: str) -> int:
        """Samples asked about in a game, one of the protocol's or another."""
        game = self.game(env)
        return self.other_games.samples if game is None else game.samples.count


@cache
def protocol(name: str) -> Protocol:
    """Open a protocol.

    Raises:
        UnknownNameError: there is none of this name.
    """
    if name not in protocol_names():
        raise UnknownNameError("protocol", name, list(protocol_names()))
    text = _folder().joinpath(f"{name}.json").read_text(encoding="utf-8")
    return Protocol.model_validate_json(text)


@cache
def protocol_names() -> tuple[str, ...]:
    """The names of all protocols, the default one first."""
    found = {
        file.name.removesuffix(".json")
        for file in _folder().iterdir()
        if file.name.endswith(".json")
    }
    return tuple(sorted(found, key=lambda name: (name != DEFAULT, name)))


def identify(name: str, sha256: str) -> Protocol | None:
    """The protocol with this name and fingerprint; None if it is not known here."""
    if name not in protocol_names():
        return None
    found = protocol(name)
    return found if found.sha256 == sha256 else None


def resolve_model_settings(settings: RunSettings) -> ModelSettings:
    """How a run's settings ask models; where they say nothing, its protocol does.

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
