"""What single servers of OpenAI's protocol take, as data: ``servers.json``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from fnmatch import fnmatch
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field

from vsbench.adapters.base import Request
from vsbench.adapters.openai.options import OpenAIOptions, ServerName, TokenLimit
from vsbench.adapters.openai.parts import budget, effort, switched
from vsbench.adapters.streaming import Streaming
from vsbench.models import Traits

GIVEN = "$given"
"""Stands in the table for the effort or the budget that was asked for."""

ANY, NUMBER = "*", "#"
"""Efforts that have no line of their own: by name, and as a number of tokens."""


class Switch(BaseModel):
    """The fields that say whether a model thinks, for models that leave it to the request."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    on: dict[str, Any]
    off: dict[str, Any]
    budget: dict[str, Any] | None = None
    """On, within so many tokens; None: the server takes no budget, or only if set up for it."""


class Server(BaseModel):
    """A row of the table: how a server's Chat Completions differ from OpenAI's."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    about: str
    hosts: tuple[str, ...] = ()
    """Patterns of host names, or of ``host:port``."""
    limit: TokenLimit | None = None
    """The field that limits the tokens of an answer; None: as the model calls it."""
    seed: bool = True
    detail: bool = True
    """Whether pictures may say in what detail they are to be looked at."""
    effort: dict[str, dict[str, Any]] = Field(
        default={ANY: {"reasoning_effort": GIVEN}, NUMBER: {"reasoning_effort": GIVEN}}
    )
    """Reasoning effort -> the fields that ask for it."""
    thinking: Switch | None = None
    """How the switch of a model's thinking is thrown; None where that is not known."""
    streaming: Streaming = "auto"
    answer_in_reasoning: bool = False
    """Whether an answer without text is read from the reasoning beside it, where some servers put
    it by mistake."""
    finish_reasons: tuple[str, ...] = ()
    """Reasons that end an answer here, beside those of all servers."""

    def told(self, own: OpenAIOptions) -> Server:
        """The row with what a person says otherwise."""
        more = (reason.strip() for reason in (own.finish_reasons or "").split(","))
        said = {"limit": own.token_limit, "answer_in_reasoning": own.answer_in_reasoning}
        changed: dict[str, Any] = {name: value for name, value in said.items() if value is not None}
        reasons = (*self.finish_reasons, *filter(None, more))
        return self.model_copy(update=changed | {"finish_reasons": reasons})

    def parameters(self, request: Request, traits: Traits, *, stream: bool) -> dict[str, Any]:
        """All fields of a body but the model, its messages and how to sample."""
        usual = "max_completion_tokens" if traits.developer else "max_tokens"
        body: dict[str, Any] = {self.limit or usual: request.max_tokens}
        if self.seed:
            body["seed"] = request.seed
        if asked := effort(request.sampling, traits):
            body |= self._effort(asked)
        body |= self._thinking(switched(request.sampling, traits), budget(request.sampling, traits))
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

    def _effort(self, asked: str) -> dict[str, Any]:
        known = self.effort.get(asked) or self.effort[NUMBER if asked.isdecimal() else ANY]
        filled: dict[str, Any] = _filled(known, int(asked) if asked.isdecimal() else asked)
        return filled


class ServerTable(BaseModel):
    """The table, by the servers' names."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    date: str
    """When it was looked up, ISO 8601."""
    sources: str
    servers: dict[ServerName, Server]


def server(url: str, name: ServerName | None = None) -> Server:
    """The row with a name, or else that of a base URL's host, or else that of all others."""
    rows = server_table().servers
    if name is not None:
        return rows[name]
    host = urlsplit(url).netloc.rpartition("@")[2].lower()
    places = (host, host.partition(":")[0])
    matching = (
        row
        for row in rows.values()
        if any(fnmatch(place, pattern) for place in places for pattern in row.hosts)
    )
    return next(matching, rows["other"])


@cache
def server_table() -> ServerTable:
    """The shipped table."""
    shipped = files("vsbench.adapters.openai").joinpath("servers.json").read_text(encoding="utf-8")
    return ServerTable.model_validate(json.loads(shipped))


def _filled(template: Any, given: object) -> Any:
    """A copy with what was asked for in its place."""
    if isinstance(template, Mapping):
        return {name: _filled(value, given) for name, value in template.items()}
    return given if template == GIVEN else template
