"""What calls cost: a dated table that anyone can lay their own figures over."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from vsbench.adapters.base import Usage
from vsbench.adapters.registry import full_id
from vsbench.errors import UsageError
from vsbench.records.manifest import Price


class PriceTable(BaseModel):
    """Prices by full model id."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    date: str
    """When they were looked up, ISO 8601."""
    unit: str = "US dollars for a million tokens"
    prices: dict[str, Price]


def price_table(overlay: Path | None = None) -> PriceTable:
    """The shipped table, with a file of the same form laid over it model by model.

    Raises:
        UsageError: the file cannot be read or is not a price table.
    """
    table = _shipped()
    if overlay is None:
        return table
    try:
        own = PriceTable.model_validate(json.loads(overlay.read_text(encoding="utf-8")))
        prices = {full_id(model): price for model, price in own.prices.items()}
    except (OSError, ValueError, LookupError, ValidationError) as error:
        raise UsageError(f"price file {overlay}: {error}") from None
    return PriceTable(date=own.date, prices=table.prices | prices)


def cost(usage: Usage, price: Price | None) -> float | None:
    """US dollars for a call; None without a price."""
    if price is None:
        return None
    cached_price = price.input if price.cached is None else price.cached
    fresh = usage.input - usage.cached
    return (fresh * price.input + usage.cached * cached_price + usage.output * price.output) / 1e6


@cache
def _shipped() -> PriceTable:
    text = files("vsbench").joinpath("data/prices.json").read_text(encoding="utf-8")
    return PriceTable.model_validate_json(text)
