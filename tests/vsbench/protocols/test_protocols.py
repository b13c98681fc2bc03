"""Protocols as data: complete, frozen, and in agreement with the games that are installed."""

import json
from importlib.resources import files

import pytest
from click.testing import CliRunner

from vsbench.cli import protocols as command
from vsbench.datasets.samples import load
from vsbench.datasets.sets import shipped_path
from vsbench.errors import UsageError
from vsbench.prompts import PromptPack
from vsbench.protocols import DEFAULT, MODEL, identify, protocol, protocol_names
from vsbench.protocols.protocol import parse_protocol
from vsbench.scoring.intervals import CONFIDENCE
from vsbench.settings import RunSettings
from vsbench_envs import registry
from vsbench_envs.errors import UnknownNameError
from vsbench_prompts import VERSION, released_packs

NAMES = protocol_names()


def test_what_there_is() -> None:
    assert set(NAMES) >= {"vsbench-1", "vsbench-1-quick"}
    assert NAMES[0] == RunSettings().protocol == DEFAULT == "vsbench-1"
    with pytest.raises(UnknownNameError, match="Did you mean 'vsbench-1-quick'"):
        protocol("vsbench-quick")


@pytest.mark.parametrize("name", NAMES)
def test_a_released_protocol_never_changes(name: str) -> None:
    """A mistake found in one makes the next; ``released.json`` grows, its lines stay."""
    released = json.loads(files("vsbench.protocols").joinpath("released.json").read_text())
    assert protocol(name).sha256 == released[name]
    assert protocol(name).name == name
    assert identify(name, released[name]) is protocol(name)
    assert identify(name, "0" * 64) is None
    assert identify("nothing", released[name]) is None


@pytest.mark.parametrize("name", NAMES)
def test_it_is_about_the_games_data_and_prompts_that_ship(name: str) -> None:
    found = protocol(name)
    assert {game.env for game in found.games} <= set(registry.GAMES)
    version = found.prompts.version
    shipped = PromptPack.shipped(version=version).sha256
    assert {found.prompts.sha256, shipped} <= released_packs()[version]
    for game in found.games:
        spec, dataset = registry.get(game.env).spec, load(shipped_path(game.env))
        assert (game.samples.sha256, game.samples.size) == (dataset.sha256, len(dataset.samples))
        anchors = {(a.name, a.random, a.best, a.weight) for a in game.anchors}
        assert anchors == {(m.name, m.random, m.best, m.weight) for m in spec.measures}
        assert len(game.players) == spec.seats
        assert game.group == spec.group
        bots = [name for name in game.players if name != MODEL]
        assert bots == ([f"bot/{spec.opponent}"] if spec.opponent else [])
        assert game.options.keys() == set(bots)
        # Each deal is played from each seat, and each start equally often.
        assert not bots or game.episodes % (spec.seats * spec.strata) == 0


def test_the_numbers_are_the_papers() -> None:
    """BENCHMARK.md: episodes, 400 samples; PROTOCOL.md: attempts, tokens, temperature."""
    found = protocol("vsbench-1")
    assert [game.episodes for game in found.games] == [10, 10, 20, 1200, 10, 10, 10, 10]
    assert {game.samples.count for game in found.games} == {400}
    settings = found.model_settings
    assert (settings.attempts, settings.feedback) == (20, False)
    assert (settings.answer_tokens, settings.thinking_tokens) == (8192, 16384)
    assert (settings.temperature, settings.detail, settings.persona) == (
        1.0,
        "high",
        None,
    )
    assert found.tracks.modality[0] == "image"
    assert CONFIDENCE == 0.95
    assert found.scoring["intervals"].startswith("95 %")


def test_the_quick_one_asks_the_same_of_less() -> None:
    for name in ("vsbench-1", "vsbench-1-quick"):
        assert tuple(game.env for game in protocol(name).games) == registry.BENCHMARK
        assert protocol(name).prompts.version == VERSION
    paper, quick = (protocol(name).model_dump() for name in ("vsbench-1", "vsbench-1-quick"))
    for different in ("name", "about", "games", "other_games"):
        paper.pop(different), quick.pop(different)
    assert paper == quick
    games = zip(protocol("vsbench-1").games, protocol("vsbench-1-quick").games, strict=True)
    for one, other in games:
        assert other.episodes < one.episodes
        assert other.samples.count < one.samples.count


def test_they_are_listed_and_explained() -> None:
    told = CliRunner().invoke(command.command, [], catch_exceptions=False).output
    assert all(name in told for name in NAMES)
    told = CliRunner().invoke(command.command, ["vsbench-1"], catch_exceptions=False).output
    assert protocol("vsbench-1").sha256 in told
    assert "simulations=100" in told
    written = CliRunner().invoke(command.command, ["vsbench-1", "--json"], catch_exceptions=False)
    assert json.loads(written.output) == protocol("vsbench-1").model_dump(mode="json")


def test_a_damaged_file_is_named_with_its_fields() -> None:
    content = protocol(DEFAULT).model_dump(mode="json")
    assert parse_protocol(json.dumps(content), "vsbench-1.json") == protocol(DEFAULT)
    with pytest.raises(UsageError, match=r"mine\.json names its protocol 'vsbench-1'"):
        parse_protocol(json.dumps(content), "mine.json")
    del content["scoring"]
    content["prompts"]["sha"] = ""
    with pytest.raises(UsageError) as caught:
        parse_protocol(json.dumps(content), "vsbench-1.json")
    for part in ("vsbench-1.json is not a protocol", "scoring: Field required", "'prompts.sha'"):
        assert part in str(caught.value)
