"""Runs models: calls, concurrency, budget, journals, observers and run directories."""
