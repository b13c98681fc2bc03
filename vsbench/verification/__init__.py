"""Verification of runs and tournaments: recorded values are derived again and compared."""
