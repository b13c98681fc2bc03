"""Recorded episodes, played again: checked against their journals, and shown move by move."""
