"""Verification of honest runs: finished, broken off, drawn elsewhere."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import vsbench
from vsbench.records.manifest import Manifest
from vsbench.replay.verify import Verification, verify
from vsbench.runner.limits import Limits

Begin = Callable[..., Manifest]
GoOn = Callable[[Path, Manifest], None]
Edit = Callable[[str, Callable[[Any], object]], Verification]


def kinds(verification: Verification) -> list[str]:
    return [finding.kind for finding in verification.findings]


def test_an_honest_run_passes(recorded: Path) -> None:
    seen: list[tuple[int, int]] = []
    verification = verify(recorded, lambda done, total: seen.append((done, total)))
    assert verification.ok
    assert not verification.findings
    assert (verification.finished, verification.unfinished) == (2, 0)
    hand = (recorded / "journal/decision/kuhn_poker/0000.jsonl").read_text()
    assert verification.steps == 50 + hand.count('"type":"step"')
    assert verification.decisions == 100 + hand.count('"type":"decision"')
    assert verification.scripted == verification.steps + 50 - verification.decisions
    assert verification.prompts > verification.decisions
    assert seen == [(1, 2), (2, 2)]
    assert not verification.versions


def test_scripted_players_are_verified_too(tmp_path: Path) -> None:
    vsbench.run(
        models=["player/greedy"],
        envs=["kuhn_poker"],
        evals=["decision"],
        episodes=12,
        out=tmp_path / "run",
    )
    verification = verify(tmp_path / "run")
    assert verification.ok
    assert verification.scripted == verification.steps >= 24
    assert verification.decisions == 0


def test_an_unfinished_run_is_verified_as_far_as_it_goes(
    tmp_path: Path, begin: Begin, go_on: GoOn
) -> None:
    run = tmp_path / "run"
    manifest = begin(run, Limits(max_tokens=30_000), envs=["coin_dilemma"], episodes=2, seed=1)
    verification = verify(run)
    assert verification.ok
    assert (verification.finished, verification.unfinished) == (0, 2)
    assert 5 < verification.steps < 40
    go_on(run, manifest)
    assert verify(run).ok
    assert verify(run).finished == 2


def test_a_journal_may_break_off_anywhere(run: Path) -> None:
    path = max(run.rglob("*.jsonl"), key=lambda path: path.stat().st_size)
    lines = path.read_bytes().splitlines(keepends=True)
    (run / "results.json").unlink()
    for cut in range(len(lines)):
        path.write_bytes(b"".join(lines[:cut]) + lines[cut][:20])
        verification = verify(run)
        assert verification.ok
        assert verification.unfinished == 1


def test_results_older_than_an_unfinished_run_are_a_note(tmp_path: Path, begin: Begin) -> None:
    run = tmp_path / "run"
    begin(run, Limits(max_tokens=20_000), envs=["coin_dilemma"], episodes=1)
    path = run / "journal/decision/coin_dilemma/0000.jsonl"
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))
    verification = verify(run)
    assert verification.ok
    assert kinds(verification) == ["stale"]


def test_strange_prompts_need_not_be_rendered(run: Path) -> None:
    verification = verify(run, packs=["known"])
    assert verification.ok
    assert verification.prompts == 0
    assert verification.decisions > 0


def blur(run: Path, keep: int = 0) -> None:
    """Give all prompts but the first few another fingerprint."""
    for path in sorted(run.rglob("*.jsonl")):
        lines = [json.loads(line) for line in path.read_bytes().splitlines()]
        for line in lines:
            if line["type"] == "attempt":
                keep -= 1
                line["prompt"] = line["prompt"] if keep >= 0 else "0" * 16
        path.write_text("".join(json.dumps(line) + "\n" for line in lines))


def test_prompts_that_all_look_different_were_drawn_by_other_software(run: Path) -> None:
    blur(run)
    verification = verify(run)
    assert verification.ok
    assert kinds(verification) == ["redrawn"]


def test_prompts_that_partly_look_different_were_others(run: Path) -> None:
    blur(run, keep=1)
    verification = verify(run)
    assert not verification.ok
    assert set(kinds(verification)) == {"prompt"}
    assert len(verification.findings) == len({f.place.key for f in verification.findings})


def test_texts_are_the_same_everywhere(tmp_path: Path, begin: Begin) -> None:
    # The model finds all it needs in the list of actions, so it plays without pictures as well.
    begin(tmp_path / "run", envs=["kuhn_poker"], episodes=2, modality="text")
    assert verify(tmp_path / "run").ok
    blur(tmp_path / "run")
    assert set(kinds(verify(tmp_path / "run"))) == {"prompt"}


def test_other_versions_are_told(edit: Edit) -> None:
    old = {"pillow": "1.0", "gone": "2"}
    verification = edit("run.json", lambda manifest: manifest["versions"].update(old))
    assert verification.ok
    assert verification.versions["pillow"][0] == "1.0"
    assert verification.versions["gone"] == ("2", None)
