"""Compute figures from journals: counts, normalised returns, ratings and intervals."""
