"""Prompt packs: reading templates from folders within limits, and rendering them."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any

import jinja2

from vsbench.messages import Message
from vsbench.prompts.checks import check_overlay
from vsbench.prompts.rendering import PromptError, environment, excerpt, messages, render_text
from vsbench_envs import registry
from vsbench_prompts import QUESTIONS, SHARED, VERSION, root

SUFFIX = ".j2"

MAX_FILES = 2_000
MAX_ENTRIES = 20_000
"""Files and folders of any kind in a pack."""
MAX_DEPTH = 8
"""Nested folders."""
MAX_FILE_BYTES = 256 * 1024
MAX_BYTES = 4 * 1024 * 1024
"""Of all templates together."""

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")


def read_templates(folder: Path, *, follow_links: bool = False) -> dict[str, str]:
    """Read every ``*.j2`` in a folder: relative path, with slashes -> text.

    Links are followed only for installed packs, since some installers create links.

    Raises:
        PromptError: a template is not a regular file, not UTF-8, too large or has an invalid
            name; or there are too many.
    """
    templates: dict[str, str] = {}
    total = 0
    for path in _template_paths(folder, follow_links):
        name = path.relative_to(folder).as_posix()
        if not all(_NAME.fullmatch(part) for part in name.split("/")):
            raise _error(path, "names may contain only letters, digits and _ . -")
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
    """Find all entries with a template's suffix; linked folders are not entered."""
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
    """Read one file up to the limit, without blocking on a FIFO or device."""
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


def _version_of(name: str) -> str:
    """Return the version of a template, ``<game>/<version>/<name>.j2``; empty without one."""
    return name.split("/")[1] if name.count("/") > 1 else ""


def _error(path: Path, problem: str) -> PromptError:
    return PromptError(f"prompt template {excerpt(str(path))}: {problem}")


class PromptPack:
    """The templates in some folders; for each file, the first folder that has it wins.

    Files are read once, at first use, so the fingerprint is that of the rendered text. Templates
    are named ``<game>/<version>/<name>.j2``.
    """

    def __init__(
        self, *folders: Path, installed: Sequence[Path] = (), version: str = VERSION
    ) -> None:
        self.version = version
        self._folders = (*folders, *installed)
        self._installed = frozenset(installed)

    @classmethod
    def shipped(
        cls, overlay: Path | None = None, envs: Iterable[str] = (), version: str = VERSION
    ) -> PromptPack:
        """Open the pack of ``vsbench_prompts`` with an optional overlay, file by file.

        Args:
            overlay: a folder of the user's own templates.
            envs: environments; those of other packages bring their own prompts.
            version: of the templates.

        Raises:
            PromptError: the folder does not exist, would change nothing, or has templates that
                would not be rendered; a game names a missing package; or there are no templates
                of this version.
        """
        installed = (*filter(None, map(_game_prompts, dict.fromkeys(envs))), root())
        pack = cls(installed=installed, version=version)
        if overlay is None:
            return pack._checked()
        if not overlay.is_dir():
            raise PromptError(f"prompt folder {overlay} does not exist")
        check_overlay(overlay, read_templates(overlay), pack.templates)
        return cls(overlay, installed=installed, version=version)._checked()

    @cached_property
    def _all(self) -> Mapping[str, str]:
        """The templates of every version."""
        found: dict[str, str] = {}
        for folder in reversed(self._folders):
            # Some installers create links; no others are followed.
            found |= read_templates(folder, follow_links=folder in self._installed)
        return dict(sorted(found.items()))

    @cached_property
    def templates(self) -> Mapping[str, str]:
        """Template name -> text. Those of other versions are left out: a new one changes nothing.

        Raises:
            PromptError: a file cannot be read as a template.
        """
        return {n: text for n, text in self._all.items() if _version_of(n) in ("", self.version)}

    @cached_property
    def sha256(self) -> str:
        """The fingerprint of the whole pack."""
        return fingerprint(self.templates)

    def template(self, game: str, question: str) -> str:
        """Return the name of a question's template: the game's own, or else the shared one."""
        own = self.name(game, question)
        return own if own in self.templates else self.name(SHARED, question)

    def name(self, folder: str, template: str) -> str:
        """Return the name of a template of a game, or of ``_shared``, in this pack's version."""
        return f"{folder}/{self.version}/{template}.j2"

    def _checked(self) -> PromptPack:
        """Return the pack. Raises PromptError if it has no templates of its version."""
        if not any(self.template("", question) in self.templates for question in QUESTIONS):
            found = sorted(set(map(_version_of, self._all)) - {""})
            raise PromptError(
                f"no prompt templates of version {self.version!r}; known versions: "
                f"{', '.join(found)}"
            )
        return self

    def eject(self, folder: Path) -> list[Path]:
        """Write all templates into a folder; existing files are kept."""
        written = []
        for name, text in self.templates.items():
            path = folder / name
            if not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
                written.append(path)
        return written

    def render(
        self, name: str, context: Mapping[str, Any], images: Sequence[bytes] = ()
    ) -> tuple[Message, ...]:
        """Render a template to messages; ``images`` are PNGs.

        Raises:
            PromptError: naming the template and the problem.
        """
        return messages(name, render_text(self._environment, name, context), images)

    def close(self) -> None:
        """Release the resources of rendering; packs rendered in this process have none."""

    @cached_property
    def _environment(self) -> jinja2.Environment:
        return environment(self.templates)


def _game_prompts(env: str) -> Path | None:
    """Return the prompt folder of a game of another package; None for built-in games."""
    package = registry.get(env).prompts
    if not package:
        return None
    try:
        return Path(str(files(package)))
    except ModuleNotFoundError:
        raise PromptError(
            f"{env} names a package for its prompts that is not there: {package}"
        ) from None
