"""Vision-language models on this machine, by Hugging Face's transformers.

``hf/Qwen/Qwen2.5-VL-7B-Instruct`` is a model of the hub; ``hf//models/mine`` and ``hf/./mine`` are
folders. A name that begins with ``/``, ``./``, ``../`` or ``~`` is a folder, any other is of the
hub. Any image-text-to-text model with a chat template works.

The model is loaded when the adapter is opened. Concurrent requests are answered in batches: a
batch runs in a separate thread while the next one gathers. A reply does not depend on the other
requests of its batch, up to rounding errors.

- ``adapter``: the adapter
- ``batching``: concurrent requests are answered in batches
- ``loading``: load a model, or say early why it cannot be used
- ``prompts``: requests as input of a model, through its chat template
- ``generation``: replies to a batch: sampling and parsing
- ``errors``: running out of memory, and losing the model

Importing this module takes no torch.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from vsbench.adapters.base import ProviderOptions

THINKING_VARIABLES = ("enable_thinking", "thinking")
"""Variables of chat templates that switch a model's thinking."""


class HFOptions(ProviderOptions):
    """Options of ``hf``."""

    device: str = "auto"
    """A device as PyTorch names it (cpu, cuda:1); auto spreads the model over all
    accelerators, or takes the CPU if there is none."""
    dtype: Literal["auto", "float32", "bfloat16", "float16"] = "auto"
    """The type of the weights; auto is that of the files."""
    batch_size: Annotated[int, Field(gt=0)] = 8
    """Most requests in a batch; fewer after running out of memory."""
    batch_wait: Annotated[float, Field(ge=0)] = 0.05
    """Seconds that the first request of a batch waits for others."""
    revision: str | None = None
    """A branch, tag or commit of the hub's repository."""
    trust_remote_code: bool = False
    """Whether Python code that comes with the model may run."""
