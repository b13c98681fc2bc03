"""How well do vision-language models reason and decide in multi-agent games?

``run`` and ``resume`` play models through games and return reports, ``results`` reads a run
directory. ``tournament``, ``resume_tournament`` and ``tournament_results`` do the same for round
robins. What plays has an asynchronous twin: ``arun``, ``aresume``, ``atournament`` and
``aresume_tournament``.
"""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vsbench.api import aresume, arun, results, resume, run
    from vsbench.round_robin import (
        aresume_tournament,
        atournament,
        resume_tournament,
        tournament,
        tournament_results,
    )

HOMES = {
    "run": "vsbench.api",
    "arun": "vsbench.api",
    "resume": "vsbench.api",
    "aresume": "vsbench.api",
    "results": "vsbench.api",
    "tournament": "vsbench.round_robin",
    "atournament": "vsbench.round_robin",
    "resume_tournament": "vsbench.round_robin",
    "aresume_tournament": "vsbench.round_robin",
    "tournament_results": "vsbench.round_robin",
}
"""Where what this package offers is from."""

__all__ = [
    "aresume",
    "aresume_tournament",
    "arun",
    "atournament",
    "results",
    "resume",
    "resume_tournament",
    "run",
    "tournament",
    "tournament_results",
]
__version__ = version("vsbench")


def __getattr__(name: str) -> Any:
    # What a run needs takes a while to import; `vsbench --help` should not wait for it.
    if name in HOMES:
        return getattr(import_module(HOMES[name]), name)
    raise AttributeError(f"module 'vsbench' has no attribute {name!r}")
