"""A run from anybody sends nothing to hosts that only its own record names, unless permitted."""

import io
import json
import sys
from pathlib import Path

import pytest

import vsbench
from vsbench.cli.resuming import resume_command, with_permissions
from vsbench.errors import Exit, UsageError
from vsbench.planning import permissions
from vsbench.planning.permissions import missing_permissions, permissions_for
from vsbench.records.files import open_run
from vsbench.records.manifest import Manifest
from vsbench.settings import RunSettings
from written import MODEL

PLAN = {"evals": ["decision"], "envs": ["kuhn_poker"], "episodes": 1}


@pytest.fixture
def manifest(written_model, tmp_path: Path) -> Manifest:
    """Of a run that is told to be by whichever model."""
    written_model()
    return vsbench.run(models=[MODEL], **PLAN, out=tmp_path / "run")[0].manifest


def by(manifest: Manifest, model: str, **options: str) -> Manifest:
    """The manifest as a stranger may have written it."""
    text = manifest.model_dump_json().replace(json.dumps(MODEL), json.dumps(model))
    changed = Manifest.model_validate_json(text)
    named = {f"{model.partition('/')[0]}.{name}": value for name, value in options.items()}
    return changed.model_copy(update={"model_options": named})


HOSTS = {
    "openai-api/http://127.0.0.1:9/v1#m": None,
    "openai-api/http://localhost:8000/v1#m": None,
    "openai-api/http://LOCALHOST/v1#m": None,
    "openai-api/http://[::1]:8000/v1#m": None,
    "openai-api/http://127.8.9.10/v1#m": None,
    "openai/gpt-4o": None,
    "anthropic/claude-opus-5-5": None,
    "sighted/oracle": None,
    "hf/Qwen/Qwen2.5-VL-7B-Instruct": None,
    "openai-api/http://evil.example/v1#m": "evil.example",
    "openai-api/HTTPS://Evil.Example:8443/v1#m": "evil.example:8443",
    "openai-api/https://api.openai.com/v1#gpt-4o": "api.openai.com",
    "openai-api/http://127.0.0.1.evil.example/v1#m": "127.0.0.1.evil.example",
    "openai-api/http://localhost.evil.example/v1#m": "localhost.evil.example",
    "openai-api/http://localhost@evil.example/v1#m": "localhost@evil.example",
    "openai-api/http://evil.example\\@localhost/v1#m": "evil.example\\@localhost",
    "openai-api/http://localhost\tevil.example/v1#m": "localhost\tevil.example",
    "openai-api/http:\\\\evil.example/v1#m": "evil.example",
    "openai-api/http:/evil.example#m": "http:/evil.example",
    "openai-api/http://0.0.0.0:1/v1#m": "0.0.0.0:1",
    "openai-api/http://10.0.0.7:8000/v1#m": "10.0.0.7:8000",
    "openai-api/http://169.254.169.254/latest#m": "169.254.169.254",
    "openai-api/http://[2001:db8::1]/v1#m": "[2001:db8::1]",
    "openai-api/http://2130706433/v1#m": "2130706433",
    "hf/https://evil.example/model": "evil.example",
}


@pytest.mark.parametrize("model", HOSTS)
def test_hosts_that_a_run_names(model: str, manifest: Manifest) -> None:
    needed = permissions_for([by(manifest, model)])
    assert [each.value for each in needed] == ([HOSTS[model]] if HOSTS[model] else [])


PLUGINS = {
    "mine/some-model": [],
    "mine/org/Qwen2.5-VL": [],
    "mine/gpt-4.1": [],
    "mine/http://127.0.0.1:1/x": [],
    "mine/grpc://evil.example:99/x": ["evil.example:99"],
    "mine/evil.example:99#m": ["evil.example:99"],
    "mine/m@evil.example": ["evil.example"],
    "mine/10.1.2.3/m": ["10.1.2.3"],
}


