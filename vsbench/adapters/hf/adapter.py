"""The adapter for a model on this machine."""

from __future__ import annotations

from vsbench.adapters.base import (
    Adapter,
    AdapterOptions,
    CallTimeoutError,
    Reply,
    Request,
    read_options,
)
from vsbench.adapters.hf import HFOptions
from vsbench.adapters.hf.batching import Batcher, Job
from vsbench.adapters.hf.generation import Generation
from vsbench.adapters.hf.loading import VLM, load


def hf(name: str, options: AdapterOptions) -> HF:
    """Load the model of this name.

    Raises:
        BadRequestError: there is no such model, it cannot see, it does not load, or an option is
            invalid.
        MissingExtraError: the model needs a package that is not installed.
    """
    own = read_options("hf", options.extra, HFOptions)
    vlm = load(name, own)
    # There are never more concurrent requests than connections.
    size = min(own.batch_size, options.max_connections)
    return HF(vlm, Batcher(Generation(vlm), size, own.batch_wait), options.timeout)


class HF(Adapter):
    """An adapter for one model."""

    def __init__(self, vlm: VLM, batcher: Batcher, timeout: float) -> None:
        self.max_output_tokens = vlm.context
        self.address = vlm.address
        self._batcher = batcher
        self._timeout = timeout

    async def complete(self, request: Request) -> Reply:
        """Answer one request, in a batch with others.

        Raises:
            BadRequestError: the prompt does not fit the model, or memory does not suffice.
            CallTimeoutError: no reply in time, counted from the beginning of its batch.
            ModelLostError: the model or its device fails for every request.
        """
        job = Job(request)
        self._batcher.submit(job)
        try:
            return await job.result(self._timeout)
        except TimeoutError:
            raise CallTimeoutError(
                f"no reply in {self._timeout:g} s: raise --timeout, or lower "
                "--model-option hf.batch_size=N"
            ) from None

    async def close(self) -> None:
        """Release the model."""
        await self._batcher.close()
