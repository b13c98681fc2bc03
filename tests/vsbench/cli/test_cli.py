"""Commands from end to end, mostly with bad input."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from vsbench import cli
from vsbench.simulation import Simulation, SimulationSettings


def vsbench(*arguments: str, cwd: Path | None = None, **environment: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "vsbench", *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=cwd,
        env={name: value for name, value in os.environ.items() if "API_KEY" not in name}
        | {"COLUMNS": "120"}
        | environment,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("cli") / "run"
    code, table, told = vsbench(
        "run", "--model", "sighted/greedy", "--eval", "decision", "--env", "kuhn_poker",
        "--episodes", "6", "--out", str(out),
    )  # fmt: skip
    assert code == 0, told
    assert "Kuhn poker" in table
    assert "6/6 done" in told
    return out


BAD = {
    "no model": (["run"], "name a model"),
    "unknown provider": (["run", "--model", "opnai/gpt-4o"], "Did you mean 'openai'?"),
    "unknown bare model": (["run", "--model", "llama"], "no model provider 'llama'"),
    "unknown sighted policy": (["run", "--model", "sighted/orcle"], "orcle"),
    "unknown player": (
        ["run", "--model", "bot/orcle", "--env", "kuhn_poker"],
        "Did you mean 'oracle'?",
    ),
    "unknown player option": (
        ["run", "--model", "bot/equilibrium:beta=1", "--env", "kuhn_poker"],
        "beta",
    ),
    "impossible player option": (
        ["run", "--model", "bot/equilibrium:alpha=2", "--env", "kuhn_poker"],
        "alpha cannot be '2': it is a number or fraction from 0 to 1/3",
    ),
    "unknown game": (["run", "--model", "sighted/random", "--env", "kuhn"], "kuhn_poker"),
    "unknown seat": (
        ["run", "--model", "sighted/random", "--env", "kuhn_poker", "--seat", "5=random"],
        "seats are 0 to 1",
    ),
    "seat without player": (["run", "--model", "sighted/random", "--seat", "1"], "SEAT=PLAYER"),
    "unknown player in a seat": (
        ["run", "--model", "sighted/random", "--env", "kuhn_poker", "--seat", "1=randm"],
        "Did you mean 'random'?",
    ),
    "no seat left": (
        ["run", "--model", "sighted/random", "--env", "kuhn_poker",
         "--seat", "0=random", "--seat", "1=random"],
        "has no seat in kuhn_poker",
    ),
    "bad number": (["run", "--model", "sighted/random", "--episodes", "0"], "episodes"),
    "not a number": (["run", "--model", "sighted/random", "--seed", "x"], "not a valid integer"),
    "bad choice": (["run", "--model", "sighted/random", "--style", "loud"], "'io', 'cot'"),
    "unknown option": (["run", "--modle", "x"], "--model"),
    "unknown command": (["rnu"], "rnu"),
    "a very long name": (
        ["run", "--model", "openai/" + "x" * 5000],
        "the model's name has 5,007 characters; the limit is 512",
    ),
    "a bot by its bare name": (
        ["run", "--model", "random"],
        "did you mean bot/random, or sighted/random to play from pictures?",
    ),
    "a model twice": (
        ["run", "--model", "sighted/random", "--model", "sighted/random"],
        "duplicate model sighted/random",
    ),
    "an option of nobody's": (
        ["run", "--model", "sighted/random", "--dry-run", "--model-option", "hf.dtype=auto"],
        "hf.dtype: no model of this provider takes part",
    ),
    "an unknown option": (
        ["run", "--model", "gpt-4o", "--dry-run", "--model-option", "openai.apii=chat"],
        "no option 'openai.apii'; did you mean 'openai.api'? (known: openai.api,",
    ),
    "an option that is no pair": (
        ["run", "--model", "gpt-4o", "--model-option", "openai"],
        "not of the form PROVIDER.KEY=VALUE",
    ),
    "a secret in an address": (
        ["run", "--model", "openai-api/http://me:secret@host/v1#m"],
        "give keys by environment variables",
    ),
    "missing key": (["run", "--model", "gpt-4o"], "OPENAI_API_KEY"),
    "missing prompts": (["run", "--model", "sighted/random", "--prompts", "nowhere"], "nowhere"),
    "missing prices": (["run", "--model", "sighted/random", "--prices", "nowhere"], "nowhere"),
    "nothing to resume": (["run", "--resume", "nowhere"], "nowhere"),
    "nothing to show": (["results", "nowhere"], "nowhere"),
    "unknown template": (["prompts", "template", "x.j2"], "prompts list"),
    "unknown environment": (["envs", "brakthrough"], "Did you mean 'breakthrough'?"),
    "unknown fault": (["simulate", "--fault", "earthquake=0.1"], "rate_limited"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_named(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments, problem = BAD[case]
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["vsbench", *arguments])
    monkeypatch.setenv("COLUMNS", "120")
    for name in [name for name in os.environ if "API_KEY" in name]:
        monkeypatch.delenv(name)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    out, told = capsys.readouterr()
    assert ended.value.code == 2
    assert problem in told
    assert out == ""
    assert not list(tmp_path.iterdir())


def test_a_directory_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    out = tmp_path / "file" / "inside"
    code, _, told = vsbench("run", "--model", "sighted/random", "--out", str(out))
    assert code == 2
    assert "cannot be written" in told


def test_a_finished_run_is_not_overwritten(run: Path) -> None:
    before = (run / "results.json").read_bytes()
    code, _, told = vsbench("run", "--model", "sighted/random", "--out", str(run))
    assert code == 2
    assert f"--resume {run}" in told
    assert (run / "results.json").read_bytes() == before


def test_resume_takes_the_run_s_own_settings(run: Path) -> None:
    code, _, told = vsbench("run", "--resume", str(run), "--seed", "4")
    assert code == 2
    assert "leave out: --seed" in told
    assert vsbench("run", "--resume", str(run), "--max-connections", "2")[0] == 0


def test_results_in_every_format(run: Path, tmp_path: Path) -> None:
    for form, sign in {"table": "Kuhn poker", "markdown": "| Kuhn poker |", "latex": r"\toprule",
                       "csv": "kuhn_poker,score", "json": '"overall"'}.items():  # fmt: skip
        code, out, _ = vsbench("results", str(run), "--format", form)
        assert code == 0
        assert sign in out
    again = shutil.copytree(run, tmp_path / "again")
    _, both, _ = vsbench("results", str(run), str(again), str(run / "."))
    assert [line for line in both.splitlines() if "sighted/greedy" in line]
    assert "All runs are comparable with one another." in both


def test_a_dry_run_is_told_to_machines_too(tmp_path: Path) -> None:
    code, out, _ = vsbench(
        *("run", "--model", "gpt-4o", "--env", "kuhn_poker", "--dry-run", "--json"), cwd=tmp_path
    )
    (told,) = map(json.loads, out.splitlines())
    assert (code, told["event"], told["model"]) == (0, "estimate", "openai/gpt-4o")
    assert {part["evaluation"] for part in told["of"]} == {"decision", "reasoning", "perception"}
    for part in (*told["of"], told["total"]):
        assert 0 < part["cost"]["low"] <= part["cost"]["high"]
    assert told["total"]["time"]["low"] > 0


def test_a_persona_without_effect_is_told(tmp_path: Path) -> None:
    plan = ("--episodes", "1", "--samples", "1", "--persona", "self_interest", "--dry-run")
    for env, warned in (("kuhn_poker", True), ("coin_dilemma", False)):
        code, _, told = vsbench(
            *("run", "--model", "sighted/random", "--env", env, *plan), cwd=tmp_path
        )
        assert code == 0
        assert ("--persona has no effect" in told) == warned


def test_data_sets_are_not_written_over_by_accident(tmp_path: Path) -> None:
    build = ("dataset", "build", "--env", "kuhn_poker", "--samples", "8", "--out", "sets")
    assert vsbench(*build, cwd=tmp_path)[0] == 0
    before = (tmp_path / "sets/kuhn_poker.jsonl").read_bytes()
    code, _, told = vsbench(*build, "--seed", "1", cwd=tmp_path)
    assert code == 2
    assert "already exists" in told
    assert (tmp_path / "sets/kuhn_poker.jsonl").read_bytes() == before
    assert vsbench(*build, "--seed", "1", "--overwrite", cwd=tmp_path)[0] == 0
    assert (tmp_path / "sets/kuhn_poker.jsonl").read_bytes() != before


@pytest.mark.slow
def test_the_doctor_asks_a_model_what_models_are_asked() -> None:
    with Simulation(SimulationSettings(policy="random")) as provider:
        reach = ("doctor", "--model", f"openai-api/{provider.base_url}#mine")
        code, out, _ = vsbench(*reach)
        assert code == 0
        assert "answered as mine, plays " in out
    code, out, _ = vsbench(*reach)
    assert code == 1
    assert "not reached" in out


@pytest.mark.slow
def test_what_is_odd_about_replies_is_told_with_the_remedy(tmp_path: Path) -> None:
    hint = "--model-option openai-api.answer_in_reasoning=true"
    with Simulation(SimulationSettings(policy="random", rates={"in_reasoning": 1.0})) as provider:
        model = f"openai-api/{provider.base_url}#mine"
        _, out, _ = vsbench("doctor", "--model", model)
        assert hint in " ".join(out.split())
        plan = ("--model", model, "--env", "kuhn_poker", "--episodes", "1", "--eval", "decision")
        code, _, told = vsbench("run", *plan, "--out", str(tmp_path / "run"))
        assert code == 0
        assert f"replies of {model}: no text, but reasoning" in told
        assert hint in told
        option = ("--model-option", "openai-api.answer_in_reasoning=true")
        code, _, told = vsbench("run", *plan, *option, "--out", str(tmp_path / "read"))
        assert "no text" not in told
    results = json.loads((tmp_path / "read/results.json").read_text())
    (seat,) = (s for s in results["environments"][0]["seats"] if s["usage"]["replies"])
    assert seat["decisions"]["ok"] == seat["attempts"]["ok"] > 0


def test_a_limit_of_money_without_a_price_is_refused(tmp_path: Path) -> None:
    plan = ("--model", "openai-api/http://127.0.0.1:9/v1#m", "--env", "kuhn_poker")
    for more in ((), ("--dry-run",)):
        code, _, told = vsbench("run", *plan, "--max-cost", "1", *more, cwd=tmp_path)
        assert code == 2
        assert "--prices FILE" in told
    assert not list(tmp_path.iterdir())


def test_the_limit_of_longer_answers_is_an_option(tmp_path: Path) -> None:
    out = tmp_path / "run"
    code, _, told = vsbench(
        "run", "--model", "sighted/random", "--env", "kuhn_poker", "--episodes", "1",
        "--samples", "1", "--max-tokens", "500", "--max-tokens-limit", "900", "--out", str(out),
    )  # fmt: skip
    assert code == 0, told
    record = json.loads((out / "run.json").read_text())
    model_settings, in_force = record["model_settings"], record["models"]["sighted/random"]
    assert (model_settings["answer_tokens"], model_settings["max_tokens_limit"]) == (500, 900)
    assert (in_force["max_tokens"], in_force["max_tokens_limit"]) == (500, 900)
    code, _, told = vsbench("run", "--resume", str(out), "--max-tokens-limit", "999")
    assert (code, "--max-tokens-limit" in told) == (2, True)


def test_options_from_the_environment(tmp_path: Path) -> None:
    code, out, told = vsbench(
        "run", cwd=tmp_path, VSBENCH_MODEL="sighted/random", VSBENCH_ENV="kuhn_poker",
        VSBENCH_EPISODES="2", VSBENCH_SAMPLES="2", VSBENCH_OUT="here", VSBENCH_JSON="1",
    )  # fmt: skip
    assert code == 0, told
    assert json.loads(out.splitlines()[-1])["results"]["model"] == "sighted/random"
    assert (tmp_path / "here/results.json").exists()


def test_the_env_file_fills_in_but_never_overrides(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("OPENAI_API_KEY=from-file\n")
    _, out, _ = vsbench("doctor", cwd=tmp_path)
    line = next(line for line in out.splitlines() if "OPENAI_API_KEY" in line)
    assert line.split()[-1] == "set"


def test_a_dry_run_calls_nobody(tmp_path: Path) -> None:
    code, out, _ = vsbench(
        "run",
        "--model",
        "gpt-4o",
        "--env",
        "kuhn_poker",
        "--episodes",
        "2",
        "--dry-run",
        cwd=tmp_path,
    )
    assert code == 0
    assert "$" in out
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_several_models_share_a_folder(tmp_path: Path) -> None:
    code, out, told = vsbench(
        "run", "--model", "sighted/random", "--model", "bot/greedy", "--env", "kuhn_poker",
        "--episodes", "2", "--samples", "2", "--out", str(tmp_path / "both"),
    )  # fmt: skip
    assert code == 0, told
    assert len(list((tmp_path / "both").iterdir())) == 2
    assert vsbench("run", "--resume", str(tmp_path / "both"))[0] == 0
    assert "bot/greedy" in out


def test_overviews() -> None:
    for arguments, sign in {
        ("envs",): "coin_dilemma",
        ("envs", "kuhn_poker"): "ante",
        ("models",): "vsbench[openai]",
        ("prompts", "list"): "kuhn_poker/v1/_rules.j2",
        ("prompts", "template", "kuhn_poker/v1/_rules.j2"): "king",
        ("doctor",): "open-spiel",
        ("--version",): "vsbench",
        ("run", "--help"): "--max-cost",
    }.items():
        code, out, _ = vsbench(*arguments)
        assert code == 0
        assert sign in out


def test_starting_is_quick() -> None:
    code = (
        "import sys, vsbench, vsbench.cli; "
        "heavy = {'openai', 'pettingzoo', 'pyspiel', 'numpy', 'torch', 'rich', 'pydantic'}; "
        "print(heavy & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "set()", done.stderr
