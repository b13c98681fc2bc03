"""Cache replies across runs, for identical requests.

The key covers everything that shapes a reply: the model and its address, its provider's options,
the messages with their pictures, the sampling parameters and the seed of the call. Runs with
another seed share no replies. A failing cache counts as a miss and never costs a reply.
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
from vsbench.output_paths import refuse_orphan

SCHEMA = "CREATE TABLE IF NOT EXISTS replies (key TEXT PRIMARY KEY, reply TEXT) WITHOUT ROWID"

FORMAT = 2
"""Version of the stored replies; part of every key."""

BUSY_SECONDS = 0.2
"""Longest wait for the lock of another run; it blocks the event loop."""

DEFAULT = Path("runs/replies.sqlite")
"""The file of ``--cache`` without a value; its folder is created."""

log = logging.getLogger(__name__)


class ReplyCache:
    """Replies in an SQLite file, which several runs may use at once.

    Raises:
        UsageError: the file is not a database or cannot be written.
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
            raise UsageError(f"cannot use {path} as a reply cache: {error}") from None

    def get(self, key: str) -> Reply | None:
        """Return a cached reply; None if there is none."""
        if self._failed:
            return None
        try:
            found = self._file.execute("SELECT reply FROM replies WHERE key = ?", (key,))
            with closing(found) as rows:
                row = rows.fetchone()
            if row is None:
                return None
            fields = json.loads(row[0])
            fields |= {"usage": Usage(**fields["usage"]), "hints": tuple(fields["hints"])}
            return Reply(**fields)
        except sqlite3.Error as error:
            self._disable(error)
        except (ValueError, TypeError, KeyError):
            pass  # Written by another version; the new reply will replace it.
        return None

    def put(self, key: str, reply: Reply) -> None:
        """Store a reply."""
        if self._failed:
            return
        try:
            self._file.execute(
                "INSERT OR REPLACE INTO replies VALUES (?, ?)", (key, json.dumps(asdict(reply)))
            )
        except sqlite3.Error as error:
            self._disable(error)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _disable(self, error: sqlite3.Error) -> None:
        """Stop using the cache: it would fail again, and calls would wait for it."""
        if not self._failed:
            self._failed = True
            log.warning("the reply cache failed and is disabled: %s", error)


def cache_key(origin: str, request: Request) -> str:
    """Hash a request; ``origin`` is the model, its address and its provider's options."""
    digest = hashlib.blake2b(digest_size=20)
    options = {"max_tokens": request.max_tokens, "seed": request.seed, **asdict(request.sampling)}
    digest.update(json.dumps([FORMAT, origin, options], sort_keys=True).encode())
    for message in request.messages:
        digest.update(f"\0{message.role}\0".encode())
        for part in message.parts:
            content = part.png if isinstance(part, Image) else part.text.encode()
            digest.update(f"{type(part).__name__} {len(content)} ".encode() + content)
    return digest.hexdigest()
