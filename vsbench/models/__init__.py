"""Facts about models: capabilities, limits, token formulas, and the settings in force.

Capabilities follow from a model's family, wherever it is served: ``openai/gpt-4o`` and
``openai-api/https://openrouter.ai/api/v1#openai/gpt-4o`` take the same parameters. Prices follow
from the full id, and so from the seller; dated versions cost what the name without the date does.
The figures are in ``models.json``, a dated data file.
"""

from vsbench.models.settings import (
    in_force,
    in_force_as_recorded,
    model_warnings,
    token_limits,
)
from vsbench.models.tokens import message_tokens, text_tokens
from vsbench.models.traits import (
    FREE,
    NO_EFFORT,
    NO_MODELS,
    USUAL_TEMPERATURE,
    Traits,
    bare_name,
    call_cost,
    estimate_tokens,
    known_price,
    model_table,
    traits_of,
)

__all__ = [
    "FREE",
    "NO_EFFORT",
    "NO_MODELS",
    "USUAL_TEMPERATURE",
    "Traits",
    "bare_name",
    "call_cost",
    "estimate_tokens",
    "in_force",
    "in_force_as_recorded",
    "known_price",
    "message_tokens",
    "model_table",
    "model_warnings",
    "text_tokens",
    "token_limits",
    "traits_of",
]
