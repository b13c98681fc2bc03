"""What a person may tell the providers ``openai`` and ``openai-api``."""

from __future__ import annotations

from typing import Literal

from vsbench.adapters.options import ProviderOptions
from vsbench.adapters.streaming import Streaming

API = Literal["chat", "responses"]

Summary = Literal["auto", "concise", "detailed"]
"""How a model is asked to sum up its thinking."""

TokenLimit = Literal["max_tokens", "max_completion_tokens"]

ServerName = Literal[
    "openai",
    "vllm",
    "sglang",
    "ollama",
    "openrouter",
    "gemini",
    "xai",
    "dashscope",
    "zai",
    "ark",
    "other",
]
"""The rows of the table of servers."""


class OpenAIOptions(ProviderOptions):
    """Options of ``openai``."""

    api: API | None = None
    """Which API; by default Responses for OpenAI's reasoning models at OpenAI, else chat."""
    stream: Streaming | None = None
    """Which replies are streamed; by default long ones."""
    summary: Summary | None = None
    """Asks Responses for a summary of the thinking, which OpenAI gives to verified accounts."""
    token_limit: TokenLimit | None = None
    """The field by which Chat Completions limit an answer's tokens; by default the server's."""
    answer_in_reasoning: bool | None = None
    """Whether an answer without text is read from the reasoning beside it."""
    finish_reasons: str | None = None
    """More finish reasons that end an answer, separated by commas."""


class OpenAIAPIOptions(OpenAIOptions):
    """Options of ``openai-api``."""

    server: ServerName | None = None
    """Whose server it is, where its address does not tell."""
