"""One call to a model on this machine."""

from __future__ import annotations

from vsbench.adapters.base import AdapterOptions, CallTimeoutError, Reply, Request
from vsbench.adapters.hf.batching import Batcher
from vsbench.adapters.hf.generation import Generation
from vsbench.adapters.hf.jobs import Job
from vsbench.adapters.hf.loading import load
from vsbench.adapters.hf.options import HFOptions


class HF:
    """An adapter for one model."""

    def __init__(self, name: str, options: AdapterOptions, own: HFOptions) -> None:
        vlm = load(name, own)
        self.max_output_tokens = vlm.context
        self.address = vlm.address
        self._seconds = options.timeout
        # No more requests than connections ever come together.
        size = min(own.batch_size, options.max_connections)
        self._batcher = Batcher(Generation(vlm), size, own.batch_wait)

    async def complete(self, request: Request) -> Reply:
        """Have one request answered, in a batch with others.

        Raises:
            BadRequestError: prompt and model do not go together, or memory does not suffice.
            CallTimeoutError: no reply in time, counted from when its batch began.
            ModelLostError: the model or its device fails whatever is asked.
        """
        job = Job(request)
        self._batcher.submit(job)
        try:
            return await job.answered(self._seconds)
        except TimeoutError:
            raise CallTimeoutError(
                f"no reply in {self._seconds:g} s: allow more by --timeout, or less at once by "
                "--model-option hf.batch_size=N"
            ) from None

    async def close(self) -> None:
        """Let go of the model."""
        await self._batcher.close()
