"""Data sets of recorded states, and published ones: build, load, describe, check."""
