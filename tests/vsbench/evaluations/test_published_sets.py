"""Runs over published sets, with their own prompts and pictures."""

import json
from pathlib import Path

import pytest

import vsbench
from published_rows import encoded, png, row, write_rows
from vsbench.adapters.base import Reply, Request
from vsbench.datasets.samples import load
from vsbench.datasets.sets import shipped_path
from vsbench.errors import Exit, UsageError
from vsbench.evaluations.export import export
from vsbench.prompts import PromptPack
from vsbench.records.journals import read_journal
from vsbench.runner.observer import RunReport
from vsbench.verification.run import verify
from written import MODEL

COLOURS = ("red", "blue", "green", "black")


def published(folder: Path, rows: int = 8, name: str = "overcooked.parquet") -> Path:
    """Rows of all shapes; up is right in the even ones, up and left in the odd."""
    shapes = (
        '{"0": "<STAY>", "3": "<UP>", "1": "<LEFT>"}',
        '{3: "<UP>", 1: "<LEFT>", 0: "<STAY>"}',
        '[["1", "<LEFT>"], [0, "<STAY>"], ["3", "<UP>"]]',
    )
    written = [
        row(
            next_action=[["3"], ["3", "1"]][number % 2],
            next_legal_actions=shapes[number % 3],
            observation=f"Board {number}.",
            image_path=[encoded(png(colour)) for colour in COLOURS[: number % 4]],
        )
        for number in range(rows)
    ]
    return write_rows(folder / name, *written)


def ask(out: Path, dataset: Path, **settings: object) -> RunReport:
    settings = {"models": [MODEL], "evals": ["reasoning"], **settings}
    (report,) = vsbench.run(dataset=dataset, out=out, **settings)
    return report


def left(request: Request, seen: int) -> Reply:
    return Reply('{"action": "<left>"}')


def test_a_published_set_is_asked_as_it_is_and_scored(written_model, tmp_path: Path) -> None:
    model = written_model(left)
    dataset = published(tmp_path)
    report = ask(tmp_path / "run", dataset)
    assert report.exit is Exit.COMPLETE
    (result,) = report.results.samples
    assert (result.env, result.planned, result.score.mean) == ("overcooked", 8, 50)
    assert result.chance == pytest.approx(50)
    assert result.by_source == result.by_seat == result.by_third == {}
    for request in model.requests:
        number = int(request.messages[1].text[len("Board ")])
        assert request.messages[0].text == "You predict."
        assert "What does the other one do?" in request.messages[1].text
        expected = [png(colour) for colour in COLOURS[: number % 4]]
        assert [image.png for image in request.images] == expected
    assert not verify(tmp_path / "run", datasets=dataset).findings


def test_reasoning_first(written_model, tmp_path: Path) -> None:
    model = written_model(left)
    ask(tmp_path / "run", published(tmp_path), style="cot")
    assert all("step by step" in request.messages[1].text for request in model.requests)


def test_there_is_no_text_of_the_state_to_ask_about(written_model, tmp_path: Path) -> None:
    written_model(left)
    with pytest.raises(UsageError, match="no text of the state"):
        ask(tmp_path / "run", published(tmp_path), modality="text")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("reply", "outcome", "answer"),
    [
        ('```json\n{"action": "UP"}\n```', "ok", "<UP>"),
        ('First {"action": "<UP>"}, no: {"action": "<STAY>"}', "ok", "<STAY>"),
        ('{"prediction": "left"}', "ok", "<LEFT>"),
        ("Prediction: left", "ok", "<LEFT>"),
        ("I think it goes left.", "unparsable", None),
        ('{"action": "<JUMP>"}', "illegal", None),
        ("up or left", "unparsable", None),
    ],
)
def test_how_answers_are_read(
    written_model, tmp_path: Path, reply: str, outcome: str, answer: str | None
) -> None:
    written_model(lambda request, seen: Reply(reply))
    ask(tmp_path / "run", published(tmp_path, rows=1), attempts=1)
    (path,) = (tmp_path / "run/journal").rglob("*.jsonl")
    verdict = read_journal(path)[-1]
    assert (verdict.outcome, verdict.answer) == (outcome, answer)


def test_a_folder_tells_its_environments(written_model, tmp_path: Path) -> None:
    written_model(left)
    published(tmp_path / "set", name="overcooked/part-0.parquet", rows=3)
    published(tmp_path / "set", name="overcooked/part-1.parquet", rows=4)
    published(tmp_path / "set", name="data/Kuhn-Poker.parquet", rows=2)
    report = ask(tmp_path / "run", tmp_path / "set")
    sizes = {result.env: result.planned for result in report.results.samples}
    assert sizes == {"overcooked": 7, "kuhn_poker": 2}


def test_an_interrupted_run_goes_on_from_where_it_stood(written_model, tmp_path: Path) -> None:
    dataset = published(tmp_path)
    written_model(left)
    ask(tmp_path / "run", dataset)
    journals = sorted((tmp_path / "run/journal").rglob("*.jsonl"))
    for path in journals[::2]:
        path.unlink()
    model = written_model(left)
    (report,) = vsbench.resume(tmp_path / "run", dataset=dataset)
    assert report.exit is Exit.COMPLETE
    assert len(model.requests) == 4
    published(tmp_path, rows=7)
    with pytest.raises(UsageError, match="not what the run began with"):
        vsbench.resume(tmp_path / "run", dataset=dataset)


def test_guessing_is_worth_what_chance_is(tmp_path: Path) -> None:
    report = ask(tmp_path / "run", published(tmp_path, rows=200), models=["bot/random"])
    (result,) = report.results.samples
    assert result.score.low < result.chance < result.score.high


def test_our_own_export_scores_as_the_set_that_it_is_of(written_model, tmp_path: Path) -> None:
    dataset = load(shipped_path("kuhn_poker"))
    export(dataset, tmp_path / "hub", PromptPack.shipped())

    def bet(request: Request, seen: int) -> Reply:
        return Reply(json.dumps({"prediction": "bet"}))

    written_model(bet)
    shared = {"envs": ["kuhn_poker"], "samples": 40}
    there = ask(tmp_path / "there", tmp_path / "hub", **shared).results.samples[0]
    here = ask(tmp_path / "here", shipped_path("kuhn_poker"), **shared).results.samples[0]
    assert there.score == here.score
    assert there.chance == here.chance


def test_what_cannot_be_asked_of_a_published_set(tmp_path: Path) -> None:
    dataset = published(tmp_path)
    damaged = write_rows(tmp_path / "hanabi.parquet", row(), row(image_path=[encoded(b"?")]))
    nameless = published(tmp_path, name="chess.parquet")
    for settings, problem in (
        ({"dataset": dataset, "evals": ["perception"]}, "holds pictures without labels"),
        ({"dataset": dataset, "models": ["bot/oracle"]}, "use bot/random, the only bot"),
        ({"dataset": damaged}, r"hanabi.parquet, row 1, column prompt.image_path\[0\]"),
        ({"dataset": nameless}, "give --env"),
        ({"dataset": tmp_path / "none.parquet", "envs": ["hanabi"]}, "cannot be read"),
    ):
        with pytest.raises(UsageError, match=problem):
            ask(tmp_path / "run", **settings)
        assert not (tmp_path / "run").exists()


def test_by_default_only_predictions_are_asked_of_them(written_model, tmp_path: Path) -> None:
    written_model(left)
    report = ask(tmp_path / "run", published(tmp_path), evals=(), episodes=1)
    assert set(report.results.overall) == {"decision", "reasoning"}
    assert not (tmp_path / "run/journal/perception").exists()
