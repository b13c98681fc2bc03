"""Players that every game has."""

from __future__ import annotations

from typing import Any

from vsbench_envs.game import Player, Turn


def _random(turn: Turn[Any]) -> int:
    return turn.rng.choice(turn.legal)


RANDOM: Player[Any] = Player(_random, "Chooses uniformly among the legal actions.")
