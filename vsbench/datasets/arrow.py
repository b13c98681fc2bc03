"""The door to pyarrow, which is an optional extra."""

from __future__ import annotations

from typing import Any

from vsbench_envs.errors import MissingExtraError


def arrow() -> Any:
    """The module ``pyarrow``, with ``pyarrow.parquet`` in it.

    Raises:
        MissingExtraError: it is not installed; names the pip command.
    """
    try:
        import pyarrow.parquet
    except ImportError as error:
        raise MissingExtraError(
            "Parquet files need pyarrow: pip install 'vsbench[data]'"
        ) from error
    return pyarrow
