"""Both ends of a game's scale: the anchors as stated, and as measured."""

from __future__ import annotations

from math import floor, log10

from vsbench_envs import registry
from vsbench_envs.anchors import Estimate, GameAnchors, load
from vsbench_envs.catalogue.facts import Rows
from vsbench_envs.spec import GameSpec, Measure


def anchor_columns(spec: GameSpec) -> tuple[str, ...]:
    """Headings for :func:`anchor_rows`."""
    stated = "paper" if spec.id in registry.BENCHMARK else "stated"
    return ("measure", "player", stated, "measured (95 %)", "episodes", "off by")


def anchor_rows(spec: GameSpec, found: GameAnchors | None) -> Rows:
    """The stated anchors of each measure beside the measured ones."""
    rows: Rows = []
    for measure in spec.measures:
        both = found.measures[measure.name] if found else None
        name = measure.name + _share(measure)
        random, oracle = (both.random, both.oracle) if both else (None, None)
        rows.append((name, "random", *_figures(measure, measure.random, random)))
        rows.append((name, "oracle", *_figures(measure, measure.best, oracle)))
    return rows


def measured_with(spec: GameSpec) -> str:
    """When and with what the shipped anchors were measured; empty if they were not."""
    found = load().get(spec.id)
    if found is None:
        return ""
    used = ", ".join(f"{name} {version}" for name, version in found.versions.items())
    return f"Measured on {found.date} with {used}; seed {found.seed}."


def _share(measure: Measure) -> str:
    if measure.weight == 1:
        return ""
    return f" (weight {measure.weight:g})" if measure.weight else " (not scored)"


def _figures(measure: Measure, stated: float, found: Estimate | None) -> tuple[str, str, str, str]:
    """An anchor as stated, as measured, over how many episodes, and how far these are apart."""
    digits = max(1, 2 - floor(log10(measure.best - measure.random)))
    if found is None:
        return f"{stated:z.{digits}f}", "", "", ""
    return (
        f"{stated:z.{digits}f}",
        f"{found.mean:z.{digits}f} [{found.low:z.{digits}f}, {found.high:z.{digits}f}]",
        str(found.n),
        f"{found.mean - stated:+z.{digits}f}",
    )
