"""Random streams named by their purpose.

Nothing in vsbench draws from a global or shared generator. Each stream depends on its name alone,
so episodes draw the same numbers when they run concurrently, are resumed or are verified.
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
    """The seed of a run's deal, the same for every seating.

    Its remainder by ``strata`` is that of ``stratum``, so counting ``stratum`` up plays every start
    equally often.
    """
    seed = derive(run_seed, env, deal, "game")
    return seed - seed % strata + stratum % strata


def move_stream(run_seed: int, env: str, episode: int, step: int, seat: int, use: str) -> Random:
    """The stream of one seat in one step, for one use: ``scripted`` bots or a ``stand-in``."""
    return stream(run_seed, env, episode, step, seat, use)
