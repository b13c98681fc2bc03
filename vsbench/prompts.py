"""Prompt packs, rendered: templates and a situation make the messages that a model gets.

Templates place roles and pictures inline, ``{{ role("user") }}`` and ``{{ image(0) }}``; the
rendered text is cut there into messages and parts.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import Any, cast, get_args

import jinja2
from jinja2.sandbox import SandboxedEnvironment

from vsbench.errors import UsageError
from vsbench.messages import Image, Message, Part, Role, Text
from vsbench_prompts import root

_MARK = re.compile("\x00(role|image):(\\w+)\x00")


class PromptError(UsageError):
    """A template that is missing, broken, or that makes no sense of a situation."""


class PromptPack:
    """The templates in some folders, the first that has a file winning."""

    def __init__(self, *folders: Path) -> None:
        self._folders = folders
        self._environment = SandboxedEnvironment(
            loader=jinja2.FileSystemLoader(folders),
            undefined=jinja2.StrictUndefined,
            auto_reload=False,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            autoescape=False,
        )
        # Jinja's own tojson escapes for HTML; models should see plain quotes and brackets.
        self._environment.filters["tojson"] = partial(json.dumps, ensure_ascii=False)
        self._environment.globals |= {"role": _mark("role"), "image": _mark("image")}

    @classmethod
    def shipped(cls, overlay: Path | None = None) -> PromptPack:
        """The pack of ``vsbench_prompts``, with a folder laid over it file by file.

        Raises:
            PromptError: the folder does not exist or would change nothing.
        """
        if overlay is None:
            return cls(root())
        _check_overlay(overlay)
        return cls(overlay, root())

    @cached_property
    def templates(self) -> dict[str, str]:
        """Every template's path and text as this pack uses it."""
        found = {
            path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
            for folder in reversed(self._folders)
            for path in folder.rglob("*.j2")
        }
        return dict(sorted(found.items()))

    @cached_property
    def sha256(self) -> str:
        """The fingerprint of the whole pack."""
        return fingerprint(self.templates)

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
        try:
            text = self._environment.get_template(name).render(context)
        except jinja2.TemplateError as error:
            place = getattr(error, "name", None) or name
            line = getattr(error, "lineno", None)
            where = f"{place}:{line}" if line else place
            raise PromptError(f"prompt template {where}: {error.message or error}") from error
        return tuple(_messages(name, text, images))


def fingerprint(templates: Mapping[str, str]) -> str:
    """SHA-256 over the paths and texts of templates."""
    digest = hashlib.sha256()
    for name, text in sorted(templates.items()):
        digest.update(f"{name}\0{text}\0".encode())
    return digest.hexdigest()


def _messages(name: str, text: str, images: Sequence[bytes]) -> list[Message]:
    before, *rest = _MARK.split(text)
    if before.strip() or not rest or rest[0] != "role":
        raise PromptError(f'prompt template {name}: text before the first {{{{ role("...") }}}}')
    messages: list[tuple[Role, list[Part]]] = []
    for mark, value, following in zip(rest[0::3], rest[1::3], rest[2::3], strict=True):
        if mark == "role":
            if value not in get_args(Role):
                raise PromptError(f"prompt template {name}: there is no role {value!r}")
            messages.append((cast(Role, value), []))
        elif not value.isdigit() or int(value) >= len(images):
            raise PromptError(f"prompt template {name}: there is no image {value}")
        else:
            messages[-1][1].append(Image(images[int(value)]))
        if following.strip():
            messages[-1][1].append(Text(following.strip()))
    return [Message(role, tuple(parts)) for role, parts in messages]


def _mark(kind: str) -> Any:
    return lambda value: f"\x00{kind}:{value}\x00"


def _check_overlay(folder: Path) -> None:
    if not folder.is_dir():
        raise PromptError(f"prompt folder {folder} does not exist")
    known = {path.relative_to(root()).as_posix() for path in root().rglob("*.j2")}
    own = {path.relative_to(folder).as_posix() for path in folder.rglob("*.j2")}
    if not own:
        raise PromptError(
            f"prompt folder {folder} holds no templates; vsbench prompts eject {folder} makes them"
        )
    if not own & known:
        raise PromptError(
            f"no template in {folder} has the name of one in the pack, for example "
            f"{sorted(known)[0]}: it would change nothing"
        )


def is_known(sha256: str) -> bool:
    """Whether a fingerprint is that of the shipped pack."""
    return sha256 == PromptPack.shipped().sha256
