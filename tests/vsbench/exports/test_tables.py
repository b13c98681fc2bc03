"""Runs and tournaments as tidy tables, in files and in data frames."""

from __future__ import annotations

import csv
import json
import shutil
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner

import vsbench
from vsbench.cli import cli
from vsbench.errors import UsageError
from vsbench.exports.tables import TABLES, Table
from vsbench.exports.writers import GROUP_ROWS, write_csv, write_parquet
from vsbench.records.bundle import pack
from vsbench.records.frames import columns_of
from vsbench.records.journals import read_journal
from vsbench_envs.errors import MissingExtraError

pd = pytest.importorskip("pandas", reason="the data extra brings it")
pq = pytest.importorskip("pyarrow.parquet", reason="the data extra brings it")

DOCUMENTATION = Path(__file__).parents[3] / "docs" / "EXPORT.md"


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of all evaluations."""
    out = tmp_path_factory.mktemp("export") / "asked"
    vsbench.run(models="sighted/random", envs="kuhn_poker", episodes=2, samples=4, out=out)
    return out


@pytest.fixture(scope="module")
def tournament(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("export") / "cup"
    vsbench.tournament(["bot/oracle", "bot/random"], envs="kuhn_poker", episodes=2, out=out)
    return out


def exported(*arguments: object) -> tuple[int, str]:
    done = CliRunner().invoke(cli, ["export", *map(str, arguments)])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.output


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def lines_of(run: Path) -> list:
    return [line for path in sorted(run.glob("journal/*/*/*")) for line in read_journal(path)]


def test_every_decision_of_a_run_is_a_row(hands: Path) -> None:
    frame = vsbench.frame(hands, "decisions")
    decisions = [line for line in lines_of(hands) if line.type == "decision"]
    assert [*zip(frame.action, frame.outcome, frame.step, strict=True)] == [
        (each.action, each.outcome, each.step) for each in decisions
    ]
    assert (frame.stand_in == (frame.outcome != "ok")).all()
    attempts = [line for line in lines_of(hands) if line.type == "attempt"]
    assert frame.replies.sum() == len(attempts)
    assert frame.input_tokens.sum() == sum(each.usage.input for each in attempts)
    assert frame.cost.sum() == pytest.approx(sum(each.cost or 0.0 for each in attempts), abs=1e-4)


def test_episodes_agree_with_the_results(hands: Path) -> None:
    (results,) = vsbench.results(hands)
    (env,) = results.environments
    frame = vsbench.frame(hands, "episodes").set_index("episode")
    for episode in env.episodes:
        row = frame.loc[episode.episode]
        assert tuple(row.returns) == episode.returns
        assert (tuple(row.players), row.length) == (episode.seats, episode.length)
        assert row.score == episode.score
        assert row.model_return == episode.returns[row.measured[0]]
    assert env.score is not None
    assert frame.score.mean() == pytest.approx(env.score.mean)
    rewards = vsbench.frame(hands, "decisions")
    assert rewards.reward.notna().all()


def test_measured_anchors_change_scores_alone(hands: Path) -> None:
    paper, ours = (
        vsbench.frame(hands, "episodes", anchors=anchors) for anchors in ("paper", "measured")
    )
    assert (paper.score != ours.score).any()
    assert (paper.model_return == ours.model_return).all()


def test_samples_hold_what_was_asked_and_how_it_was_judged(asked: Path) -> None:
    frame = vsbench.frame(asked, "samples")
    assert Counter(frame.evaluation) == {"reasoning": 4, "perception": 4}
    (results,) = vsbench.results(asked)
    for part in results.samples:
        shares = frame[frame.evaluation == part.evaluation].credit
        assert part.score is not None
        assert 100 * shares.mean() == pytest.approx(part.score.mean)
    predictions = frame[frame.evaluation == "reasoning"]
    right = [row.answer in row.right for row in predictions.itertuples()]
    assert right == list(predictions.credit == 1)


def test_attempts_are_all_replies_with_their_texts(hands: Path, asked: Path) -> None:
    frame = vsbench.frame([hands, asked], "attempts")
    attempts = [
        line for each in (hands, asked) for line in lines_of(each) if line.type == "attempt"
    ]
    assert sorted(frame.reply) == sorted(each.reply for each in attempts)
    assert set(frame.run) == {hands.name, "asked"}


def test_an_unfinished_episode_has_a_row_without_a_return(run: Path) -> None:
    journal = run / "journal/decision/kuhn_poker/0001.jsonl"
    lines = journal.read_bytes().splitlines(keepends=True)
    last = max(place for place, line in enumerate(lines) if b'"type":"decision"' in line)
    journal.write_bytes(b"".join(lines[: last + 1]))
    episodes = vsbench.frame(run, "episodes").set_index("episode")
    # Figures are over the episodes before the first unfinished one.
    assert dict(episodes.scored) == {0: True, 1: False, 2: False, 3: False}
    assert dict(episodes.finished) == {0: True, 1: False, 2: True, 3: True}
    row = episodes.loc[1]
    assert not row.finished
    assert pd.isna(row.score)
    assert row.returns is None or pd.isna(row.returns)
    decisions = vsbench.frame(run, "decisions")
    assert pd.isna(decisions[decisions.episode == 1].reward.iloc[-1])


def test_all_formats_hold_the_same(asked: Path, tmp_path: Path) -> None:
    for form in ("parquet", "csv", "jsonl"):
        vsbench.export(asked, tmp_path, format=form)
    for name in ("runs", "figures", "episodes", "decisions", "samples"):
        stored = pq.read_table(tmp_path / f"{name}.parquet").to_pylist()
        objects = [
            json.loads(line) for line in (tmp_path / f"{name}.jsonl").read_text().splitlines()
        ]
        cells = rows_of(tmp_path / f"{name}.csv")
        plain = [{k: v if k != "created" else v.isoformat() for k, v in r.items()} for r in stored]
        assert plain == objects
        assert [{k: _cell(v) for k, v in row.items()} for row in objects] == cells
        assert stored


def _cell(value: object) -> str:
    if value is None:
        return ""
    return json.dumps(value) if isinstance(value, bool | list) else str(value)


def test_a_tournament_is_exported_with_its_pairings(tournament: Path, tmp_path: Path) -> None:
    code, output = exported(tournament, "--to", tmp_path / "tables", "--format", "csv")
    assert code == 0
    assert "tournaments.csv" in output
    rows = rows_of(tmp_path / "tables/tournaments.csv")
    assert {row["tournament"] for row in rows} == {"cup"}
    results = vsbench.tournament_results(tournament)
    assert len(rows) == len(results.to_frame())
    episodes = vsbench.frame(tournament, "episodes")
    assert set(episodes.run) == {path.name for path in (tournament / "pairings").iterdir()}


def test_runs_of_one_name_are_told_apart_by_their_folders(run: Path, tmp_path: Path) -> None:
    other = tmp_path / "other" / "run"
    shutil.copytree(run, other)
    frame = vsbench.frame([run, other, run], "runs")
    assert list(frame.run) == [f"{tmp_path.name}/run", "other/run"]
    assert len(set(frame.id)) == 1


def test_bundles_are_named_by_their_files(asked: Path, tmp_path: Path) -> None:
    pack(asked, tmp_path / "first.vsb")
    pack(asked, tmp_path / "second.vsb")
    frame = vsbench.frame([tmp_path / "first.vsb", tmp_path / "second.vsb"], "figures")
    assert set(frame.run) == {"first", "second"}


def test_existing_files_are_kept_unless_forced(asked: Path, tmp_path: Path) -> None:
    target = tmp_path / "figures.csv"
    target.write_text("mine")
    command = (asked, "--to", tmp_path, "--format", "csv")
    with pytest.raises(UsageError, match=r"figures.csv already exists.*--force"):
        exported(*command)
    assert [path.name for path in tmp_path.iterdir()] == ["figures.csv"]
    assert target.read_text() == "mine"
    assert exported(*command, "--force")[0] == 0
    assert target.read_text().startswith("run,model,evaluation")


def test_a_damaged_run_leaves_nothing_behind(run: Path, tmp_path: Path) -> None:
    (run / "journal/decision/kuhn_poker/0003.jsonl").write_text("{}\n")
    for table in ("runs", "episodes"):
        with pytest.raises(UsageError, match=r"0003\.jsonl"):
            vsbench.export(run, tmp_path / "tables", tables=[table], format="csv")
    assert not (tmp_path / "tables").exists()


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("--to", "here/and/there"), "is not a directory; create it first"),
        (("--to", "RUN/tables"), "inside the run directory"),
        (("--table", "moves", "--to", "x"), "'moves' is not one of"),
        ((), "--to"),
    ],
)
def test_bad_input_is_named(
    run: Path,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    arguments: tuple[str, ...],
    problem: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    given = [text.replace("RUN", str(run)) for text in arguments]
    done = CliRunner().invoke(cli, ["export", str(run), *given])
    assert problem in done.output + str(done.exception)
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_text_that_spreadsheets_would_execute_is_quoted(tmp_path: Path) -> None:
    table = TABLES["attempts"]
    names = [column.name for column in table.columns]
    formulas = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1"]
    with write_csv(tmp_path / "a.csv", table) as write:
        for text in formulas:
            row: list[object] = [None] * len(names)
            row[names.index("reply")], row[names.index("cost")] = text, -1.5
            write(tuple(row))
    rows = rows_of(tmp_path / "a.csv")
    assert [row["reply"] for row in rows] == [f"'{text}" for text in formulas]
    assert {row["cost"] for row in rows} == {"-1.5"}


def test_row_groups_bound_what_is_in_memory(tmp_path: Path) -> None:
    table = Table("attempts", "", (TABLES["attempts"].parts[0],))
    with write_parquet(tmp_path / "a.parquet", table) as write:
        for number in range(2 * GROUP_ROWS + 1):
            write((f"run {number}", "x" * 100))
        write(("long", "y" * 20_000_000))
        write(("last", "z"))
    metadata = pq.read_metadata(tmp_path / "a.parquet")
    sizes = [metadata.row_group(group).num_rows for group in range(metadata.num_row_groups)]
    assert sizes == [GROUP_ROWS, GROUP_ROWS, 2, 1]


def test_fields_of_parquet_files_describe_themselves(asked: Path, tmp_path: Path) -> None:
    (path,) = vsbench.export(asked, tmp_path, tables="decisions")
    schema = pq.read_schema(path)
    assert schema.field("latency").metadata[b"unit"] == b"s"
    assert all(field.metadata[b"description"] for field in schema)
    assert not schema.field("action").nullable
    assert schema.field("cost").nullable


def test_without_pyarrow_the_command_that_installs_it_is_named(
    asked: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pyarrow.parquet", None)
    with pytest.raises(MissingExtraError, match="pip install 'vsbench"):
        vsbench.export(asked, tmp_path / "tables")
    assert not list(tmp_path.iterdir())
    vsbench.export(asked, tmp_path / "tables", format="csv")


def documented(table: Table) -> list[str]:
    """The table in the documentation that lists the columns of a table."""
    return [
        f"| `{column.name}` | {column.type_name}{', optional' if column.optional else ''} "
        f"| {column.unit} | {column.description} |"
        for column in table.columns
    ]


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_the_documentation_lists_the_columns(table: Table) -> None:
    section = DOCUMENTATION.read_text(encoding="utf-8").partition(f"### `{table.name}`\n")[2]
    section = section.partition("\n### ")[0].partition("\n## ")[0]
    assert section.strip().partition("\n")[0] == table.about
    rows = [line for line in section.splitlines() if line.startswith("| `")]
    assert rows == documented(table)


def test_names_of_columns_are_unique() -> None:
    for table in TABLES.values():
        names = [column.name for part in table.parts for column in columns_of(part)]
        assert len(set(names)) == len(names)
