"""Prices: the shipped table, and files that users lay over it."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from vsbench.adapters.registry import full_id
from vsbench.errors import UsageError
from vsbench.models import known_price, model_table
from vsbench.records.bounds import MAX_MANIFEST_BYTES
from vsbench.records.manifest import Price
from vsbench.records.reading import read_user_file
from vsbench.validation import readable


class PriceTable(BaseModel):
    """Prices by full model id."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    date: str
    """Date of the prices, ISO 8601."""
    unit: str = "US dollars for a million tokens"
    prices: dict[str, Price]

    def of(self, model: str) -> Price | None:
        """Return the price of a full model id, or of the same id without a version's date."""
        return known_price(model, self.prices)


def price_table(overlay: Path | None = None) -> PriceTable:
    """Return the shipped table, overlaid model by model by a file of the same form.

    Raises:
        UsageError: the file cannot be read or is not a price table.
    """
    known = model_table()
    table = PriceTable(date=known.date, prices=known.prices)
    if overlay is None:
        return table
    try:
        own = PriceTable.model_validate(json.loads(read_user_file(overlay, MAX_MANIFEST_BYTES)))
        prices = {full_id(model): price for model, price in own.prices.items()}
    except ValidationError as error:
        raise UsageError(f"price file {overlay}: {readable(error)}") from None
    except (OSError, ValueError, LookupError) as error:
        raise UsageError(f"price file {overlay}: {error}") from None
    return PriceTable(date=own.date, prices=table.prices | prices)
