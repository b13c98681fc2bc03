"""A run that ended anywhere goes on to the same results, paying for nothing twice."""

import json
import resource
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import pytest

import vsbench
from vsbench.errors import Exit, UsageError
from vsbench.records.journals import read_journal
from written import MODEL, stumble

ENVS = ["kuhn_poker", "coin_dilemma"]
EVALS = ["decision"]
PLAN = {"models": [MODEL], "evals": EVALS, "envs": ENVS, "episodes": 2}


def figures(out: Path) -> dict:
    """results.json without times, costs and the order of lines."""
    results = json.loads((out / "results.json").read_text())
    del results["head"]
    seats = [seat for env in results["environments"] for seat in env["seats"]]
    for usage in [results["usage"], *(seat["usage"] for seat in seats)]:
        del usage["latency"], usage["cost"], usage["faults"]
    return results


def journals(out: Path) -> list[Path]:
    return sorted((out / "journal").rglob("*.jsonl"))


@pytest.fixture
def whole_run(written_model, tmp_path: Path) -> Path:
    written_model(stumble)
    report = vsbench.run(
        models=[MODEL], evals=EVALS, envs=ENVS, episodes=2, out=tmp_path / "whole"
    )[0]
    assert report.exit is Exit.COMPLETE
    return tmp_path / "whole"


@pytest.mark.parametrize("seed", range(8))
def test_cut_anywhere_it_ends_the_same(
    whole_run: Path, written_model, tmp_path: Path, seed: int
) -> None:
    rng = Random(seed)
    cut = tmp_path / "cut"
    shutil.copytree(whole_run, cut)
    (cut / "results.json").unlink()
    for path in journals(cut):
        text = path.read_bytes()
        path.write_bytes(text[: rng.randrange(len(text) + 1)])
    paid = sum(record.type == "attempt" for path in journals(cut) for record in read_journal(path))
    model = written_model(stumble)
    assert vsbench.resume(cut)[0].exit is Exit.COMPLETE
    assert figures(cut) == figures(whole_run)
    assert paid + len(model.requests) == figures(whole_run)["usage"]["replies"]
    for path in journals(whole_run):
        assert moves(path) == moves(cut / path.relative_to(whole_run))


def moves(path: Path) -> list:
    return [(r.moves, r.digest) for r in read_journal(path) if r.type == "step"]


@pytest.mark.slow
def test_the_same_moves_at_any_concurrency(written_model, tmp_path: Path) -> None:
    for connections in (1, 64):
        model = written_model(stumble, latency=0.002)
        vsbench.run(
            models=[MODEL],
            evals=EVALS,
            envs=ENVS,
            episodes=4,
            max_connections=connections,
            out=tmp_path / str(connections),
        )
        assert model.most_open <= connections
        assert connections == 1 or model.most_open > 1
    for path in journals(tmp_path / "1"):
        assert moves(path) == moves(tmp_path / "64" / path.relative_to(tmp_path / "1"))


@pytest.mark.parametrize(
    ("limit", "exit_code"),
    [({"max_tokens_total": 3000}, Exit.BUDGET), ({"time_limit": 0.05}, Exit.BUDGET)],
)
def test_a_limit_stops_cleanly(
    whole_run: Path, written_model, tmp_path: Path, limit: dict, exit_code: Exit
) -> None:
    model = written_model(stumble, latency=0.01)
    out = tmp_path / "limited"
    report = vsbench.run(**PLAN, out=out, **limit)[0]
    assert report.exit is exit_code
    assert "limit" in report.why[0]
    assert report.results.usage.input + report.results.usage.output <= 3000 or "time_limit" in limit
    assert report.results.usage.replies == len(model.requests)
    assert vsbench.resume(out)[0].exit is Exit.COMPLETE
    assert figures(out) == figures(whole_run)


