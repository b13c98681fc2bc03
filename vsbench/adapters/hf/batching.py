"""Requests that come together are answered together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic
from traceback import format_exception_only

from vsbench.adapters.base import BadRequestError, CallError, Reply
from vsbench.adapters.hf.failure import LONGEST, free_memory, is_out_of_memory, told
from vsbench.adapters.hf.jobs import Job

Answer = Callable[[Sequence[Job]], list[Reply]]
"""Answers jobs of one kind together, or raises what befell it."""

NO_ROOM = (
    "memory ran out over a single request: choose a smaller model, hf.dtype=bfloat16, a device "
    "with more memory, or fewer --max-tokens"
)


class ModelLostError(CallError):
    """The model, or the device that it is on, fails whatever is asked: no request is to blame.

    Asking again will not help, for only a new process gets the device back. The episodes stay
    unfinished, and the run can be resumed.
    """

    kind = "model_lost"
    retryable = False


class Batcher:
    """One thread that answers batches, one after the other."""

    def __init__(self, answer: Answer, size: int, wait: float) -> None:
        self.size = size
        """Most requests in a batch; it shrinks when memory runs out."""
        self._wait = wait
        self._queue: SimpleQueue[Job | None] = SimpleQueue()
        self._lost = ""
        """Why no job can be answered any more, once that is known."""
        # The thread alone holds the model, so that its end lets go of it.
        self._thread = Thread(target=self._serve, args=(answer,), name="hf", daemon=True)
        self._thread.start()

    def submit(self, job: Job) -> None:
        """Put a job in line: it will be answered, or told why not."""
        self._queue.put(job)

    async def close(self) -> None:
        """End the thread when all jobs in line are answered, but for those cancelled."""
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join)

    def _serve(self, answer: Answer) -> None:
        line: list[Job] = []
        more = True
        while more or line:
            more = more and self._gather(line)
            batch = [job for job in line if job.kind == line[0].kind][: self.size]
            line = [job for job in line if job not in batch]
            self._settle(answer, [job for job in batch if job.begin()])
        del answer
        with suppress(Exception):
            free_memory()

    def _settle(self, answer: Answer, batch: list[Job]) -> None:
        """Answer a batch, or tell all of it that the model is lost.

        The thread goes on either way, and outlives its model: nobody else would tell those in line.
        """
        try:
            if not self._lost:
                self._answer(answer, batch)
        except BaseException as error:
            said = " ".join("".join(format_exception_only(error)).split())
            self._lost = f"the model was lost, begin anew: {said[:LONGEST]}"
            self._wait = 0.0
        for job in batch:
            if not job.reply.done():
                job.reply.set_exception(ModelLostError(self._lost))

    def _gather(self, line: list[Job]) -> bool:
        """Wait for a batch to fill, but not for long. False at the end of work."""
        deadline = monotonic() + self._wait
        while len(line) < self.size:
            try:
                job = self._queue.get(timeout=max(0.0, deadline - monotonic()) if line else None)
            except Empty:
                break
            if job is None:
                return False
            if not line:
                deadline = monotonic() + self._wait
            line.append(job)
        return True

    def _answer(self, answer: Answer, batch: list[Job]) -> None:
        """Answer a batch whole, or in parts where that fails.

        Whatever is raised here is no failure to answer: it is the model's end.
        """
        if not batch:
            return
        try:
            replies = list(zip(batch, answer(batch), strict=True))
        except Exception as error:
            # Only the failure is kept: the error holds on to all that the batch had in memory.
            failure, most = self._read(error, len(batch))
        else:
            for job, reply in replies:
                job.reply.set_result(reply)
            return
        # Of a device that is broken for good, this is what tells.
        free_memory()
        if len(batch) == 1:
            batch[0].reply.set_exception(failure)
            return
        while batch:
            part = batch[: min(most, self.size)]
            batch = batch[len(part) :]
            self._answer(answer, part)

    def _read(self, error: Exception, size: int) -> tuple[BadRequestError, int]:
        """What befell a batch of this size, and how large its parts may be that are tried next.

        Models and processors are many people's code, and fail as they like. Asked one by one,
        only those requests are refused that are to blame.
        """
        if is_out_of_memory(error):
            self.size = min(self.size, max(1, size // 2))
            return BadRequestError(NO_ROOM), self.size
        if isinstance(error, BadRequestError):
            return error, 1
        return BadRequestError(f"the model failed: {type(error).__name__}: {told(error)}"), 1
