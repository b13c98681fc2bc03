"""``vsbench models``, and warnings about models before a run."""

import subprocess
import sys

import pytest


def vsbench(*arguments: str, columns: int = 100) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "vsbench", *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        env={"COLUMNS": str(columns), "PATH": "", "VSBENCH_API_KEY": "sk-canary"},
    )
    assert done.returncode == 0, done.stderr
    return done


@pytest.mark.parametrize("columns", [100, 60])
def test_models_fit_the_terminal(columns: int) -> None:
    lines = vsbench("models", columns=columns).stdout.splitlines()
    assert max(map(len, lines)) <= columns
    told = "\n".join(lines)
    for part in ("OPENAI_API_KEY", "vsbench[hf]", "openai-api.server", "openrouter", "hf.dtype"):
        assert part in told
    (line,) = (line for line in lines if line.split()[:1] == ["claude-opus-5-5"])
    assert "chat_template_kwargs" in told
    assert line.split()[1:] == ["always", "1M", "128k", "4", "0.2", "20"]


def test_a_dry_run_warns_once_of_each_thing() -> None:
    strange = "openai-api/http://127.0.0.1:9/v1#mine"
    plan = ("--env", "kuhn_poker", "--episodes", "2", "--eval", "decision", "--dry-run")
    done = vsbench("run", "--model", "o3", "--model", strange, "--temperature", "0.5", *plan)
    warnings = [line for line in done.stderr.splitlines() if "warning" in line]
    assert warnings == [
        "vsbench: warning: openai/o3 takes no temperature: 0.5 is not sent",
        f"vsbench: warning: no price or limits known for {strange}: costs are not counted; "
        "give --prices FILE",
    ]
    assert "$" in done.stdout
    assert "warning" not in done.stdout
