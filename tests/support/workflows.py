"""Runs the steps of a composite GitHub Action, and the script of a GitLab job, as written.

Steps in shell run in bash. Steps of other actions are done by what they stand for: a cache is a
folder beside the project, an artifact is copied. The expressions are the few that occur; another
one is an error.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

EXPRESSION = re.compile(r"\$\{\{\s*(.+?)\s*\}\}")
PINNED = re.compile(r"(?P<action>[\w.-]+/[\w./-]+)@[0-9a-f]{40}")


@dataclass
class Service:
    """A CI service with its storage, for jobs of one project."""

    project: Path
    storage: Path
    environment: Mapping[str, str]
    """Variables of the machine, of the job, and its secrets."""
    output: str = ""
    """Of the last job."""
    uploaded: list[str] = field(default_factory=list)
    """Names of the artifacts that were uploaded."""

    def _bash(self, script: str, folder: Path, variables: Mapping[str, str], *options: str) -> int:
        done = subprocess.run(
            ["bash", *options, "-c", script],
            cwd=folder,
            env={**self.environment, **variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=900,
            check=False,
        )
        self.output += done.stdout
        return done.returncode

    def _copy(self, source: Path, to: Path) -> None:
        if source.exists():
            shutil.rmtree(to, ignore_errors=True)
            shutil.copytree(source, to)


class GitHub(Service):
    """Runs composite actions."""

    def run(self, action: Path, inputs: Mapping[str, str], github: Mapping[str, str]) -> int:
        """Run an action in the project; return the exit code of the step that failed, or 0."""
        self.output, self.uploaded = "", []
        content = yaml.safe_load(action.read_text(encoding="utf-8"))
        unknown = inputs.keys() - content["inputs"].keys()
        assert not unknown, unknown
        values = {f"github.{name}": value for name, value in github.items()}
        values["runner.os"] = "Linux"
        for name, declared in content["inputs"].items():
            values[f"inputs.{name}"] = inputs.get(name, str(declared.get("default", "")))
        failed = 0
        for step in content["runs"]["steps"]:
            if self._applies(step.get("if", ""), values, failed):
                failed = self._step(step, values, action.parent, github) or failed
        for name, declared in content["outputs"].items():
            values[f"outputs.{name}"] = fill(declared["value"], values)
        self.outputs = {
            name.removeprefix("outputs."): value
            for name, value in values.items()
            if name.startswith("outputs.")
        }
        return failed

    def _applies(self, condition: str, values: Mapping[str, str], failed: int) -> bool:
        parts = [part.strip() for part in condition.split("&&")] if condition else []
        always = "always()" in parts
        for part in parts:
            if part == "always()":
                continue
            name, value = re.fullmatch(r"([\w.-]+) == '(.*)'", part).groups()  # type: ignore[union-attr]
            if values[name] != value:
                return False
        return always or not failed

    def _step(
        self, step: dict[str, Any], values: dict[str, str], place: Path, github: Mapping[str, str]
    ) -> int:
        if "uses" in step:
            pinned = PINNED.fullmatch(step["uses"])
            assert pinned, f"{step['uses']} is not pinned to a commit"
            given = {name: fill(value, values) for name, value in step["with"].items()}
            self._use(pinned["action"], given)
            return 0
        assert step["shell"] == "bash"
        assert "${{" not in step["run"], "expressions in scripts are injections"
        outputs = self.storage / "outputs"
        outputs.write_text("", encoding="utf-8")
        variables = {
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTION_PATH": str(place),
            "GITHUB_OUTPUT": str(outputs),
            "GITHUB_STEP_SUMMARY": str(self.storage / "summary.md"),
            "GITHUB_SHA": github["sha"],
            "GITHUB_EVENT_NAME": github["event_name"],
            **{name: fill(value, values) for name, value in step.get("env", {}).items()},
        }
        folder = self.project / fill(step.get("working-directory", "."), values)
        # As the service calls bash.
        code = self._bash(
            step["run"], folder, variables, "--noprofile", "--norc", "-eo", "pipefail"
        )
        for line in outputs.read_text(encoding="utf-8").splitlines():
            name, _, value = line.partition("=")
            values[f"steps.{step['id']}.outputs.{name}"] = value
        return code

    def _use(self, action: str, given: Mapping[str, str]) -> None:
        caches = self.storage / "caches"
        match action:
            case "actions/setup-python" | "actions/cache":
                return  # The machine has Python, and its own cache of packages.
            case "actions/cache/restore":
                prefixes = [given["key"], *given["restore-keys"].split()]
                for prefix in prefixes:
                    found = sorted(caches.glob(f"{prefix}*"), key=lambda path: path.stat().st_mtime)
                    if found:
                        self._copy(found[-1], self.project / given["path"])
                        return
            case "actions/cache/save":
                assert not (caches / given["key"]).exists(), "keys of caches are used once"
                self._copy(self.project / given["path"], caches / given["key"])
            case "actions/upload-artifact":
                self.uploaded.append(given["name"])
                self._copy(self.project / given["path"], self.storage / "artifact")
            case _:
                raise AssertionError(f"unknown action {action}")


class GitLab(Service):
    """Runs the job of a template."""

    def run(self, template: Path, inputs: Mapping[str, str], predefined: Mapping[str, str]) -> int:
        """Run the job in the project; return the exit code of its script."""
        self.output, self.uploaded = "", []
        spec, text = template.read_text(encoding="utf-8").split("\n---\n")
        declared = yaml.safe_load(spec)["spec"]["inputs"]
        assert not inputs.keys() - declared.keys()
        values = {name: inputs.get(name, each["default"]) for name, each in declared.items()}
        text = re.sub(r"\$\[\[ inputs\.([\w-]+) \]\]", lambda found: values[found[1]], text)
        ((_, job),) = yaml.safe_load(text).items()
        variables = {"CI_PROJECT_DIR": str(self.project), **predefined}
        for name, value in job["variables"].items():
            variables[name] = value.replace("$CI_PROJECT_DIR", str(self.project))
        caches = self.storage / "caches"
        for cache in job["cache"]:
            for path in cache["paths"]:
                self._copy(caches / cache["key"] / path, self.project / path)
        # Runners call bash once, with all lines, and stop at the first that fails.
        code = self._bash("\n".join(job["script"]), self.project, variables, "-eo", "pipefail")
        for cache in job["cache"]:
            if code == 0 or cache.get("when") == "always":
                for path in cache["paths"]:
                    self._copy(self.project / path, caches / cache["key"] / path)
        artifacts = job["artifacts"]
        assert artifacts["when"] == "always"
        for path in artifacts["paths"]:
            self._copy(self.project / path, self.storage / "artifact")
        self.junit = self.project / artifacts["reports"]["junit"]
        return code


def fill(text: object, values: Mapping[str, str]) -> str:
    """Put values into the expressions of a text; those of steps that did not run are empty."""

    def value(found: re.Match[str]) -> str:
        name = found[1]
        return values.get(name, "") if name.startswith("steps.") else values[name]

    return EXPRESSION.sub(value, str(text))


def machine(venv: Path) -> dict[str, str]:
    """The variables of a machine on which a virtual environment's Python is the only one."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("GITHUB_", "CI_", "VSBENCH_", "OPENAI_"))
    }
    return {**kept, "PATH": f"{venv / 'bin'}:/usr/bin:/bin", "VIRTUAL_ENV": str(venv)}
