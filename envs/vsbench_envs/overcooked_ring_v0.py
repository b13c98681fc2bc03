"""Overcooked: the ring as a PettingZoo environment."""

from vsbench_envs.pettingzoo import factories

__all__ = ["env", "parallel_env", "raw_env"]

env, raw_env, parallel_env = factories("overcooked_ring")
