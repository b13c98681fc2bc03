"""A request on its way through a batch."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from dataclasses import dataclass, field

from vsbench.adapters.base import Reply, Request


@dataclass(eq=False)
class Job:
    """A request, and the reply that is to come. One thread waits for it, another makes it."""

    request: Request
    begun: Future[None] = field(default_factory=Future)
    reply: Future[Reply] = field(default_factory=Future)
    abandoned: bool = False
    """Whether nobody waits for the reply any more."""

    @property
    def kind(self) -> tuple[bool, str | None, bool | None]:
        """What jobs must share to be answered together: pictures or none, and the thinking."""
        sampling = self.request.sampling
        return bool(self.request.images), sampling.reasoning_effort, sampling.thinking

    async def answered(self, seconds: float) -> Reply:
        """The reply, once it is there. Raises TimeoutError; time in line does not count."""
        try:
            await asyncio.wrap_future(self.begun)
            async with asyncio.timeout(seconds):
                return await asyncio.wrap_future(self.reply)
        finally:
            self.abandoned = True

    def begin(self) -> bool:
        """Take it up, so that it must be answered. False if nobody waits for it any more."""
        if not self.begun.set_running_or_notify_cancel():
            return False
        self.reply.set_running_or_notify_cancel()
        self.begun.set_result(None)
        return True
