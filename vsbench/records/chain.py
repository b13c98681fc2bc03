"""The hash chain over all lines of a run, in the order in which they were written.

Every line ends in two fields that are no part of its record: ``line``, its number in the run, and
``chain``, a hash over the chain before it, the journal that it stands in, and the record's text.
The chain begins with ``run.json``. So nothing can be changed, left out or written anew without
changing all that was written later; what a run showed of its chain at some moment, in
``results.json`` or to a leaderboard, fixes all that it had written by then.
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
    """How far a run's chain has come."""

    lines: Count = 0
    chain: Hex = ""
    """Of the last line; before the first one, that of ``run.json``."""

    def sealed(self, journal: str, record: bytes) -> tuple[Head, bytes]:
        """The chain with one more record, and the record's line; ``journal`` is its file's name."""
        chain = extended(self.chain, digest(journal, record))
        seal = f',"line":{self.lines},"chain":"{chain}"}}'
        return Head(lines=self.lines + 1, chain=chain), record[:-1] + seal.encode()


@dataclass(frozen=True, order=True, slots=True)
class Seal:
    """A line's place in the chain, and what of the line the chain depends on."""

    line: int
    chain: str
    digest: bytes


def beginning(manifest: bytes) -> Head:
    """The chain of a run that has written nothing but ``run.json``."""
    return Head(lines=0, chain=blake2b(manifest, digest_size=SIZE).hexdigest())


def unsealed(journal: str, line: bytes) -> tuple[bytes, Seal]:
    """The record of a line, and the line's seal.

    Raises:
        ValueError: it has none.
    """
    found = _SEAL.search(line)
    if found is None:
        raise ValueError("it does not end in 'line' and 'chain'")
    record = line[: found.start()] + b"}"
    return record, Seal(int(found[1]), found[2].decode(), digest(journal, record))


def digest(journal: str, record: bytes) -> bytes:
    """What the chain depends on in a line."""
    return blake2b(journal.encode() + b"\0" + record, digest_size=SIZE).digest()


def extended(chain: str, line: bytes) -> str:
    """The chain after one more line, of which this is the digest."""
    return blake2b(bytes.fromhex(chain) + line, digest_size=SIZE).hexdigest()


@dataclass(frozen=True)
class Gap:
    """Lines of a run that are not there."""

    first: int
    count: int


@dataclass(frozen=True)
class Chain:
    """The seals of a run, held against each other."""

    head: Head
    gaps: tuple[Gap, ...] = ()
    broken: int | None = None
    """The first line that does not follow from those before it; what comes later is not looked at.
    After a gap nothing can be said of the next line."""


def followed(start: Head, seals: Iterable[Seal]) -> Chain:
    """Follow a run's chain through all its lines, from ``beginning``."""
    lines, chain = start.lines, start.chain
    gaps: list[Gap] = []
    for seal in sorted(seals):
        if seal.line > lines:
            gaps.append(Gap(lines, seal.line - lines))
        elif seal.line < lines or seal.chain != extended(chain, seal.digest):
            return Chain(Head(lines=lines, chain=chain), tuple(gaps), seal.line)
        lines, chain = seal.line + 1, seal.chain
    return Chain(Head(lines=lines, chain=chain), tuple(gaps))


def gone(chain: Chain, recorded: Head | None) -> int:
    """How many lines are missing of those that a run is known to have written."""
    later = max(0, recorded.lines - chain.head.lines) if recorded else 0
    return sum(gap.count for gap in chain.gaps) + later


def chain_at(seals: Sequence[Seal], start: Head, lines: int) -> str | None:
    """The chain after so many lines, as the seals tell; None where that line is missing."""
    if lines == start.lines:
        return start.chain
    return next((seal.chain for seal in seals if seal.line == lines - 1), None)
