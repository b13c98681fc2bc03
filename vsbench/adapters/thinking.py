"""Whether a model's server can be told to switch its thinking on or off."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from vsbench.adapters.openai.servers import Switch, server, server_table
from vsbench.models import traits_of

TEMPLATE_SWITCHES = ("enable_thinking", "thinking")
"""What chat templates call the switch of a model's thinking."""


def can_tell(model: str, options: Mapping[str, str] | None = None) -> bool:
    """Whether a model's server can be told how the switch of its thinking is set.

    Args:
        model: its full id.
        options: providers' own, ``provider.key`` -> value.
    """
    provider, told = model.partition("/")[0], options or {}
    if told.get(f"{provider}.api") == "responses":
        return traits_of(model).developer
    return provider != "openai-api" or _switch(model, told) is not None


def takes_budget(model: str, options: Mapping[str, str] | None = None) -> bool:
    """Whether a model can be told to think within a budget of tokens; see :func:`can_tell`."""
    provider, told = model.partition("/")[0], options or {}
    if traits_of(model).effort != "budget":
        return False
    if provider == "openai-api" and told.get("openai-api.api") != "responses":
        switch = _switch(model, told)
        return switch is not None and switch.budget is not None
    return provider == "anthropic"


def untold(
    model: str,
    *,
    wished: bool = False,
    budget: bool = False,
    options: Mapping[str, str] | None = None,
) -> Iterator[str]:
    """What a model's server cannot be told about its thinking, for people.

    Args:
        model: its full id.
        wished: whether a person set the switch.
        budget: whether a person set how many tokens to think within.
        options: providers' own, ``provider.key`` -> value.
    """
    kind = traits_of(model).thinking
    switches = kind == "switch" or (kind is None and wished)
    if switches and not can_tell(model, options):
        yield (
            f"whether {model} thinks is left to its server, since how to tell it is not known: "
            "--model-option openai-api.server=NAME says whose server it is"
        )
    elif budget and kind != "never" and not takes_budget(model, options):
        yield f"{model} takes no budget for thinking: its tokens are limited with the answer's only"


def _switch(model: str, options: Mapping[str, str]) -> Switch | None:
    name = options.get("openai-api.server")
    rows = server_table().servers
    url = model.partition("/")[2].rpartition("#")[0]
    row = next((row for known, row in rows.items() if known == name), None) or server(url)
    return row.thinking
