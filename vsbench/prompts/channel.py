"""Exchange messages with a Python process over its standard streams, with timeouts."""

from __future__ import annotations

import os
import selectors
import struct
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import IO

from vsbench.errors import VSBenchError

LENGTH = struct.Struct(">I")
"""Prefix of each message."""

CHUNK = 64 * 1024
FINAL_WAIT = 5.0


class ChannelTimeoutError(VSBenchError):
    """The process did not answer in time."""


class ChannelClosedError(VSBenchError):
    """The process has ended."""

    def __init__(self, code: int | None = None) -> None:
        super().__init__(code)
        self.code = code
        """Its exit status, the negative of a signal's number if one ended it."""


class WorkerChannel:
    """A process that runs a module and answers one message at a time.

    It inherits only the environment variables that Python needs to find its packages.
    """

    def __init__(self, module: str) -> None:
        self._process = subprocess.Popen(  # noqa: S603 (this Python, and a module of ours)
            [sys.executable, "-P", "-B", "-m", module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
            cwd=Path(sys.executable).anchor,
        )
        for pipe in (self._input, self._output):
            os.set_blocking(pipe.fileno(), False)

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    def exchange(self, message: bytes, seconds: float, longest: int) -> bytes:
        """Send a message and wait for the answer.

        Raises:
            ChannelTimeoutError: there is no answer in time.
            ChannelClosedError: the process ended instead.
            ValueError: the answer is longer than allowed.
        """
        deadline = time.monotonic() + seconds
        outgoing, incoming = memoryview(LENGTH.pack(len(message)) + message), bytearray()
        with selectors.DefaultSelector() as ready:
            ready.register(self._output, selectors.EVENT_READ)
            ready.register(self._input, selectors.EVENT_WRITE)
            while True:
                remaining = deadline - time.monotonic()
                if remaining <= 0:
                    raise ChannelTimeoutError
                for key, _ in ready.select(remaining):
                    if key.fileobj is self._output:
                        incoming += self._receive()
                        if (answer := _complete(incoming, longest)) is not None:
                            return answer
                    else:
                        outgoing = outgoing[self._send(outgoing) :]
                        if not outgoing:
                            ready.unregister(self._input)

    def close(self) -> None:
        """Kill the process."""
        self._process.kill()
        for pipe in (self._input, self._output):
            with suppress(OSError):
                pipe.close()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(FINAL_WAIT)

    def __del__(self) -> None:
        with suppress(Exception):
            self.close()

    @property
    def _input(self) -> IO[bytes]:
        assert self._process.stdin is not None
        return self._process.stdin

    @property
    def _output(self) -> IO[bytes]:
        assert self._process.stdout is not None
        return self._process.stdout

    def _receive(self) -> bytes:
        data = os.read(self._output.fileno(), CHUNK)
        if not data:
            raise self._ended()
        return data

    def _send(self, data: memoryview) -> int:
        try:
            return os.write(self._input.fileno(), data[:CHUNK])
        except BlockingIOError:
            return 0
        except OSError:
            raise self._ended() from None

    def _ended(self) -> ChannelClosedError:
        try:
            return ChannelClosedError(self._process.wait(FINAL_WAIT))
        except subprocess.TimeoutExpired:
            return ChannelClosedError()


def _complete(received: bytearray, longest: int) -> bytes | None:
    """Return the message once it is complete."""
    if len(received) < LENGTH.size:
        return None
    (length,) = LENGTH.unpack_from(received)
    if length > longest:
        raise ValueError(f"an answer of {length} bytes")
    end = LENGTH.size + length
    return bytes(received[LENGTH.size : end]) if len(received) >= end else None


def _environment() -> dict[str, str]:
    """Return the environment of the process, without the user's keys."""
    inherited = {name: os.environ[name] for name in ("SYSTEMROOT", "LANG") if name in os.environ}
    return inherited | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
