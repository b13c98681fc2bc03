"""The bots, and the recipe of the data set."""

from __future__ import annotations

from vsbench_envs.game import RANDOM, Bot

from vsbench_my_game.rules import MyGamePercept

BOTS: dict[str, Bot[MyGamePercept]] = {
    "random": RANDOM,
    # To do: a function of a `vsbench_envs.Turn` that returns one of `turn.legal`; draw random
    # numbers from `turn.rng`:
    # "oracle": Bot(oracle, "Plays perfectly."),
    # "greedy": Bot(greedy, "Plays sensibly."),
}

# To do: the bots that play the episodes whose states become samples.
# RECIPE = Recipe((self_play("oracle", 1), mixed("oracle", "greedy", 1)))
