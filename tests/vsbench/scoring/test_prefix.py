"""What figures are over when a run is not complete."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

import pytest

from vsbench.planning.units import episode_plan, planned_samples
from vsbench.records.files import UnitKey
from vsbench.records.journal import EpisodeClosed, JournalRecord, Verdict
from vsbench.records.manifest import Manifest, spread_order
from vsbench.records.results import Results
from vsbench.reporting.tables import caveats
from vsbench.runner.runs import plan
from vsbench.scoring.results import score
from vsbench.settings import RunSettings


def planned(evaluation: str, **settings: object) -> Manifest:
    (manifest,) = plan(
        RunSettings(
            models=("openai/gpt-4o",), envs=("coin_dilemma",), evals=(evaluation,), **settings
        )
    )
    return manifest


def results_of(
    manifest: Manifest, finished: Sequence[int], begun: Sequence[int] = (), returns: float = 1.0
) -> Results:
    """The results when some episodes have ended, with their number as their return."""
    (env,) = manifest.environments
    journals: dict[UnitKey, tuple[JournalRecord, ...]] = {}
    for number in (*finished, *begun):
        opened = episode_plan(manifest, env, number).opening
        closed = EpisodeClosed(
            returns=(float(number), 0.0), length=50, events={"own_coins": (number, 0)}
        )
        lines = (opened, closed) if number in finished else (opened,)
        journals[UnitKey("decision", env.env, number)] = lines
    return score(manifest, journals)


@pytest.mark.parametrize(
    ("finished", "begun", "scored", "unfinished"),
    [
        ([], [], 0, None),
        ([], [0], 0, 0),
        ([0, 1, 2], [], 3, None),
        ([0, 1, 2], [3], 3, 3),
        ([0, 2, 3], [1, 5], 1, 1),
        ([0, 2], [], 1, 1),
        ([1, 2, 3], [0], 0, 0),
        (range(8), [], 8, None),
    ],
)
def test_figures_are_over_the_finished_prefix(
    finished: Sequence[int], begun: Sequence[int], scored: int, unfinished: int | None
) -> None:
    manifest = planned("decision", episodes=8)
    results = results_of(manifest, finished, begun)
    (env,) = results.environments
    assert (env.planned, env.finished, env.scored) == (8, len(finished), scored)
    assert (env.pending, env.unfinished) == (8 - scored, unfinished)
    assert results.complete == (scored == 8)
    assert [episode.episode for episode in env.episodes] == list(range(scored))
    if not scored:
        assert env.score is None
        return
    assert env.measures["total return"].mean == (scored - 1) / 2
    assert env.behaviours["own_coins"].mean == (scored - 1) / 2
    # Whatever has ended later, figures are those of the prefix alone.
    alone = results_of(manifest, range(scored)).environments[0]
    assert (env.score, env.measures) == (alone.score, alone.measures)


def test_the_unfinished_episode_is_named() -> None:
    manifest = planned("decision", episodes=8)
    lines = caveats(results_of(manifest, [0, 1, 2, 4, 5], [3]))
    assert "Incomplete: Coin Dilemma 3 of 8 scored, 5 pending" in lines
    (broken,) = (line for line in lines if line.startswith("Broken off"))
    assert broken.endswith("resumed): Coin Dilemma at episode 3, 2 later finished")
    assert not any("Broken off" in line for line in caveats(results_of(manifest, [0, 1, 2])))


def test_samples_count_in_the_order_in_which_they_are_asked() -> None:
    manifest = planned("reasoning", samples=20)
    (env,) = manifest.environments
    order = list(env.order("reasoning"))
    assert sorted(order) == env.numbers("reasoning") != order
    samples = {sample.number: sample for sample in planned_samples(manifest, env, "reasoning")}

    def answered(numbers: Sequence[int]) -> Results:
        journals: dict[UnitKey, tuple[JournalRecord, ...]] = {
            UnitKey("reasoning", env.env, number): (
                samples[number].opening,
                Verdict(
                    outcome="ok", answer="left", credit=float(number in order[:3]), chance=0.25
                ),
            )
            for number in numbers
        }
        return score(manifest, journals)

    (part,) = answered([*order[:5], *order[6:9]]).samples
    assert (part.planned, part.finished, part.scored) == (20, 8, 5)
    assert part.unfinished == order[5]
    assert part.score is not None
    assert part.score.mean == 60
    assert answered(order).complete


@pytest.mark.parametrize("count", [1, 2, 3, 10, 60, 97, 100, 128, 400, 1000, 10_000])
def test_every_prefix_is_spread_over_the_whole(count: int) -> None:
    order = list(spread_order(count))
    assert sorted(order) == list(range(count))
    for size in {1, 2, 3, 5, 8, 20, 50, 100, count // 3, count // 2, count - 1} & set(range(count)):
        prefix = order[:size]
        for parts in (2, 4, 8):
            for kind in range(parts):
                # Consecutive blocks, as of one source, and kinds that alternate.
                low, high = ceil(kind * count / parts), ceil((kind + 1) * count / parts)
                block = sum(low <= place < high for place in prefix)
                turn = sum(place % parts == kind for place in prefix)
                assert abs(block - size * (high - low) / count) < 3
                assert abs(turn - size * len(range(kind, count, parts)) / count) < 6
