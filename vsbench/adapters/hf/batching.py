"""Answer concurrent requests in batches, in a thread."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic
from traceback import format_exception_only

from vsbench.adapters.base import BadRequestError, Reply, Request
from vsbench.adapters.hf.errors import (
    MAX_MESSAGE,
    ModelLostError,
    free_memory,
    is_out_of_memory,
    one_line,
)

NO_ROOM = (
    "memory ran out over a single request: choose a smaller model, hf.dtype=bfloat16, a device "
    "with more memory, or fewer --max-tokens"
)


@dataclass(eq=False)
class Job:
    """A request and its future reply. One thread waits for it, another generates it."""

    request: Request
    started: Future[None] = field(default_factory=Future)
    reply: Future[Reply] = field(default_factory=Future)
    abandoned: bool = False
    """Whether the caller has stopped waiting for the reply."""

    @property
    def kind(self) -> tuple[bool, str | None, bool | None]:
        """Key of a batch: whether the requests have pictures, and their thinking."""
        sampling = self.request.sampling
        return bool(self.request.images), sampling.reasoning_effort, sampling.thinking

    async def result(self, seconds: float) -> Reply:
        """Wait for the reply. Raises TimeoutError; time in the queue does not count."""
        try:
            await asyncio.wrap_future(self.started)
            async with asyncio.timeout(seconds):
                return await asyncio.wrap_future(self.reply)
        finally:
            self.abandoned = True

    def start(self) -> bool:
        """Begin the job, so that it must be answered. False if its caller has stopped waiting."""
        if not self.started.set_running_or_notify_cancel():
            return False
        self.reply.set_running_or_notify_cancel()
        self.started.set_result(None)
        return True


Answer = Callable[[Sequence[Job]], list[Reply]]
"""Answers jobs of one kind together."""


class Batcher:
    """A thread that answers batches, one after the other.

    Args:
        answer: generates the replies of a batch.
        size: most requests in a batch; it shrinks when memory runs out.
        wait: seconds that the first request of a batch waits for others.
        free_memory: called after a failure, and at the end.
    """

    def __init__(
        self,
        answer: Answer,
        size: int,
        wait: float,
        *,
        free_memory: Callable[[], None] = free_memory,
    ) -> None:
        self.size = size
        self._wait = wait
        self._free_memory = free_memory
        self._queue: SimpleQueue[Job | None] = SimpleQueue()
        self._lost = ""
        """The error of all further jobs once the model is lost."""
        # Only the thread refers to the model, so that its end releases it.
        self._thread = Thread(target=self._serve, args=(answer,), name="hf", daemon=True)
        self._thread.start()

    def submit(self, job: Job) -> None:
        """Queue a job: its reply or an exception will be set."""
        self._queue.put(job)

    async def close(self) -> None:
        """End the thread when all queued jobs are answered, except cancelled ones."""
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join)

    def _serve(self, answer: Answer) -> None:
        waiting: list[Job] = []
        more = True
        while more or waiting:
            more = more and self._gather(waiting)
            batch = [job for job in waiting if job.kind == waiting[0].kind][: self.size]
            waiting = [job for job in waiting if job not in batch]
            self._settle(answer, [job for job in batch if job.start()])
        del answer
        with suppress(Exception):
            self._free_memory()

    def _settle(self, answer: Answer, batch: list[Job]) -> None:
        """Answer a batch, or fail all of it if the model is lost.

        The thread outlives its model, since queued jobs need an answer either way.
        """
        try:
            if not self._lost:
                self._answer(answer, batch)
        except BaseException as error:
            message = " ".join("".join(format_exception_only(error)).split())
            self._lost = f"the model was lost, start a new process: {message[:MAX_MESSAGE]}"
            self._wait = 0.0
        for job in batch:
            if not job.reply.done():
                job.reply.set_exception(ModelLostError(self._lost))

    def _gather(self, waiting: list[Job]) -> bool:
        """Wait for a batch to fill, but not for long. False at the end of work."""
        deadline = monotonic() + self._wait
        while len(waiting) < self.size:
            try:
                timeout = max(0.0, deadline - monotonic()) if waiting else None
                job = self._queue.get(timeout=timeout)
            except Empty:
                break
            if job is None:
                return False
            if not waiting:
                deadline = monotonic() + self._wait
            waiting.append(job)
        return True

    def _answer(self, answer: Answer, batch: list[Job]) -> None:
        """Answer a batch as a whole, or in parts if that fails.

        An exception that escapes from here means that the model is lost.
        """
        if not batch:
            return
        try:
            answered = list(zip(batch, answer(batch), strict=True))
        except Exception as error:
            # Keep the failure only: the exception refers to everything the batch had in memory.
            failure, part_size = self._diagnose(error, len(batch))
        else:
            for job, reply in answered:
                job.reply.set_result(reply)
            return
        # This fails if the device is broken for good.
        self._free_memory()
        if len(batch) == 1:
            batch[0].reply.set_exception(failure)
            return
        rest = batch
        while rest:
            part = rest[: min(part_size, self.size)]
            rest = rest[len(part) :]
            self._answer(answer, part)

    def _diagnose(self, error: Exception, size: int) -> tuple[BadRequestError, int]:
        """Return the error for a single job, and the size of the parts to try next.

        Models and processors are code of many authors, and fail in every way. Tried one by one,
        only the requests at fault are refused.
        """
        if is_out_of_memory(error):
            self.size = min(self.size, max(1, size // 2))
            return BadRequestError(NO_ROOM), self.size
        if isinstance(error, BadRequestError):
            return error, 1
        return BadRequestError(f"the model failed: {type(error).__name__}: {one_line(error)}"), 1
