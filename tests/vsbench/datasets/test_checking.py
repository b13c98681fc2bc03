"""What a check finds, and that it finds nothing where nothing is wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from vsbench.datasets.checking import check, check_dataset
from vsbench.datasets.samples import Dataset, Sample
from vsbench.errors import UsageError
from vsbench.evaluations.export import export
from vsbench.prompts import PromptPack

Change = Callable[[Dataset], Dataset]


def sample(**update: object) -> Change:
    """Changes the first sample."""

    def change(dataset: Dataset) -> Dataset:
        first, *others = dataset.samples
        return replace(dataset, samples=(first.model_copy(update=update), *others))

    return change


def episode(**update: object) -> Change:
    """Changes the first episode."""

    def change(dataset: Dataset) -> Dataset:
        first, *others = dataset.episodes
        return replace(dataset, episodes=(first.model_copy(update=update), *others))

    return change


def only(keep: Callable[[Dataset, Sample], object]) -> Change:
    """Leaves samples out."""
    return lambda dataset: replace(
        dataset, samples=tuple(sample for sample in dataset.samples if keep(dataset, sample))
    )


WRONG: dict[str, tuple[Change, str]] = {
    "an answer that is no action": (sample(answers=("bet", "raise")), "'raise' is not among"),
    "another answer": (sample(answers=("bet", "pass")), "the right answer is"),
    "someone who does not act": (lambda d: sample(target=d.samples[0].seat)(d), "does not act"),
    "a seat asked about itself": (lambda d: sample(seat=d.samples[0].target)(d), "cannot be asked"),
    "a seat that does not exist": (sample(seat=2), "seat 2 cannot be asked"),
    "another source": (sample(source="bot/nobody"), "not bot/nobody"),
    "an illegal move": (episode(moves=((0,), (2,), (0,))), "episode 0 cannot be replayed beyond"),
    "moves after the end": (episode(moves=((0,), (0,), (0,))), "cannot be replayed beyond step 2"),
    "an episode without end": (episode(moves=((0,),)), "episode 0 ends unfinished after step 1"),
    "a player too few": (episode(players=("bot/greedy",)), "1 players for 2 seats"),
    "a sample twice": (
        lambda d: replace(d, samples=(*d.samples, d.samples[0])), "is asked about 2 times",
    ),
    "one seat only": (only(lambda d, s: s.target), "seat 0 is asked about in 0 of 20"),
    "beginnings only": (only(lambda d, s: d.third(s) == 0), "only 0 samples are from third 3"),
    "nothing": (only(lambda d, s: False), "there are no samples"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_found(case: str, poker: Dataset) -> None:
    change, problem = WRONG[case]
    assert not list(check_dataset(poker))
    assert any(problem in finding for finding in check_dataset(change(poker)))


def test_groups_keep_the_shares_of_their_recipe(poker: Dataset) -> None:
    """A set that says it is made by the recipe has its balance; one of runs need not."""
    header = poker.header.model_copy(update={"env": "overcooked"})
    stay = Sample(episode=0, step=0, seat=1, target=0, answers=("stay",), source="bot/x")
    lazy = replace(poker, header=header, episodes=(), samples=())
    assert list(check_dataset(lazy)) == ["there are no samples"]
    lazy = replace(lazy, episodes=poker.episodes, samples=(stay,) * 9)
    found = [finding for finding in check_dataset(lazy) if "group" in finding]
    assert found == [
        "9 samples are of the group 'stay', not 10%",
        "0 samples are of the group 'others', not 90%",
    ]
    runs = replace(lazy, header=header.model_copy(update={"recipe": "runs: mine"}))
    assert not [finding for finding in check_dataset(runs) if "group" in finding]


def test_files_of_either_kind_are_checked(poker: Dataset, tmp_path: Path) -> None:
    ours = tmp_path / "kuhn_poker.jsonl"
    ours.write_bytes(poker.content)
    theirs = export(poker, tmp_path, PromptPack.shipped())
    assert not list(check(ours))
    assert not list(check(theirs))
    rows = parquet.read_table(theirs).to_pylist()
    rows[3]["next_action"] = [9]
    rows[7]["prompt"]["image_path"] = ["?"]
    parquet.write_table(pa.Table.from_pylist(rows), theirs)
    found = list(check(theirs))
    assert len(found) == 2
    assert "row 3, column next_action" in found[0]
    assert "row 7, column prompt.image_path[0]" in found[1]
    with pytest.raises(UsageError, match="cannot be read"):
        list(check(tmp_path / "missing.jsonl"))
