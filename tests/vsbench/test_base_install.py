"""Every command works, or names the extra that it needs, where no extra is installed."""

import json
import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

BLOCKED = (
    "openai", "anthropic", "httpx2", "httpx", "torch", "transformers", "accelerate", "ale_py",
    "pygame", "pyarrow", "fastapi", "matplotlib", "obstore",
    "wandb", "mlflow",
)  # fmt: skip
"""What extras bring."""

KUHN = ("--env", "kuhn_poker", "--episodes", "1")

COMMANDS: dict[str, tuple[tuple[str, ...], int, str]] = {
    "help": (("--help",), 0, "vsbench run --model sighted/oracle --protocol vsbench-1-quick"),
    "models": (("models",), 0, "openai.api"),
    "envs": (("envs",), 0, "atari_pong"),
    "an environment": (("envs", "atari_pong"), 0, "Atari Pong"),
    "doctor": (("doctor",), 0, "pip install 'vsbench[atari]'"),
    "a model that is not reached": (("doctor", "--model", "gpt-4o"), 1, "vsbench[openai]"),
    "prompts": (("prompts", "list"), 0, "kuhn_poker"),
    "the first example": (
        ("run", "--model", "sighted/oracle", "--protocol", "vsbench-1-quick", "--episodes", "1",
         "--samples", "1", "--out", "first"),
        0,
        "skipping atari_pong",
    ),
    "its results": (("results", "first"), 0, "7 of 8 games, without Atari Pong"),
    "its place beside the paper": (("results", "first", "--paper"), 0, "paper: humans"),
    "its failures": (("failures", "first", "--env", "kuhn_poker"), 0, "0 failures"),
    "a plot": (("plot", "scores", "first", "--to", "a.png"), 2, "vsbench[plots]"),
    "its replay": (("replay", "first"), 0, "verification passed"),
    "its tables": (("export", "first", "--to", "tables"), 2, "vsbench[data]"),
    "its tables as text": (
        ("export", "first", "--to", "tables", "--format", "csv"), 0, "episodes.csv",
    ),
    "a folder for a hub": (("export", "first", "--hub", "published"), 2, "vsbench[data]"),
    "a bundle of it": (("export", "first", "--bundle", "first.vsb"), 0, "first.vsb"),
    "a logger": (
        ("run", "--model", "sighted/oracle", *KUHN, "--logger", "wandb", "--out", "logged"),
        2,
        "vsbench[wandb]",
    ),
    "another logger": (
        ("run", "--model", "sighted/oracle", *KUHN, "--logger", "mlflow", "--out", "logged"),
        2,
        "vsbench[mlflow]",
    ),
    "completion": (("completion", "zsh"), 0, "compdef"),
    "resuming it": (("run", "--resume", "first"), 0, "7 of 8 games"),
    "a page of it": (("replay", "first", "--html", "kuhn_poker/0"), 0, "kuhn_poker-0000.html"),
    "a game that is not installed": (
        ("run", "--model", "sighted/oracle", "--env", "atari_pong", "--out", "pong"),
        2,
        "pip install 'vsbench[atari]'",
    ),
    "an estimate": (("run", "--model", "gpt-4o", *KUHN, "--dry-run"), 0, "Kuhn poker"),
    "a model of OpenAI": (("run", "--model", "gpt-4o", *KUHN, "--out", "o"), 2, "vsbench[openai]"),
    "a model of Anthropic": (
        ("run", "--model", "claude-opus-5-5", *KUHN, "--out", "a"),
        2,
        "vsbench[anthropic]",
    ),
    "a model on this machine": (
        ("run", "--model", "hf/x/y", *KUHN, "--out", "h"),
        2,
        "vsbench[hf]",
    ),
    "a tournament": (
        ("tournament", "--player", "bot/random", "--player", "bot/oracle", *KUHN,
         "--out", "meeting"),
        0,
        "cross-play",
    ),
    "its verification": (("replay", "meeting"), 0, "verification passed"),
    "a set": (("dataset", "build", *KUHN[:2], "--samples", "60"), 0, "kuhn_poker.jsonl"),
    "a card": (("dataset", "show", "datasets/kuhn_poker.jsonl", "--quick"), 0, "Kuhn poker"),
    "checking it": (("dataset", "check", "datasets/kuhn_poker.jsonl"), 0, "no findings"),
    "exporting it": (
        ("dataset", "export", "datasets/kuhn_poker.jsonl", "--to", "hub"),
        2,
        "vsbench[data]",
    ),
    "anchors": (("anchors", "--env", "atari_pong"), 0, "vsbench[atari]"),
    "a simulation": (("simulate", "--fault", "x=1"), 2, "rate_limited"),
    "a pipeline without a configuration": (("ci",), 2, "name a file with --config"),
    "an object store": (("results", "s3://bucket/run.vsb"), 2, "vsbench[objects]"),
    "playing": (("play", "atari_pong"), 2, "vsbench[atari]"),
}  # fmt: skip
"""What is called, one after the other in one folder; the exit code, and a part of what is said."""


Told = dict[str, tuple[int, str]]
"""What commands said, after their exit codes."""

VARIABLES = {
    **{name: value for name, value in os.environ.items() if "API_KEY" not in name},
    "COLUMNS": "200", "OPENAI_API_KEY": "x", "ANTHROPIC_API_KEY": "x",
}  # fmt: skip

IN_ONE_PROCESS = f"""
import contextlib, io, json, sys

class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {BLOCKED}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Blocker())
from vsbench import cli

told = {{}}
for name, arguments in json.load(sys.stdin).items():
    sys.argv = ["vsbench", *arguments]
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        try:
            cli.main()
        except SystemExit as ended:
            told[name] = ended.code, said.getvalue()
print(json.dumps(told))
"""


def check(told: Told) -> None:
    wrong = [
        f"{name}: exit code {told[name][0]}\n{told[name][1]}"
        for name, (_, code, part) in COMMANDS.items()
        if told[name][0] != code or part not in told[name][1] or "Traceback" in told[name][1]
    ]
    assert not wrong, "\n\n".join(wrong)


@pytest.mark.slow
def test_every_command_without_the_packages_of_extras(tmp_path: Path) -> None:
    """Their imports fail; everything else is as it is here."""
    done = subprocess.run(
        [sys.executable, "-c", IN_ONE_PROCESS],
        input=json.dumps({name: arguments for name, (arguments, _, _) in COMMANDS.items()}),
        cwd=tmp_path,
        env=VARIABLES,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    check(json.loads(done.stdout))


@pytest.mark.slow
def test_every_command_of_a_base_install(tmp_path: Path) -> None:
    """In an environment of its own, built from nothing but the package index."""
    venv.create(tmp_path / "venv", with_pip=True)
    python = tmp_path / "venv/bin/python"
    install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run(
        [python, *install, "-c", ROOT / "constraints.txt", ROOT], check=True, timeout=600
    )
    installed = subprocess.run(
        [python, "-m", "pip", "list", "--format", "freeze"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.lower()
    names = {line.partition("==")[0].replace("-", "_") for line in installed.splitlines()}
    assert not names & set(BLOCKED)
    told = {}
    (tmp_path / "work").mkdir()
    for name, (arguments, _, _) in COMMANDS.items():
        done = subprocess.run(
            [python, "-m", "vsbench", *arguments],
            cwd=tmp_path / "work",
            env=VARIABLES,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=300,
        )
        told[name] = done.returncode, done.stdout + done.stderr
    check(told)
