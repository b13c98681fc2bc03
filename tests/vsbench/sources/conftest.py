"""Recorded runs of a model that does everything that models do."""

from recorded_runs import hands, run

__all__ = ["hands", "run"]
