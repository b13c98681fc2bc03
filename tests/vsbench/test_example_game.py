"""The example game: a package of its own, used like ours, and what is said of broken ones."""

import json
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from plugins import NIM, ROOT, install, python, vsbench
from vsbench_envs.errors import PluginError
from vsbench_envs.plugins import GROUP, Plugins

EVALUATIONS = ("--eval", "decision", "--eval", "reasoning", "--eval", "perception")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return install(NIM, tmp_path_factory.mktemp("site"))


@pytest.fixture(scope="module")
def work(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a data set, and a run of all evaluations."""
    folder = tmp_path_factory.mktemp("work")
    run(site, folder, "dataset", "build", "--env", "nim", "--samples", 24, "--out", "sets")
    run(site, folder, "run", "--model", "sighted/oracle", *PLAN, "--out", "run")
    return folder


PLAN = ("--env", "nim", *EVALUATIONS, "--episodes", 6, "--samples", 12, "--dataset", "sets")


def run(site: Path, cwd: Path, *words: object) -> str:
    done = vsbench(site, *words, cwd=cwd)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_its_own_tests_pass_with_nothing_to_do(site: Path, tmp_path: Path) -> None:
    shutil.copytree(NIM / "tests", tmp_path / "tests")
    words = ("-m", "pytest", "-q", "-rxX", "-p", "no:cacheprovider", "-o", "addopts=")
    done = python(site, *words, "tests", cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    assert " passed" in done.stdout
    assert "xfailed" not in done.stdout, done.stdout


def test_it_is_listed_explained_and_imported(site: Path, tmp_path: Path) -> None:
    program = (
        "import vsbench_envs; from vsbench_envs import nim_v0, registry; import pettingzoo;"
        "from vsbench_envs import catalogue, anchors;"
        "import vsbench_envs.pettingzoo;"
        "assert vsbench_envs.nim_v0 is nim_v0;"
        "assert 'nim' in registry.names() and not registry.plugins().broken();"
        "assert 'Bouton' in catalogue.entry(vsbench_envs.get('nim'));"
        "assert anchors.measured('nim').measures['return'].oracle.mean > 0.9;"
        "print(nim_v0.parallel_env(), pettingzoo.make('aec', 'vsbench/nim_v0'))"
    )
    done = python(site, "-c", program, cwd=tmp_path)
    assert (done.stdout, done.stderr) == ("nim_v0 nim_v0\n", "")


def test_what_is_missing_or_wrong_is_said_before_anything_is_written(tmp_path: Path) -> None:
    site = install(NIM, tmp_path / "site")
    (site / "vsbench_nim/anchors.json").unlink()
    estimate = ("run", "--model", "sighted/oracle", "--env", "nim", "--dry-run")
    done = vsbench(site, *estimate, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "the anchors of nim are stated, not measured" in done.stderr
    rules = site / "vsbench_nim/rules.py"
    rules.write_text(rules.read_text().replace('{stones}"', '{stones} of the stones on the table"'))
    done = vsbench(site, "dataset", "build", "--env", "nim", "--out", "sets", cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    assert "nim cannot be played: rules: action labels are short and distinct" in done.stderr
    assert not (tmp_path / "sets").exists()


@pytest.mark.slow
def test_the_embedded_model_plays_it_in_all_evaluations(site: Path, work: Path) -> None:
    assert "no findings" in run(site, work, "dataset", "check", "sets/nim.jsonl")
    results = json.loads((work / "run/results.json").read_text())
    assert results["complete"]
    assert results["overall"]["decision"]["mean"] > 0
    assert results["overall"]["perception"]["mean"] == 100
    assert "nim: game played instead of none" not in results["standing"]["differences"]
    assert any("nim" in told for told in results["standing"]["differences"])
    # Its prompts are installed, so that they are nobody's whom one had to trust.
    assert "verification passed" in run(site, work, "replay", "run", "--dataset", "sets")
    run(site, work, "replay", "run", "--html", "nim/0", "--to", "page.html")
    assert "Nim" in run(site, work, "results", "run", "--anchors", "measured")
    text = ("--modality", "text", "--eval", "decision", "--episodes", 2, "--out", "text")
    assert "Nim" in run(site, work, "run", "--model", "blind/oracle", "--env", "nim", *text)


@pytest.mark.slow
def test_every_command_takes_it(site: Path, work: Path) -> None:
    assert "nim" in run(site, work, "envs")
    assert "Bouton" in run(site, work, "envs", "nim")
    assert "0 to do, 0 failed" in run(site, work, "envs", "check", "nim")
    assert "takes the last stone" in run(site, work, "prompts", "show", "nim", "--to", "pictures")
    measured = run(site, work, "anchors", "--env", "nim", "--episodes", 40, "--write", "a.json")
    assert "oracle" in measured
    assert list(json.loads((work / "a.json").read_text())) == ["nim"]
    players = ("--player", "sighted/oracle", "--player", "bot/greedy")
    run(site, work, "tournament", *players, "--env", "nim", "--episodes", 2, "--out", "games")
    assert "verification passed" in run(site, work, "replay", "games")
    played = vsbench(site, "play", "nim", "--out", "own", cwd=work, stdin="1\n" * 12)
    assert played.returncode == 0, played.stderr
    assert "person/terminal" in played.stdout


@pytest.mark.slow
def test_a_model_of_a_provider_plays_it(site: Path, work: Path) -> None:
    with simulation(site, work) as address:
        run(
            site, work, "run", "--model", f"openai-api/{address}#nimmer", *PLAN, "--out", "provider"
        )
    results = json.loads((work / "provider/results.json").read_text())
    assert results["complete"]
    assert results["overall"]["perception"]["mean"] == 100


@contextmanager
def simulation(site: Path, cwd: Path) -> Iterator[str]:
    """A simulated provider that knows the installed games, and its address."""
    server = subprocess.Popen(
        [sys.executable, "-u", "-m", "vsbench", "simulate", "--port", "0"],
        stdout=subprocess.PIPE, text=True, cwd=cwd, env=os.environ | {"PYTHONPATH": str(site)},
    )  # fmt: skip
    try:
        assert server.stdout is not None
        said = server.stdout.readline()
        yield next(word.strip(".,;") for word in said.split() if word.startswith("http"))
    finally:
        server.terminate()
        server.communicate()


@pytest.mark.slow
def test_pip_installs_it_beside_a_wheel(tmp_path: Path) -> None:
    """In an environment of its own, where nothing of this folder is importable."""
    source, wheels = tmp_path / "nim", tmp_path / "wheels"
    shutil.copytree(NIM, source, ignore=shutil.ignore_patterns("__pycache__"))
    offline = ["--quiet", "--no-index", "--no-deps", "--no-build-isolation"]
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    for package in (ROOT, source):
        subprocess.run([*pip, "wheel", *offline, "-w", wheels, package], check=True)
    venv.create(tmp_path / "venv", with_pip=True)
    own = tmp_path / "venv/bin/python"
    install = [own, "-m", "pip", "--disable-pip-version-check", "install"]
    wheel, example = sorted(wheels.glob("vsbench-0*.whl")), sorted(wheels.glob("vsbench_nim*.whl"))
    subprocess.run(
        [*install, "--quiet", "-c", ROOT / "constraints.txt", *wheel, *example, "pytest"],
        check=True,
    )
    done = subprocess.run(
        [own, "-m", "pytest", "-q", "-rx", source / "tests"],
        capture_output=True, text=True, cwd=tmp_path, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert "xfailed" not in done.stdout
    new = [own, "-m", "vsbench", "envs", "new", "connect_four"]
    subprocess.run(new, check=True, cwd=tmp_path)
    assert (tmp_path / "connect_four/vsbench_connect_four/py.typed").exists()


RUN = ("run", "--model", "sighted/oracle", "--eval", "decision", "--env", "nim")

FAULTS = {
    "no prompts": (
        "__init__.py", '    prompts="vsbench_nim.prompts",\n', "", RUN,
        "there is no prompt template nim/v1/_rules.j2",
    ),
    "a wrong package of prompts": (
        "__init__.py", "vsbench_nim.prompts", "vsbench_nim.words", RUN,
        "nim names a package for its prompts that is not there: vsbench_nim.words",
    ),
    "an unknown variable in a template": (
        "prompts/nim/v1/_rules.j2", "- Three", "{{ heaps }} Three", RUN,
        "nim/v1/_rules.j2:1: 'heaps' is undefined",
    ),
    "a template that is no Jinja": (
        "prompts/nim/v1/_rules.j2", "- Three", "{% if %} Three", RUN,
        "nim/v1/_rules.j2:1: Expected an expression",
    ),
    "no recipe": (
        "__init__.py", "    recipe=RECIPE,\n", "",
        ("dataset", "build", "--samples", "4", "--env", "nim"),
        "there is no recipe for nim",
    ),
    "no measures": (
        "__init__.py", "measures=(", "measures=() and (", RUN,
        "there are no measures: GameSpec.measures says what is scored",
    ),
    "no oracle": (
        "bots.py", '    "oracle": Bot(perfect,', '    "perfect": Bot(perfect,', RUN,
        "sighted/oracle cannot play nim: there is no bot in nim called 'oracle'",
    ),
    "no oracle to measure": (
        "bots.py", '    "oracle": Bot(perfect,', '    "perfect": Bot(perfect,',
        ("anchors", "--env", "nim", "--write"),
        "there is no bot in nim called 'oracle'",
    ),
    "a long label": (
        "rules.py", 'f"{HEAPS[heap]} {stones}"',
        'f"from the {HEAPS[heap]} heap, {stones} of the stones"', RUN,
        "the limit is 32",
    ),
    "a large picture": (
        "view.py", "WIDTH, HEIGHT = 480, 360", "WIDTH, HEIGHT = 960, 360", RUN,
        "is too big: 960 x 360 px, and the limit is 768 px",
    ),
    "no game": (
        "__init__.py", "GAME: Game[NimPercept] = Game(", "GAME = dict(", RUN,
        "is a dict, not a vsbench_envs.Game",
    ),
    "another id": (
        "__init__.py", 'id="nim"', 'id="nym"', RUN, "has the id 'nym'; both must be the same",
    ),
    "a failing import": (
        "rules.py", "from dataclasses import dataclass", "from dataclasses import dataklass", RUN,
        "game 'nim' (vsbench_nim:GAME of vsbench-nim) cannot be imported: ImportError",
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.slow
def test_what_is_wrong_is_said_before_anything_is_written(tmp_path: Path, fault: str) -> None:
    file, old, new, words, told = FAULTS[fault]
    broken = install(NIM, tmp_path / "site")
    path = broken / "vsbench_nim" / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    to = "out" if words[-1] == "--write" else "--out out"
    done = vsbench(broken, *words, *to.split(), cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_a_broken_package_hides_no_other_game(tmp_path: Path) -> None:
    site = install(NIM, tmp_path / "site")
    (site / "vsbench_nim/bots.py").write_text("1 / 0\n")
    listed = vsbench(site, "envs", cwd=tmp_path)
    assert listed.returncode == 0
    assert "kuhn_poker" in listed.stdout
    assert "cannot be imported: ZeroDivisionError: division by zero" in listed.stderr
    kuhn = ("run", "--model", "sighted/oracle", "--env", "kuhn_poker", "--episodes", 1)
    assert "Kuhn poker" in run(site, tmp_path, *kuhn, "--eval", "decision", "--out", "out")
    assert vsbench(site, "doctor", cwd=tmp_path).returncode == 0


def entry_point(value: str, name: str = "nim") -> EntryPoint:
    return EntryPoint(name, value, GROUP)


@pytest.mark.parametrize(
    ("points", "words"),
    [
        ([entry_point("vsbench_nothing:GAME")], "cannot be imported: ModuleNotFoundError"),
        ([entry_point("vsbench_envs.kuhn_poker:NOTHING")], "cannot be imported: AttributeError"),
        ([entry_point("vsbench_envs.spec:GameSpec")], "is a type, not a vsbench_envs.Game"),
        ([entry_point("vsbench_envs.kuhn_poker:GAME")], "has the id 'kuhn_poker'"),
        ([entry_point("one:GAME"), entry_point("two:GAME")], "several packages bring"),
    ],
)
def test_entry_points_that_name_no_game(points: list[EntryPoint], words: str) -> None:
    plugins = Plugins(points)
    with pytest.raises(PluginError, match=words):
        plugins.load("nim")
    assert words in str(plugins.broken()["nim"])


def test_an_id_of_ours_stays_ours() -> None:
    plugins = Plugins([entry_point("vsbench_nim:GAME", "hanabi")], taken=["hanabi"])
    assert plugins.names == ()
    assert "the id is taken by a game of vsbench's own" in str(plugins.broken()["hanabi"])
