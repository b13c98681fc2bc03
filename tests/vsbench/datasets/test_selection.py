"""Quotas add up, and choices are spread."""

from collections import Counter
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from vsbench.datasets.samples import Sample
from vsbench.datasets.selection import PARTS, Candidate, apportion, cross, fill, pick
from vsbench_envs import Percept

totals = st.integers(0, 500)
shares = st.dictionaries(st.integers(), st.floats(0.01, 100), min_size=1, max_size=9)


@given(totals, shares)
def test_parts_are_the_shares_but_for_rounding(total: int, given: dict[int, float]) -> None:
    parts = apportion(total, given)
    assert sum(parts.values()) == total
    for key, part in parts.items():
        assert abs(part - total * given[key] / sum(given.values())) < 1 + 1e-6


@given(totals, shares, shares)
def test_both_sums_of_a_cross_are_apportioned(
    total: int, rows: dict[int, float], columns: dict[int, float]
) -> None:
    cells = cross(total, rows, columns)
    by_row, by_column = Counter[int](), Counter[int]()
    for (row, column), count in cells.items():
        assert count >= 0
        by_row[row] += count
        by_column[column] += count
    assert dict(by_row) == apportion(total, rows)
    assert dict(by_column) == apportion(total, columns)


@given(totals, shares, st.lists(st.integers(0, 100), min_size=9, max_size=9))
def test_others_make_up_for_what_one_lacks(
    total: int, given: dict[int, float], stock: list[int]
) -> None:
    supply = dict(zip(given, stock, strict=False))
    parts = fill(total, given, supply)
    assert sum(parts.values()) == min(total, sum(supply.values()))
    assert all(parts[key] <= supply[key] for key in given)
    if all(count <= supply[key] for key, count in apportion(total, given).items()):
        assert parts == apportion(total, given)


def test_enough_of_everything_is_divided_by_shares() -> None:
    stock = {"play": 500, "discard": 20, "reveal": 500}
    assert fill(90, {"play": 2, "discard": 3, "reveal": 4}, stock) == {
        "play": 23, "discard": 20, "reveal": 47,
    }  # fmt: skip


def moment(episode: int, step: int, group: str, look: int) -> Candidate:
    sample = Sample(episode=episode, step=step, seat=1, target=0, answers=("stay",), source="bot/x")
    return Candidate(sample, group, step % PARTS, (Percept(look), 0))


def test_choices_are_spread_over_parts_episodes_and_looks() -> None:
    pool = [moment(e, step, "a", 100 * e + step) for e in range(10) for step in range(PARTS)]
    pool += [moment(99, step, "a", 0) for step in range(PARTS)]
    chosen = pick(pool, {"a": 5 * PARTS}, lambda m: m.group, Random(1))
    assert set(Counter(m.part for m in chosen).values()) == {5}
    episodes = Counter(m.sample.episode for m in chosen)
    assert {episodes[e] for e in range(10)} <= {5, 6}
    assert episodes[99] <= 1


def test_scarce_kinds_are_not_crowded_out() -> None:
    pool = [moment(0, step, "rare" if step == 3 else "common", step) for step in range(PARTS)]
    chosen = pick(pool, {"common": 4, "rare": 1, "unheard of": 2}, lambda m: m.group, Random(1))
    assert Counter(m.group for m in chosen) == {"common": 4, "rare": 1}
