"""Published sets: ours and others' load, or their fault is named."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from PIL import Image
from pyarrow import parquet

from published_rows import Row, encoded, png, row, write_rows
from vsbench.datasets.published import guess_env, load_published
from vsbench.datasets.samples import Dataset, options_at
from vsbench.errors import UsageError
from vsbench.evaluations.export import export
from vsbench.prompts import PromptError, PromptPack
from vsbench_envs.errors import MissingExtraError
from vsbench_envs.pictures import pngs


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Writes a Parquet file of some rows."""

    def write(*rows: Row, name: str = "overcooked.parquet", schema: Any = None) -> Path:
        return write_rows(tmp_path / name, *rows, schema=schema)

    return write


def test_exported_sets_load_again(poker: Dataset, coins: Dataset, tmp_path: Path) -> None:
    pack = PromptPack.shipped()
    for dataset in (poker, coins):
        export(dataset, tmp_path, pack)
        spec = dataset.game.spec
        rows = list(load_published(tmp_path / f"data/{spec.id}.parquet"))
        assert len(rows) == len(dataset.samples)
        for sample, there in zip(dataset.samples, rows, strict=True):
            assert there.env == spec.id
            assert there.answers == sample.answers
            assert tuple(there.options.values()) == options_at(
                dataset.game, dataset.state(sample), sample.seat, sample.target
            )
            assert all(spec.actions[number] == label for number, label in there.options.items())
            percept = dataset.state(sample).percept(sample.seat)
            assert there.pictures == pngs(spec.id, percept)
            assert dataset.game.view.describe(percept) in there.observation
            assert spec.roles[sample.target] in there.action
            assert spec.title in there.system
    assert len(list(load_published(tmp_path))) == 80


def test_situations_need_not_be_told(poker: Dataset, tmp_path: Path) -> None:
    path = export(poker, tmp_path, PromptPack.shipped(), with_text=False)
    for sample, there in zip(poker.samples, load_published(path), strict=True):
        assert poker.game.view.describe(poker.state(sample).percept(sample.seat)) not in (
            there.observation + there.action
        )


def test_the_columns_are_the_published_ones(poker: Dataset, tmp_path: Path) -> None:
    schema = parquet.read_schema(export(poker, tmp_path, PromptPack.shipped()))
    assert schema.names == ["next_action", "prompt", "next_legal_actions"]
    assert schema.field("next_action").type == pa.list_(pa.int64())
    assert {field.name: str(field.type) for field in schema.field("prompt").type} == {
        "system": "string",
        "observation": "string",
        "action": "string",
        "image_path": "list<element: string>",
    }


def test_the_folder_describes_its_sets(poker: Dataset, coins: Dataset, tmp_path: Path) -> None:
    export(poker, tmp_path, PromptPack.shipped())
    export(coins, tmp_path, PromptPack.shipped())
    _, header, page = (tmp_path / "README.md").read_text().split("---\n", 2)
    for env in ("kuhn_poker", "coin_dilemma"):
        assert f"config_name: {env}" in header
        assert f"path: data/{env}.parquet" in header
    assert "| `kuhn_poker` | Kuhn poker | 40 | benchmark | 3 |" in page


def test_prompts_must_have_a_place_for_the_pictures(poker: Dataset, tmp_path: Path) -> None:
    overlay = tmp_path / "overlay/kuhn_poker/v1"
    overlay.mkdir(parents=True)
    (overlay / "prediction.j2").write_text('{{ role("user") }} What now?')
    with pytest.raises(PromptError, match="system and a user message"):
        export(poker, tmp_path / "out", PromptPack.shipped(tmp_path / "overlay"))


