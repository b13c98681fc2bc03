"""Sets of recorded runs."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from pathlib import Path

import pytest

import vsbench
from forging import forge_chain
from vsbench.adapters.base import Reply
from vsbench.datasets.checking import check_dataset
from vsbench.datasets.runs import from_runs
from vsbench.errors import UsageError
from vsbench.records.journal import Decision
from vsbench.records.journals import read_journal
from written import MODEL, choose


def test_runs_make_balanced_sets(run: Path) -> None:
    sets = {dataset.header.env: dataset for dataset in from_runs([run], samples=60)}
    assert set(sets) == {"kuhn_poker", "coin_dilemma"}
    coins = sets["coin_dilemma"]
    assert Counter(sample.target for sample in coins.samples) == {0: 30, 1: 30}
    assert Counter(map(coins.third, coins.samples)) == {0: 20, 1: 20, 2: 20}
    assert {sample.source for sample in coins.samples} == {"bot/greedy"}
    assert not list(check_dataset(coins))
    assert coins.header.recipe == "runs: run"


def test_seats_get_what_the_poorer_one_has(run: Path) -> None:
    (poker,) = from_runs([run], ["kuhn_poker"])
    counts = Counter(sample.target for sample in poker.samples)
    assert counts[0] == counts[1] >= 12
    assert {sample.source for sample in poker.samples} == {"bot/greedy", "bot/equilibrium"}


def test_the_choice_follows_from_the_seed(run: Path) -> None:
    texts = [from_runs([run], ["coin_dilemma"], seed, 20)[0].content for seed in (1, 1, 2)]
    assert texts[0] == texts[1] != texts[2]


def test_a_run_counts_once(run: Path) -> None:
    assert from_runs([run, run.parent], samples=30) == from_runs([run], samples=30)


def test_random_moves_are_not_asked_about(written_model, tmp_path: Path) -> None:
    """Neither a random player's, nor those that stood in for a model's."""
    written_model(lambda request, seen: Reply("hm") if request.seed % 2 else choose(request))
    seats = {1: "random"}
    vsbench.run(
        models=[MODEL], envs=["coin_dilemma"], episodes=2, seats=seats, attempts=1,
        evals=["decision"], out=tmp_path / "run",
    )  # fmt: skip
    (dataset,) = from_runs([tmp_path / "run"])
    decisions = {
        (number, line.step): line.outcome
        for number in range(2)
        for line in read_journal(tmp_path / f"run/journal/decision/coin_dilemma/000{number}.jsonl")
        if isinstance(line, Decision)
    }
    assert Counter(decisions.values())["unparsable"] > 20
    assert len(dataset.samples) == Counter(decisions.values())["ok"]
    assert {sample.source for sample in dataset.samples} == {MODEL}
    by_seed = [dataset.episodes.index(episode) for episode in dataset.episodes]
    assert all(
        decisions[by_seed[sample.episode], sample.step] == "ok" for sample in dataset.samples
    )


def test_unfinished_episodes_are_left_out(run: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(run, tmp_path / "copy"))
    for number, path in enumerate(sorted((copy / "journal/decision/coin_dilemma").iterdir())):
        if number:
            path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))
    (coins,) = from_runs([copy], ["coin_dilemma"])
    assert len(coins.episodes) == 1
    for path in copy.rglob("*.jsonl"):
        path.unlink()
    with pytest.raises(UsageError, match="no finished episodes"):
        from_runs([copy])


@pytest.mark.parametrize(
    ("label", "problem"), [("castle", "no action 'castle'"), ("call", "no action 'call'")]
)
def test_journals_that_make_no_sense_are_named(
    run: Path, tmp_path: Path, label: str, problem: str
) -> None:
    copy = Path(shutil.copytree(run, tmp_path / "copy"))
    path = copy / "journal/decision/kuhn_poker/0003.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    step = next(line for line in lines if line["type"] == "step")
    step["moves"] = dict.fromkeys(step["moves"], label)
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    forge_chain(copy)
    with pytest.raises(UsageError, match=f"0003.jsonl.*{problem}"):
        from_runs([copy], ["kuhn_poker"])


def test_moves_that_cannot_be_played_again_are_named(run: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(run, tmp_path / "copy"))
    path = copy / "journal/decision/kuhn_poker/0003.jsonl"
    text = path.read_text()
    step = next(line for line in text.splitlines() if '"type":"step"' in line)
    more = [step.replace('"step":0', f'"step":{number}') for number in range(5)]
    others = [line for line in text.splitlines() if '"type":"step"' not in line]
    path.write_text("\n".join([others[0], *more, others[-1]]) + "\n")
    forge_chain(copy)
    with pytest.raises(UsageError, match=r"0003.jsonl cannot be replayed"):
        from_runs([copy], ["kuhn_poker"])
