"""Limits of what a run directory may hold; documented in ``docs/RUN_FORMAT.md``.

Runs may come from untrusted sources: every file has a largest size and every number a range, and
both are checked before the content is used.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

MAX_MANIFEST_BYTES = 4 << 20
MAX_RESULTS_BYTES = 16 << 20
MAX_JOURNAL_BYTES = 80 << 20
MAX_LINE_BYTES = 4 << 20
MAX_JOURNAL_LINES = 40_000
MAX_COMMAS = 2_000_000
"""In one JSON text: bounds its number of values before it is parsed."""

MAX_MEMBERS = 10_000
"""Of one JSON object."""

MAX_FILES = 200_000
"""Files and folders in a run directory."""

MAX_GAMES = 64
MAX_SEATS = 16
MAX_ENTRANTS = 64
MAX_EPISODES = 10_000
"""In one environment of a run; in a tournament, of one pairing."""

MAX_TOURNAMENT_EPISODES = 1_000_000
"""In all pairings together."""

MAX_SAMPLES = 10_000
"""Asked about in one environment."""

MAX_SAMPLES_IN_SET = 1_000_000
MAX_ATTEMPTS = 10_000
"""For one decision; people may need many."""

MAX_STEPS = 100_000
"""Joint moves of an episode."""

MAX_INTEGER = 2**53
"""The largest integer that every JSON parser represents exactly."""


def _without_nul(text: str) -> str:
    if "\0" in text:
        raise ValueError("contains a NUL character")
    return text


def _ascending(seats: tuple[int, ...]) -> tuple[int, ...]:
    if list(seats) != sorted(set(seats)):
        raise ValueError("seats must be unique and ascending")
    return seats


NoNul = AfterValidator(_without_nul)

MAX_TEXT = 200_000
"""Characters of a reply or a server's message; replies are cut to it."""

Text = Annotated[str, NoNul, Field(max_length=MAX_TEXT)]

MAX_NAME = 512
"""Characters of a name."""

Name = Annotated[str, NoNul, Field(max_length=MAX_NAME)]
"""Name of a model, a player, an action or the like."""

EnvId = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$")]
"""Also the name of a folder."""

Seed = Annotated[int, Field(ge=0, lt=2**63)]
Count = Annotated[int, Field(ge=0, le=MAX_INTEGER)]
Seat = Annotated[int, Field(ge=0, lt=MAX_SEATS)]
Seats = Annotated[
    tuple[Seat, ...], Field(min_length=1, max_length=MAX_SEATS), AfterValidator(_ascending)
]
"""Some of a game's seats, unique and ascending."""
StepNumber = Annotated[int, Field(ge=0, le=MAX_STEPS)]
Finite = Annotated[float, Field(allow_inf_nan=False, ge=-1e15, le=1e15)]
Amount = Annotated[float, Field(allow_inf_nan=False, ge=0, le=1e15)]
Share = Annotated[float, Field(allow_inf_nan=False, ge=0, le=1)]
Hex = Annotated[str, Field(pattern=r"^[0-9a-f]{0,128}$")]
"""A fingerprint; empty where there is nothing to hash."""

MAX_BUNDLE_BYTES = 64 << 20
"""Of a bundle as a file."""

MAX_UNPACKED_BYTES = 256 << 20
"""Of the files in a bundle together."""

MAX_BUNDLED_BYTES = 32 << 20
"""Of one file in a bundle."""

MAX_BUNDLED_FILES = 20_000
BUNDLE_WINDOW_LOG = 23
"""Base-two logarithm of the bytes that a reader of a bundle keeps while it decompresses."""
