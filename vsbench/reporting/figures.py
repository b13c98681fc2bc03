"""Figures as text, and as the numbers in a table."""

from __future__ import annotations

from collections.abc import Iterable

from vsbench.records.results import Figure
from vsbench_envs import registry


def interval(figure: Figure | None, digits: int = 1) -> str:
    """``mean [low, high]``; a dash where there is nothing."""
    if figure is None:
        return "-"
    # z: what is rounded to zero has no sign.
    mean = f"{figure.mean:z.{digits}f}"
    if figure.low is None or figure.high is None:
        return mean
    return f"{mean} [{figure.low:z.{digits}f}, {figure.high:z.{digits}f}]"


def decimal(number: float | None, digits: int) -> str:
    """A number by itself; a dash where there is none."""
    return "-" if number is None else f"{number:z.{digits}f}"


def count(number: float) -> str:
    """A large number, short: 1234567 -> 1.23M."""
    for unit, size in (("M", 1e6), ("k", 1e3)):
        if number >= size:
            return f"{number / size:.3g}{unit}"
    return f"{number:.0f}"


def money(dollars: float | None) -> str:
    """US dollars; a dash without a price."""
    return "-" if dollars is None else f"${dollars:.2f}"


def numbers(figure: Figure) -> list[float | int | None]:
    """Mean, interval and number of units, in full."""
    return [figure.mean, figure.low, figure.high, figure.n]


def title(env: str) -> str:
    """What an environment is called."""
    return registry.get(env).spec.title


def in_order(envs: Iterable[str]) -> list[str]:
    """Each environment once, as the catalogue lists them; those of other packages last."""
    places = {env: place for place, env in enumerate(registry.GAMES)}
    return sorted(set(envs), key=lambda env: (places.get(env, len(places)), env))
