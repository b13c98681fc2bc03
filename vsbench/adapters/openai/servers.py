"""Options of the OpenAI providers, and differences between servers, as data: ``servers.json``.

Importing this module takes no SDK.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from fnmatch import fnmatch
from functools import cache
from importlib.resources import files
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field

from vsbench.adapters.base import ProviderOptions, Request
from vsbench.adapters.openai.wire import reasoning_effort, thinking_budget, thinking_switch
from vsbench.models import Traits

API = Literal["chat", "responses"]

Summary = Literal["auto", "concise", "detailed"]
"""The kind of summary of its thinking to request from a model."""

Streaming = Literal["auto", "always", "never"]
"""The replies that are streamed: long ones, all, or none."""

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
"""Rows of the table of servers."""


class OpenAIOptions(ProviderOptions):
    """Options of ``openai``."""

    api: API | None = None
    """The API; by default Responses for OpenAI's reasoning models at OpenAI, else chat."""
    stream: Streaming | None = None
    """Streamed replies; by default long ones."""
    summary: Summary | None = None
    """Ask Responses for a summary of the thinking; OpenAI gives it to verified accounts."""
    token_limit: TokenLimit | None = None
    """The field that limits an answer's tokens in Chat Completions; by default the server's."""
    answer_in_reasoning: bool | None = None
    """Take the answer from the reasoning where there is no text."""
    finish_reasons: str | None = None
    """Additional finish reasons that end an answer, separated by commas."""


class OpenAIAPIOptions(OpenAIOptions):
    """Options of ``openai-api``."""

    server: ServerName | None = None
    """The kind of server, where its address does not show it."""


GIVEN = "$given"
"""Placeholder in the table for the effort or the budget that was asked for."""

ANY, NUMBER = "*", "#"
"""Keys for all efforts without a specific entry: names, and numbers of tokens."""


class Switch(BaseModel):
    """The fields that switch a model's thinking on or off."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    on: dict[str, Any]
    off: dict[str, Any]
    budget: dict[str, Any] | None = None
    """On, within a budget of tokens; None: the server takes no budget, or only if set up for it."""


class Server(BaseModel):
    """A row of the table: the differences between a server's Chat Completions and OpenAI's."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    about: str
    hosts: tuple[str, ...] = ()
    """Patterns of host names, or of ``host:port``."""
    limit: TokenLimit | None = None
    """The field that limits the tokens of an answer; None: the model's own."""
    seed: bool = True
    detail: bool = True
    """Whether pictures may have a ``detail``."""
    effort: dict[str, dict[str, Any]] = Field(
        default={ANY: {"reasoning_effort": GIVEN}, NUMBER: {"reasoning_effort": GIVEN}}
    )
    """Reasoning effort -> the fields that ask for it."""
    thinking: Switch | None = None
    """The fields that switch thinking; None if unknown."""
    streaming: Streaming = "auto"
    answer_in_reasoning: bool = False
    """Whether to take the answer from the reasoning where there is no text: some servers put it
    there by mistake."""
    finish_reasons: tuple[str, ...] = ()
    """Finish reasons that end an answer, in addition to those of all servers."""

    def with_options(self, options: OpenAIOptions) -> Server:
        """Return the row with a user's options applied."""
        more = (reason.strip() for reason in (options.finish_reasons or "").split(","))
        given = {"limit": options.token_limit, "answer_in_reasoning": options.answer_in_reasoning}
        update: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        update["finish_reasons"] = (*self.finish_reasons, *filter(None, more))
        return self.model_copy(update=update)

    def parameters(self, request: Request, traits: Traits, *, stream: bool) -> dict[str, Any]:
        """Return the fields of a body except the model, its messages and sampling parameters."""
        default = "max_completion_tokens" if traits.developer else "max_tokens"
        body: dict[str, Any] = {self.limit or default: request.max_tokens}
        if self.seed:
            body["seed"] = request.seed
        if effort := reasoning_effort(request.sampling, traits):
            body |= self._effort(effort)
        switch = thinking_switch(request.sampling, traits)
        body |= self._thinking(switch, thinking_budget(request.sampling, traits))
        if stream:
            body |= {"stream": True, "stream_options": {"include_usage": True}}
        return body

    def _thinking(self, on: bool | None, most: int | None) -> dict[str, Any]:
        if self.thinking is None:
            return {}
        if most is not None and self.thinking.budget is not None:
            filled: dict[str, Any] = _filled(self.thinking.budget, most)
            return filled
        if on is None:
            return {}
        return self.thinking.on if on else self.thinking.off

    def _effort(self, effort: str) -> dict[str, Any]:
        fields = self.effort.get(effort) or self.effort[NUMBER if effort.isdecimal() else ANY]
        filled: dict[str, Any] = _filled(fields, int(effort) if effort.isdecimal() else effort)
        return filled


class ServerTable(BaseModel):
    """The data file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    date: str
    """Date of the table, ISO 8601."""
    sources: str
    servers: dict[ServerName, Server]


def find_server(url: str, name: ServerName | None = None) -> Server:
    """Return the row with a name, or else that of a base URL's host, or else ``other``."""
    rows = server_table().servers
    if name is not None:
        return rows[name]
    host = urlsplit(url).netloc.rpartition("@")[2].lower()
    hosts = (host, host.partition(":")[0])
    matching = (
        row
        for row in rows.values()
        if any(fnmatch(each, pattern) for each in hosts for pattern in row.hosts)
    )
    return next(matching, rows["other"])


@cache
def server_table() -> ServerTable:
    """Return the shipped table."""
    shipped = files("vsbench.adapters.openai").joinpath("servers.json").read_text(encoding="utf-8")
    return ServerTable.model_validate(json.loads(shipped))


def _filled(template: Any, given: object) -> Any:
    """A copy of a template with the placeholder replaced."""
    if isinstance(template, Mapping):
        return {name: _filled(value, given) for name, value in template.items()}
    return given if template == GIVEN else template
