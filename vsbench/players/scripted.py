"""Scripted players by their ids, as they are written in records: ``player/oracle``."""

from __future__ import annotations

from vsbench.records.manifest import BOT

SCRIPTED = BOT


def scripted_name(player_id: str) -> str | None:
    """The scripted player that an id names, options included; None for models."""
    return player_id[len(SCRIPTED) :] if player_id.startswith(SCRIPTED) else None
