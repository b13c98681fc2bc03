"""The table of measured anchors."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from vsbench_envs import anchors, get, registry
from vsbench_envs.anchors import Anchors, Estimate, GameAnchors
from vsbench_envs.errors import NotMeasuredError
from vsbench_envs.spec import EpisodeSummary

KUHN = GameAnchors(
    date="2026-01-02",
    seed=3,
    versions={"vsbench": "0"},
    measures={"return": Anchors(Estimate(-0.5, -0.6, -0.4, 100), Estimate(0.5, 0.4, 0.6, 200))},
)


def test_a_table_is_written_and_read(tmp_path: Path) -> None:
    path = tmp_path / "anchors.json"
    assert anchors.load(path) == {}
    anchors.save({"kuhn_poker": KUHN, "b": replace(KUHN, seed=4)}, path)
    assert anchors.load(path) == {"kuhn_poker": KUHN, "b": replace(KUHN, seed=4)}


def test_measured_anchors_are_0_and_100() -> None:
    spec = anchors.by_measured(get("kuhn_poker").spec, KUHN)
    scores = [spec.score(EpisodeSummary((x, -x), 2, {}), (0,)) for x in (-0.5, 0.0, 0.5)]
    assert scores == [0, 50, 100]


@pytest.mark.parametrize("found", [None, replace(KUHN, measures={})])
def test_what_was_not_measured_is_said(found: GameAnchors | None) -> None:
    with pytest.raises(NotMeasuredError, match=r"\(return\): vsbench anchors --env kuhn_poker"):
        anchors.by_measured(get("kuhn_poker").spec, found)


def test_a_game_that_is_not_installed_has_none() -> None:
    assert anchors.measured("kuhn_poker") == anchors.load()["kuhn_poker"]
    assert anchors.measured("chess") is None


@pytest.mark.parametrize("name", registry.GAMES)
def test_every_game_was_measured(name: str) -> None:
    found = anchors.load()[name].measures
    assert list(found) == [measure.name for measure in get(name).spec.measures]
    for ends in found.values():
        for estimate in (ends.random, ends.oracle):
            assert estimate.low <= estimate.mean <= estimate.high
            assert estimate.n >= 20
        assert ends.random.high < ends.oracle.low
