"""Verification of honest runs: finished, broken off, drawn elsewhere."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import vsbench
from forging import forge_chain, kill_after
from vsbench.prompts import PromptPack
from vsbench.records.manifest import Manifest
from vsbench.runner.budget import Budget
from vsbench.verification.run import Verification, verify

Begin = Callable[..., Manifest]
Resume = Callable[[Path, Manifest], None]
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
    assert verification.bot_moves == verification.steps + 50 - verification.decisions
    assert verification.prompts > verification.decisions
    assert seen == [(1, 2), (2, 2)]
    assert not verification.versions


def test_scripted_players_are_verified_too(tmp_path: Path) -> None:
    vsbench.run(
        models=["bot/greedy"],
        envs=["kuhn_poker"],
        evals=["decision"],
        episodes=12,
        out=tmp_path / "run",
    )
    verification = verify(tmp_path / "run")
    assert verification.ok
    assert verification.bot_moves == verification.steps >= 24
    assert verification.decisions == 0


def test_an_unfinished_run_is_verified_as_far_as_it_goes(
    tmp_path: Path, begin: Begin, resume: Resume
) -> None:
    run = tmp_path / "run"
    manifest = begin(run, Budget(max_tokens=30_000), envs=["coin_dilemma"], episodes=2, seed=1)
    verification = verify(run)
    assert verification.ok
    assert (verification.finished, verification.unfinished) == (0, 2)
    assert 5 < verification.steps < 40
    resume(run, manifest)
    assert verify(run).ok
    assert verify(run).finished == 2


def test_a_kill_may_come_anywhere(hands: Path, tmp_path: Path) -> None:
    total = sum(path.read_bytes().count(b"\n") for path in hands.rglob("*.jsonl"))
    for lines in range(0, total + 1, 3):
        run = Path(shutil.copytree(hands, tmp_path / str(lines)))
        kill_after(run, lines)
        verification = verify(run)
        assert kinds(verification) == ["stale"], lines
        assert verification.ok


def test_results_may_be_older_than_the_journals(
    tmp_path: Path, begin: Begin, resume: Resume
) -> None:
    """As after a run that was stopped, resumed and killed: they follow from its first lines."""
    run = tmp_path / "run"
    manifest = begin(run, Budget(max_tokens=20_000), envs=["coin_dilemma"], episodes=1)
    older = (run / "results.json").read_bytes()
    resume(run, manifest)
    assert not verify(run).findings
    (run / "results.json").write_bytes(older)
    verification = verify(run)
    assert kinds(verification) == ["stale"]
    assert verification.ok


@pytest.mark.parametrize("figure", ["complete", "usage", "environments"])
def test_results_of_unfinished_runs_cannot_be_invented(
    tmp_path: Path, begin: Begin, figure: str
) -> None:
    run = tmp_path / "run"
    begin(run, Budget(max_tokens=20_000), envs=["kuhn_poker"], episodes=20)
    results = json.loads((run / "results.json").read_bytes())
    assert not results["complete"]
    results["complete"] |= figure == "complete"
    results["usage"]["input"] += figure == "usage"
    results["environments"][0]["score"]["mean"] += figure == "environments"
    (run / "results.json").write_text(json.dumps(results))
    assert kinds(verify(run)) == ["results"]


def other_pack(run: Path) -> None:
    """Make a run's prompts those of a pack that nobody knows, as its manifest says."""
    with (run / "prompts/kuhn_poker/v1/_rules.j2").open("a") as rules:
        rules.write("- The oracle would bet.\n")
    manifest = json.loads((run / "run.json").read_bytes())
    manifest["prompts_sha256"] = PromptPack(run / "prompts").sha256
    (run / "run.json").write_text(json.dumps(manifest))
    forge_chain(run)


def test_prompts_of_unknown_packs_are_not_rendered_unasked(run: Path) -> None:
    other_pack(run)
    verification = verify(run)
    # Another pack is not the protocol's, which the results do not say.
    assert kinds(verification) == ["prompts", "results"]
    assert "--trust-prompts" in str(verification.findings[0])
    assert verification.prompts == 0
    assert verification.decisions > 0
    # They are rendered when asked for, and are not what the run recorded.
    assert set(kinds(verify(run, trust_prompts=True))) == {"prompt", "results"}


