"""The GitHub Action and the GitLab template: their steps as written, from nothing to a verdict."""

import re
import shutil
import venv
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import yaml

from vsbench.simulation.server import Simulation
from vsbench.simulation.settings import SimulationSettings
from workflows import PINNED, GitHub, GitLab, machine

ROOT = Path(__file__).parents[3]
ACTION = ROOT / "action.yml"
TEMPLATE = ROOT / "templates" / "vsbench.gitlab-ci.yml"

CONFIG = """
models: {assistant: openai/gpt-4o}
evals: [decision]
envs: [coin_dilemma, hanabi]
modality: text
episodes: 8
max_cost: 100
max_stand_ins: 10
"""

WORSE = "oracle=0.7,random=0.3"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "ci.yml").write_text(CONFIG, encoding="utf-8")
    (tmp_path / "storage").mkdir()
    return folder


@pytest.fixture
def variables(tmp_path: Path) -> dict[str, str]:
    """Of a machine with Python and nothing else."""
    venv.create(tmp_path / "venv", with_pip=True)
    return {**machine(tmp_path / "venv"), "OPENAI_API_KEY": "any"}


def at(provider: Simulation, variables: dict[str, str]) -> dict[str, str]:
    return {**variables, "OPENAI_BASE_URL": provider.base_url}


def clean(project: Path) -> None:
    """Leave what a checkout has: every job begins on a machine of its own."""

    for path in project.iterdir():
        if path.name != "ci.yml":
            shutil.rmtree(path) if path.is_dir() else path.unlink()


@pytest.mark.slow
def test_the_github_action_from_nothing_to_a_regression(
    project: Path, variables: dict[str, str]
) -> None:
    def job(run_id: int, event: str, policy: str) -> tuple[GitHub, int]:
        clean(project)
        with Simulation(SimulationSettings(policy=policy)) as provider:
            service = GitHub(project, project.parent / "storage", at(provider, variables))
            facts = {
                "run_id": str(run_id),
                "run_attempt": "1",
                "sha": f"commit{run_id}",
                "event_name": event,
                "action_ref": "v1",
            }
            return service, service.run(ACTION, {"config": "ci.yml"}, facts)

    service, code = job(1, "push", "oracle")
    assert code == 0, service.output
    assert service.outputs == {"exit-code": "0"}
    assert "::notice title=vsbench%3A assistant::No baseline" in service.output

    service, code = job(2, "pull_request", WORSE)
    assert code == 1, service.output
    assert service.outputs == {"exit-code": "1"}
    assert "::error title=vsbench%3A assistant" in service.output
    assert service.uploaded == ["vsbench"]
    storage = project.parent / "storage"
    assert "❌ **Regression:**" in (storage / "summary.md").read_text(encoding="utf-8")
    root = ET.parse(storage / "artifact" / "junit.xml").getroot()
    assert int(root.get("failures", "0")) >= 2

    service, code = job(3, "push", "oracle")
    assert code == 0, service.output
    state = storage / "caches" / "vsbench-state-vsbench-3-1"
    assert len(list((state / "baselines" / "assistant").iterdir())) == 2


@pytest.mark.slow
def test_the_gitlab_template_from_nothing_to_a_regression(
    project: Path, variables: dict[str, str]
) -> None:
    def job(commit: str, policy: str) -> tuple[GitLab, int]:
        clean(project)
        with Simulation(SimulationSettings(policy=policy)) as provider:
            service = GitLab(project, project.parent / "storage", at(provider, variables))
            inputs = {"config": "ci.yml", "package": f"{ROOT}[openai]", "arguments": "--max-cost 9"}
            return service, service.run(TEMPLATE, inputs, {"CI_COMMIT_SHA": commit})

    service, code = job("one", "oracle")
    assert code == 0, service.output
    service, code = job("two", WORSE)
    assert code == 1, service.output
    assert int(ET.parse(service.junit).getroot().get("failures", "0")) >= 2
    assert (project.parent / "storage" / "artifact" / "report.md").is_file()


def test_other_actions_are_pinned_to_commits() -> None:
    steps = yaml.safe_load(ACTION.read_text(encoding="utf-8"))["runs"]["steps"]
    used = [step["uses"] for step in steps if "uses" in step]
    assert used
    assert all(PINNED.fullmatch(name) for name in used)
    # The version that a commit stands for is named behind it, for people and for updaters.
    lines = [line for line in ACTION.read_text(encoding="utf-8").splitlines() if "uses:" in line]
    assert all(re.search(r"# v\d+\.\d+\.\d+$", line) for line in lines)


def test_inputs_reach_scripts_as_variables_only() -> None:
    steps = yaml.safe_load(ACTION.read_text(encoding="utf-8"))["runs"]["steps"]
    assert all("${{" not in step["run"] for step in steps if "run" in step)


def test_examples_in_the_documentation_name_existing_inputs() -> None:
    page = (ROOT / "docs" / "CI.md").read_text(encoding="utf-8")
    blocks = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)]
    (workflow,) = (block for block in blocks if "jobs" in block)
    (step,) = (s for s in workflow["jobs"]["vsbench"]["steps"] if "vsbench" in s["uses"])
    inputs = yaml.safe_load(ACTION.read_text(encoding="utf-8"))["inputs"]
    assert step["with"].keys() <= inputs.keys()
    (included,) = (block for block in blocks if "include" in block)
    spec = yaml.safe_load(TEMPLATE.read_text(encoding="utf-8").partition("\n---\n")[0])
    assert included["include"][0]["inputs"].keys() <= spec["spec"]["inputs"].keys()
