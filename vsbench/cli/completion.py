"""``vsbench completion``."""

from __future__ import annotations

import click
from click.shell_completion import FishComplete, ZshComplete

from vsbench.cli import COMPLETE, argument, cli
from vsbench.cli.shells import BashComplete

SHELLS = {"bash": BashComplete, "zsh": ZshComplete, "fish": FishComplete}


@click.command()
@argument("shell", type=click.Choice(list(SHELLS)))
def command(shell: str) -> None:
    """Print the script by which SHELL completes commands, options and values.

    Values are environments, the bots and models of a seat, protocols, runs and their episodes, also
    those of other packages.

    \b
    bash: add to ~/.bashrc       eval "$(vsbench completion bash)"
    zsh:  add to ~/.zshrc        eval "$(vsbench completion zsh)"
    fish: vsbench completion fish > ~/.config/fish/completions/vsbench.fish
    """
    click.echo(SHELLS[shell](cli, {}, "vsbench", COMPLETE).source(), nl=False)
