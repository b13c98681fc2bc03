"""Small runs of all kinds, to be damaged."""

from pathlib import Path

import vsbench


def a_run(directory: Path) -> None:
    """All three evaluations, two games of different kinds, a model that looks at pictures."""
    vsbench.run(
        models=["sighted/greedy"],
        envs=["kuhn_poker", "breakthrough"],
        evals=["decision", "reasoning", "perception"],
        episodes=1,
        samples=2,
        seats={1: "random"},
        out=directory,
    )


def a_tournament(directory: Path) -> None:
    """Two players in two games."""
    vsbench.tournament(
        ["player/random", "player/greedy"],
        envs=["kuhn_poker", "battle_of_the_colors"],
        episodes=1,
        out=directory,
    )
