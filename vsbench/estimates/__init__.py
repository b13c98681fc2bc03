"""Estimates before any call is made: usage, and the precision that it buys."""
