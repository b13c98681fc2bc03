'''Adapters: models by name, one module or package for each provider.

A model id is ``provider/name``, as in ``openai/gpt-4o`` and ``hf/Qwen/Qwen2.5-VL-7B-Instruct``.
``openai-api/URL#name`` is any server that speaks OpenAI's protocol. Some bare names are understood:
``gpt-4o`` is ``openai/gpt-4o``.

Write an adapter
================

Subclass :class:`Adapter` and implement one method. It gets a :class:`Request` (messages of
:class:`Text` and :class:`Image` parts, ``max_tokens``, a seed, :class:`Sampling`) and returns a
:class:`Reply`. A complete one, which answers with the first action that a question lists::

    import json

    from vsbench.adapters import Adapter, AdapterOptions, Reply, Request


    class First(Adapter):
        """Always takes the first of the listed actions."""

        def __init__(self, model: str, options: AdapterOptions) -> None:
            self.model = model

        async def complete(self, request: Request) -> Reply:
            question = request.messages[-1].text
            (actions,) = (line for line in question.splitlines() if line.startswith("["))
            return Reply(json.dumps({"action": json.loads(actions)[0]}), served_model=self.model)

Name the class, or any function ``(model: str, options: AdapterOptions) -> Adapter``, under the
entry-point group ``vsbench.adapters``; after installation it is used as ``--model mine/NAME``::

    [project.entry-points."vsbench.adapters"]
    mine = "my_package:First"

- Make exactly one call to the provider, and never retry: the harness does, within its limits.
- Raise a :class:`CallError` where there is no reply: :class:`RateLimitedError` or
  :class:`OverloadedError` are retried, :class:`AuthError` or :class:`BadRequestError` are not,
  :class:`ContentRefusedError` counts as a refusal. Any other exception is reported as a defect.
- Report :class:`Usage` as billed; without it, limits and costs go by estimated tokens.
- Set ``max_output_tokens`` and ``address`` and override ``close`` where that makes sense.
- Parse provider-specific options (``--model-option mine.KEY=VALUE``) with :func:`read_options`
  into a subclass of :class:`ProviderOptions`.

:mod:`vsbench.simulation` is a provider to test adapters over HTTP against.
'''

from vsbench.adapters.base import (
    Adapter,
    AdapterOptions,
    AuthError,
    BadRequestError,
    CallError,
    CallTimeoutError,
    ConnectionLostError,
    ContentRefusedError,
    ContextExceededError,
    Image,
    Message,
    OverloadedError,
    Part,
    PlayerLeftError,
    ProviderOptions,
    QuotaExhaustedError,
    RateLimitedError,
    Reply,
    ReplyTooLargeError,
    Request,
    Role,
    Sampling,
    StopReason,
    Text,
    UnfinishedReplyError,
    UnknownStopReasonError,
    Usage,
    read_options,
    refuse_options,
)
from vsbench.adapters.registry import (
    Factory,
    adapter_problems,
    full_id,
    open_adapter,
    providers,
)

__all__ = [
    "Adapter",
    "AdapterOptions",
    "AuthError",
    "BadRequestError",
    "CallError",
    "CallTimeoutError",
    "ConnectionLostError",
    "ContentRefusedError",
    "ContextExceededError",
    "Factory",
    "Image",
    "Message",
    "OverloadedError",
    "Part",
    "PlayerLeftError",
    "ProviderOptions",
    "QuotaExhaustedError",
    "RateLimitedError",
    "Reply",
    "ReplyTooLargeError",
    "Request",
    "Role",
    "Sampling",
    "StopReason",
    "Text",
    "UnfinishedReplyError",
    "UnknownStopReasonError",
    "Usage",
    "adapter_problems",
    "full_id",
    "open_adapter",
    "providers",
    "read_options",
    "refuse_options",
]
