"""Recorded episodes, reconstructed from their journals."""
