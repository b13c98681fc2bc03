"""The confined process, ``python -m vsbench.prompts.worker``: renders templates on request.

The first message holds templates and limits, each further one a template's name and its context.
The process limits itself before it parses a template, and ends when its input ends.
"""

from __future__ import annotations

import json
import math
import os
import resource
import signal
from collections.abc import Callable, Mapping
from typing import IO, Any

from vsbench.prompts.channel import LENGTH
from vsbench.prompts.rendering import PromptError, environment, render_text, template_error

OPEN_FILES = 16


def serve(incoming: IO[bytes], outgoing: IO[bytes]) -> None:
    """Answer messages until the input ends."""
    begin = _receive(incoming)
    if begin is None:
        return
    limits = begin["limits"]
    try:
        confine(limits["memory"])
        jinja = environment(begin["templates"])
    except (OSError, ValueError) as error:
        _send(outgoing, {"error": f"this system cannot limit processes ({error})"})
        return
    _send(outgoing, {})
    while (request := _receive(incoming)) is not None:
        with _Clock(limits["seconds"], limits["cpu_seconds"]):
            answer = _answer(lambda: render_text(jinja, request["name"], request["context"]))
            if len(answer.get("text", "")) > limits["output"]:
                limit = f"rendered to more than the limit of {limits['output']:,} characters"
                answer = {"error": str(template_error(request["name"], None, limit)), "last": True}
            elif "MemoryError" in answer.get("error", ""):
                memory = f"more than the limit of {limits['memory'] // 2**20} MB of memory"
                answer = {"error": f"{answer['error']}: {memory}", "last": True}
            _send(outgoing, answer)


def confine(memory: int) -> None:
    """Limit this process: its memory, and no files, processes or core dumps."""
    _limit(resource.RLIMIT_AS, memory)
    _limit(resource.RLIMIT_NOFILE, OPEN_FILES)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_CORE, 0)
    if hasattr(resource, "RLIMIT_NPROC"):
        _limit(resource.RLIMIT_NPROC, 0)


class _Clock:
    """Ends the process if a block exceeds its wall-clock or processor time."""

    def __init__(self, seconds: float, cpu_seconds: int) -> None:
        self._seconds = seconds
        self._cpu_seconds = cpu_seconds

    def __enter__(self) -> None:
        used = resource.getrusage(resource.RUSAGE_SELF)
        spent = math.ceil(used.ru_utime + used.ru_stime)
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (spent + self._cpu_seconds, hard))
        # The default action of both signals ends the process at any point.
        signal.setitimer(signal.ITIMER_REAL, self._seconds)

    def __exit__(self, *_: object) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _limit(what: int, most: int) -> None:
    _, hard = resource.getrlimit(what)
    if hard != resource.RLIM_INFINITY:
        most = min(most, hard)
    resource.setrlimit(what, (most, most))


def _answer(render: Callable[[], str]) -> dict[str, Any]:
    try:
        return {"text": render()}
    except PromptError as error:
        return {"error": str(error)}


def _receive(incoming: IO[bytes]) -> Any:
    head = incoming.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    (length,) = LENGTH.unpack(head)
    return json.loads(incoming.read(length))


def _send(outgoing: IO[bytes], answer: Mapping[str, Any]) -> None:
    data = json.dumps(answer).encode()
    outgoing.write(LENGTH.pack(len(data)) + data)
    outgoing.flush()


def main() -> None:
    """Serve the parent process."""
    for name in ("SIGINT", "SIGHUP"):
        # Keys pressed in the terminal are for the parent process; this one ends with it.
        signal.signal(getattr(signal, name), signal.SIG_IGN)
    with os.fdopen(0, "rb") as incoming, os.fdopen(os.dup(1), "wb") as outgoing:
        serve(incoming, outgoing)


if __name__ == "__main__":
    main()
