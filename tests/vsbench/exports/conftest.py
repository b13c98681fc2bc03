"""Recorded runs of a model that does everything that models do."""

from recorded_runs import begin_fixture, edit, hands, recorded, resume_fixture, run

__all__ = ["begin_fixture", "edit", "hands", "recorded", "resume_fixture", "run"]