READABLE: dict[str, tuple[Row, tuple[str, ...]]] = {
    "several right actions": (row(next_action=[3, 1]), ("<UP>", "<LEFT>")),
    "one right action alone": (row(next_action=1), ("<LEFT>",)),
    "right actions as text": (row(next_action=["3", "0"]), ("<UP>", "<STAY>")),
    "right actions as floats": (row(next_action=[3.0]), ("<UP>",)),
    "keys that are numbers": (
        row(next_legal_actions='{3: "<UP>", 0 : "<STAY>",1:"<LEFT>"}'), ("<UP>",),
    ),
    "labels in a list": (row(next_legal_actions='["<STAY>", "a", "b", "<UP>"]'), ("<UP>",)),
    "labels in pairs": (row(next_legal_actions='[[3, "<UP>"], ["0", "<STAY>"]]'), ("<UP>",)),
    "legal actions in a struct": (row(next_legal_actions={"3": "<UP>", "0": "a"}), ("<UP>",)),
    "actions that are named alike": (
        row(next_action=[0, 3], next_legal_actions='{"0": "<UP>", "3": "<UP>"}'), ("<UP>",),
    ),
    "another column": (row(comment="well said"), ("<UP>",)),
}  # fmt: skip


@pytest.mark.parametrize("case", READABLE)
def test_sets_that_others_write(case: str, write: Callable[..., Path]) -> None:
    written, answers = READABLE[case]
    (sample,) = load_published(write(written))
    assert sample.answers == answers
    assert list(sample.options) == sorted(sample.options)
    assert (sample.env, sample.row) == ("overcooked", 0)
    assert (sample.system, sample.observation) == ("You predict.", "This is the board.")
    assert sample.action == "What does the other one do?"


PICTURES: dict[str, tuple[Any, int]] = {
    "several": ([encoded(png("red")), encoded(png("blue"))], 2),
    "one that is no list": (encoded(png()), 1),
    "with a data address": ([f"data:image/png;base64,{encoded(png())}"], 1),
    "with line breaks": ([encoded(png()).replace("A", "A\n")], 1),
    "raw": ([png()], 1),
    "in a struct": ([{"bytes": png(), "path": "0.png"}], 1),
    "of another format": ([encoded(png(form="JPEG")), encoded(png(form="WEBP"))], 2),
    "none": ([], 0),
    "missing": (None, 0),
}


@pytest.mark.parametrize("case", PICTURES)
def test_pictures_become_pngs(case: str, write: Callable[..., Path]) -> None:
    pictures, count = PICTURES[case]
    (sample,) = load_published(write(row(image_path=pictures)))
    assert len(sample.pictures) == count
    for picture in sample.pictures:
        with Image.open(io.BytesIO(picture)) as image:
            assert (image.format, image.size) == ("PNG", (6, 4))


def test_a_map_column_holds_actions(write: Callable[..., Path]) -> None:
    mapped = row(next_legal_actions=[(3, "<UP>"), (0, "<STAY>")])
    prompt = pa.struct(
        [(name, pa.string()) for name in ("system", "observation", "action")]
        + [("image_path", pa.list_(pa.string()))]
    )
    schema = pa.schema(
        [
            ("next_legal_actions", pa.map_(pa.int64(), pa.string())),
            ("prompt", prompt),
            ("next_action", pa.list_(pa.int8())),
        ]
    )
    (sample,) = load_published(write(mapped, schema=schema))
    assert sample.options == {0: "<STAY>", 3: "<UP>"}


BOMB = png(size=(4097, 4096))

