"""Replies kept from earlier runs, for questions that are asked again word for word.

A reply is found again by everything that shapes it: the model and where it is, its provider's
options, the messages with their pictures, the sampling and the call's seed. Runs with another seed
ask anew, even at temperature 1. A cache that fails is no more than a miss: no reply is lost by it.
"""

from __future__ import annotations

import hashlib
import json
import logging
import sqlite3
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

from vsbench.adapters.base import Image, Reply, Request, Usage
from vsbench.errors import UsageError
from vsbench.writing import refuse_orphan

SCHEMA = "CREATE TABLE IF NOT EXISTS replies (key TEXT PRIMARY KEY, reply TEXT) WITHOUT ROWID"


FORMAT = 2
"""Part of every key: replies that were written otherwise are not found."""

BUSY_SECONDS = 0.2
"""Longest wait for other runs that write; the event loop waits with it."""

log = logging.getLogger(__name__)

DEFAULT = Path("runs/replies.sqlite")
"""The file of ``--cache`` alone; its folder is made."""


class ReplyCache:
    """An SQLite file of replies. Several runs may use it at once.

    Raises:
        UsageError: the file is none, or cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self._failed = False
        try:
            if path == DEFAULT:
                path.parent.mkdir(exist_ok=True)
            else:
                refuse_orphan(path)
            self._file = sqlite3.connect(path, BUSY_SECONDS, isolation_level=None)
            # A lost entry costs a call: not worth waiting for the disk at every reply.
            self._file.execute("PRAGMA synchronous = OFF")
            self._file.execute("PRAGMA journal_mode = WAL")
            self._file.execute(SCHEMA)
        except (OSError, sqlite3.Error) as error:
            raise UsageError(f"{path} cannot be used as a cache of replies: {error}") from None

    def get(self, key: str) -> Reply | None:
        """A reply that was kept."""
        if self._failed:
            return None
        try:
            found = self._file.execute("SELECT reply FROM replies WHERE key = ?", (key,))
            with closing(found) as rows:
                row = rows.fetchone()
            if row is None:
                return None
            fields = json.loads(row[0])
            told = {"usage": Usage(**fields["usage"]), "hints": tuple(fields["hints"])}
            return Reply(**(fields | told))
        except sqlite3.Error as error:
            self._give_up(error)
        except (ValueError, TypeError, KeyError):
            pass  # Written by another version: what comes now replaces it.
        return None

    def put(self, key: str, reply: Reply) -> None:
        """Keep a reply."""
        if self._failed:
            return
        try:
            self._file.execute(
                "INSERT OR REPLACE INTO replies VALUES (?, ?)", (key, json.dumps(asdict(reply)))
            )
        except sqlite3.Error as error:
            self._give_up(error)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def _give_up(self, error: sqlite3.Error) -> None:
        """Keep nothing any more: what fails will fail again, and calls would wait for it."""
        if not self._failed:
            self._failed = True
            log.warning("the cache of replies fails, and nothing more is kept: %s", error)


def key_of(origin: str, request: Request) -> str:
    """Names a call: ``origin`` is the model, its address and its provider's options."""
    digest = hashlib.blake2b(digest_size=20)
    told = {"max_tokens": request.max_tokens, "seed": request.seed, **asdict(request.sampling)}
    digest.update(json.dumps([FORMAT, origin, told], sort_keys=True).encode())
    for message in request.messages:
        digest.update(f"\0{message.role}\0".encode())
        for part in message.parts:
            content = part.png if isinstance(part, Image) else part.text.encode()
            digest.update(f"{type(part).__name__} {len(content)} ".encode() + content)
    return digest.hexdigest()
