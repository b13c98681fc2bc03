"""Whole runs over a provider that sends every odd reply: each is counted as what it is."""

from collections import Counter
from pathlib import Path

import pytest

import vsbench
from vsbench.errors import Exit
from vsbench.records.journals import read_journal
from vsbench.simulation import ODD, Simulation, SimulationSettings
from vsbench.verification.run import verify

KINDS = {
    "broken_off_error": "unfinished",
    "broken_off_abort": "unfinished",
    "broken_off_network": "unfinished",
    "broken_off_resources": "unfinished",
    "unknown_stop_reason": "unknown_stop_reason",
    "hidden_rate_limit": "rate_limited",
    "hidden_loading": "overloaded",
    "hidden_auth": "auth",
    "hidden_context": "context_exceeded",
    "no_images": "bad_request",
    "daily_quota": "quota",
    "wrong_parameter": "bad_request",
    "responses_only": "bad_request",
}
"""Odd reply -> the kind of fault that it is."""

OUTCOMES = {
    "filtered_message": "refused",
    "filtered_prompt": "refused",
    "sensitive": "refused",
    "cut_off_model": "truncated",
    "cut_off_tokens": "truncated",
    "in_reasoning": "unparsable",
    "usage_null": "ok",
    "usage_odd": "ok",
}
"""Odd reply -> the outcome of the attempt that it is."""

UNREPORTED = ("usage_null", "usage_odd")

STREAMED = 30_000
"""Tokens of answers that every adapter has streamed."""

MOST_RESUMES = 40
"""Some odd replies end a run: a key that is not accepted, a day's allowance used up."""


def test_every_odd_reply_has_its_kind_or_outcome() -> None:
    assert KINDS.keys() | OUTCOMES.keys() == ODD.keys()
    assert not KINDS.keys() & OUTCOMES.keys()


@pytest.mark.parametrize(
    ("wire", "max_tokens"),
    [
        ("chat", 500),
        pytest.param("messages", STREAMED, marks=pytest.mark.slow),
        pytest.param("responses", STREAMED, marks=pytest.mark.slow),
    ],
)
@pytest.mark.slow
def test_each_is_counted_as_what_it_is(
    wire: str, max_tokens: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "run"
    rates = {"hidden_auth": 0.0, "daily_quota": 0.0}
    settings = SimulationSettings(policy="legal", odd_in_turn=True, odd=0.3, rates=rates)
    with Simulation(settings, process=True) as server:
        monkeypatch.setenv("ANTHROPIC_API_KEY", "any")
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.anthropic_url)
        model = "anthropic/m" if wire == "messages" else f"openai-api/{server.base_url}#m"
        (report,) = vsbench.run(
            models=[model],
            envs=["kuhn_poker", "coin_dilemma"],
            episodes=2,
            samples=20,
            seed=2,
            max_tokens=max_tokens,
            model_options={"openai-api.api": "responses"} if wire == "responses" else {},
            out=out,
        )
        for _ in range(MOST_RESUMES):
            if report.exit is Exit.COMPLETE:
                break
            (report,) = vsbench.resume(out)
        counts = server.counts()
    assert report.exit is Exit.COMPLETE, report.why
    usage, sent = report.results.usage, counts.faults
    assert sent.keys() == {n for n, fault in ODD.items() if wire in (fault.wires or (wire,))}
    assert counts.calls == usage.replies + sum(usage.faults.values())
    assert counts.finished_calls == usage.replies
    assert Counter(usage.faults) == sum_by(KINDS, sent)
    lines = [line for path in out.glob("journal/*/*/*") for line in read_journal(path)]
    attempts = [line for line in lines if line.type == "attempt"]
    read = Counter(line.outcome for line in attempts)
    assert read - Counter(ok=read["ok"]) == sum_by(OUTCOMES, sent) - Counter(ok=usage.replies)
    assert sum(line.usage_estimated for line in attempts) == sum(sent[n] for n in UNREPORTED)
    assert not verify(out).findings


def sum_by(names: dict[str, str], sent: dict[str, int]) -> Counter[str]:
    """What was sent, by what it should have been taken for."""
    total = Counter[str]()
    for name, what in names.items():
        total[what] += sent.get(name, 0)
    return +total
