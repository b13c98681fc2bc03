"""Analyses of finished runs: failures worth looking at, people pooled, plots."""
