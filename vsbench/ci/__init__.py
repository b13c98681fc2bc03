"""Continuous integration: run, compare with a baseline, judge, report."""
