"""The hash chain over all lines of a run, in the order in which they were written.

Every line ends in two fields that are not part of its record: ``line``, its number in the run, and
``chain``, a hash over the chain before it, the name of its journal, and the record's text. The
chain starts with ``run.json``. Nothing can be changed, left out or rewritten without changing all
later lines, and a head of the chain that was published, in ``results.json`` or on a leaderboard,
fixes everything written before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from vsbench.records.bounds import Count, Hex
from vsbench.records.journal import Record

SIZE = 16
"""Bytes of a hash."""

_SEAL = re.compile(rb',"line":(0|[1-9][0-9]{0,14}),"chain":"([0-9a-f]{%d})"\}$' % (2 * SIZE))


class Head(Record):
    """The last link of a run's chain."""

    lines: Count = 0
    chain: Hex = ""
    """Hash of the last line; before the first line, of ``run.json``."""

    def sealed(self, journal: str, record: bytes) -> tuple[Head, bytes]:
        """Append a record of a journal, by its name; return the new head and the record's line."""
        chain = next_chain(self.chain, digest(journal, record))
        seal = f',"line":{self.lines},"chain":"{chain}"}}'
        return Head(lines=self.lines + 1, chain=chain), record[:-1] + seal.encode()


@dataclass(frozen=True, order=True, slots=True)
class Seal:
    """A line's position in the chain, and its digest."""

    line: int
    chain: str
    digest: bytes


def first_head(manifest: bytes) -> Head:
    """Return the head of a run that has written nothing but ``run.json``."""
    return Head(lines=0, chain=blake2b(manifest, digest_size=SIZE).hexdigest())


def unsealed(journal: str, line: bytes) -> tuple[bytes, Seal]:
    """Split a line into its record and its seal.

    Raises:
        ValueError: the line has no seal.
    """
    found = _SEAL.search(line)
    if found is None:
        raise ValueError("it does not end with 'line' and 'chain'")
    record = line[: found.start()] + b"}"
    return record, Seal(int(found[1]), found[2].decode(), digest(journal, record))


def digest(journal: str, record: bytes) -> bytes:
    """Hash the content of a line: its journal and its record."""
    return blake2b(journal.encode() + b"\0" + record, digest_size=SIZE).digest()


def next_chain(chain: str, line: bytes) -> str:
    """Return the chain after one more line with this digest."""
    return blake2b(bytes.fromhex(chain) + line, digest_size=SIZE).hexdigest()


@dataclass(frozen=True)
class Gap:
    """Missing lines of a run."""

    first: int
    count: int


@dataclass(frozen=True)
class Chain:
    """The result of following a run's chain."""

    head: Head
    gaps: tuple[Gap, ...] = ()
    broken: int | None = None
    """The first line that does not match those before it; later lines are not checked. The line
    after a gap cannot be checked."""


def follow_chain(start: Head, seals: Iterable[Seal]) -> Chain:
    """Check the seals of all lines of a run, from its first head on."""
    lines, chain = start.lines, start.chain
    gaps: list[Gap] = []
    for seal in sorted(seals):
        if seal.line > lines:
            gaps.append(Gap(lines, seal.line - lines))
        elif seal.line < lines or seal.chain != next_chain(chain, seal.digest):
            return Chain(Head(lines=lines, chain=chain), tuple(gaps), seal.line)
        lines, chain = seal.line + 1, seal.chain
    return Chain(Head(lines=lines, chain=chain), tuple(gaps))


def missing_lines(chain: Chain, recorded: Head | None) -> int:
    """Count the missing lines of those that a run is known to have written."""
    later = max(0, recorded.lines - chain.head.lines) if recorded else 0
    return sum(gap.count for gap in chain.gaps) + later


def chain_at(seals: Sequence[Seal], start: Head, lines: int) -> str | None:
    """Return the chain after so many lines; None if the last of them is missing."""
    if lines == start.lines:
        return start.chain
    return next((seal.chain for seal in seals if seal.line == lines - 1), None)
