"""The configuration of ``vsbench ci``: files, keys, and messages about wrong ones."""

import re
from pathlib import Path

import pytest

from vsbench.ci.config import LAST_GREEN, PERMISSIONS, CISettings, Subject, read_config
from vsbench.errors import UsageError
from vsbench.settings import RunSettings

TOML = """
models = ["openai/gpt-4o"]
protocol = "vsbench-1-quick"
envs = ["hanabi", "kuhn_poker"]
max-cost = 5
tolerance = 2
detect = {decision = 8}
seats = {1 = "random"}
"""

YAML = """
models: [openai/gpt-4o]
protocol: vsbench-1-quick
envs: [hanabi, kuhn_poker]
max_cost: 5
tolerance: 2
detect: {decision: 8}
seats: {1: random}
"""


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("vsbench.toml", TOML),
        ("vsbench.yml", YAML),
        ("vsbench.yaml", YAML),
        ("pyproject.toml", f"[project]\nname = 'x'\n[tool.vsbench.ci]\n{TOML}"),
    ],
)
def test_every_form_says_the_same(name: str, text: str, tmp_path: Path) -> None:
    config = read_config(written(tmp_path, name, text))
    assert config.subjects == (Subject("openai/gpt-4o", "openai/gpt-4o"),)
    settings = config.settings
    assert settings.max_cost == 5
    assert settings.tolerance == {"decision": 2, "reasoning": 2, "perception": 2}
    assert settings.detect == {"decision": 8}
    assert settings.baseline == LAST_GREEN
    run = config.run_settings(config.subjects[0], Path("out"))
    assert type(run) is RunSettings
    assert run.models == ("openai/gpt-4o",)
    assert run.envs == ("hanabi", "kuhn_poker")
    assert run.seats == {1: "random"}
    assert run.out == Path("out")


def test_names_stand_for_models(tmp_path: Path) -> None:
    text = 'models = {assistant = "openai/gpt-4o", "the other" = "anthropic/claude"}'
    first, other = read_config(written(tmp_path, "a.toml", text)).subjects
    assert (first.name, first.model, first.folder) == ("assistant", "openai/gpt-4o", "assistant")
    assert other.folder == "the-other"


def test_overrides_take_the_place_of_keys(tmp_path: Path) -> None:
    path = written(tmp_path, "a.toml", TOML)
    config = read_config(path, {"models": ("sighted/oracle",), "max_cost": 9.0})
    assert [subject.model for subject in config.subjects] == ["sighted/oracle"]
    assert config.settings.max_cost == 9


WRONG = {
    "an unknown key": ('models = ["x"]\nepisods = 3', "no key 'episods'; did you mean 'episodes'?"),
    "a key of resumed runs": ('models = ["x"]\ntrust_prompts = true', "no key 'trust_prompts'"),
    "no model": ("models = []", "name a model, as in models"),
    "models as numbers": ("models = [1]", "models: Input should be ids of models"),
    "names alike": ('models = {"a b" = "x", "a-b" = "y"}', "two names look alike"),
    "a wrong number": (
        'models = ["x"]\nepisodes = 0',
        "episodes: Input should be from 1 to 10000, not 0",
    ),
    "a wrong evaluation": (
        'models = ["x"]\nevals = ["decision", "sight"]',
        "evals.1: Input should be 'decision', 'reasoning' or 'perception', not 'sight'",
    ),
    "a negative tolerance": ('models = ["x"]\ntolerance.decision = -1', "tolerance.decision: "),
    "a share of stand-ins": ('models = ["x"]\nmax_stand_ins = 101', "max_stand_ins: "),
    "a drop below the tolerance": (
        'models = ["x"]\ntolerance = 5\ndetect = 4',
        "a drop of 4 points in decision cannot be looked for while a drop of 5 is tolerated",
    ),
    "no TOML": ("models = [", "is not TOML"),
}


@pytest.mark.parametrize("case", WRONG)
def test_messages_name_file_and_key(case: str, tmp_path: Path) -> None:
    text, message = WRONG[case]
    path = written(tmp_path, "vsbench.toml", text)
    with pytest.raises(UsageError, match=re.escape(message)) as refusal:
        read_config(path)
    assert str(refusal.value).startswith(str(path))


def test_all_wrong_keys_are_named_at_once(tmp_path: Path) -> None:
    path = written(tmp_path, "a.toml", 'models = ["x"]\nepisodes = -1\nsamples = "many"\nkep = 3')
    with pytest.raises(UsageError) as refusal:
        read_config(path)
    assert all(name in str(refusal.value) for name in ("episodes:", "samples:", "'keep'"))


def test_what_is_no_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=r"there is no pyproject\.toml here .* --config"):
        read_config(None)
    written(tmp_path, "pyproject.toml", "[tool.other]\nx = 1")
    with pytest.raises(UsageError, match=r"pyproject\.toml has no table \[tool\.vsbench\.ci\]"):
        read_config(None)
    with pytest.raises(UsageError, match=r"none\.yml does not exist"):
        read_config(Path("none.yml"))
    with pytest.raises(UsageError, match=r"a\.yml is not YAML"):
        read_config(written(tmp_path, "a.yml", "a: [b"))
    with pytest.raises(UsageError, match="does not hold keys and values"):
        read_config(written(tmp_path, "a.yml", "- a\n- b"))
    with pytest.raises(UsageError, match="does not hold keys and values"):
        read_config(written(tmp_path, "b.yml", "1: x"))


def test_every_key_is_documented() -> None:
    page = Path(__file__).parents[3] / "docs" / "CI.md"
    documented = set(re.findall(r"^\| `(\w+)` \|", page.read_text(encoding="utf-8"), re.MULTILINE))
    own = set(CISettings.model_fields) - set(RunSettings.model_fields)
    assert documented == own | {"models", "out"}
    assert not documented & set(PERMISSIONS)
