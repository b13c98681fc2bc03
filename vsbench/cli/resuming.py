"""Resume runs: ask for permissions, and print the command that resumes a run."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Collection
from pathlib import Path

import click

from vsbench.env_file import load_env_file
from vsbench.planning.permissions import granting, missing_permissions, permissions_for, refusal
from vsbench.prompts import PromptPack
from vsbench.records.manifest import Manifest
from vsbench.settings import RunSettings
from vsbench_prompts import is_released


def with_permissions(manifests: Collection[Manifest], settings: RunSettings) -> RunSettings:
    """Ask a person at the terminal for missing permissions, and return the settings with them.

    Raises:
        UsageError: a permission is refused, or there is no terminal to ask at.
    """
    load_env_file()
    missing = missing_permissions(manifests, settings)
    at_terminal = all(stream and stream.isatty() for stream in (sys.stdin, sys.stderr))
    for permission in missing:
        question = f"The run {permission.about}, as only its own record says. Permit it?"
        if not at_terminal or not click.confirm(question, default=False, err=True):
            raise refusal(missing)
    return granting(settings, missing)


def _has_own_prompts(manifest: Manifest) -> bool:
    """Whether a run's prompts differ from the installed ones."""
    envs = [plan.env for plan in manifest.environments]
    installed = PromptPack.shipped(None, envs).sha256
    return manifest.prompts_sha256 != installed and not is_released(manifest.prompts_sha256)


def resume_command(
    what: str, directory: Path, manifests: Collection[Manifest], dataset: Path | None = None
) -> str:
    """Return the command that resumes a run; ``dataset`` is its data set, if not shipped."""
    permissions = (
        part for each in permissions_for(manifests) for part in (each.option, each.value)
    )
    prompts = ["--trust-prompts"] if any(map(_has_own_prompts, manifests)) else []
    sets = ["--dataset", str(dataset)] if dataset is not None else []
    return shlex.join(["vsbench", what, "--resume", str(directory), *sets, *prompts, *permissions])
