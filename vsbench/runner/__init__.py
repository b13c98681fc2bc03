"""Carrying runs out: scheduling, calls, journals, limits and progress."""
