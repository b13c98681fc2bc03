"""The options that say what is played and where it is written, alike in runs and tournaments."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from vsbench.cli import F, option, stacked
from vsbench.settings import RunSettings

DEFAULTS = RunSettings()


def game_options(what: str, envs: str) -> Callable[[F], F]:
    """Which games, how often, and by which chance; ``envs`` tells of those that nobody names."""
    return stacked(
        option(
            "--env",
            "envs",
            multiple=True,
            help=f"Environment id. Repeatable.  [default: {envs}]",
        ),
        option(
            "--protocol",
            default=DEFAULTS.protocol,
            metavar="NAME",
            help="What is measured, and how; vsbench protocols lists them.",
        ),
        option("--seed", type=int, default=DEFAULTS.seed, help=f"Names all chance in the {what}."),
    )


def folder_options(what: str) -> Callable[[F], F]:
    """Where a run or tournament is, or will be."""
    return stacked(
        option(
            "--out",
            type=click.Path(path_type=Path),
            metavar="DIR",
            help=f"Where to write the {what}.  [default: a new folder in runs/]",
        ),
        option(
            "--resume",
            type=click.Path(path_type=Path),
            metavar="DIR",
            help=f"Go on with an unfinished {what}.",
        ),
    )