def test_money_is_counted_over_all_parts_of_a_run(written_model, tmp_path: Path) -> None:
    prices = tmp_path / "prices.json"
    # 110 tokens a call at $10 for a million: $0.0011.
    table = {"date": "2026-01-01", "prices": {MODEL: {"input": 10, "output": 10}}}
    prices.write_text(json.dumps(table))
    written_model()
    out = tmp_path / "run"
    settings = {
        "models": [MODEL],
        "evals": EVALS,
        "envs": ENVS,
        "episodes": 2,
        "prices": prices,
        "out": out,
    }
    # An episode of Coin Dilemma takes 100 calls.
    report = vsbench.run(**settings, max_cost=0.15)[0]
    assert report.exit is Exit.BUDGET
    assert [env.finished for env in report.results.environments] == [2, 1]
    assert 0.11 < report.results.usage.cost <= 0.15
    again = vsbench.resume(out, max_cost=0.15)[0]
    assert again.results.usage.cost == report.results.usage.cost
    assert again.exit is Exit.BUDGET
    assert vsbench.resume(out, max_cost=5.0)[0].exit is Exit.COMPLETE


@contextmanager
def no_file_larger_than(size: int) -> Iterator[None]:
    """As if the disk were full for files of this size."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_loses_nothing(whole_run: Path, written_model, tmp_path: Path) -> None:
    written_model(stumble)
    out = tmp_path / "full"
    with no_file_larger_than(20_000):
        report = vsbench.run(**PLAN, out=out)[0]
    assert report.exit is Exit.INCOMPLETE
    assert any("cannot be written" in why for why in report.why)
    for path in journals(out):
        assert path.read_bytes().endswith(b"\n")
    assert vsbench.resume(out)[0].exit is Exit.COMPLETE
    assert figures(out) == figures(whole_run)


def test_a_damaged_journal_is_named_and_kept(whole_run: Path, written_model) -> None:
    model = written_model()
    path = journals(whole_run)[0]
    lines = path.read_text().splitlines()
    path.write_text("\n".join([lines[0], "{nonsense", *lines[2:]]) + "\n")
    before = path.read_bytes()
    with pytest.raises(UsageError, match=rf"{path.name}, line 2"):
        vsbench.resume(whole_run)
    assert path.read_bytes() == before
    assert not model.requests


def test_a_foreign_journal_is_refused(whole_run: Path, written_model) -> None:
    written_model()
    one, two = journals(whole_run)[:2]
    two.write_bytes(one.read_bytes())
    with pytest.raises(UsageError, match=r"it belongs to \w+/0"):
        vsbench.resume(whole_run)


def test_where_one_run_is_damaged_none_goes_on(
    whole_run: Path, written_model, tmp_path: Path
) -> None:
    for name in ("a", "b"):
        shutil.copytree(whole_run, tmp_path / name)
        journals(tmp_path / name)[0].unlink()
    damaged = journals(tmp_path / "b")[1]
    damaged.write_bytes(b"nonsense\n" + damaged.read_bytes())
    model = written_model()
    with pytest.raises(UsageError, match=str(damaged)):
        vsbench.resume(tmp_path)
    assert model.requests == []
    assert len(journals(tmp_path / "a")) == len(journals(whole_run)) - 1


def test_changed_prompts_are_refused(whole_run: Path, written_model) -> None:
    written_model()
    with (whole_run / "prompts/kuhn_poker/v1/_rules.j2").open("a") as template:
        template.write("- Be lucky.\n")
    with pytest.raises(UsageError, match="changed since the run began"):
        vsbench.resume(whole_run)


def test_directories_that_hold_no_run(tmp_path: Path, whole_run: Path, written_model) -> None:
    written_model()
    with pytest.raises(UsageError, match="is not a directory"):
        vsbench.resume(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="holds no run"):
        vsbench.resume(tmp_path / "empty")
    with pytest.raises(UsageError, match="--resume"):
        vsbench.run(models=[MODEL], evals=EVALS, envs=ENVS, out=whole_run)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/thesis.txt").write_text("precious")
    with pytest.raises(UsageError, match="not empty"):
        vsbench.run(models=[MODEL], evals=EVALS, envs=ENVS, out=tmp_path / "mine")
    manifest = whole_run / "run.json"
    manifest.write_text(manifest.read_text().replace('"schema_version": 1', '"schema_version": 9'))
    with pytest.raises(UsageError, match="schema_version"):
        vsbench.resume(whole_run)
