"""Who follows a run that nobody was named to follow: in a notebook, its reader."""

from __future__ import annotations

import sys

from vsbench.runner.observer import NullObserver, Observer


def default_observer() -> Observer:
    """Lines of progress below a notebook's cell; nothing elsewhere."""
    if not in_notebook():
        return NullObserver()
    from vsbench.reporting.displays import PlainProgress

    return PlainProgress(sys.stdout)


def in_notebook() -> bool:
    """Whether this is a kernel of Jupyter."""
    if "IPython" not in sys.modules:
        return False
    from rich.console import Console

    return Console().is_jupyter
