"""How well do vision-language models reason and decide in multi-agent games?

``run`` and ``resume`` play models through games and return reports, ``results`` reads a run
directory; ``arun`` and ``aresume`` are their asynchronous twins.
"""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vsbench.api import aresume, arun, results, resume, run

__all__ = ["aresume", "arun", "results", "resume", "run"]
__version__ = version("vsbench")


def __getattr__(name: str) -> Any:
    # What a run needs takes a while to import; `vsbench --help` should not wait for it.
    if name in __all__:
        return getattr(import_module("vsbench.api"), name)
    raise AttributeError(f"module 'vsbench' has no attribute {name!r}")
