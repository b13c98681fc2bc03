"""Published data sets put to the simulated provider, through the real SDKs."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

import vsbench
from published_rows import encoded, png, row, write_rows
from vsbench.adapters import Image, Message, Request, Text
from vsbench.datasets.samples import load
from vsbench.datasets.sets import shipped_path
from vsbench.errors import Exit, UsageError
from vsbench.evaluations.export import export
from vsbench.prompts import PromptPack
from vsbench.records.journals import read_journal
from vsbench.records.results import SampleResult
from vsbench.simulation import Simulation, SimulationSettings
from vsbench.simulation.published import PublishedIndex, read_index

pytestmark = pytest.mark.slow

COLOURS = ("red", "blue", "green", "black")
OPTIONS = {"0": "<STAY>", "3": "<UP>", "1": "<LEFT>", "2": "<DOWN>"}
ASKED = 'As {"action": "<ACTION>"}, where <ACTION> is one of <STAY>, <UP>, <LEFT> and <DOWN>.'


def published(folder: Path, rows: int = 40) -> Path:
    """Rows that differ in pictures alone, in texts alone, or in both; each has one right answer."""
    written = [
        row(
            next_action=[number % 4],
            next_legal_actions=json.dumps(OPTIONS),
            system="You play Overcooked.\n\n  Predict.\0",
            observation=f"Board {number // 3}.\n",
            action=f"\n{ASKED}",
            image_path=[encoded(png(COLOURS[number % 4]))] * (number % 3),
        )
        for number in range(rows)
    ]
    return write_rows(folder / "overcooked.parquet", *written)


def run(
    wire: str, settings: SimulationSettings, dataset: Path, out: Path, **plan: object
) -> SampleResult:
    """The result of a model at a provider, on one of three wires."""
    plan = {"dataset": dataset, "evals": ["reasoning"], "out": out, "modality": "image", **plan}
    if wire == "responses":
        plan["model_options"] = {"openai-api.api": "responses"}
    with Simulation(settings) as server, pytest.MonkeyPatch.context() as patch:
        patch.setenv("ANTHROPIC_API_KEY", "any")
        patch.setenv("ANTHROPIC_BASE_URL", server.anthropic_url)
        model = "anthropic/m" if wire == "messages" else f"openai-api/{server.base_url}#m"
        (report,) = vsbench.run(models=[model], **plan)
        assert report.exit is Exit.COMPLETE, report.why
        assert server.counts().rejected_calls == 0
    (result,) = report.results.samples
    return result


each_wire = pytest.mark.parametrize("wire", ["chat", "responses", "messages"])


@each_wire
def test_the_oracle_looks_answers_up(wire: str, tmp_path: Path) -> None:
    dataset = published(tmp_path)
    settings = SimulationSettings(dataset=dataset)
    result = run(wire, settings, dataset, tmp_path / "run")
    assert (result.planned, result.score.mean) == (40, 100)
    verdicts = [read_journal(path)[-1] for path in (tmp_path / "run").rglob("reasoning/*/*.jsonl")]
    assert [verdict.credit for verdict in verdicts] == [1.0] * 40


@each_wire
@pytest.mark.parametrize("policy", ["legal", "random", "greedy", "blind"])
@pytest.mark.parametrize("known", [True, False], ids=["known", "unknown"])
def test_others_pick_an_option(wire: str, policy: str, known: bool, tmp_path: Path) -> None:
    dataset = published(tmp_path)
    settings = SimulationSettings(policy=policy, dataset=dataset if known else None)
    result = run(wire, settings, dataset, tmp_path / "run")
    assert result.unusable == {}
    assert 0 < result.score.mean < 60


@each_wire
def test_an_oracle_without_the_set_guesses(wire: str, tmp_path: Path) -> None:
    dataset = published(tmp_path)
    result = run(wire, SimulationSettings(), dataset, tmp_path / "run")
    assert result.unusable == {}
    assert 0 < result.score.mean < 60


def test_the_options_of_a_row_need_not_stand_in_its_text(tmp_path: Path) -> None:
    dataset = write_rows(tmp_path / "overcooked.parquet", *[row(observation=f"{n}") for n in "ab"])
    for policy, scores in (("oracle", {100.0}), ("legal", {0.0, 50.0, 100.0})):
        settings = SimulationSettings(policy=policy, dataset=dataset)
        result = run("chat", settings, dataset, tmp_path / policy)
        assert result.unusable == {}
        assert result.score.mean in scores


def test_rows_of_our_own_export_are_known_and_otherwise_looked_at(tmp_path: Path) -> None:
    coins = load(shipped_path("coin_dilemma"))
    export(coins, tmp_path / "hub", PromptPack.shipped(), with_text=False)
    plan = {"envs": ["coin_dilemma"], "samples": 60}
    known = SimulationSettings(dataset=tmp_path / "hub")
    assert run("chat", known, tmp_path / "hub", tmp_path / "known", **plan).score.mean == 100
    seen = run("chat", SimulationSettings(), tmp_path / "hub", tmp_path / "seen", **plan)
    assert seen.score.low > seen.chance


def test_thinking_aloud_and_asking_again_change_nothing(tmp_path: Path) -> None:
    dataset = published(tmp_path, rows=12)
    settings = SimulationSettings(dataset=dataset, rates={"malformed": 0.5})
    result = run("chat", settings, dataset, tmp_path / "run", style="cot", attempts=20)
    assert result.score.mean == 100


def asked(text: str, *pngs: bytes, system: str = "You predict.") -> Request:
    parts = (Text("This is the board."), *map(Image, pngs), Text(text))
    return Request((Message("system", (Text(system),)), Message("user", parts)), 500, 0)


@pytest.fixture
def index(tmp_path: Path) -> PublishedIndex:
    return read_index(write_rows(tmp_path / "overcooked.parquet", row()))


def test_what_makes_a_question_another(index: PublishedIndex) -> None:
    text = "What does the other one do?"
    found = index.find(asked(text, png()))
    assert (found.best, found.options) == ("<UP>", ("<STAY>", "<LEFT>", "<UP>"))
    assert index.find(asked(f" {text}\nThink first.", png())) == found
    for other in (
        asked("What do you do?", png()),
        asked(text, png("green")),
        asked(text, png(), png()),
        asked(text),
        asked(text, png(), system="You play."),
        replace(asked(text, png()), messages=(Message("assistant", (Text(text),)),)),
    ):
        assert index.find(other) is None


def test_of_questions_that_begin_alike_the_longest_counts(tmp_path: Path) -> None:
    rows = [row(action="What now", next_action=[0]), row(action="What now, red?")]
    index = read_index(write_rows(tmp_path / "kuhn.parquet", *rows))
    assert len(index) == 2
    assert index.find(asked("What now, red?", png())).best == "<UP>"
    assert index.find(asked("What now, blue?", png())).best == "<STAY>"


def test_of_several_answers_the_commonest_counts(tmp_path: Path) -> None:
    rows = [row(next_action=answers) for answers in ([0], [3, 1], [1])]
    index = read_index(write_rows(tmp_path / "kuhn.parquet", *rows))
    assert len(index) == 1
    assert index.find(asked("What does the other one do?", png())).best == "<LEFT>"


def test_folders_are_read_and_pictures_are_not_kept(tmp_path: Path) -> None:
    noise = [bytes(range(256)) * 200 for _ in range(4)]
    for number, name in enumerate(("a/kuhn.parquet", "b/hanabi.parquet")):
        rows = [row(image_path=[encoded(_padded(content, number))]) for content in noise]
        write_rows(tmp_path / name, *rows)
    index = read_index(tmp_path)
    assert len(index) == 2
    kept = [key for table in (index._lengths, index._known) for key in table]
    assert max(map(len, kept)) == 16


def _padded(content: bytes, number: int) -> bytes:
    """A picture with much after its end."""
    return png() + content + bytes([number])


BROKEN: dict[str, Callable[[Path], Path]] = {
    "no Parquet": lambda folder: folder,
    "none.parquet does not exist": lambda folder: folder / "none.parquet",
    "row 0, column prompt.image_path": lambda folder: write_rows(
        folder / "hanabi.parquet", row(image_path=[encoded(b"?")])
    ),
}


@pytest.mark.parametrize("problem", BROKEN)
def test_sets_that_cannot_be_read(problem: str, tmp_path: Path) -> None:
    settings = SimulationSettings(dataset=BROKEN[problem](tmp_path))
    with pytest.raises(UsageError, match=problem):
        Simulation(settings).__enter__()
