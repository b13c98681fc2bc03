"""Small runs of all kinds, to be damaged."""

from pathlib import Path

import vsbench


def a_run(directory: Path) -> None:
    """All three evaluations of a small game, by a model that looks at pictures."""
    vsbench.run(
        models=["sighted/greedy"],
        envs=["kuhn_poker"],
        evals=["decision", "reasoning", "perception"],
        episodes=3,
        samples=2,
        out=directory,
    )


def a_tournament(directory: Path) -> None:
    """Two players in two games."""
    vsbench.tournament(
        ["bot/random", "bot/greedy"],
        envs=["kuhn_poker", "battle_of_the_colors"],
        episodes=1,
        out=directory,
    )
