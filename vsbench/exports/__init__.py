"""Runs and tournaments as tidy tables in files, data frames and folders for a dataset hub."""
