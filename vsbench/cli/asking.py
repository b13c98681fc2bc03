"""The options that say how models are asked, alike in every command that plays."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import click

from vsbench.cli import option, stacked
from vsbench.cli.model_options import model_option
from vsbench.settings import Modality, Persona, RunSettings, Style

DEFAULTS = RunSettings()

ASKING = (
    "modality", "style", "persona", "prompts", "attempts", "feedback", "temperature", "thinking",
    "reasoning_effort", "detail", "max_tokens", "max_tokens_limit", "model_options", "prices",
)  # fmt: skip
"""What a resumed run has already."""


class NumberOr(click.ParamType[str | int | float]):
    """A number, or one of some words."""

    def __init__(self, number: type[int] | type[float], *words: str) -> None:
        self.number = number
        self.words = words
        self.name = "|".join([*words, "number"])

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> str | int | float:
        """Read it; settings check the number's range."""
        if value in self.words:
            return str(value)
        try:
            return self.number(value)
        except ValueError:
            kind = "a whole number" if self.number is int else "a number"
            self.fail(f"{value!r} is neither {kind} nor {' or '.join(self.words)}", param, ctx)


prompts_option = option(
    "--prompts",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Templates that replace those of the pack.",
)

prompt_options = stacked(
    option(
        "--modality",
        type=click.Choice(get_args(Modality)),
        help="Give the state as image, text, or both.  [default: image]",
    ),
    option(
        "--style",
        type=click.Choice(get_args(Style)),
        help="Ask for the answer alone, or for reasoning first.  [default: io]",
    ),
    option(
        "--persona",
        type=click.Choice(get_args(Persona)),
        help="A strategy to follow in mixed-motive games.",
    ),
    prompts_option,
)
"""What decides how a question reads."""

asking_options = stacked(
    prompt_options,
    option(
        "--attempts",
        type=int,
        help="Unreadable answers before a random move stands in.  [default: the protocol's]",
    ),
    option(
        "--feedback",
        is_flag=True,
        help="Say what was wrong with an answer, and let illegal ones be corrected; 3 attempts.",
    ),
    option(
        "--temperature",
        type=NumberOr(float, "provider"),
        metavar="T",
        help="Sampling temperature, or provider to leave it alone.  [default: the protocol's]",
    ),
    option(
        "--thinking",
        type=NumberOr(int, "on", "off"),
        metavar="on|off|TOKENS",
        help="Of models whose thinking is a switch; a number is the tokens to think within.  "
        "[default: on]",
    ),
    option("--reasoning-effort", metavar="LEVEL", help="For reasoning models, as low or high."),
    option(
        "--detail",
        type=click.Choice(["auto", "low", "high"]),
        help="How finely pictures are looked at.  [default: the protocol's]",
    ),
    option(
        "--max-tokens",
        type=int,
        help="Tokens of an answer, thinking not included.  [default: the protocol's]",
    ),
    option(
        "--max-tokens-limit",
        type=int,
        help="Raise the limit no further when an answer was cut off.  [default: the model's]",
    ),
    model_option,
    option(
        "--prices",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="JSON price table, laid over the shipped one.",
    ),
)
