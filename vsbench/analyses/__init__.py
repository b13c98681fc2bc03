"""Analyses of recorded runs: failure cases, human studies, plots."""
