"""Evaluate vision-language models in multi-agent games.

Run models, and read the results:

>>> import vsbench
>>> (report,) = vsbench.run(models="sighted/oracle", envs="kuhn_poker", episodes=60)
>>> report.results.environments[0].score
>>> report.results.to_frame()                           # everything as a pandas table

``resume`` continues a stopped run, ``results`` reads a run directory, ``compare`` says whether a
run is worse than another one, ``verify`` checks one that came from somebody else, ``replay`` writes
an episode as a web page or GIF, ``tournament`` plays models against each other, ``frame`` and
``export`` give every episode, decision and reply as tidy tables, ``estimate`` says what a run would
cost and ``plan`` how long it should be, and ``simulate`` serves a provider to rehearse with.
Functions that play have a coroutine as a twin, ``arun`` for ``run``. To add a model provider see
``vsbench.adapters``, to add a game ``vsbench_envs``.

Types are importable from here too: ``RunReport``, ``Results``, ``TournamentReport``,
``TournamentResults``, ``Comparison`` and ``Verification`` are returned, an ``Observer`` follows
runs (``CombinedObserver`` is several, ``vsbench.loggers`` has those of W&B and MLflow),
``RunOptions``, ``TournamentOptions`` and ``PlayOptions`` type keyword arguments that are passed on,
``RunSettings`` holds them validated, ``Exit`` names exit codes, and ``VSBenchError`` is the root of
all errors that are raised on purpose, among them ``UsageError``.
"""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vsbench.api import (
        aresume,
        aresume_tournament,
        arun,
        atournament,
        compare,
        estimate,
        export,
        frame,
        plan,
        replay,
        results,
        resume,
        resume_tournament,
        run,
        simulate,
        tournament,
        tournament_results,
        verify,
    )
    from vsbench.errors import Exit as Exit
    from vsbench.errors import UsageError as UsageError
    from vsbench.errors import VSBenchError as VSBenchError
    from vsbench.records.comparison import Comparison as Comparison
    from vsbench.records.results import Results as Results
    from vsbench.records.tournament import TournamentResults as TournamentResults
    from vsbench.runner.observer import CombinedObserver as CombinedObserver
    from vsbench.runner.observer import Observer as Observer
    from vsbench.runner.observer import RunReport as RunReport
    from vsbench.runner.tournaments import TournamentReport as TournamentReport
    from vsbench.settings import PlayOptions as PlayOptions
    from vsbench.settings import RunOptions as RunOptions
    from vsbench.settings import RunSettings as RunSettings
    from vsbench.settings import TournamentOptions as TournamentOptions
    from vsbench.verification.run import Verification as Verification

__all__ = [
    "aresume",
    "aresume_tournament",
    "arun",
    "atournament",
    "compare",
    "estimate",
    "export",
    "frame",
    "plan",
    "replay",
    "results",
    "resume",
    "resume_tournament",
    "run",
    "simulate",
    "tournament",
    "tournament_results",
    "verify",
]
__version__ = version("vsbench")

_TYPES = {
    "Comparison": "vsbench.records.comparison",
    "CombinedObserver": "vsbench.runner.observer",
    "Exit": "vsbench.errors",
    "Observer": "vsbench.runner.observer",
    "PlayOptions": "vsbench.settings",
    "Results": "vsbench.records.results",
    "RunOptions": "vsbench.settings",
    "RunReport": "vsbench.runner.observer",
    "RunSettings": "vsbench.settings",
    "TournamentOptions": "vsbench.settings",
    "TournamentReport": "vsbench.runner.tournaments",
    "TournamentResults": "vsbench.records.tournament",
    "UsageError": "vsbench.errors",
    "VSBenchError": "vsbench.errors",
    "Verification": "vsbench.verification.run",
}
"""Type -> module that defines it. Not in ``__all__``, so that help() stays short."""


if not TYPE_CHECKING:  # So that type checkers find misspelt names.

    def __getattr__(name: str) -> Any:
        # Importing what a run needs takes a while; `vsbench --help` should not wait for it.
        if name in __all__:
            return getattr(import_module("vsbench.api"), name)
        if name in _TYPES:
            return getattr(import_module(_TYPES[name]), name)
        raise AttributeError(f"module 'vsbench' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*__all__, *_TYPES, "__version__"])
