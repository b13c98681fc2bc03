"""Who may import whom, and the shape that the house keeps."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
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
    ("errors", "validation", "printable", "blocking", "versions", "messages", "redaction"),
    ("output_paths", "settings", "records", "answers"),
    ("defects", "env_file", "fingerprints", "models", "bots", "sources", "logs"),
    ("prompts", "protocols", "published"),
    ("scoring", "adapters"),
    ("players",),
    ("datasets",),
    ("evaluations",),
    ("planning",),
    ("estimates",),
    ("reconstruction",),
    ("verification", "viewer"),
    ("runner", "simulation"),
    ("reporting",),
    ("analyses", "exports", "loggers"),
    ("anchors", "testing", "skeleton"),
    ("api", "ci"),
    ("cli",),
)
"""Rooms of the harness, from the bottom layer up. Rooms of one layer may import one another."""

SOURCE_ROOTS = [ROOT / name for name in ("envs", "prompts", "leaderboard_site", "tests")]
TREES = [*PACKAGES.values(), ROOT / "tests"]
REGISTRY_HOSTS = re.compile(
    r"pypi\.org|pythonhosted\.org|--(extra-)?index[-]url|npmjs\.(org|com)|anaconda\.org"
)


def sources() -> list[Path]:
    return [path for tree in TREES for path in sorted(tree.rglob("*.py"))]


def imported(source: str) -> Iterator[str]:
    """Yield everything that a module imports, inside functions too."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "relative import"
            assert node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def imported_by(paths: Iterable[Path]) -> Iterator[tuple[Path, str]]:
    """Yield every file, relative to the root, with each of its imports."""
    for path in paths:
        for name in imported(path.read_text(encoding="utf-8")):
            yield path.relative_to(ROOT), name


def upward(room: str, names: Iterable[str]) -> list[str]:
    """Return those imports of a room of the harness that its layer does not allow.

    A room may import its own layer and those above it in the table, and not the package itself.
    """
    place = next(place for place, layer in enumerate(LAYERS) if room in layer)
    allowed = {name for layer in LAYERS[: place + 1] for name in layer}
    return [
        name
        for name in names
        if within(name, "vsbench") and f"{name}.".split(".")[1] not in allowed
    ]


def within(name: str, package: str) -> bool:
    return f"{name}.".startswith(f"{package}.")


@pytest.mark.parametrize("package", PACKAGES)
def test_packages_import_only_what_they_may(package: str) -> None:
    allowed = {package, *MAY_IMPORT[package]}
    strays = [
        f"{path} imports {name}"
        for path, name in imported_by(PACKAGES[package].rglob("*.py"))
        if name.partition(".")[0] in PACKAGES and not any(within(name, each) for each in allowed)
    ]
    assert not strays


def test_source_roots_are_no_packages() -> None:
    assert not [root for root in SOURCE_ROOTS if (root / "__init__.py").exists()]
    assert not list((ROOT / "tests").rglob("__init__.py"))


@pytest.mark.parametrize("room", sorted({room for layer in LAYERS for room in layer}))
def test_rooms_import_only_what_lies_below(room: str) -> None:
    path = PACKAGES["vsbench"] / room
    files = sorted(path.rglob("*.py")) if path.is_dir() else [path.with_suffix(".py")]
    assert files
    assert not [
        f"{file} imports {name}" for file, name in imported_by(files) if upward(room, [name])
    ]


@pytest.mark.parametrize(
    ("room", "source"),
    [
        ("evaluations", "from vsbench.runner.calls import ModelCalls"),
        ("adapters", "def open() -> None:\n    from vsbench.players import vlm"),
        ("datasets", "import vsbench.reporting.tables"),
        ("datasets", "from vsbench.evaluations import samples"),
        ("adapters", "from vsbench import __version__"),
        ("adapters", "import vsbench"),
        ("planning", "from vsbench.runner.budget import Budget"),
        ("runner", "from vsbench import cli"),
    ],
)
def test_an_import_upwards_is_found(room: str, source: str) -> None:
    assert upward(room, imported(source))
    assert not upward("cli", [name for name in imported(source) if name.count(".") > 1])


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
import sys, vsbench.answers.parsing
print([name for name in sys.modules if name.startswith("vsbench.") and "answers" not in name])
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_importing_vsbench_is_fast_and_takes_no_sdk() -> None:
    heavy = {
        "openai",
        "anthropic",
        "httpx2",
        "torch",
        "transformers",
        "pyarrow",
        "pydantic",
        "scipy",
    }
    program = f"import sys, vsbench, vsbench.cli; print({heavy} & sys.modules.keys())"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "set()"


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


def test_the_documentation_lists_the_layers() -> None:
    text = (ROOT / "docs" / "ARCHITECTURE.md").read_text(encoding="utf-8")
    rows = text.partition("## Layers of the harness")[2].partition("## ")[0].splitlines()
    cells = [row.split("|")[1] for row in rows if row.startswith("| `")]
    assert [set(re.findall(r"`(\w+)`", cell)) for cell in cells] == [
        set(layer) for layer in reversed(LAYERS)
    ]
