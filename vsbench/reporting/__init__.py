"""Showing runs to people and machines: progress while they go, tables when they are done."""
