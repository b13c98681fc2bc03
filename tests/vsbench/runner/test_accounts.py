"""What is counted where providers report no tokens, and limits that could not hold."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import vsbench
from vsbench.adapters.base import Reply, Request, Usage
from vsbench.errors import Exit, UsageError
from vsbench.records.journal import Attempt
from vsbench.records.journals import read_journal
from vsbench.runner.calls import NO_USAGE_HINT
from vsbench.runner.observer import RunReport
from vsbench.verification.run import verify
from written import MODEL, WrittenModel, choose

Made = Callable[..., WrittenModel]


def play(out: Path, **settings: object) -> RunReport:
    plan = {"models": [MODEL], "evals": ["decision"], "envs": ["kuhn_poker"], "episodes": 2}
    return vsbench.run(**plan | {"out": out} | settings)[0]


def attempts(out: Path) -> list[Attempt]:
    lines = (line for path in out.glob("journal/*/*/*") for line in read_journal(path))
    return [line for line in lines if isinstance(line, Attempt)]


def priced(folder: Path, model: str = MODEL) -> Path:
    path = folder / "prices.json"
    price = {model: {"input": 10.0, "output": 100.0}}
    path.write_text(json.dumps({"date": "2026-11-28", "prices": price}))
    return path


@pytest.mark.parametrize("usage", [Usage(), Usage(input=100), Usage(output=10)])
def test_an_estimate_stands_in_for_tokens_that_are_not_reported(
    written_model: Made, tmp_path: Path, usage: Usage
) -> None:
    written_model(lambda request, seen: Reply(choose(request).text, usage=usage))
    report = play(tmp_path / "run", prices=priced(tmp_path))
    lines = attempts(tmp_path / "run")
    for line in lines:
        assert line.usage_estimated
        assert line.usage.input == (usage.input or line.expected_input) > 0
        assert line.usage.output == (usage.output or -(-len(line.reply) // 4)) > 0
        assert line.cost == pytest.approx((10 * line.usage.input + 100 * line.usage.output) / 1e6)
    assert report.hints == (f"{len(lines)} replies of {MODEL}: {NO_USAGE_HINT}",)
    assert verify(tmp_path / "run").ok


def test_tokens_that_are_reported_are_not_estimated(written_model: Made, tmp_path: Path) -> None:
    written_model()
    report = play(tmp_path / "run")
    assert not any(line.usage_estimated for line in attempts(tmp_path / "run"))
    assert report.hints == ()


@pytest.mark.parametrize("limit", [{"max_tokens_total": 3000}, {"max_cost": 0.08}])
def test_limits_hold_by_estimates(written_model: Made, tmp_path: Path, limit: dict) -> None:
    written_model(lambda request, seen: Reply(choose(request).text))
    report = play(tmp_path / "run", prices=priced(tmp_path), episodes=20, **limit)
    assert report.exit is Exit.BUDGET
    assert attempts(tmp_path / "run")


def test_a_limit_of_money_needs_a_price(written_model: Made, tmp_path: Path) -> None:
    written_model()
    with pytest.raises(UsageError, match=r"is unknown.*--prices.*--max-tokens-total"):
        play(tmp_path / "run", max_cost=1.0)
    assert not (tmp_path / "run").exists()
    assert play(tmp_path / "a", max_cost=1.0, max_tokens_total=10**6).exit is Exit.COMPLETE
    assert play(tmp_path / "b", max_cost=1.0, prices=priced(tmp_path)).exit is Exit.COMPLETE
    with pytest.raises(UsageError, match="is unknown"):
        vsbench.resume(tmp_path / "a", max_cost=1.0)


def test_every_model_of_a_run_needs_a_price(written_model: Made, tmp_path: Path) -> None:
    written_model()
    other = MODEL.replace("written", "other")
    with pytest.raises(UsageError, match="#other"):
        play(tmp_path / "run", max_cost=1.0, prices=priced(tmp_path), seats={1: other})


def test_models_that_send_no_bill_need_no_price(tmp_path: Path) -> None:
    assert play(tmp_path / "run", models=["sighted/oracle"], max_cost=1.0).exit is Exit.COMPLETE


def test_what_is_odd_about_replies_is_told_once_with_its_number(
    written_model: Made, tmp_path: Path
) -> None:
    def answer(request: Request, seen: int) -> Reply:
        return Reply(choose(request).text, usage=Usage(9, 9), hints=("odd: PROVIDER.x=1 helps",))

    written_model(answer)
    report = play(tmp_path / "run", cache=tmp_path / "cache")
    number = len(attempts(tmp_path / "run"))
    told = (f"{number} replies of {MODEL}: odd: openai-api.x=1 helps",)
    assert report.hints == told
    assert play(tmp_path / "again", cache=tmp_path / "cache").hints == told
