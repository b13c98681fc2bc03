"""What a person tells one provider: ``--model-option PROVIDER.KEY=VALUE``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from vsbench.adapters.base import BadRequestError


class ProviderOptions(BaseModel):
    """A provider's own options: fields with defaults, which texts are made into."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


Options = TypeVar("Options", bound=ProviderOptions)


def read_options(provider: str, extra: Mapping[str, str], kind: type[Options]) -> Options:
    """A provider's options, made from texts.

    Raises:
        BadRequestError: naming the option that is unknown or wrong, and those that there are.
    """
    try:
        return kind.model_validate(dict(extra))
    except ValidationError as error:
        problem = error.errors()[0]
        key = str(problem["loc"][0])
        known = ", ".join(f"{provider}.{name}" for name in kind.model_fields)
        if problem["type"] == "extra_forbidden":
            wrong = f"there is no option {provider}.{key}"
        else:
            wrong = f"{provider}.{key} cannot be {problem['input']!r}: {problem['msg']}"
        raise BadRequestError(f"{wrong}. Known: {known or 'none'}.") from None


def refuse_options(provider: str, extra: Mapping[str, str]) -> None:
    """For providers that take no options. Raises BadRequestError if there are any."""
    read_options(provider, extra, ProviderOptions)
