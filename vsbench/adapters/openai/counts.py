"""Numbers of tokens that both APIs tell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vsbench.adapters.bodies import count, mapping


def detail_count(usage: Mapping[str, Any], details: str, name: str) -> int:
    """A number of tokens from the details of a usage."""
    return count(mapping(usage.get(details)), name)
