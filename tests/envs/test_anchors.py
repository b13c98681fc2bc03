"""The table of measured anchors."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from vsbench_envs import anchors, get, registry
from vsbench_envs.anchors import Anchors, Decisions, Estimate, GameAnchors
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
    counted = replace(KUHN, seed=4, decisions=Decisions(1.5, 1.25, 2))
    anchors.save({"kuhn_poker": KUHN, "b": counted}, path)
    assert anchors.load(path) == {"kuhn_poker": KUHN, "b": counted}


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
    assert anchors.decisions("chess") is None


@pytest.mark.parametrize("name", registry.GAMES)
def test_every_game_was_measured(name: str) -> None:
    found = anchors.load()[name].measures
    assert list(found) == [measure.name for measure in get(name).spec.measures]
    for ends in found.values():
        for estimate in (ends.random, ends.oracle):
            assert estimate.low <= estimate.mean <= estimate.high
            assert estimate.n >= 20
        assert ends.random.high < ends.oracle.low


@pytest.mark.parametrize("name", registry.GAMES)
def test_the_decisions_of_every_game_were_counted(name: str) -> None:
    found = anchors.decisions(name)
    assert found is not None
    assert 1 <= min(found.random, found.oracle) <= max(found.random, found.oracle) <= found.longest


def test_seats_that_move_at_once_decide_once_each() -> None:
    assert anchors.decisions("coin_dilemma") == Decisions(100, 100, 100)  # 50 steps, both seats
    assert anchors.decisions("coin_dilemma_3p") == Decisions(150, 150, 150)
