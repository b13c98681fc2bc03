"""Adapters of other packages: installed by pip, found by entry point, used like ours."""

import inspect
import os
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from questions import kuhn_question
from vsbench import adapters, run
from vsbench.adapters import (
    Adapter,
    AdapterOptions,
    BadRequestError,
    ProviderOptions,
    RateLimitedError,
    adapter_problems,
    open_adapter,
    read_options,
    registry,
)
from vsbench.errors import UsageError, VSBenchError
from vsbench.records.journals import read_journal

EXAMPLE = Path(__file__).parents[2] / "example_plugin"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which pip has installed the example package."""
    folder = tmp_path_factory.mktemp("site")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps"]
    alone = ["--no-build-isolation", "--disable-pip-version-check", "--no-cache-dir"]
    source = tmp_path_factory.mktemp("source")
    for file in EXAMPLE.iterdir():
        if file.is_file():
            (source / file.name).write_bytes(file.read_bytes())
    subprocess.run([*pip, *alone, "--target", folder, source], check=True)
    return folder


def vsbench(*words: object, paths: list[Path]) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, paths)), "COLUMNS": "120"}
    command = [sys.executable, "-m", "vsbench", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)


def a_package(folder: Path, name: str, provider: str, maker: str = "nothing:here") -> Path:
    """An installed package that brings a provider, as far as its metadata."""
    info = folder / f"{name.replace('-', '_')}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[vsbench.adapters]\n{provider} = {maker}\n")
    return folder


def test_an_installed_adapter_plays(site: Path, tmp_path: Path) -> None:
    run = ["run", "--model", "parrot/polly", "--env", "kuhn_poker", "--episodes", 2]
    decision = ["--eval", "decision", "--model-option", "parrot.place=1"]
    done = vsbench(*run, *decision, "--out", tmp_path / "run", paths=[site])
    assert done.returncode == 0, done.stderr
    records = [
        record
        for path in (tmp_path / "run/journal").rglob("*.jsonl")
        for record in read_journal(path)
    ]
    assert {r.answer for r in records if r.type == "attempt"} == {"bet"}
    assert {r.served_model for r in records if r.type == "attempt"} == {"polly"}
    wrong = vsbench(*run, "--model-option", "parrot.spot=1", "--out", tmp_path / "no", paths=[site])
    assert wrong.returncode == 2
    assert (
        "no option 'parrot.spot'; did you mean 'parrot.place'? (known: parrot.place)"
        in wrong.stderr
    )


def test_it_is_listed_with_its_package(site: Path) -> None:
    listed = vsbench("models", paths=[site])
    assert listed.returncode == 0, listed.stderr
    assert "parrot/..." in listed.stdout
    assert "vsbench-parrot" in listed.stdout


def test_packages_that_bring_the_same_name_are_both_named(site: Path, tmp_path: Path) -> None:
    other = a_package(tmp_path / "other", "other-birds", "parrot")
    run = ["run", "--model", "parrot/polly", "--out", tmp_path / "run"]
    done = vsbench(*run, paths=[site, other])
    assert done.returncode == 2
    assert "model provider 'parrot' comes from several packages" in done.stderr
    assert "vsbench-parrot" in done.stderr
    assert "other-birds" in done.stderr
    ours = vsbench("models", paths=[site, other])
    assert ours.returncode == 0
    assert "vsbench-parrot and other-birds" in ours.stdout


def test_a_package_that_is_broken_is_named(tmp_path: Path) -> None:
    other = a_package(tmp_path / "other", "lame-birds", "finch")
    done = vsbench("run", "--model", "finch/a", "--out", tmp_path / "run", paths=[other])
    assert done.returncode == 2
    assert "model provider 'finch' of lame-birds: No module named 'nothing'" in done.stderr
    assert not (tmp_path / "run").exists()


def test_an_adapter_that_is_incomplete_stops_the_command(tmp_path: Path) -> None:
    other = a_package(tmp_path / "other", "old-birds", "finch", "old_birds:make")
    (other / "old_birds.py").write_text("def make(name, options): return object()")
    done = vsbench("run", "--model", "finch/a", "--out", tmp_path / "run", paths=[other])
    assert done.returncode == 2
    assert "finch/a of old-birds is not a working adapter" in done.stderr
    for part in ("complete()", "close()", "address (str)", "max_output_tokens (int or None)"):
        assert part in done.stderr
    assert not (tmp_path / "run").exists()


def test_the_doctor_lists_what_is_wrong_with_each_provider(site: Path, tmp_path: Path) -> None:
    absent = a_package(tmp_path / "absent", "lame-birds", "finch")
    shapeless = a_package(tmp_path / "shapeless", "old-birds", "wren", "old_birds:Wren")
    (shapeless / "old_birds.py").write_text("class Wren: ...")
    done = vsbench("doctor", paths=[site, absent, shapeless])
    assert done.returncode == 0, done.stderr
    rows = " ".join(done.stdout.split())
    assert "provider parrot ready from vsbench-parrot" in rows
    assert "provider finch - cannot load model provider 'finch' of lame-birds" in rows
    assert "provider wren - its factory 'old_birds:Wren' does not accept its arguments" in rows
    assert "it lacks the method complete()" in rows


@pytest.mark.parametrize(
    ("code", "status", "message"),
    [
        (
            "return 'bet'",
            2,
            "the adapter of finch/a gave no valid reply: "
            "complete() returned str, not a vsbench.adapters.Reply",
        ),
        (
            "return Reply(None, stop='end')",
            2,
            "text must be str, not None; "
            "stop must be one of ('stop', 'length', 'refusal'), not 'end'",
        ),
        ("return {}['choices']", 70, "KeyError: 'choices' (in the adapter of finch/a)"),
    ],
)
def test_an_adapter_with_a_defect_is_named(
    tmp_path: Path, code: str, status: int, message: str
) -> None:
    folder = a_package(tmp_path / "site", "birds", "finch", "birds:make")
    (folder / "birds.py").write_text(
        "from vsbench.adapters import Adapter, Reply\n"
        "class make(Adapter):\n"
        "    def __init__(self, model, options): ...\n"
        f"    async def complete(self, request): {code}\n"
    )
    run = ["run", "--model", "finch/a", "--env", "kuhn_poker", "--eval", "decision"]
    done = vsbench(*run, "--episodes", 1, "--out", tmp_path / "run", paths=[folder])
    assert done.returncode == status
    assert message in done.stderr


@pytest.fixture
def finch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Adapter]]:
    """Opens ``finch/a`` of a package with this code, whose factory is ``make``."""
    folder = a_package(tmp_path / "site", "birds", "finch", "birds:make")
    monkeypatch.syspath_prepend(folder)

    def opened(code: str) -> Adapter:
        (folder / "birds.py").write_text(textwrap.dedent(code))
        sys.modules.pop("birds", None)
        registry.forget_plugins()
        return open_adapter("finch/a", AdapterOptions(extra={"song": "loud"}))

    yield opened
    sys.modules.pop("birds", None)
    registry.forget_plugins()


COMPLETE = """
from vsbench.adapters import Adapter, Reply

