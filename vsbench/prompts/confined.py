"""Render untrusted packs in a process with limits.

The copy of a pack in a run directory is opened by :func:`open_recorded`, which decides whether it
needs this.
"""

from __future__ import annotations

import json
import signal
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from vsbench.messages import Message
from vsbench.prompts.channel import ChannelClosedError, ChannelTimeoutError, WorkerChannel
from vsbench.prompts.pack import PromptPack
from vsbench.prompts.rendering import (
    PromptError,
    UntrustedPackError,
    excerpt,
    freeze,
    messages,
    plain,
)
from vsbench_envs import registry
from vsbench_envs.errors import MissingExtraError, PluginError
from vsbench_prompts import VERSION, is_released


@dataclass(frozen=True)
class WorkerLimits:
    """Limits of a confined process."""

    seconds: float = 5.0
    """Wall-clock time for one template; the answer may take half as much again to arrive."""
    cpu_seconds: int = 5
    """Processor time for one template."""
    memory: int = 512 * 1024 * 1024
    """Bytes of address space."""
    output: int = 1024 * 1024
    """Characters of one rendered template."""
    quick: float = 0.1
    """Seconds per rendering that do not count towards ``patience``."""
    patience: float = 30.0
    """Seconds for all renderings of a pack together, beyond ``quick``."""
    start: float = 60.0
    """Seconds for the process to start."""


DEFAULT_LIMITS = WorkerLimits()


class ConfinedPack(PromptPack):
    """A pack rendered in a separate process, with limits of time, memory and output.

    The process starts at the first use, is reused, and is replaced after it exceeded a limit. It
    gets neither environment variables nor pictures, cannot write files, and ends with this process.
    A pack that keeps exceeding limits is not rendered any more.
    """

    def __init__(
        self, folder: Path, *, version: str = VERSION, limits: WorkerLimits = DEFAULT_LIMITS
    ) -> None:
        super().__init__(folder, version=version)
        self.limits = limits
        self._channel: WorkerChannel | None = None
        self._lock = threading.Lock()
        self._spent = 0.0

    def render(
        self, name: str, context: Mapping[str, Any], images: Sequence[bytes] = ()
    ) -> tuple[Message, ...]:
        """Render a template to messages; ``images`` are PNGs.

        Raises:
            PromptError: naming the template and the problem or the limit exceeded.
        """
        request = json.dumps({"name": name, "context": plain(freeze(context))})
        with self._lock:
            text = self._render(name, request.encode())
        return messages(name, text, images)

    def close(self) -> None:
        """Stop the process if it is running."""
        with self._lock:
            self._stop()

    def _render(self, name: str, request: bytes) -> str:
        limits = self.limits
        if self._spent >= limits.patience:
            raise self._error(
                name, f"not rendered: this pack took {limits.patience:g} s longer than allowed"
            )
        channel = self._running()
        started = time.monotonic()
        try:
            # The process ends itself in time; this is for the case that it does not.
            reply = channel.exchange(request, 1.5 * limits.seconds, limits.output * 12 + 1000)
            answer = _parsed(reply)
        except (ChannelTimeoutError, ChannelClosedError, ValueError) as error:
            self._stop()
            raise self._error(name, self._exceeded(error)) from None
        finally:
            self._spent += max(0.0, time.monotonic() - started - limits.quick)
        if answer.get("last"):
            self._stop()
        if "error" in answer:
            raise PromptError(excerpt(str(answer["error"])))
        return str(answer.get("text", ""))

    def _running(self) -> WorkerChannel:
        if self._channel is None:
            channel = WorkerChannel("vsbench.prompts.worker")
            begin = {"templates": dict(self.templates), "limits": asdict(self.limits)}
            try:
                ready = channel.exchange(json.dumps(begin).encode(), self.limits.start, 10_000)
                problem = _parsed(ready).get("error")
            except (ChannelTimeoutError, ChannelClosedError, ValueError):
                problem = "it ended or did not answer"
            if problem:
                channel.close()
                raise PromptError(f"cannot start a confined process for prompts: {problem}")
            self._channel = channel
        return self._channel

    def _stop(self) -> None:
        if self._channel is not None:
            self._channel.close()
            self._channel = None

    def _exceeded(self, error: Exception) -> str:
        limits = self.limits
        if isinstance(error, ChannelClosedError) and error.code == -signal.SIGXCPU:
            return f"took more than the limit of {limits.cpu_seconds} s of processor time"
        if isinstance(error, ChannelTimeoutError) or (
            isinstance(error, ChannelClosedError) and error.code == -signal.SIGALRM
        ):
            return f"not rendered within the limit of {limits.seconds:g} s"
        if isinstance(error, ChannelClosedError):
            return (
                f"its process ended with status {error.code}, most likely over the limit of "
                f"{limits.memory // 2**20} MB of memory"
            )
        return f"rendered to more than the limit of {limits.output:,} characters, or to no text"

    def _error(self, name: str, problem: str) -> PromptError:
        return PromptError(f"prompt template {name}: {problem}")


def _parsed(answer: bytes) -> dict[str, Any]:
    """Parse an answer of the untrusted process. Raises ValueError if it is malformed."""
    try:
        parsed = json.loads(answer)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(parsed, dict):
        raise ValueError("not an object")
    return parsed


def is_known(pack: PromptPack) -> bool:
    """Return whether a pack was released, or all its templates are installed unchanged."""
    if is_released(pack.sha256):
        return True
    games = {name.partition("/")[0] for name in pack.templates} & set(registry.names())
    try:
        installed = PromptPack.shipped(None, games).templates
    except (PromptError, MissingExtraError, PluginError):
        return False
    return pack.templates.items() <= installed.items()


def open_recorded(
    folder: Path,
    sha256: str,
    *,
    version: str = VERSION,
    trusted: bool = False,
    limits: WorkerLimits = DEFAULT_LIMITS,
) -> PromptPack:
    """Open the copy of a pack in a run or tournament directory.

    A known pack is rendered in this process. Any other is an untrusted program: it is refused
    unless ``trusted``, and then rendered in a confined process.

    Args:
        folder: of the copy.
        sha256: the fingerprint in the record.
        version: of the templates, as the record gives it.
        trusted: whether an unknown pack may be rendered.
        limits: of the confined process.

    Raises:
        UntrustedPackError: the pack is neither known nor trusted.
        PromptError: the folder cannot be read as a pack, or was changed since the run began.
    """
    if folder.is_symlink() or not folder.is_dir():
        raise PromptError(f"prompt folder {folder} does not exist or is a link")
    pack = PromptPack(folder, version=version)
    if pack.sha256 != sha256:
        raise PromptError(
            f"the prompts in {folder} were changed since the run began; restore them, or "
            "start a new run with --prompts"
        )
    if is_known(pack):
        return pack
    if not trusted:
        raise UntrustedPackError(
            f"the templates in {folder} are of no released pack, and templates are programs: "
            "review them, then add --trust-prompts to render them in a confined process"
        )
    return ConfinedPack(folder, version=version, limits=limits)
