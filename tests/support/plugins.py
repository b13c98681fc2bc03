"""Packages that bring games, installed for a command without pip: a folder on ``PYTHONPATH``."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
NIM = ROOT / "examples/nim"


def install(source: Path, site: Path) -> Path:
    """Put a package with entry points where Python finds it, as pip would."""
    project = tomllib.loads((source / "pyproject.toml").read_text())["project"]
    package = project["name"].replace("-", "_")
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(source / package, site / package, ignore=ignored, dirs_exist_ok=True)
    info = site / f"{package}-{project['version']}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
    )
    lines = []
    for group, points in project["entry-points"].items():
        lines += [f"[{group}]", *(f"{name} = {value}" for name, value in points.items())]
    (info / "entry_points.txt").write_text("\n".join(lines) + "\n")
    return site


def python(
    site: Path, *words: object, cwd: Path, stdin: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run Python with the packages of a folder."""
    environment = os.environ | {"PYTHONPATH": str(site), "COLUMNS": "200"}
    command = [sys.executable, *map(str, words)]
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        env=environment,
        cwd=cwd,
        input=stdin,
        check=False,
    )


def vsbench(
    site: Path, *words: object, cwd: Path, stdin: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run a command with the packages of a folder."""
    return python(site, "-m", "vsbench", *words, cwd=cwd, stdin=stdin)
