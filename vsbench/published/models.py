"""Finding a model of the published tables by the name that providers give it."""

from __future__ import annotations

import re
from functools import cache

from vsbench.models import bare_name
from vsbench.published.tables import (
    VERSIONS,
    Frozen,
    PublishedRow,
    Version,
    published,
    shipped,
)
from vsbench.settings import Evaluation


class PublishedModel(Frozen):
    """A model of the tables."""

    title: str
    pattern: str
    """Regular expression for the beginning of its API names, whatever the case."""
    thinking: bool | None
    """Whether this row is with or without thinking; None where a model has one row."""
    rows: dict[Version, str]
    """What each version of the paper calls its row."""


class _Models(Frozen):
    about: str
    models: tuple[PublishedModel, ...]


def published_models(model: str, thinking: bool | None = None) -> list[PublishedModel]:
    """The models of the tables that a full model id may mean.

    Args:
        model: the id, as in ``anthropic/claude-3-7-sonnet-20250219``.
        thinking: whether it thought; None if that is not known, and both rows are found.
    """
    name = bare_name(model)
    return [
        entry
        for entry in _models()
        if re.match(entry.pattern, name, re.IGNORECASE)
        and (thinking is None or entry.thinking in (None, thinking))
    ]


def published_rows(
    evaluation: Evaluation, model: str, thinking: bool | None = None
) -> list[tuple[PublishedModel, PublishedRow]]:
    """The rows that stand for a model, each from the latest version of the paper that has it."""
    found = []
    for entry in published_models(model, thinking):
        for version in VERSIONS:
            row = published(version).row(evaluation, entry.rows.get(version, ""))
            if row is not None:
                found.append((entry, row))
                break
    return found


@cache
def _models() -> tuple[PublishedModel, ...]:
    return _Models.model_validate_json(shipped("models.json")).models
