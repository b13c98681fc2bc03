"""Who may import whom, and the shape that the house keeps."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

PACKAGES = {
    "vsbench": ROOT / "vsbench",
    "vsbench_envs": ROOT / "envs" / "vsbench_envs",
    "vsbench_prompts": ROOT / "prompts" / "vsbench_prompts",
    "vsbench_leaderboard": ROOT / "leaderboard_site" / "vsbench_leaderboard",
}

MAY_IMPORT = {
    "vsbench": {"vsbench_envs", "vsbench_prompts"},
    "vsbench_envs": set[str](),
    "vsbench_prompts": set[str](),
    "vsbench_leaderboard": {
        "vsbench.records",
        "vsbench.verification",
        "vsbench.scoring",
        "vsbench_envs",
    },
}
"""Package -> what else of the house it may use."""

LAYERS = (
    ("errors", "printable", "blocking", "versions", "messages"),
    ("writing", "settings", "records", "answers"),
    ("defects", "env_file", "fingerprints", "models", "bots"),
    ("prompts", "protocols", "published"),
    ("scoring", "adapters"),
    ("prices", "players"),
    ("datasets",),
    ("evaluations",),
    ("planning",),
    ("reconstruction",),
    ("verification", "replay"),
    ("runner", "simulation"),
    ("reporting",),
    ("analyses",),
    ("api", "round_robin", "anchors", "testing"),
    ("cli",),
)
"""Of the harness, from the ground up. What lies on one floor may use one another."""

SOURCE_ROOTS = [ROOT / name for name in ("envs", "prompts", "leaderboard_site", "tests")]
TREES = [*PACKAGES.values(), ROOT / "tests"]
LONGEST_FILE = 400
REGISTRY_HOSTS = re.compile(
    r"pypi\.org|pythonhosted\.org|--(extra-)?index[-]url|npmjs\.(org|com)|anaconda\.org"
)


def sources() -> list[Path]:
    return [path for tree in TREES for path in sorted(tree.rglob("*.py"))]


def imported(path: Path) -> Iterator[str]:
    """Everything that a file imports, inside functions too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: relative import"
            assert node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def within(name: str, package: str) -> bool:
    return f"{name}.".startswith(f"{package}.")


@pytest.mark.parametrize("package", PACKAGES)
def test_packages_import_only_what_they_may(package: str) -> None:
    allowed = {package, *MAY_IMPORT[package]}
    strays = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in PACKAGES[package].rglob("*.py")
        for name in imported(path)
        if name.partition(".")[0] in PACKAGES and not any(within(name, each) for each in allowed)
    ]
    assert not strays


def test_source_roots_are_no_packages() -> None:
    assert not [root for root in SOURCE_ROOTS if (root / "__init__.py").exists()]
    assert not list((ROOT / "tests").rglob("__init__.py"))


@pytest.mark.parametrize("room", sorted({room for layer in LAYERS for room in layer}))
def test_rooms_import_only_what_lies_below(room: str) -> None:
    """Each layer may import those above it in the table; rooms of one layer, one another too."""
    place = next(place for place, layer in enumerate(LAYERS) if room in layer)
    allowed = {name for layer in LAYERS[: place + 1] for name in layer}
    path = PACKAGES["vsbench"] / room
    files = sorted(path.rglob("*.py")) if path.is_dir() else [path.with_suffix(".py")]
    strays = [
        f"{file.relative_to(ROOT)} imports {name}"
        for file in files
        for name in imported(file)
        if name.startswith("vsbench.") and name.split(".")[1] not in allowed
    ]
    assert files
    assert not strays


def test_every_room_has_a_layer() -> None:
    rooms = {path.stem for path in PACKAGES["vsbench"].iterdir() if path.suffix == ".py"}
    rooms |= {path.parent.name for path in PACKAGES["vsbench"].glob("*/__init__.py")}
    listed = [room for layer in LAYERS for room in layer]
    assert len(set(listed)) == len(listed)
    assert rooms - {"__init__", "__main__"} == set(listed)


@pytest.mark.parametrize("package", PACKAGES)
def test_packages_are_typed(package: str) -> None:
    assert (PACKAGES[package] / "py.typed").is_file()


def test_importing_the_games_is_light() -> None:
    heavy = {"pettingzoo", "gymnasium", "pyspiel", "ale_py", "torch", "pygame"}
    program = f"import sys, vsbench_envs; print({heavy} & sys.modules.keys())"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "set()"


def test_records_are_read_and_verified_without_the_means_to_play() -> None:
    """A service that verifies strangers' runs has no use for adapters, keys and connections."""
    program = """
import sys, vsbench.records.tournament, vsbench.scoring.tournament
import vsbench.verification.tournament, vsbench.verification.run
print([name for name in sys.modules if name.startswith(("vsbench.adapters", "vsbench.runner"))])
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_answers_are_read_without_the_means_to_ask() -> None:
    program = """
import sys, vsbench.answers.reading
print([name for name in sys.modules if name.startswith("vsbench.") and "answers" not in name])
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_importing_vsbench_is_fast_and_takes_no_sdk() -> None:
    heavy = {"openai", "anthropic", "httpx2", "torch", "transformers", "pyarrow", "pydantic"}
    program = f"import sys, vsbench, vsbench.cli; print({heavy} & sys.modules.keys())"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "set()"


def test_files_are_small() -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in sources()}
    assert lengths
    assert not {str(path): n for path, n in lengths.items() if n > LONGEST_FILE}


def test_no_file_names_a_package_registry() -> None:
    """Where packages come from is the business of whoever installs them."""
    texts = [
        path
        for path in [*ROOT.iterdir(), *(ROOT / ".ci").rglob("*"), *sources()]
        if path.is_file() and path.suffix in {".py", ".toml", ".txt", ".md", ".cfg", ".yml", ""}
    ]
    assert ROOT / "pyproject.toml" in texts
    assert not [
        str(path) for path in texts if REGISTRY_HOSTS.search(path.read_text(encoding="utf-8"))
    ]
