"""Making the adapter that a model id of ``hf`` names."""

from __future__ import annotations

from vsbench.adapters.base import AdapterOptions
from vsbench.adapters.hf.adapter import HF
from vsbench.adapters.hf.options import HFOptions
from vsbench.adapters.options import read_options


def hf(name: str, options: AdapterOptions) -> HF:
    """The model of this name, loaded.

    Raises:
        BadRequestError: there is no such model, it cannot see, it does not load, or an option is
            wrong.
        MissingExtraError: the model needs a package that is not installed.
    """
    return HF(name, options, read_options("hf", options.extra, HFOptions))