class make(Adapter):
    def __init__(self, model, options):
        self.model, self.song = model, options.extra["song"]

    async def complete(self, request):
        return Reply(f"{self.model} {self.song}")
"""


async def test_a_class_is_a_factory_and_the_rest_has_defaults(finch) -> None:
    adapter = finch(COMPLETE)
    assert (await adapter.complete(kuhn_question())).text == "a loud"
    assert (adapter.max_output_tokens, adapter.address) == (None, "")
    await adapter.close()


@pytest.mark.parametrize(
    ("code", "parts"),
    [
        ("import nothing", ["cannot load model provider 'finch' of birds", "named 'nothing'"]),
        ("1 / 0", ["cannot load model provider 'finch' of birds: ZeroDivisionError"]),
        ("", ["cannot load model provider 'finch' of birds", "has no attribute 'make'"]),
        ("make = 7", ["finch/a of birds", "'birds:make' is not callable, but int"]),
        ("def make(name): ...", ["does not accept its arguments: too many positional"]),
        ("def make(name, options, more): ...", ["missing a required argument: 'more'"]),
        ("def make(name, options): 1 / 0", ["'birds:make' failed: ZeroDivisionError"]),
        (
            """
            class make:
                address, max_output_tokens = 7, "many"

                def __init__(self, name, options): pass
                def complete(self): pass
                async def close(self, why): pass
            """,
            [
                "complete(request) does not accept its arguments: too many positional arguments",
                "complete() is not an async method",
                "close() does not accept its arguments: missing a required argument: 'why'",
                "address must be str, not 7",
                "max_output_tokens must be int or None, not 'many'",
            ],
        ),
        (
            """
            from vsbench.adapters import Adapter

            class make(Adapter):
                max_output_tokens = 1.5

                def __init__(self, name, options): pass
            """,
            ["failed: TypeError", "does not implement complete()", "int or None, not 1.5"],
        ),
        (
            "class make:\n    def __init__(self, name): pass",
            ["does not accept its arguments: too many", "lacks the method complete()", "address"],
        ),
    ],
)
def test_everything_that_is_wrong_is_listed_at_once(finch, code: str, parts: list[str]) -> None:
    with pytest.raises(UsageError) as caught:
        finch(code)
    for part in parts:
        assert part in str(caught.value)


def test_all_models_that_cannot_be_opened_are_named_before_anything_is_written(
    finch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UsageError):
        finch("make = 7")
    monkeypatch.delenv("OPENAI_API_KEY")
    models = ["finch/a", "finch/b", "openai/gpt-4o", "sighted/oracle"]
    with pytest.raises(UsageError) as caught:
        run(models=models, envs=["kuhn_poker"], episodes=1, out=tmp_path / "run")
    lines = str(caught.value).splitlines()
    assert [model for model in models if any(model in line for line in lines)] == models[:3]
    assert len(lines) == 3
    assert not (tmp_path / "run").exists()


def test_an_error_raised_on_purpose_is_passed_on(finch) -> None:
    code = """
    from vsbench.adapters import BadRequestError

    def make(name, options): raise BadRequestError("no such bird")
    """
    with pytest.raises(BadRequestError, match="no such bird"):
        finch(code)


def test_options_must_be_a_mapping() -> None:
    with pytest.raises(BadRequestError, match="options of finch must be a mapping"):
        read_options("finch", ["song"], ProviderOptions)


async def test_the_guide_s_example_works() -> None:
    blocks = textwrap.dedent(inspect.getdoc(adapters).split("::\n\n")[1])
    code = blocks[: blocks.index("Name the class")] if "Name the class" in blocks else blocks
    names: dict = {}
    exec(textwrap.dedent(code), names)
    adapter = names["First"]("mine", AdapterOptions())
    assert adapter_problems(adapter) == adapter_problems(names["First"]) == []
    reply = await adapter.complete(kuhn_question())
    assert (reply.text, reply.served_model) == ('{"action": "pass"}', "mine")
    await adapter.close()


def test_all_that_is_exported_is_there_and_errors_have_one_root() -> None:
    assert all(hasattr(adapters, name) for name in adapters.__all__)
    assert issubclass(RateLimitedError, VSBenchError)


def test_nobody_takes_the_place_of_ours(tmp_path: Path) -> None:
    other = a_package(tmp_path / "other", "not-openai", "openai")
    done = vsbench("run", "--model", "gpt-4o", "--out", tmp_path / "run", paths=[other])
    assert done.returncode == 2
    assert "vsbench and not-openai" in done.stderr
