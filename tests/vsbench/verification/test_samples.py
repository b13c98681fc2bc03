"""Verification of answers about samples: predictions, and what is in a picture."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

import vsbench
from forging import forge_chain, kill_after
from vsbench.datasets.building import build
from vsbench.errors import Exit, UsageError
from vsbench.verification.run import Verification, verify

PREDICTION = "journal/reasoning/kuhn_poker/0003.jsonl"
PERCEPTION = "journal/perception/kuhn_poker/0003.jsonl"


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("dataset") / "kuhn_poker.jsonl"
    path.write_bytes(build("kuhn_poker", samples=18).content)
    return path


@pytest.fixture(scope="module")
def answered(dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of all three evaluations by a model that reads pictures; not to be changed."""
    directory = tmp_path_factory.mktemp("answered") / "run"
    vsbench.run(
        models=["sighted/greedy"],
        envs=["kuhn_poker"],
        evals=["decision", "reasoning", "perception"],
        episodes=2,
        samples=6,
        dataset=dataset,
        out=directory,
    )
    return directory


@pytest.fixture
def run(answered: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(answered, tmp_path / "run"))


def change(run: Path, where: Path, name: str, kind: str, **fields: Any) -> Verification:
    """Change a line of a journal, and verify."""
    lines = [json.loads(line) for line in (run / name).read_bytes().splitlines()]
    next(line for line in lines if line["type"] == kind).update(fields)
    (run / name).write_text("".join(json.dumps(line) + "\n" for line in lines))
    forge_chain(run)
    return verify(run, datasets=where)


def kinds(verification: Verification) -> list[str]:
    return [finding.kind for finding in verification.findings]


def test_honest_answers_pass(run: Path, dataset: Path) -> None:
    verification = verify(run, datasets=dataset)
    assert verification.ok
    assert not verification.findings
    assert (verification.finished, verification.unfinished) == (14, 0)
    assert verification.samples == 12
    assert verification.prompts == 12 + verification.decisions


def test_bots_that_predict_are_verified_too(dataset: Path, tmp_path: Path) -> None:
    vsbench.run(
        models=["bot/oracle"],
        envs=["kuhn_poker"],
        evals=["reasoning"],
        dataset=dataset,
        samples=6,
        out=tmp_path / "run",
    )
    verification = verify(tmp_path / "run", datasets=dataset)
    assert verification.ok
    assert verification.samples == 6
    finding = change(tmp_path / "run", dataset, PREDICTION, "verdict", answer="castle").findings[0]
    assert str(finding).startswith("reasoning kuhn_poker/0003: the verdict's answer: recorded")


@pytest.mark.parametrize("lines", range(0, 44, 6))
def test_answers_may_be_unfinished(run: Path, dataset: Path, lines: int) -> None:
    kill_after(run, lines)
    verification = verify(run, datasets=dataset)
    assert kinds(verification) == ["stale"]
    assert verification.unfinished > 0


@pytest.mark.parametrize(
    ("name", "kind", "fields"),
    [
        (PREDICTION, "sample", {"seat": 7}),
        (PREDICTION, "sample", {"dataset": "0" * 64}),
        (PREDICTION, "sample", {"episode": 999}),
        (PERCEPTION, "sample", {"episode": None}),
        (PREDICTION, "attempt", {"reply": "castle"}),
        (PREDICTION, "attempt", {"answer": "castle"}),
        (PREDICTION, "attempt", {"step": 9}),
        (PREDICTION, "attempt", {"prompt": "0"}),
        (PREDICTION, "verdict", {"answer": "castle"}),
        (PREDICTION, "verdict", {"right": ["pass", "bet"]}),
        (PREDICTION, "verdict", {"credit": 0.5}),
        (PREDICTION, "verdict", {"outcome": "refused"}),
        (PERCEPTION, "attempt", {"reply": '{"elements": {}}'}),
        (PERCEPTION, "verdict", {"credit": 0.75}),
        (PERCEPTION, "verdict", {"misread": {"pot": ["2", "3"]}}),
    ],
)
def test_no_answer_can_be_changed(
    run: Path, dataset: Path, name: str, kind: str, fields: dict[str, Any]
) -> None:
    verification = change(run, dataset, name, kind, **fields)
    assert not verification.ok
    assert verification.findings[0].location.key


def test_lines_keep_to_their_order(run: Path, dataset: Path) -> None:
    lines = (run / PREDICTION).read_bytes().splitlines(keepends=True)
    opened, attempt, verdict = lines
    for other in (
        [opened, verdict],
        [opened, attempt, attempt, verdict],
        [opened, attempt, verdict, verdict],
        [opened, verdict, attempt],
        [attempt, verdict],
        [opened, attempt, (run / "journal/decision/kuhn_poker/0000.jsonl").read_bytes()],
    ):
        (run / PREDICTION).write_bytes(b"".join(other))
        forge_chain(run)
        assert not verify(run, datasets=dataset).ok


def test_other_samples_were_not_asked_about(run: Path, dataset: Path) -> None:
    shutil.copy(run / PREDICTION, (run / PREDICTION).with_name("0004.jsonl"))
    assert kinds(verify(run, datasets=dataset)) == ["file"]


@pytest.mark.parametrize(
    "fields", [{"count": 5}, {"size": 17}, {"sha256": "0"}, {"dataset": "shipped"}]
)
def test_the_samples_are_those_of_the_plan(
    run: Path, dataset: Path, fields: dict[str, Any]
) -> None:
    manifest = json.loads((run / "run.json").read_bytes())
    manifest["environments"][0]["samples"].update(fields)
    (run / "run.json").write_text(json.dumps(manifest))
    forge_chain(run)
    assert not verify(run, datasets=dataset).ok


def test_strangers_do_not_say_which_files_are_opened(run: Path, dataset: Path) -> None:
    """A record names no path; whoever verifies says where the data set is."""
    assert str(dataset.parent) not in (run / "run.json").read_text()
    verification = verify(run)
    assert "--dataset" in verification.findings[0].derived
    assert verification.samples == 0
    manifest = json.loads((run / "run.json").read_bytes())
    manifest["environments"][0]["samples"]["dataset"] = "/dev/zero"
    (run / "run.json").write_text(json.dumps(manifest))
    assert "plan" in kinds(verify(run))


def test_a_run_goes_on_with_its_own_data_set(run: Path, dataset: Path) -> None:
    kill_after(run, 20)
    with pytest.raises(UsageError, match="give its path with --dataset"):
        vsbench.resume(run)
    assert vsbench.resume(run, dataset=dataset)[0].exit is Exit.COMPLETE
    assert not verify(run, datasets=dataset).findings
