"""Recorded episodes as web pages and animations."""
