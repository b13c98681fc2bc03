"""Renders the packs of strangers in a process with limits."""

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
from vsbench.prompts.context import freeze, plain
from vsbench.prompts.errors import PromptError, printable
from vsbench.prompts.pack import PromptPack
from vsbench.prompts.rendering import messages
from vsbench_prompts import VERSION


@dataclass(frozen=True)
class Limits:
    """What a confined process may use."""

    seconds: float = 5.0
    """For one template, by the clock; half as much again is allowed for the answer to arrive."""
    cpu_seconds: int = 5
    """For one template, of processor time."""
    memory: int = 512 * 1024 * 1024
    """Bytes of address space."""
    output: int = 1024 * 1024
    """Characters of one rendered template."""
    brisk: float = 0.1
    """Seconds that a template may take as often as it is asked for."""
    patience: float = 30.0
    """Seconds that all templates of a pack may take beyond being brisk."""
    start: float = 60.0
    """Seconds for the process to start, which is not the pack's doing."""


DEFAULT_LIMITS = Limits()


class ConfinedPack(PromptPack):
    """A pack that is rendered in a process of its own, with limits of time, memory and output.

    The process starts at the first use, is used again, and is replaced after it broke a limit. It
    is given neither environment variables nor pictures, cannot write files, and ends with this
    process. A pack that breaks limits again and again is given up.
    """

    def __init__(
        self, folder: Path, *, version: str = VERSION, limits: Limits = DEFAULT_LIMITS
    ) -> None:
        super().__init__(folder, version=version)
        self.limits = limits
        self._channel: WorkerChannel | None = None
        self._lock = threading.Lock()
        self._spent = 0.0

    def render(
        self, name: str, context: Mapping[str, Any], images: Sequence[bytes] = ()
    ) -> tuple[Message, ...]:
        """The messages that a template makes of a context; ``images`` are PNGs.

        Raises:
            PromptError: naming the template and what is wrong with it, or the limit that it broke.
        """
        request = json.dumps({"name": name, "context": plain(freeze(context))})
        with self._lock:
            text = self._render(name, request.encode())
        return messages(name, text, images)

    def close(self) -> None:
        """End the process, if one is running."""
        with self._lock:
            self._stop()

    def _render(self, name: str, request: bytes) -> str:
        limits = self.limits
        if self._spent >= limits.patience:
            raise self._error(
                name, f"not rendered: this pack took {limits.patience:g} s longer than it should"
            )
        channel = self._running()
        begun = time.monotonic()
        try:
            # The process ends itself in time; this is for one that does not.
            reply = channel.exchange(request, 1.5 * limits.seconds, limits.output * 12 + 1000)
            answer = _parsed(reply)
        except (ChannelTimeoutError, ChannelClosedError, ValueError) as error:
            self._stop()
            raise self._error(name, self._broken(error)) from None
        finally:
            self._spent += max(0.0, time.monotonic() - begun - limits.brisk)
        if answer.get("last"):
            self._stop()
        if "error" in answer:
            raise PromptError(printable(str(answer["error"])))
        return str(answer.get("text", ""))

    def _running(self) -> WorkerChannel:
        if self._channel is None:
            channel = WorkerChannel("vsbench.prompts.worker")
            begin = {"templates": dict(self.templates), "limits": asdict(self.limits)}
            try:
                ready = channel.exchange(json.dumps(begin).encode(), self.limits.start, 10_000)
                problem = _parsed(ready).get("error")
            except (ChannelTimeoutError, ChannelClosedError, ValueError):
                problem = "it ended, or did not answer"
            if problem:
                channel.close()
                raise PromptError(f"no confined process to render prompts in: {problem}")
            self._channel = channel
        return self._channel

    def _stop(self) -> None:
        if self._channel is not None:
            self._channel.close()
            self._channel = None

    def _broken(self, error: Exception) -> str:
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
    """An answer, whatever the process has become. Raises ValueError if it is none."""
    try:
        parsed = json.loads(answer)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(parsed, dict):
        raise ValueError("not an object")
    return parsed
