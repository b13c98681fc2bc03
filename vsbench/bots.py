"""Bots: their ids in records (``bot/oracle``) and their moves.

Bots never block the event loop. Fast ones run in place. Slow ones (searches) run in worker
processes: a turn is plain, picklable data, and a decision is a function of it.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import threading
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from typing import Any

from vsbench.records.manifest import BOT
from vsbench_envs import registry
from vsbench_envs.game import Turn


def bot_name(player_id: str) -> str | None:
    """Return the bot in a player id, with its options; None for models."""
    return player_id[len(BOT) :] if player_id.startswith(BOT) else None


async def decide(game_id: str, written: str, turn: Turn[Any]) -> int:
    """Return the action id that a bot chooses; ``written`` is ``name:option=value,...``."""
    bot, options = registry.bot(registry.get(game_id), written)
    if not bot.slow:
        return bot.decide(turn, **options)
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(workers(), _decide, game_id, written, turn)


def _decide(game_id: str, written: str, turn: Turn[Any]) -> int:
    bot, options = registry.bot(registry.get(game_id), written)
    return bot.decide(turn, **options)


@cache
def workers() -> ProcessPoolExecutor:
    """Return the pool of worker processes, one per processor, started at first use."""
    # Spawned rather than forked: the parent has threads and open connections.
    return ProcessPoolExecutor(
        max_workers=os.cpu_count(),
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_start_worker,
    )


def _start_worker() -> None:
    # The parent handles Ctrl-C; a worker must not outlive a parent that was killed.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_die_with, args=(parent,), daemon=True).start()


def _die_with(parent: Any) -> None:
    parent.join()
    os._exit(1)