def test_hints_in_the_prompts_do_not_go_away_with_the_pack(tmp_path: Path, begin: Begin) -> None:
    """A run with hints whose pack and fingerprint are swapped for the published ones."""
    hints, honest = tmp_path / "hints", PromptPack.shipped()
    (hints / "kuhn_poker/v1").mkdir(parents=True)
    rules = honest.templates["kuhn_poker/v1/_rules.j2"]
    (hints / "kuhn_poker/v1/_rules.j2").write_text(rules + "- The oracle would bet.\n")
    run = tmp_path / "run"
    begin(run, envs=["kuhn_poker"], episodes=4, prompts=hints)
    assert not verify(run, trust_prompts=True).findings
    shutil.rmtree(run / "prompts")
    honest.eject(run / "prompts")
    manifest = json.loads((run / "run.json").read_bytes())
    manifest["prompts_sha256"] = honest.sha256
    (run / "run.json").write_text(json.dumps(manifest))
    forge_chain(run)
    verification = verify(run)
    assert not verification.ok
    assert set(kinds(verification)) == {"prompt", "results"}


def blur(run: Path, name: str, keep: int = 0) -> None:
    """Give all prompts but the first few another fingerprint."""
    for path in sorted(run.rglob("*.jsonl")):
        lines = [json.loads(line) for line in path.read_bytes().splitlines()]
        for line in lines:
            if line["type"] == "attempt":
                keep -= 1
                line[name] = line[name] if keep >= 0 else "0" * 16
        path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    forge_chain(run)


def drawn_by(run: Path, **versions: str) -> None:
    manifest = json.loads((run / "run.json").read_bytes())
    manifest["versions"].update(versions)
    (run / "run.json").write_text(json.dumps(manifest))
    forge_chain(run)


def test_pictures_that_all_look_different_were_drawn_by_other_software(run: Path) -> None:
    blur(run, "pictures")
    drawn_by(run, pillow="11.0")
    verification = verify(run)
    assert verification.ok
    assert kinds(verification) == ["redrawn"]


def test_the_same_software_draws_alike(run: Path) -> None:
    blur(run, "pictures")
    verification = verify(run)
    assert not verification.ok
    assert set(kinds(verification)) == {"prompt"}


def test_pictures_that_partly_look_different_were_others(run: Path) -> None:
    blur(run, "pictures", keep=1)
    drawn_by(run, pillow="11.0")
    verification = verify(run)
    assert not verification.ok
    assert set(kinds(verification)) == {"prompt"}
    assert len(verification.findings) == len({f.location.key for f in verification.findings})


def test_texts_are_the_same_everywhere(run: Path) -> None:
    blur(run, "prompt")
    drawn_by(run, pillow="11.0")
    assert set(kinds(verify(run))) == {"prompt"}


@pytest.mark.parametrize(("was", "told"), [("text", "image"), ("image", "text"), ("both", "image")])
def test_one_track_cannot_pass_for_another(
    tmp_path: Path, begin: Begin, was: str, told: str
) -> None:
    # The model finds all it needs in the list of actions, so it plays without pictures as well.
    begin(tmp_path / "run", envs=["kuhn_poker"], episodes=2, modality=was)
    assert not verify(tmp_path / "run").findings
    manifest = json.loads((tmp_path / "run/run.json").read_bytes())
    manifest["model_settings"]["modality"] = told
    (tmp_path / "run/run.json").write_text(json.dumps(manifest))
    drawn_by(tmp_path / "run", pillow="11.0")
    assert "prompt" in kinds(verify(tmp_path / "run"))


def test_other_versions_are_told(edit: Edit) -> None:
    old = {"pillow": "1.0", "gone": "2"}
    verification = edit("run.json", lambda manifest: manifest["versions"].update(old))
    assert verification.ok
    assert verification.versions["pillow"][0] == "1.0"
    assert verification.versions["gone"] == ("2", None)
