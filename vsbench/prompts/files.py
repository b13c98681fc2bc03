"""Reads templates from folders, within limits, and fingerprints them."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

from vsbench.prompts.errors import PromptError, printable

SUFFIX = ".j2"

MAX_FILES = 2_000
MAX_ENTRIES = 20_000
"""Files and folders of any kind that are looked at."""
MAX_DEPTH = 8
"""Folders inside one another."""
MAX_FILE_BYTES = 256 * 1024
MAX_BYTES = 4 * 1024 * 1024
"""Of all templates together."""

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")


def read_templates(folder: Path, *, follow_links: bool = False) -> dict[str, str]:
    """Read every ``*.j2`` in a folder: its path, relative and with slashes, and its text.

    Links are followed for packs that came with an installation only, which some installers
    make of links.

    Raises:
        PromptError: a template is not a regular file, not UTF-8, oddly named or too large; or
            there are too many.
    """
    templates: dict[str, str] = {}
    total = 0
    for path in _template_paths(folder, follow_links):
        name = path.relative_to(folder).as_posix()
        if not all(_NAME.fullmatch(part) for part in name.split("/")):
            raise _error(path, "names consist of letters, digits and _ . - only")
        data = _read(path, follow_links)
        total += len(data)
        if len(templates) == MAX_FILES:
            raise _error(folder, f"more than {MAX_FILES} templates")
        if total > MAX_BYTES:
            raise _error(folder, f"templates of more than {MAX_BYTES:,} bytes in all")
        templates[name] = _decode(path, data)
    return dict(sorted(templates.items()))


def fingerprint(templates: Mapping[str, str]) -> str:
    """SHA-256 over the names and texts of templates, each preceded by its length in bytes."""
    digest = hashlib.sha256()
    for pair in sorted(templates.items()):
        for part in pair:
            data = part.encode()
            digest.update(b"%d:" % len(data))
            digest.update(data)
    return digest.hexdigest()


def _template_paths(folder: Path, follow_links: bool) -> Iterator[Path]:
    """Every entry whose name ends like a template's; folders that are links are not entered."""
    open_folders, entries = [(folder, 1)], 0
    while open_folders:
        current, depth = open_folders.pop()
        try:
            with os.scandir(current) as listing:
                for entry in listing:
                    entries += 1
                    if entries > MAX_ENTRIES:
                        raise _error(folder, f"more than {MAX_ENTRIES} files and folders")
                    if entry.name.endswith(SUFFIX):
                        yield Path(entry.path)
                    elif entry.is_dir(follow_symlinks=follow_links):
                        if depth == MAX_DEPTH:
                            raise _error(Path(entry.path), "folders are nested too deeply")
                        open_folders.append((Path(entry.path), depth + 1))
        except OSError as error:
            raise _error(current, f"cannot be read ({error.strerror})") from None


def _read(path: Path, follow_links: bool) -> bytes:
    """Read one file without waiting for a FIFO or device, and no further than the limit."""
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
    if not follow_links:
        flags |= getattr(os, "O_NOFOLLOW", 0)
    try:
        descriptor = os.open(path, flags)
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise _error(path, "not a regular file")
            data = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        if path.is_symlink() and not follow_links:
            raise _error(path, "a link, not a regular file") from None
        raise _error(path, f"cannot be read ({error.strerror})") from None
    if len(data) > MAX_FILE_BYTES:
        raise _error(path, f"larger than {MAX_FILE_BYTES:,} bytes")
    return data


def _decode(path: Path, data: bytes) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _error(path, "not UTF-8") from None
    if "\0" in text:
        raise _error(path, "contains a NUL character")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _error(path: Path, problem: str) -> PromptError:
    return PromptError(f"prompt template {printable(str(path))}: {problem}")
