"""Errors of models on this machine: running out of memory, and losing the model."""

from __future__ import annotations

import gc

import torch

from vsbench.adapters.base import CallError

MAX_MESSAGE = 500
"""Characters of a library's message that are passed on."""

OUT_OF_MEMORY = ("out of memory", "can't allocate memory", "CUBLAS_STATUS_ALLOC_FAILED")
"""Messages of devices without a specific exception: Apple's, the CPU, and CUDA's libraries
when their workspace does not fit."""


class ModelLostError(CallError):
    """The model or its device fails for every request.

    Retrying will not help: only a new process gets the device back. The episodes stay unfinished,
    and the run can be resumed.
    """

    kind = "model_lost"
    retryable = False


def one_line(error: Exception) -> str:
    """Return a library's message on one line of limited length."""
    return " ".join(str(error).split())[:MAX_MESSAGE] or type(error).__name__


def is_out_of_memory(error: Exception) -> bool:
    """Whether an error means that memory ran out."""
    if isinstance(error, (torch.OutOfMemoryError, MemoryError)):
        return True
    return isinstance(error, RuntimeError) and any(text in str(error) for text in OUT_OF_MEMORY)


def free_memory() -> None:
    """Return unused memory to the device."""
    gc.collect()
    if torch.accelerator.is_available():
        torch.accelerator.empty_cache()
