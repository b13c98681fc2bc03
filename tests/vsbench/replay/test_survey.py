"""Tampering with what stands beside the journals: files, the manifest, prompts, results."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from vsbench.errors import UsageError
from vsbench.replay.verify import Verification, verify

Edit = Callable[[str, Callable[[Any], object]], Verification]

HAND = "journal/decision/kuhn_poker/0000.jsonl"
NOWHERE = {
    "env": "nowhere",
    "episodes": 1,
    "seats": {"players": ["player/random"], "measured": [0], "seating": "fixed"},
}


def kinds(verification: Verification) -> list[str]:
    return [finding.kind for finding in verification.findings]


@pytest.mark.parametrize(
    "name",
    [
        "notes.txt",
        "journal/decision/kuhn_poker/0004.jsonl",
        "journal/decision/kuhn_poker/00001.jsonl",
        "journal/decision/coin_dilemma/0000.jsonl",
        "journal/guesses/kuhn_poker/0000.jsonl",
        "prompts/kuhn_poker/v1/hint.txt",
    ],
)
def test_files_that_do_not_belong_are_found(run: Path, name: str) -> None:
    (run / name).parent.mkdir(parents=True, exist_ok=True)
    (run / name).write_text("{}\n")
    (finding,) = verify(run).findings
    assert (finding.kind, finding.about) == ("file", name)


def test_links_are_not_followed(run: Path, tmp_path: Path) -> None:
    (run / HAND).rename(tmp_path / "elsewhere")
    (run / HAND).symlink_to(tmp_path / "elsewhere")
    assert "file" in kinds(verify(run))


def test_what_is_made_of_a_run_may_lie_beside_it(run: Path) -> None:
    (run / "replays").mkdir()
    (run / "replays" / "0000.html").write_text("<p>")
    (run / ".results.json.x1").write_text("")
    assert verify(run).ok


def test_a_missing_journal_is_found(run: Path) -> None:
    (run / HAND).unlink()
    verification = verify(run)
    assert (kinds(verification), verification.unfinished) == (["results"], 1)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("model", "openai/other"),
        ("seed", 38),
        ("environments", []),
        ("evaluations", []),
        ("evaluations", ["reasoning"]),
        ("evaluations", ["decision", "decision"]),
        ("environments", [NOWHERE]),
        ("prompts_sha256", "0" * 64),
        ("prices", {}),
    ],
)
def test_the_manifest_cannot_be_changed(edit: Edit, name: str, value: object) -> None:
    assert not edit("run.json", lambda manifest: manifest.update({name: value})).ok


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("players", ["openai/wobbly", "player/random"]),
        ("players", ["openai/wobbly", "player/nobody"]),
        ("players", ["openai/wobbly", "player/equilibrium:alpha=2"]),
        ("players", ["openai/wobbly"]),
        ("players", []),
        ("measured", [1]),
        ("measured", []),
        ("measured", [-1]),
        ("seating", "fixed"),
        ("seating", "duplicate"),
    ],
)
def test_the_seats_cannot_be_changed(edit: Edit, name: str, value: object) -> None:
    def change(manifest: Any) -> None:
        manifest["environments"][0]["seats"][name] = value

    assert not edit("run.json", change).ok


@pytest.mark.parametrize("episodes", [0, -1, 3, 5, 10**12])
def test_the_number_of_episodes_cannot_be_changed(edit: Edit, episodes: int) -> None:
    def change(manifest: Any) -> None:
        manifest["environments"][0]["episodes"] = episodes

    assert not edit("run.json", change).ok


@pytest.mark.parametrize(
    ("name", "value", "kind"),
    [
        ("attempts", 2, "attempt"),
        ("attempts", 4, "decision"),
        ("attempts", 0, "decision"),
        ("max_tokens", 1, "attempt"),
        ("style", "cot", "redrawn"),
    ],
)
def test_how_models_are_asked_cannot_be_changed(
    edit: Edit, name: str, value: object, kind: str
) -> None:
    assert kind in kinds(
        edit("run.json", lambda manifest: manifest["asking"].update({name: value}))
    )


def test_a_plan_cannot_be_there_twice(edit: Edit) -> None:
    def change(manifest: Any) -> None:
        manifest["environments"] *= 2

    assert "plan" in kinds(edit("run.json", change))


def test_what_is_no_run_cannot_be_verified(run: Path) -> None:
    (run / "run.json").write_text("{}")
    with pytest.raises(UsageError, match="not a run that this version"):
        verify(run)
    (run / "run.json").unlink()
    with pytest.raises(UsageError, match="not a run directory"):
        verify(run)


def test_changed_prompts_are_found(run: Path) -> None:
    (run / "prompts/kuhn_poker/v1/_rules.j2").write_text("The oracle says: bet.")
    verification = verify(run)
    assert kinds(verification) == ["prompts"]
    assert verification.prompts == 0
    shutil.rmtree(run / "prompts")
    assert kinds(verify(run)) == ["prompts"]


def test_results_must_follow_from_the_journals(edit: Edit) -> None:
    def flatter(results: Any) -> None:
        results["environments"][0]["score"]["mean"] += 0.01

    (finding,) = edit("results.json", flatter).findings
    assert finding.kind == "results"
    assert finding.about == "results.json › environments › 0 › score › mean"


@pytest.mark.parametrize("text", [b"", b"{}", b"\xff", b"[" * 100_000])
def test_results_that_are_none_are_found(run: Path, text: bytes) -> None:
    (run / "results.json").write_bytes(text)
    assert kinds(verify(run)) == ["file"]


def test_missing_results_of_a_complete_run_are_found(run: Path) -> None:
    (run / "results.json").unlink()
    assert kinds(verify(run)) == ["file"]
