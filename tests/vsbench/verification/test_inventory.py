"""Tampering with what stands beside the journals: files, the manifest, prompts, results."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from vsbench.errors import UsageError
from vsbench.verification.run import Verification, verify

Edit = Callable[[str, Callable[[Any], object]], Verification]

HAND = "journal/decision/kuhn_poker/0000.jsonl"
KUHN = {
    "env": "kuhn_poker",
    "episodes": 4,
    "seats": {
        "players": ["openai/wobbly", "bot/equilibrium"],
        "measured": [0],
        "seating": "rotating",
    },
}
SAMPLES = {"dataset": "shipped", "sha256": "0", "size": 40, "count": 4}
NOWHERE = {
    "env": "nowhere",
    "episodes": 1,
    "seats": {"players": ["bot/random"], "measured": [0], "seating": "fixed"},
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
    assert (finding.kind, finding.subject) == ("file", name)


def test_links_are_not_followed(run: Path, tmp_path: Path) -> None:
    (run / HAND).rename(tmp_path / "elsewhere")
    (run / HAND).symlink_to(tmp_path / "elsewhere")
    assert "file" in kinds(verify(run))


def test_what_is_made_of_a_run_may_lie_beside_it(run: Path) -> None:
    (run / "replays").mkdir()
    (run / "replays" / "0000.html").write_text("<p>")
    (run / ".lock").write_text("")
    assert not verify(run).findings


@pytest.mark.parametrize("name", ["notes", "evil\n dir", ".lock"])
def test_folders_that_do_not_belong_are_found(run: Path, name: str) -> None:
    (run / ".lock").unlink(missing_ok=True)
    (run / name).mkdir()
    (finding,) = verify(run).findings
    assert str(finding).isprintable()


@pytest.mark.parametrize("name", [".env", ".hidden/thing", "journal/decision/kuhn_poker/.x"])
def test_nothing_is_hidden(run: Path, name: str) -> None:
    (run / name).parent.mkdir(parents=True, exist_ok=True)
    (run / name).write_text("OPENAI_BASE_URL=http://elsewhere")
    assert set(kinds(verify(run))) == {"file"}


@pytest.mark.parametrize(
    "name", ["\n  verification passed", "\x1b[2Jverification passed", "\u202efile"]
)
def test_names_of_files_cannot_fake_a_verdict(run: Path, name: str) -> None:
    (run / name).write_text("")
    (finding,) = verify(run).findings
    assert str(finding).isprintable()


@pytest.mark.parametrize("name", [HAND, "results.json", "prompts/_shared/v1/action.j2"])
def test_what_is_no_plain_file_is_not_opened(run: Path, name: str) -> None:
    """A FIFO that nobody writes to would hold up whoever opens it."""
    (run / name).unlink()
    os.mkfifo(run / name)
    assert {"file", "prompts"} & set(kinds(verify(run)))


def test_a_manifest_is_a_plain_file(run: Path) -> None:
    (run / "run.json").unlink()
    os.mkfifo(run / "run.json")
    with pytest.raises(UsageError, match="not a regular file"):
        verify(run)


@pytest.mark.parametrize("name", ["replays", ".lock", "error.txt", "prompts", "results.json"])
def test_links_have_no_place_in_a_run(run: Path, tmp_path: Path, name: str) -> None:
    path = run / name
    if path.exists():
        path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    assert {"file", "prompts"} & set(kinds(verify(run)))


def test_folders_on_the_way_are_no_links(run: Path, tmp_path: Path) -> None:
    (run / "journal").rename(tmp_path / "elsewhere")
    (run / "journal").symlink_to(tmp_path / "elsewhere")
    assert "file" in kinds(verify(run))


def test_runs_of_the_future_are_found(edit: Edit) -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=2)).isoformat()
    assert "plan" in kinds(edit("run.json", lambda manifest: manifest.update(created=tomorrow)))


def test_a_missing_journal_is_found(run: Path) -> None:
    (run / HAND).unlink()
    verification = verify(run)
    assert (set(kinds(verification)), verification.unfinished) == ({"chain", "results"}, 1)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("model", "openai/other"),
        ("seed", 38),
        ("evaluations", ["reasoning"]),
        ("prompts_sha256", "0" * 64),
        ("prices", {}),
    ],
)
def test_the_manifest_cannot_be_changed(edit: Edit, name: str, value: object) -> None:
    assert not edit("run.json", lambda manifest: manifest.update({name: value})).ok


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("environments", [], "environments"),
        ("evaluations", [], "evaluations"),
        ("evaluations", ["decision", "decision"], "duplicate evaluation"),
        ("environments", [KUHN, KUHN], "duplicate environment"),
        ("environments", [KUHN] * 100, "at most 64"),
        ("environments", [KUHN | {"episodes": -1}], "episodes"),
        ("environments", [KUHN | {"episodes": 999_999}], "episodes"),
        ("environments", [KUHN | {"env": "../../etc"}], "env"),
        ("environments", [KUHN | {"samples": SAMPLES | {"count": 10**10}}], "count"),
        ("environments", [KUHN | {"samples": SAMPLES | {"count": 0}}], "count"),
        ("environments", [KUHN | {"samples": SAMPLES | {"count": 41}}], "more samples than"),
        ("seed", -1, "seed"),
        ("seed", "5", "seed"),
        ("seed", True, "seed"),
        ("seed", 5.0, "seed"),
        ("created", "2026-01-01T00:00:00", "created"),
        ("model", "open\0ai", "NUL"),
        ("versions", {"python": 3}, "versions"),
    ],
)
def test_a_manifest_keeps_to_its_limits(edit: Edit, name: str, value: object, says: str) -> None:
    with pytest.raises(UsageError, match=f"not a run that this version.*{says}"):
        edit("run.json", lambda manifest: manifest.update({name: value}))


def test_a_manifest_says_everything_once(run: Path) -> None:
    text = (run / "run.json").read_text().replace('"seed": 37', '"seed": 38, "seed": 37')
    (run / "run.json").write_text(text)
    with pytest.raises(UsageError, match="duplicate name 'seed'"):
        verify(run)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("players", ["openai/wobbly", "bot/random"]),
        ("players", ["openai/wobbly", "bot/nobody"]),
        ("players", ["openai/wobbly", "bot/equilibrium:alpha=2"]),
        ("players", ["openai/wobbly"]),
        ("measured", [1]),
        ("seating", "fixed"),
        ("seating", "duplicate"),
    ],
)
def test_the_seats_cannot_be_changed(edit: Edit, name: str, value: object) -> None:
    def change(manifest: Any) -> None:
        manifest["environments"][0]["seats"][name] = value

    assert not edit("run.json", change).ok


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("players", []),
        *(("measured", seats) for seats in ([], [-1], [2], [99], [0, 0], [0] * 16, [1, 0])),
    ],
)
def test_seats_that_nobody_can_have_are_refused(edit: Edit, name: str, value: object) -> None:
    def change(manifest: Any) -> None:
        manifest["environments"][0]["seats"][name] = value

    with pytest.raises(UsageError, match="seats"):
        edit("run.json", change)


@pytest.mark.parametrize("episodes", [0, 3, 5])
def test_the_number_of_episodes_cannot_be_changed(edit: Edit, episodes: int) -> None:
    def change(manifest: Any) -> None:
        manifest["environments"][0]["episodes"] = episodes

    assert not edit("run.json", change).ok


@pytest.mark.parametrize(
    ("name", "value", "kind"),
    [
        ("attempts", 2, "attempt"),
        ("attempts", 4, "decision"),
        ("answer_tokens", 1, "plan"),
        ("feedback", False, "prompt"),
        ("style", "cot", "prompt"),
        ("modality", "text", "prompt"),
    ],
)
def test_how_models_are_asked_cannot_be_changed(
    edit: Edit, name: str, value: object, kind: str
) -> None:
    assert kind in kinds(
        edit("run.json", lambda manifest: manifest["model_settings"].update({name: value}))
    )


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
    assert finding.subject == "results.json › environments › 0 › score › mean"


@pytest.mark.parametrize("text", [b"", b"{}", b"\xff", b"[" * 100_000])
def test_results_that_are_none_are_found(run: Path, text: bytes) -> None:
    (run / "results.json").write_bytes(text)
    assert kinds(verify(run)) == ["file"]


@pytest.mark.parametrize("damage", [b" " * (17 << 20), b'{"format": 1, "format": 2}'])
def test_results_are_bounded_and_strict(run: Path, damage: bytes) -> None:
    (run / "results.json").write_bytes(damage)
    assert kinds(verify(run)) == ["file"]


def test_results_may_be_missing_after_a_kill(run: Path) -> None:
    (run / "results.json").unlink()
    verification = verify(run)
    assert verification.ok
    assert kinds(verification) == ["stale"]
