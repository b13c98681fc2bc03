"""What goes wrong in a model on this machine."""

from __future__ import annotations

import gc

import torch

LONGEST = 500
"""Characters of a library's message that are passed on."""

SIGNS = ("out of memory", "can't allocate memory", "CUBLAS_STATUS_ALLOC_FAILED")
"""What devices say that have no error of their own for it: Apple's, the CPU, and CUDA's libraries
when they get no room to work in."""


def told(error: Exception) -> str:
    """What a library says, in one line and not too long."""
    return " ".join(str(error).split())[:LONGEST] or type(error).__name__


def is_out_of_memory(error: Exception) -> bool:
    """Whether an error means that memory ran out."""
    if isinstance(error, (torch.OutOfMemoryError, MemoryError)):
        return True
    return isinstance(error, RuntimeError) and any(sign in str(error) for sign in SIGNS)


def free_memory() -> None:
    """Give back what no tensor uses any more."""
    gc.collect()
    if torch.accelerator.is_available():
        torch.accelerator.empty_cache()
