"""Figures of the VS-Bench paper, and whether a run can be compared with them."""