DAMAGED: dict[str, tuple[Row, str, str]] = {
    "an illegal answer": (row(next_action=[7]), "next_action", "action 7 is not among"),
    "no answer": (row(next_action=[]), "next_action", "no right action"),
    "an answer in words": (row(next_action=["up"]), "next_action", "'up' is not the id"),
    "half an answer": (row(next_action=[2.5]), "next_action", "2.5 is not the id"),
    "no number": (row(next_action=[float("nan")]), "next_action", "nan is not the id"),
    "a null": (row(next_action=None), "next_action", "None is not the id"),
    "no JSON": (row(next_legal_actions="{'3': '<UP>'}"), "next_legal_actions", "not JSON"),
    "JSON without end": (row(next_legal_actions='{"3": "<U'), "next_legal_actions", "not JSON"),
    "deep JSON": (row(next_legal_actions="[" * 99999), "next_legal_actions", "not JSON"),
    "no actions": (row(next_legal_actions="{}"), "next_legal_actions", "no action to choose"),
    "a number for actions": (row(next_legal_actions="3"), "next_legal_actions", "id -> label"),
    "an id in words": (row(next_legal_actions='{"up": 3}'), "next_legal_actions", "'up' is not"),
    "an action without label": (
        row(next_legal_actions='{"3": " "}'), "next_legal_actions", "the label of action 3 is",
    ),
    "an action twice": (
        row(next_legal_actions='{"3": "a", "3": "b"}'), "next_legal_actions", "listed twice",
    ),
    "no system text": (row(system=None), r"prompt\.system", "expected text"),
    "a prompt of text": (row(prompt="Well?"), "prompt", "expected a struct"),
    "a prompt without question": (
        row(prompt={"system": "", "observation": "", "image_path": []}),
        r"prompt\.action", "missing",
    ),
    "no base64": (row(image_path=["?!"]), r"prompt\.image_path\[0\]", "not base64"),
    "a picture cut off": (
        row(image_path=[encoded(png()), encoded(png()[:50])]),
        r"prompt\.image_path\[1\]", "unreadable picture",
    ),
    "no picture": (row(image_path=[encoded(b"text")]), r"prompt\.image_path\[0\]", "unreadable"),
    "too large a picture": (row(image_path=[encoded(BOMB)]), r"prompt\.image_path", "too many"),
    "a number for a picture": (row(image_path=[3]), r"prompt\.image_path", "in base64"),
}  # fmt: skip


@pytest.mark.parametrize("case", DAMAGED)
def test_damaged_cells_are_named(case: str, write: Callable[..., Path]) -> None:
    """The row and the column; sound rows before it come first."""
    damaged, column, problem = DAMAGED[case]
    sound = write(row(), row(), name="sound/overcooked.parquet")
    assert len(list(load_published(sound))) == 2
    path = write(damaged)
    with pytest.raises(UsageError, match=f"overcooked.parquet, row 0, column {column}.*{problem}"):
        list(load_published(path))


def test_the_row_is_counted_through_the_file(write: Callable[..., Path]) -> None:
    path = write(*[row()] * 30, row(next_action=[8]))
    samples = load_published(path)
    assert [next(samples).row for _ in range(30)] == list(range(30))
    with pytest.raises(UsageError, match="row 30, column next_action"):
        next(samples)


def test_files_that_are_none(tmp_path: Path, write: Callable[..., Path]) -> None:
    (tmp_path / "text.parquet").write_text("PAR1 but only just")
    whole = write(*[row(action=str(number)) for number in range(50)], name="whole.parquet")
    torn = tmp_path / "torn.parquet"
    content = bytearray(whole.read_bytes())
    content[40:400] = bytes(360)
    torn.write_bytes(content)
    parquet.write_table(pa.table({"next_action": [1]}), tmp_path / "other.parquet")
    (tmp_path / "empty").mkdir()
    for name, problem in {
        "missing.parquet": "cannot be read",
        "text.parquet": "cannot be read beyond row 0",
        "torn.parquet": "cannot be read",
        "other.parquet": "no column 'prompt'",
        "empty": "holds no Parquet files",
    }.items():
        with pytest.raises(UsageError, match=problem):
            list(load_published(tmp_path / name))


@pytest.mark.parametrize(
    ("name", "env"),
    {
        "data/kuhn_poker.parquet": "kuhn_poker",
        "Kuhn-Poker_test.parquet": "kuhn_poker",
        "pong.parquet": "atari_pong",
        "hanabi/train-00000-of-00001.parquet": "hanabi",
        "coin.parquet": "coin_dilemma",
        "coin_dilemma_3p.parquet": "coin_dilemma_3p",
        "battle_of_colors.parquet": "battle_of_the_colors",
        "chess.parquet": None,
    }.items(),
)
def test_names_tell_the_environment(name: str, env: str | None) -> None:
    assert guess_env(Path(name)) == env


def test_without_pyarrow_the_extra_is_named(
    monkeypatch: pytest.MonkeyPatch, poker: Dataset, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'vsbench\[data\]'"):
        export(poker, tmp_path, PromptPack.shipped())
    with pytest.raises(MissingExtraError, match=r"pip install 'vsbench\[data\]'"):
        list(load_published(tmp_path / "kuhn_poker.parquet"))
