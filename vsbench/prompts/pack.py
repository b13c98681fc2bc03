"""Prompt packs as the harness uses them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any

import jinja2

from vsbench.messages import Message
from vsbench.prompts.checks import check_overlay
from vsbench.prompts.errors import PromptError
from vsbench.prompts.files import fingerprint, read_templates
from vsbench.prompts.rendering import environment, messages, render_text
from vsbench_envs import registry
from vsbench_prompts import QUESTIONS, SHARED, VERSION, root


class PromptPack:
    """The templates in some folders, the first that has a file winning.

    Files are read once, at first use; what is fingerprinted is what is rendered. Templates are
    named ``<game>/<version>/<name>.j2``.
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
        """The pack of ``vsbench_prompts``, with what is laid over it file by file.

        Args:
            overlay: a folder of the user's own templates.
            envs: games of other packages, which bring prompts of their own.
            version: of the templates.

        Raises:
            PromptError: the folder does not exist, would change nothing, or would change something
                other than it seems to; or a game names a package that is not there; or there are
                no templates of this version.
        """
        installed = (*filter(None, map(_brought, dict.fromkeys(envs))), root())
        pack = cls(installed=installed, version=version)
        if overlay is None:
            return pack._checked()
        if not overlay.is_dir():
            raise PromptError(f"prompt folder {overlay} does not exist")
        check_overlay(overlay, read_templates(overlay), pack.templates)
        return cls(overlay, installed=installed, version=version)._checked()

    @cached_property
    def templates(self) -> Mapping[str, str]:
        """Every template's path and text as this pack uses it.

        Raises:
            PromptError: a file cannot be read as a template.
        """
        found: dict[str, str] = {}
        for folder in reversed(self._folders):
            # Some installers make packages of links; nobody else's are followed.
            found |= read_templates(folder, follow_links=folder in self._installed)
        return dict(sorted(found.items()))

    @cached_property
    def sha256(self) -> str:
        """The fingerprint of the whole pack."""
        return fingerprint(self.templates)

    def template(self, game: str, question: str) -> str:
        """The name of a question's template: the game's own, or else the one for all games."""
        own = self.name(game, question)
        return own if own in self.templates else self.name(SHARED, question)

    def name(self, folder: str, template: str) -> str:
        """The name of a template of a game, or of ``_shared``, in this pack's version."""
        return f"{folder}/{self.version}/{template}.j2"

    def _checked(self) -> PromptPack:
        """The pack itself. Raises PromptError if it has no templates of its version."""
        if not any(self.template("", question) in self.templates for question in QUESTIONS):
            found = sorted({name.split("/")[1] for name in self.templates if "/" in name})
            raise PromptError(
                f"there are no prompt templates of version {self.version!r}, only of "
                f"{', '.join(found)}"
            )
        return self

    def eject(self, folder: Path) -> list[Path]:
        """Write every template into a folder, keeping files that are there already."""
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
        """The messages that a template makes of a context; ``images`` are PNGs.

        Raises:
            PromptError: naming the template and what is wrong with it.
        """
        return messages(name, render_text(self._environment, name, context), images)

    def close(self) -> None:
        """Release what rendering holds; packs that are rendered in this process hold nothing."""

    @cached_property
    def _environment(self) -> jinja2.Environment:
        return environment(self.templates)


def _brought(env: str) -> Path | None:
    """The folder of prompts that a game of another package brings."""
    package = registry.get(env).prompts
    if not package:
        return None
    try:
        return Path(str(files(package)))
    except ModuleNotFoundError:
        raise PromptError(
            f"{env} names a package for its prompts that is not there: {package}"
        ) from None
