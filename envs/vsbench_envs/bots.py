"""Bots that every game has."""

from __future__ import annotations

from typing import Any

from vsbench_envs.game import Bot, Turn


def _random(turn: Turn[Any]) -> int:
    return turn.rng.choice(turn.legal)


RANDOM: Bot[Any] = Bot(_random, "Chooses uniformly among the legal actions.")