@pytest.mark.parametrize("model", PLUGINS)
def test_hosts_in_the_ids_of_other_packages(
    model: str, manifest: Manifest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(permissions, "packages_of", lambda provider: ["a-package"])
    needed = permissions_for([by(manifest, model)])
    assert [each.value for each in needed] == PLUGINS[model]


def test_options_of_other_packages_name_hosts_too(
    manifest: Manifest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(permissions, "packages_of", lambda provider: ["a-package"])
    (needed,) = permissions_for([by(manifest, "mine/m", base_url="https://evil.example/v1")])
    assert needed.value == "evil.example"
    assert "the keys that the provider 'mine' reads" in needed.about


@pytest.mark.parametrize(
    ("value", "asked"),
    [("true", True), ("1", True), ("Yes", True), ("?", True), ("false", False), ("0", False)],
)
def test_code_that_comes_with_a_model(value: str, asked: bool, manifest: Manifest) -> None:
    theirs = by(manifest, "hf/evil/model", trust_remote_code=value)
    needed = [str(each) for each in permissions_for([theirs])]
    assert needed == (["--allow-code hf/evil/model"] if asked else [])
    assert not missing_permissions([theirs], RunSettings(allow_code=("hf/evil/model",)))


@pytest.mark.parametrize(
    ("given", "enough"),
    [
        ("evil.example:8443", True),
        ("EVIL.example", True),
        ("evil.example:80", False),
        ("example", False),
        ("", False),
    ],
)
def test_what_permits_a_host(given: str, enough: bool, manifest: Manifest) -> None:
    theirs = by(manifest, "openai-api/https://evil.example:8443/v1#m")
    missing = missing_permissions([theirs], RunSettings(allow_hosts=(given,)))
    assert (not missing) == enough


def strange(run: Path, host: str) -> None:
    """Make a run one that asks a model at a host, and leave it something to ask."""
    record = run / "run.json"
    record.write_text(record.read_text().replace("127.0.0.1:9", host))
    for path in run.glob("journal/*/*/*.jsonl"):
        path.unlink()


def test_a_stranger_s_run_asks_nobody_unpermitted(
    manifest: Manifest, written_model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = written_model()
    monkeypatch.setenv("VSBENCH_API_KEY", "secret")
    strange(tmp_path / "run", "evil.example")
    with pytest.raises(UsageError, match=r"evil\.example with your VSBENCH_API_KEY") as refused:
        vsbench.resume(tmp_path / "run")
    assert "--allow-host evil.example" in str(refused.value)
    assert "secret" not in str(refused.value)
    monkeypatch.delenv("VSBENCH_API_KEY")
    with pytest.raises(UsageError, match=r"evil\.example without a key"):
        vsbench.resume(tmp_path / "run", allow_hosts=["another.example"])
    assert not model.requests
    (report,) = vsbench.resume(tmp_path / "run", allow_hosts=["evil.example"])
    assert report.exit is Exit.COMPLETE
    assert model.requests


def test_a_stranger_s_tournament_asks_nobody_unpermitted(written_model, tmp_path: Path) -> None:
    """Nor do its pairings that are yet to begin."""
    model = written_model()
    out = tmp_path / "t"
    vsbench.tournament([MODEL, "bot/random"], envs=["kuhn_poker"], episodes=1, out=out)
    asked = len(model.requests)
    record = out / "tournament.json"
    record.write_text(record.read_text().replace("127.0.0.1:9", "evil.example"))
    (out / "results.json").unlink()
    for path in sorted((out / "pairings").rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    with pytest.raises(UsageError, match=r"--allow-host evil\.example"):
        vsbench.resume_tournament(out)
    assert len(model.requests) == asked
    report = vsbench.resume_tournament(out, allow_hosts=["evil.example"])
    assert report.exit is Exit.COMPLETE


def test_a_new_run_needs_no_permission(written_model, tmp_path: Path) -> None:
    written_model()
    model = "openai-api/http://my.server/v1#m"
    (report,) = vsbench.run(models=[model], **PLAN, out=tmp_path / "mine")
    assert report.exit is Exit.COMPLETE


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("typed", "granted"), [("y\n", True), ("\n", False), ("n\n", False)])
def test_a_person_is_asked(
    typed: str, granted: bool, manifest: Manifest, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs, shown = by(manifest, "openai-api/http://evil.example/v1#m"), Terminal()
    monkeypatch.setattr(sys, "stdin", Terminal(typed))
    monkeypatch.setattr(sys, "stderr", shown)
    if granted:
        assert with_permissions([theirs], RunSettings()).allow_hosts == ("evil.example",)
    else:
        with pytest.raises(UsageError, match=r"--allow-host evil\.example"):
            with_permissions([theirs], RunSettings())
    assert "sends its prompts and pictures to evil.example without a key" in shown.getvalue()


@pytest.mark.parametrize(
    "host",
    ["evil.example\x1b[2K\rlocalhost", "evil.example\nPermit", "\u202eelpmaxe.live", "аpi.x"],
)
def test_what_is_asked_cannot_be_painted_over(host: str, manifest: Manifest) -> None:
    (needed,) = permissions_for([by(manifest, f"openai-api/http://{host}/v1#m")])
    for shown in (needed.about, str(needed)):
        assert shown.isascii()
        assert shown.isprintable()


def test_nobody_is_asked_without_a_terminal(
    manifest: Manifest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
    with pytest.raises(UsageError, match="allow this with: --allow-host"):
        with_permissions([by(manifest, "openai-api/http://evil.example/v1#m")], RunSettings())


def test_the_command_to_go_on_with_holds_the_permission(manifest: Manifest, tmp_path: Path) -> None:
    theirs = by(manifest, "openai-api/http://my.server:8000/v1#m")
    assert resume_command("run", Path("my runs/a"), [theirs]) == (
        "vsbench run --resume 'my runs/a' --allow-host my.server:8000"
    )
    ours = open_run(tmp_path / "run")
    assert resume_command("run", Path("a"), [ours]) == "vsbench run --resume a"
