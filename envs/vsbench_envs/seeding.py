"""Random streams named by what they are for.

Nothing in vsbench draws from a global or shared generator. Whoever needs chance names a purpose,
and gets a stream that depends on that name alone: episodes running side by side, resumed or
checked later, never change each other's luck.
"""

from __future__ import annotations

import hashlib
from random import Random

Key = int | str


def derive(*key: Key) -> int:
    """A 63-bit seed that is a pure function of ``key`` (BLAKE2b of its unambiguous spelling)."""
    spelling = "\x1f".join(f"{type(part).__name__}:{part}" for part in key)
    digest = hashlib.blake2b(spelling.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1


def stream(*key: Key) -> Random:
    """A fresh generator for one purpose, for example ``stream(seed, "respawn", step)``."""
    return Random(derive(*key))


def episode_seed(run_seed: int, env: str, deal: int, *, stratum: int, strata: int) -> int:
    """The seed of a run's deal: the luck of an episode, whoever sits where.

    Its remainder by ``strata`` is that of ``stratum``: whoever counts it up plays every start
    equally often.
    """
    seed = derive(run_seed, env, deal, "game")
    return seed - seed % strata + stratum % strata


def move_stream(run_seed: int, env: str, episode: int, step: int, seat: int, use: str) -> Random:
    """The luck of one seat in one step, for one use: ``scripted`` players or a ``stand-in``."""
    return stream(run_seed, env, episode, step, seat, use)
