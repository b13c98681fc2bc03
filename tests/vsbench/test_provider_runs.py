"""Whole runs through the real SDK against the simulated provider: faults, crashes, accounts."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from random import Random

import pytest

import vsbench
from vsbench.errors import Exit
from vsbench.records.journals import read_journal
from vsbench.runner.observer import RunReport
from vsbench.simulation import FAULTS, Counts, Simulation, SimulationSettings
from vsbench.verification.run import verify

Played = tuple[RunReport, Counts]

ANSWER_FAULTS = {name for name, fault in FAULTS.items() if fault.family == "answer"}


@pytest.fixture(scope="module")
def provider() -> Iterator[Simulation]:
    with Simulation(SimulationSettings(policy="greedy", latency=0.1), process=True) as simulation:
        yield simulation


def moves(out: Path) -> dict[str, list]:
    """Every joint move of a run."""
    return {
        str(path.relative_to(out)): [r.moves for r in read_journal(path) if r.type == "step"]
        for path in sorted(out.glob("journal/*/*/*.jsonl"))
    }


def without_costs(out: Path) -> dict:
    text = (out / "results.json").read_text()
    # Providers of different runs have different ports, and so models have different ids.
    results = json.loads(text.replace(json.loads(text)["model"], "the model"))
    del results["head"]
    seats = [seat for env in results["environments"] for seat in env["seats"]]
    for usage in [part["usage"] for part in [results, *seats, *results["samples"]]]:
        for name in ("latency", "cost", "faults"):
            del usage[name]
    return results


STREAMED = 30_000
"""Tokens of answers that every adapter has streamed."""

PLAN = {"envs": ["kuhn_poker", "coin_dilemma"], "episodes": 1, "seats": {}, "seed": 5}
PLAN |= {"evals": ["decision"]}


def play(settings: SimulationSettings, provider: str, max_tokens: int, out: Path) -> Played:
    """That plan, by one of three wires."""
    plan = PLAN | {"max_tokens": max_tokens, "out": out}
    if provider == "responses":
        plan |= {"model_options": {"openai-api.api": "responses"}}
    with Simulation(settings, process=True) as server, pytest.MonkeyPatch.context() as patch:
        patch.setenv("ANTHROPIC_API_KEY", "any")
        patch.setenv("ANTHROPIC_BASE_URL", server.anthropic_url)
        model = "anthropic/m" if provider == "anthropic" else f"openai-api/{server.base_url}#m"
        (report,) = vsbench.run(models=[model], **plan)
        assert report.exit is Exit.COMPLETE, report.why
        return report, server.counts()


@pytest.fixture(scope="module")
def calm_moves(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], dict[str, list]]:
    """The moves of that plan where nothing goes wrong, by wire.

    Simulated models break ties by the call's seed, or by its body on wires that carry none.
    """

    @cache
    def moves_by(provider: str) -> dict[str, list]:
        out = tmp_path_factory.mktemp("calm") / "run"
        play(SimulationSettings(policy="oracle"), provider, STREAMED, out)
        return moves(out)

    return moves_by


@pytest.mark.parametrize(
    ("family", "provider", "max_tokens"),
    [
        ("infrastructure", "openai-api", 500),
        ("all", "openai-api", 500),
        ("all", "anthropic", 500),
        pytest.param("infrastructure", "anthropic", STREAMED, marks=pytest.mark.slow),
        ("infrastructure", "openai-api", STREAMED),
        ("all", "responses", 500),
        pytest.param("infrastructure", "responses", STREAMED, marks=pytest.mark.slow),
    ],
)
@pytest.mark.slow
def test_a_run_through_faults(
    tmp_path: Path,
    calm_moves: Callable[[str], dict[str, list]],
    family: str,
    provider: str,
    max_tokens: int,
) -> None:
    settings = SimulationSettings(
        policy="oracle",
        stall=0.3,
        retry_after=0.02,
        faults=0.2 if family == "all" else 0.0,
        rates={} if family == "all" else dict.fromkeys(FAULTS.keys() - ANSWER_FAULTS, 0.2 / 9),
    )
    report, counts = play(settings, provider, max_tokens, tmp_path / "stormy")
    usage = report.results.usage
    infrastructure = sum(n for name, n in counts.faults.items() if name not in ANSWER_FAULTS)
    answers = sum(counts.faults.values()) - infrastructure
    assert infrastructure > 5
    assert (answers > 0) == (family == "all")
    assert sum(usage.faults.values()) == infrastructure
    assert usage.replies == counts.finished_calls
    # Without a seed in the call, the same hand at cards is the same question.
    assert provider != "openai-api" or counts.repeated == {}
    assert counts.calls == usage.replies + infrastructure
    attempts = [seat.attempts for env in report.results.environments for seat in env.seats]
    assert sum(sum(by.values()) - by["ok"] for by in attempts) == answers
    if not answers:
        assert moves(tmp_path / "stormy") == calm_moves(provider)


OUTCOMES = {
    "cut_off": "truncated",
    "empty": "unparsable",
    "malformed": "unparsable",
    "refused": "refused",
    "filtered": "refused",
    "illegal": "illegal",
}


@pytest.mark.parametrize("answers", [0.0, 0.1])
@pytest.mark.slow
def test_a_storm_over_all_games(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answers: float
) -> None:
    """Three calls in ten fail; on top of that, one answer in ten may be spoiled."""
    rates = dict.fromkeys(FAULTS.keys() - ANSWER_FAULTS, 0.3 / 9)
    rates |= dict.fromkeys(ANSWER_FAULTS, answers / 6)
    storm = SimulationSettings(policy="legal", stall=0.2, retry_after=0.01, rates=rates)
    # What is in a picture cannot be illegal: such an answer is unparsable there.
    evals = ["decision", "reasoning"]
    plan = {"evals": evals, "episodes": 1, "samples": 4, "seed": 2, "attempts": 2}

    def run(settings: SimulationSettings, out: Path) -> Played:
        with Simulation(settings, process=True) as provider:
            model = f"openai-api/{provider.base_url}#m"
            (report,) = vsbench.run(models=[model], **plan, out=out)
            assert report.exit is Exit.COMPLETE, report.why
            return report, provider.counts()

    report, counts = run(storm, tmp_path / "stormy")
    usage, faults = report.results.usage, counts.faults
    failed = sum(number for name, number in faults.items() if name not in ANSWER_FAULTS)
    assert failed > 0.2 * counts.calls
    assert {name for name in faults if name not in ANSWER_FAULTS} == FAULTS.keys() - ANSWER_FAULTS
    assert sum(usage.faults.values()) == failed
    assert usage.replies == counts.finished_calls == counts.calls - failed
    assert counts.repeated == {}
    spoiled = Counter[str]()
    for name in ANSWER_FAULTS & faults.keys():
        spoiled[OUTCOMES[name]] += faults[name]
    read = Counter(r.outcome for r in records(tmp_path / "stormy") if r.type == "attempt")
    assert {outcome: n for outcome, n in read.items() if outcome != "ok"} == spoiled
    assert len(spoiled) == (4 if answers else 0)
    if not answers:
        run(SimulationSettings(policy="legal"), tmp_path / "calm")
        assert moves(tmp_path / "stormy") == moves(tmp_path / "calm")
        assert without_costs(tmp_path / "stormy") == without_costs(tmp_path / "calm")
    # Every stand-in move is the seeded one, and every outcome follows from its reply.
    assert not verify(tmp_path / "stormy").findings


def records(out: Path) -> list:
    return [record for path in out.glob("journal/*/*/*.jsonl") for record in read_journal(path)]


@pytest.mark.slow
def test_kill_9_at_any_moment(provider: Simulation, tmp_path: Path) -> None:
    model = f"openai-api/{provider.base_url}#m"
    plan = ["--env", "kuhn_poker", "--env", "coin_dilemma", "--episodes", "1", "--seed", "3"]
    plan += ["--samples", "4"]
    killed, calm = tmp_path / "killed", tmp_path / "calm"
    begin = ["run", "--model", model, *plan, "--max-connections", "1"]
    rng = Random(0)
    before = provider.counts()
    run_until(["--out", str(killed)], begin, killed, rng.randrange(1, 6))
    for _ in range(3):
        again = ["run", "--resume", str(killed), "--max-connections", "1"]
        run_until([], again, killed, rng.randrange(1, 12))
    assert command("run", "--resume", str(killed)).returncode == 0
    counts = provider.counts()
    assert counts.repeated == before.repeated
    attempts = json.loads((killed / "results.json").read_text())["usage"]["replies"]
    assert counts.finished_calls - before.finished_calls == attempts
    with Simulation(SimulationSettings(policy="greedy")) as prompt:
        (report,) = vsbench.run(
            models=[f"openai-api/{prompt.base_url}#m"],
            envs=["kuhn_poker", "coin_dilemma"],
            episodes=1,
            samples=4,
            seed=3,
            out=calm,
        )
    assert report.exit is Exit.COMPLETE, report.why
    assert without_costs(killed) == without_costs(calm)
    assert moves(killed) == moves(calm)


def run_until(more: list[str], arguments: list[str], out: Path, lines: int) -> None:
    """Run, and kill the process as soon as its journal has grown by some lines.

    With one connection and a slow provider no reply is then under way.
    """
    had = journal_lines(out)
    process = subprocess.Popen(
        [sys.executable, "-m", "vsbench", *arguments, *more], stderr=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 60
    while journal_lines(out) < had + lines and process.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL


def journal_lines(out: Path) -> int:
    return sum(
        path.read_bytes().count(b'"type":"attempt"') for path in out.glob("journal/*/*/*.jsonl")
    )


def command(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "vsbench", *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        env=os.environ | environment,
    )


HANGUPS = {"default": signal.SIG_DFL, "nohup": signal.SIG_IGN}


def begin_slowly(provider: Simulation, out: Path, hangup: str = "default") -> subprocess.Popen[str]:
    """Begin a run, and return when some of its calls are under way."""
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "vsbench", "run", "--env", "coin_dilemma", "--episodes", "1"),
            *("--eval", "decision"),
            *("--model", f"openai-api/{provider.base_url}#m", "--out", str(out), "--seed", "9"),
        ],
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGHUP, HANGUPS[hangup]),
    )
    wait_for_lines(process, out, 4)
    return process


def wait_for_lines(process: subprocess.Popen[str], out: Path, lines: int) -> None:
    while journal_lines(out) < lines:
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)


@pytest.mark.parametrize("signals", [["SIGINT"], ["SIGTERM"], ["SIGHUP", "SIGHUP"]], ids=str)
@pytest.mark.slow
def test_signals_let_calls_end_and_say_how_to_go_on(
    provider: Simulation, tmp_path: Path, signals: list[str]
) -> None:
    """Ctrl-C; the end of a batch job; a closed terminal, of which shell and system both tell."""
    out = tmp_path / "run"
    before = provider.counts()
    process = begin_slowly(provider, out)
    for name in signals:
        process.send_signal(signal.Signals[name])
        time.sleep(0.02)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 130
    assert f"vsbench run --resume {out}" in told
    results = json.loads((out / "results.json").read_text())
    assert results["complete"] is False
    after = provider.counts()
    assert after.calls - before.calls == journal_lines(out)
    assert after.finished_calls - before.finished_calls == journal_lines(out)


def test_under_nohup_a_closed_terminal_stops_nothing(provider: Simulation, tmp_path: Path) -> None:
    out = tmp_path / "run"
    process = begin_slowly(provider, out, "nohup")
    process.send_signal(signal.SIGHUP)
    wait_for_lines(process, out, journal_lines(out) + 6)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 130


def test_the_official_way_to_point_at_a_server(provider: Simulation, tmp_path: Path) -> None:
    done = command(
        *("run", "--model", "gpt-4o", "--env", "kuhn_poker", "--episodes", "4", "--json"),
        *("--samples", "4"),
        *("--out", str(tmp_path / "run")),
        OPENAI_BASE_URL=provider.base_url,
        OPENAI_API_KEY="sk-canary-0123456789",
    )
    assert done.returncode == 0, done.stderr
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert [events[0]["event"], events[-1]["event"]] == ["run", "end"]
    assert events[-1]["results"]["usage"]["cost"] > 0
    assert events[0]["run"]["model"] == "openai/gpt-4o"
    written = b"".join(p.read_bytes() for p in (tmp_path / "run").rglob("*") if p.is_file())
    assert b"sk-canary" not in written + done.stdout.encode() + done.stderr.encode()
