"""Replies kept from earlier runs, for questions that are asked again word for word.

A reply is found again by everything that shapes it: the model and where it is, its provider's
options, the messages with their pictures, the sampling and the seed that names the very call. Runs
with another seed ask anew even at temperature 1, so that a cache never makes one draw into two.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

from vsbench.adapters.base import Image, Reply, Request, Usage
from vsbench.errors import UsageError

SCHEMA = "CREATE TABLE IF NOT EXISTS replies (key TEXT PRIMARY KEY, reply TEXT) WITHOUT ROWID"


class ReplyCache:
    """An SQLite file of replies. Several runs may use it at once.

    Raises:
        UsageError: the file is none, or cannot be written.
    """

    def __init__(self, path: Path) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = sqlite3.connect(path, isolation_level=None)
            # A lost entry costs a call: not worth waiting for the disk at every reply.
            self._file.execute("PRAGMA synchronous = OFF")
            self._file.execute("PRAGMA journal_mode = WAL")
            self._file.execute(SCHEMA)
        except (OSError, sqlite3.Error) as error:
            raise UsageError(f"{path} cannot be used as a cache of replies: {error}") from None

    def get(self, key: str) -> Reply | None:
        """A reply that was kept."""
        with closing(self._file.execute("SELECT reply FROM replies WHERE key = ?", (key,))) as rows:
            row = rows.fetchone()
        if row is None:
            return None
        fields = json.loads(row[0])
        return Reply(**(fields | {"usage": Usage(**fields["usage"])}))

    def put(self, key: str, reply: Reply) -> None:
        """Keep a reply."""
        self._file.execute(
            "INSERT OR REPLACE INTO replies VALUES (?, ?)", (key, json.dumps(asdict(reply)))
        )

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()


def key_of(origin: str, request: Request) -> str:
    """Names a call: ``origin`` is the model, its address and its provider's options."""
    digest = hashlib.blake2b(digest_size=20)
    told = {"max_tokens": request.max_tokens, "seed": request.seed, **asdict(request.sampling)}
    digest.update(json.dumps([origin, told], sort_keys=True).encode())
    for message in request.messages:
        digest.update(f"\0{message.role}\0".encode())
        for part in message.parts:
            content = part.png if isinstance(part, Image) else part.text.encode()
            digest.update(f"{type(part).__name__} {len(content)} ".encode() + content)
    return digest.hexdigest()
