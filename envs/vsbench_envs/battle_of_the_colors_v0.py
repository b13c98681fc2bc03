"""Battle of the Colors as a PettingZoo environment."""

from vsbench_envs.pettingzoo import factories

__all__ = ["env", "parallel_env", "raw_env"]

env, raw_env, parallel_env = factories("battle_of_the_colors")
