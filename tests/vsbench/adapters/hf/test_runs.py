"""Whole runs of a tiny model. It answers nonsense, and that is what is counted."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import vsbench
from tiny_vlm import transformers, write_text_model
from vsbench import cli
from vsbench.records.journals import read_journal


def test_the_command(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    done = subprocess.run(
        [
            *(sys.executable, "-m", "vsbench", "run", "--env", "kuhn_poker"),
            *("--model", f"hf/{folder}", "--episodes", "1", "--attempts", "1"),
            # So hot that every token is as likely, the one that ends an answer among them.
            *("--eval", "decision", "--temperature", "9", "--max-tokens", "6000"),
            *("--model-option", "hf.batch_size=2", "--out", str(out)),
        ],
        capture_output=True,
        text=True,
        timeout=300,
        env=os.environ | {"HF_HUB_OFFLINE": "1"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (results,) = vsbench.results(out)
    assert results.usage.replies > 0
    assert results.usage.input > 0
    records = [record for path in out.glob("journal/*/*/*") for record in read_journal(path)]
    attempts = [record for record in records if record.type == "attempt"]
    assert {attempt.outcome for attempt in attempts} == {"unparsable"}
    assert {attempt.stop for attempt in attempts} == {"stop"}
    assert {attempt.served_model for attempt in attempts} == {str(folder)}


def test_a_model_that_will_not_do_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "run"
    blind = write_text_model(tmp_path / "blind")
    plan = ["--env", "kuhn_poker", "--episodes", "1", "--out", str(out)]
    monkeypatch.setattr(sys, "argv", ["vsbench", "run", "--model", f"hf/{blind}", *plan])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 2
    assert "cannot see" in capsys.readouterr().err
    assert not out.exists()


def test_episodes_share_batches_and_nothing_depends_on_which(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []

    generate = transformers.LlavaForConditionalGeneration.generate

    def counted(model: object, *, input_ids: object, **inputs: object) -> object:
        sizes.append(len(input_ids))
        return generate(model, input_ids=input_ids, **inputs)

    monkeypatch.setattr(transformers.LlavaForConditionalGeneration, "generate", counted)

    def replies(connections: int) -> dict[str, list[str]]:
        out = tmp_path / str(connections)
        vsbench.run(
            models=[f"hf/{folder}"], envs=["kuhn_poker"], evals=["decision"], episodes=8,
            attempts=1, max_tokens=8, max_tokens_limit=8, max_connections=connections, out=out,
        )  # fmt: skip
        return {
            path.name: [line.reply for line in read_journal(path) if line.type == "attempt"]
            for path in out.glob("journal/*/*/*")
        }

    together = replies(8)
    assert max(sizes) > 2
    sizes.clear()
    assert replies(1) == together
    assert max(sizes) == 1
    assert sum(map(len, together.values())) >= 8
