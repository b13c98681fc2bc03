"""What a person may tell the provider ``hf``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from vsbench.adapters.options import ProviderOptions


class HFOptions(ProviderOptions):
    """Where and how a model runs."""

    device: str = "auto"
    """A device as PyTorch names it (cpu, cuda:1); auto spreads the model over all
    accelerators, and takes the CPU where there is none."""
    dtype: Literal["auto", "float32", "bfloat16", "float16"] = "auto"
    """The type of its weights; auto is that of the files."""
    batch_size: Annotated[int, Field(gt=0)] = 8
    """Most requests that are answered together; fewer once memory ran out."""
    batch_wait: Annotated[float, Field(ge=0)] = 0.05
    """Seconds that the first request of a batch waits for others."""
    revision: str | None = None
    """A branch, tag or commit of the hub's repository."""
    trust_remote_code: bool = False
    """Whether Python code that comes with the model may run."""
