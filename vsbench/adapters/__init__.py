"""Models by name, one file per provider.

A model id is ``provider/name``. ``openai-api/URL#name`` is any server that speaks OpenAI's
protocol. A few bare names are understood: ``gpt-4o`` is ``openai/gpt-4o``.
"""

from vsbench.adapters.base import (
    Adapter,
    AdapterOptions,
    CallError,
    Image,
    Message,
    Reply,
    Request,
    Sampling,
    Text,
    Usage,
)
from vsbench.adapters.registry import full_id, open_adapter, providers

__all__ = [
    "Adapter",
    "AdapterOptions",
    "CallError",
    "Image",
    "Message",
    "Reply",
    "Request",
    "Sampling",
    "Text",
    "Usage",
    "full_id",
    "open_adapter",
    "providers",
]
