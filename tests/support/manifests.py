"""Manifests, and all the ways in which one field of them may differ."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from vsbench.records.manifest import Manifest
from vsbench.runner import runs
from vsbench.settings import run_settings

FieldPath = tuple[str | int, ...]


def plan(**settings: object) -> Manifest:
    (manifest,) = runs.plan(run_settings(**{"models": ("openai/gpt-4o",), **settings}))
    return manifest


def leaves(value: Any, path: FieldPath = ()) -> Iterator[FieldPath]:
    match value:
        case dict() if value:
            for name, inner in value.items():
                yield from leaves(inner, (*path, name))
        case list() if value:
            for place, inner in enumerate(value):
                yield from leaves(inner, (*path, place))
        case _:
            yield path


def other_manifests(manifest: Manifest, path: FieldPath) -> list[Manifest]:
    """Valid manifests that differ in one field."""
    record = manifest.model_dump(mode="json")
    value: Any = record
    for step in path:
        value = value[step]
    valid = []
    for other in others(value):
        if other == value:
            continue
        try:
            valid.append(Manifest.model_validate_json(json.dumps(put(record, path, other))))
        except ValueError:
            continue
    return valid


def others(value: Any) -> list[Any]:
    """Values of other kinds and sizes; some of them are valid."""
    match value:
        case bool():
            return [not value]
        case int() | float():
            return [value + 1, value + 2, value - 1, max(0, value // 2), 0]
        case str():
            words = ["text", "cot", "off", "low", "rotating", "fixed", "perception", "x"]
            bots = ["bot/random", "sighted/greedy", "openai/gpt-4o"]
            return [*words, *bots, "unknown", "vsbench-1-quick", "hanabi_3p", "0" * 64, value[:-1]]
        case None:
            return [1, 5000, "self_interest", "high", 0.5]
        case _:
            return [[*value, 1], {"x": "y"}]


def put(record: Any, path: FieldPath, value: Any) -> Any:
    if not path:
        return value
    step, *rest = path
    copy = dict(record) if isinstance(record, dict) else list(record)
    copy[step] = put(record[step], tuple(rest), value)
    return copy
