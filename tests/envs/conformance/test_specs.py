"""The facts that games state about themselves."""

from __future__ import annotations

import re
from dataclasses import FrozenInstanceError, is_dataclass
from typing import Any, get_args

import pytest

from vsbench_envs import Game, get, names
from vsbench_envs.frozen import FrozenMapping
from vsbench_envs.spec import EpisodeSummary, Kind

LONGEST_LABEL = 32


def test_games_are_found_by_their_own_id(game: Game[Any]) -> None:
    assert get(game.spec.id) is game
    assert game.spec.id.isidentifier()
    assert game.spec.id == game.spec.id.lower()


def test_specs_cannot_be_changed(game: Game[Any]) -> None:
    hash(_frozen(game.spec))
    assert isinstance(game.bots, FrozenMapping)
    for player in game.bots.values():
        assert isinstance(player.parameters, FrozenMapping)
        hash(_frozen(dict(player.parameters)))
    changes: list[Any] = [
        lambda: game.spec.ids.update({}),  # type: ignore[attr-defined]
        lambda: setattr(game.spec, "seats", 9),
        lambda: game.bots.pop("random"),  # type: ignore[attr-defined]
    ]
    for change in changes:
        with pytest.raises((AttributeError, FrozenInstanceError)):
            change()


def _frozen(value: Any) -> Any:
    """Everything that is reachable, as something that can be hashed; TypeError if it cannot."""
    if is_dataclass(value) and not isinstance(value, type):
        assert value.__dataclass_params__.frozen  # type: ignore[attr-defined]
        return tuple(map(_frozen, vars(value).values()))
    if isinstance(value, FrozenMapping) or type(value) is dict:
        return tuple((key, _frozen(each)) for key, each in value.items())
    if isinstance(value, tuple):
        return tuple(map(_frozen, value))
    return value


def test_titles_are_unique() -> None:
    titles = [get(name).spec.title for name in names()]
    assert len(set(titles)) == len(titles)


def test_words(game: Game[Any]) -> None:
    spec = game.spec
    assert spec.kind in get_args(Kind)
    assert spec.summary.endswith(".")
    assert len(spec.roles) == len(set(spec.roles)) == spec.seats
    assert all(spec.events.values())


def test_action_labels_can_be_told_apart(game: Game[Any]) -> None:
    labels = game.spec.actions
    assert len(set(labels)) == len(labels)
    for label in labels:
        assert label == label.lower().strip()
        assert 0 < len(label) <= LONGEST_LABEL
        within = re.compile(rf"(?<![\w-]){re.escape(label)}(?![\w-])")
        assert [other for other in labels if within.search(other)] == [label]


def test_measures(game: Game[Any], rollout: Any) -> None:
    measures = game.spec.measures
    assert sum(measure.weight for measure in measures) == pytest.approx(1)
    assert len({measure.name for measure in measures}) == len(measures)
    *_, (last, _) = rollout(game, 0)
    empty = EpisodeSummary((0.0,) * game.spec.seats, 0, {})
    for measure in measures:
        assert measure.weight >= 0
        assert measure.best > measure.random
        for episode in (last.summary, empty):
            assert isinstance(measure.extract(episode, range(game.spec.seats)), (int, float))


def test_schedules(game: Game[Any]) -> None:
    spec = game.spec
    assert spec.group >= 1
    assert spec.strata >= 1
