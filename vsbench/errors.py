"""Errors that users can fix, and the exit codes of the commands."""

from __future__ import annotations

from enum import IntEnum

from vsbench_envs.errors import VSBenchError

__all__ = ["Exit", "UsageError", "VSBenchError"]


class Exit(IntEnum):
    """Exit codes of the commands."""

    COMPLETE = 0
    INCOMPLETE = 1
    """Something is unfinished, or (in comparisons) worse than before."""
    USAGE = 2
    BUDGET = 3
    """A limit of money, tokens or time was reached; the run can be resumed."""
    INCONCLUSIVE = 4
    """A comparison cannot tell whether something is worse than before."""
    DEFECT = 70
    """An unexpected error: a fault of vsbench or of a plug-in, written to a file to be reported."""
    INTERRUPTED = 130


class UsageError(VSBenchError, ValueError):
    """Bad input: says what is wrong and what to do about it. Commands end with exit code 2."""
