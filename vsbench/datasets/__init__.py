"""Recorded states to ask about: built, loaded, described, exported."""
