"""Find out whether a model's server can switch thinking on or off, and limit it to a budget."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from vsbench.adapters.openai.servers import Switch, find_server, server_table
from vsbench.models import traits_of


def can_switch_thinking(model: str, options: Mapping[str, str] | None = None) -> bool:
    """Whether the thinking switch of a model's server is known.

    Args:
        model: its full id.
        options: provider-specific, ``provider.key`` -> value.
    """
    provider, options = model.partition("/")[0], options or {}
    if options.get(f"{provider}.api") == "responses":
        return traits_of(model).developer
    return provider != "openai-api" or _switch(model, options) is not None


def takes_thinking_budget(model: str, options: Mapping[str, str] | None = None) -> bool:
    """Whether a model can think within a budget of tokens; arguments as above."""
    provider, options = model.partition("/")[0], options or {}
    if traits_of(model).effort != "budget":
        return False
    if provider == "openai-api" and options.get("openai-api.api") != "responses":
        switch = _switch(model, options)
        return switch is not None and switch.budget is not None
    return provider == "anthropic"


def thinking_warnings(
    model: str,
    *,
    switch_set: bool = False,
    budget_set: bool = False,
    options: Mapping[str, str] | None = None,
) -> Iterator[str]:
    """Yield warnings about thinking settings that a model's server cannot take.

    Args:
        model: its full id.
        switch_set: whether the user set the switch.
        budget_set: whether the user set a budget of tokens.
        options: provider-specific, ``provider.key`` -> value.
    """
    kind = traits_of(model).thinking
    switches = kind == "switch" or (kind is None and switch_set)
    if switches and not can_switch_thinking(model, options):
        yield (
            f"whether {model} thinks is left to its server, whose switch is unknown: "
            "set --model-option openai-api.server=NAME"
        )
    elif budget_set and kind != "never" and not takes_thinking_budget(model, options):
        yield f"{model} takes no thinking budget: only answer and thinking together are limited"


def _switch(model: str, options: Mapping[str, str]) -> Switch | None:
    name = options.get("openai-api.server")
    rows = server_table().servers
    url = model.partition("/")[2].rpartition("#")[0]
    row = next((row for known, row in rows.items() if known == name), None) or find_server(url)
    return row.thinking
