"""Replies kept for later runs."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

import vsbench
from vsbench.adapters.base import Image, Message, Reply, Request, Sampling, Text, Usage
from vsbench.errors import Exit, UsageError
from vsbench.records.files import open_run, planned_keys
from vsbench.records.journals import read_journal
from vsbench.runner.cache import ReplyCache, cache_key
from vsbench.runner.observer import RunReport
from written import MODEL, stumble

PLAN = {"models": [MODEL], "envs": ["kuhn_poker"], "evals": ["decision"]}


def play(out: Path, **settings: object) -> RunReport:
    (report,) = vsbench.run(**(PLAN | {"episodes": 12} | settings), out=out)
    return report


def journalled(out: Path, *, leaving: tuple[str, ...]) -> list[dict]:
    lines = [
        json.loads(line.model_dump_json())
        for key in planned_keys(open_run(out))
        for line in read_journal(key.path(out))
    ]
    return [{name: line[name] for name in line if name not in leaving} for line in lines]


def test_a_run_with_a_cache_is_not_asked_again(written_model, tmp_path: Path) -> None:
    model = written_model(stumble)
    cache = tmp_path / "replies.sqlite"
    first = play(tmp_path / "one", cache=cache)
    asked = len(model.requests)
    again = play(tmp_path / "two", cache=cache)
    assert len(model.requests) == asked > 10
    assert first.results.usage.input > 0 == again.results.usage.input
    attempts = [line for line in journalled(tmp_path / "two", leaving=()) if "reply" in line]
    assert all(line["from_cache"] for line in attempts)
    spent = ("usage", "usage_estimated", "expected_input", "latency", "from_cache")
    one, two = (journalled(tmp_path / name, leaving=spent) for name in ("one", "two"))
    assert sorted(map(json.dumps, one)) == sorted(map(json.dumps, two))


def test_another_seed_asks_anew(written_model, tmp_path: Path) -> None:
    model = written_model()
    play(tmp_path / "one", cache=tmp_path / "kept")
    asked = len(model.requests)
    play(tmp_path / "two", cache=tmp_path / "kept", seed=1)
    assert len(model.requests) > asked


def test_without_a_cache_everything_is_asked(written_model, tmp_path: Path) -> None:
    model = written_model()
    play(tmp_path / "one")
    asked = len(model.requests)
    play(tmp_path / "two")
    assert len(model.requests) == 2 * asked


REQUEST = Request((Message("user", (Text("a"), Image(b"b"))),), max_tokens=10, seed=1)


@pytest.mark.parametrize(
    "other",
    [
        Request((Message("user", (Text("a"), Image(b"c"))),), max_tokens=10, seed=1),
        Request((Message("user", (Text("ab"), Image(b""))),), max_tokens=10, seed=1),
        Request((Message("user", (Image(b"b"), Text("a"))),), max_tokens=10, seed=1),
        Request((Message("system", (Text("a"), Image(b"b"))),), max_tokens=10, seed=1),
        Request(REQUEST.messages, max_tokens=11, seed=1),
        Request(REQUEST.messages, max_tokens=10, seed=2),
        Request(REQUEST.messages, 10, 1, Sampling(temperature=0.0)),
        Request(REQUEST.messages, 10, 1, Sampling(reasoning_effort="low")),
        Request(REQUEST.messages, 10, 1, Sampling(detail="low")),
    ],
)
def test_whatever_shapes_a_reply_is_in_its_key(other: Request) -> None:
    assert cache_key("m", other) != cache_key("m", REQUEST)
    assert cache_key("m", REQUEST) != cache_key("n", REQUEST)


def test_a_reply_comes_back_whole(tmp_path: Path) -> None:
    reply = Reply("hé", "length", Usage(3, 2, 1, 1), "thought", "served", "id")
    ReplyCache(tmp_path / "kept").put("k", reply)
    cache = ReplyCache(tmp_path / "kept")
    assert (cache.get("k"), cache.get("other")) == (reply, None)


def test_a_cache_that_fails_loses_nothing(written_model, tmp_path: Path, caplog) -> None:
    model = written_model()
    kept = tmp_path / "kept"
    play(tmp_path / "one", cache=kept)
    asked = len(model.requests)
    with closing(sqlite3.connect(kept)) as other:
        other.execute("UPDATE replies SET reply = json_insert(reply, '$.never', 1)")
        other.commit()
        other.execute("BEGIN IMMEDIATE")
        report = play(tmp_path / "two", cache=kept)
    assert report.exit is Exit.COMPLETE
    assert len(model.requests) == 2 * asked
    (warning,) = (told for told in caplog.messages if "cache" in told)
    assert "failed and is disabled" in warning


def test_a_file_that_is_no_cache_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("not a database, and long enough to be looked at" * 50)
    with pytest.raises(UsageError, match=r"cannot use .*text as a reply cache"):
        play(tmp_path / "run", cache=tmp_path / "text")
    assert not (tmp_path / "run").exists()
