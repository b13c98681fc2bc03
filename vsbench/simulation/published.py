"""Answers to the questions of published data sets, whose pictures and texts no view can read.

An index of the rows gives the right answers. It holds digests of the questions, so that sets with
gigabytes of pictures take little memory.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from vsbench.adapters.base import Image, Message, Request
from vsbench.adapters.sighted import system_text
from vsbench.datasets.published import PublishedSample, parquet_files, read_rows
from vsbench.errors import UsageError
from vsbench.prompts.rendering import REPLACEMENT


@dataclass(frozen=True)
class KnownQuestion:
    """The options and the right answers of a question."""

    options: tuple[str, ...]
    """The labels to choose from."""
    answers: Counter[str] = field(default_factory=Counter)
    """Label -> number of rows in which it is correct; rows may repeat a question."""

    @property
    def best(self) -> str:
        """The label that is right most often."""
        ((label, _),) = self.answers.most_common(1)
        return label


class PublishedIndex:
    """The questions of published sets, by digest."""

    def __init__(self, samples: Iterable[PublishedSample] = ()) -> None:
        self._lengths: dict[bytes, set[int]] = {}
        """Lengths of texts, by the digest of their pictures and system text."""
        self._known: dict[bytes, KnownQuestion] = {}
        for sample in samples:
            self._add(sample)

    def __len__(self) -> int:
        return len(self._known)

    def find(self, request: Request) -> KnownQuestion | None:
        """Find a question; None if it is not of these sets.

        Text that follows the row's own, such as the form of answers, makes no difference.
        """
        if not self._known:
            return None
        asked = next((m for m in request.messages if m.role == "user"), Message("user", ()))
        pngs = (part.png for part in asked.parts if isinstance(part, Image))
        group, text = _group(system_text(request), pngs), _squeezed(asked.text)
        for length in sorted(self._lengths.get(group, ()), reverse=True):
            known = self._known.get(_digest(group, text[:length]))
            if known is not None:
                return known
        return None

    def _add(self, sample: PublishedSample) -> None:
        group = _group(sample.system, sample.pictures)
        text = _squeezed(sample.observation + sample.action)
        self._lengths.setdefault(group, set()).add(len(text))
        options = tuple(sample.options.values())
        known = self._known.setdefault(_digest(group, text), KnownQuestion(options))
        known.answers.update(sample.answers)


def read_index(path: Path) -> PublishedIndex:
    """Read the index of a Parquet file, or of all those in a folder.

    Raises:
        UsageError: there are none, or one is damaged; names the file, the row and the column.
        MissingExtraError: pyarrow is not installed.
    """
    if not path.exists():
        raise UsageError(f"{path} does not exist")
    files = parquet_files(path)
    if not files:
        raise UsageError(f"{path} holds no Parquet files")
    return PublishedIndex(_samples(files))


def _samples(files: Iterable[Path]) -> Iterator[PublishedSample]:
    for file in files:
        for sample in read_rows(file, thorough=False):
            if isinstance(sample, UsageError):
                raise sample
            yield sample


def _group(system: str, pngs: Iterable[bytes]) -> bytes:
    """The digest shared by all questions with these pictures and system text."""
    digest = hashlib.blake2b(_squeezed(system).encode(), digest_size=16)
    for png in pngs:
        digest.update(hashlib.blake2b(png, digest_size=16).digest())
    return digest.digest()


def _digest(group: bytes, text: str) -> bytes:
    return hashlib.blake2b(group + text.encode(), digest_size=16).digest()


def _squeezed(text: str) -> str:
    """Text without white space, which prompts change, and with NUL replaced as in prompts."""
    return "".join(text.replace("\0", REPLACEMENT).split())
