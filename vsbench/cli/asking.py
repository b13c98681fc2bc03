"""The options that say how models are asked, alike in every command that plays."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import click

from vsbench.cli import option, stacked
from vsbench.cli.model_options import model_option
from vsbench.settings import Modality, Persona, RunSettings, Style

DEFAULTS = RunSettings()

ASKING = (
    "modality", "style", "persona", "prompts", "attempts", "temperature", "reasoning_effort",
    "detail", "max_tokens", "max_tokens_limit", "model_options", "prices",
)  # fmt: skip
"""What a resumed run has already."""

asking_options = stacked(
    option(
        "--modality",
        type=click.Choice(get_args(Modality)),
        default=DEFAULTS.modality,
        help="Show situations, tell them, or both.",
    ),
    option(
        "--style",
        type=click.Choice(get_args(Style)),
        default=DEFAULTS.style,
        help="Answer at once, or think aloud first.",
    ),
    option(
        "--persona",
        type=click.Choice(get_args(Persona)),
        help="A character for mixed-motive games.",
    ),
    option(
        "--prompts",
        type=click.Path(path_type=Path),
        metavar="DIR",
        help="Templates that replace those of the pack.",
    ),
    option(
        "--attempts",
        type=int,
        default=DEFAULTS.attempts,
        help="Questions for one decision before a random move stands in.",
    ),
    option("--temperature", type=float, default=DEFAULTS.temperature, help="Sampling temperature."),
    option("--reasoning-effort", metavar="LEVEL", help="For reasoning models, as low or high."),
    option(
        "--detail",
        type=click.Choice(["auto", "low", "high"]),
        default=DEFAULTS.detail,
        help="How finely pictures are looked at.",
    ),
    option(
        "--max-tokens",
        type=int,
        default=DEFAULTS.max_tokens,
        help="Tokens of an answer; raised when one was cut off.",
    ),
    option(
        "--max-tokens-limit",
        type=int,
        default=DEFAULTS.max_tokens_limit,
        help="Raise --max-tokens no further than this.",
    ),
    model_option,
    option(
        "--prices",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="JSON price table, laid over the shipped one.",
    ),
)
