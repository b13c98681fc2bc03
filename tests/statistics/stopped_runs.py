"""What runs show that stop at a limit, against their true value.

``python tests/statistics/stopped_runs.py [REPETITIONS] [WHOLE]`` prints two tables. In the first,
the runner's own schedule, budget and connections play episodes that bots have played before, with
their numbers of decisions and their scores, so that the true value is known exactly. In the second,
whole runs are played, from prompts to results, and compared with complete runs of the same seeds.
Replies take random times and tokens. Nobody waits: time passes whenever nothing is left to do.

For comparison, *all at once* are the figures of runs that begin everything at once and count
whatever has ended when the limit is reached.
"""

from __future__ import annotations

import asyncio
import math
import os
import selectors
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from random import Random
from statistics import fmean, stdev

from vsbench.adapters.base import Reply, Request, Usage
from vsbench.adapters.sighted import Sighted
from vsbench.anchors import play_episodes
from vsbench.planning.units import unit_queues
from vsbench.prompts import PromptPack
from vsbench.records.files import UnitKey
from vsbench.records.journal import Decision, EpisodeClosed
from vsbench.records.journals import open_journal
from vsbench.records.manifest import Manifest
from vsbench.runner.budget import Budget, Expense, RunStoppedError
from vsbench.runner.calls import ModelCalls
from vsbench.runner.concurrency import RANK, ConcurrencyLimiter
from vsbench.runner.directory import write_start
from vsbench.runner.observer import NullObserver
from vsbench.runner.runs import plan
from vsbench.runner.schedule import Lane, Schedule
from vsbench.runner.session import Session
from vsbench.settings import run_settings
from vsbench_envs import registry

REPETITIONS, WHOLE = 1000, 100
"""Repetitions of the two tables."""

RECORDED = 400
"""Episodes that are drawn from."""


@dataclass(frozen=True)
class Case:
    """A kind of run, and what limits it."""

    env: str
    bot: str
    episodes: int
    connections: int
    limit: str


CASES = (
    Case("hanabi", "greedy", 10, 64, "tokens"),
    Case("hanabi", "greedy:chance=0.4", 10, 64, "tokens"),
    Case("hanabi", "greedy", 24, 4, "time"),
    Case("kuhn_poker", "greedy", 120, 64, "tokens"),
    Case("kuhn_poker", "greedy", 120, 4, "time"),
)

SHARES = (0.5, 0.75)
"""Limits, as shares of what a complete run takes in the mean."""


@dataclass(frozen=True)
class Outcome:
    """What a run has played."""

    scores: tuple[float, ...]
    """Of the scored episodes."""
    expenses: tuple[int, ...]
    """Tokens of each episode; 0 if it was not begun."""
    seconds: float

    @property
    def broken_off(self) -> bool:
        """Whether an episode was begun and is not scored."""
        return sum(spent > 0 for spent in self.expenses) > len(self.scores)


Play = Callable[..., Outcome]
"""Plays a run by its seed, with limits."""

Recorded = tuple[int, float]
"""The decisions of the model in an episode, and its score."""


class SlowBot:
    """Takes some seconds and tokens for every reply of a bot, or of one that says nothing."""

    max_output_tokens = None
    address = "here"

    def __init__(self, bot: Sighted | None, seed: int) -> None:
        self._bot = bot
        self._rng = Random(seed)

    async def complete(self, request: Request) -> Reply:
        await asyncio.sleep(self._rng.lognormvariate(1.0, 0.5))
        silent = Reply("", usage=Usage(input=700))
        reply = silent if self._bot is None else await self._bot.complete(request)
        thought = int(self._rng.lognormvariate(6.0, 0.8))
        return replace(reply, usage=replace(reply.usage, output=reply.usage.output + thought))

    async def close(self) -> None:
        return


class Patient(selectors.DefaultSelector):
    """Lets time pass instead of waiting for it."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list:
        events = super().select(None if timeout is None else 0)
        if not events and timeout:
            self.now += timeout
        return events


class Loop(asyncio.SelectorEventLoop):
    """An event loop whose clock goes as fast as it can."""

    def __init__(self) -> None:
        self.clock = Patient()
        super().__init__(self.clock)

    def time(self) -> float:
        return self.clock.now


class Stage:
    """The budget, the connections and the schedule of a run, with the clock of its loop."""

    def __init__(self, case: Case, tokens: int | None, seconds: float | None) -> None:
        self.clock = asyncio.get_running_loop().time
        self.budget = Budget(None, tokens, seconds, self.clock)
        self.limiter = ConcurrencyLimiter(case.connections)
        self.budget.on_stop.append(self.limiter.release_all)
        self.schedule = Schedule(self.budget, 2 * case.connections, self.clock)

    def model(self, name: str, bot: Sighted | None, seed: int) -> ModelCalls:
        """A model to call."""
        return ModelCalls(name, SlowBot(bot, seed), self.budget, self.limiter)


def manifest_of(case: Case, model: str, seed: int = 0) -> Manifest:
    """The plan of a run."""
    (manifest,) = plan(
        run_settings(
            models=(model,), envs=(case.env,), evals=("decision",), episodes=case.episodes,
            seed=seed, modality="text",
        )
    )  # fmt: skip
    return manifest


def record(case: Case, numbers: Sequence[int]) -> list[Recorded]:
    """Let a bot play episodes."""
    spec = registry.get(case.env).spec
    return [
        (
            played.decisions,
            sum(
                measure.weight * measure.normalise(figure)
                for measure, figure in zip(spec.measures, played.figures, strict=True)
            ),
        )
        for played in play_episodes(manifest_of(case, f"bot/{case.bot}"), numbers)
    ]


def replay(
    case: Case,
    recorded: Sequence[Recorded],
    seed: int,
    tokens: int | None = None,
    seconds: float | None = None,
) -> Outcome:
    """Play recorded episodes again, drawn at random, with these limits."""
    episodes = Random(seed).choices(recorded, k=case.episodes)
    expenses, finished = [0] * case.episodes, [False] * case.episodes
    request = Request((), max_tokens=100, seed=0)
    decision = Decision(step=0, seat=0, action="", outcome="ok", attempts=1)
    end = EpisodeClosed(returns=(0.0,), length=1, events={})
    (queue,) = unit_queues(manifest_of(case, "sighted/greedy"))

    async def run() -> float:
        stage = Stage(case, tokens, seconds)
        model = stage.model("simulated", None, seed)

        async def play_on(lane: Lane, number: int, rank: float) -> None:
            RANK.set(rank)
            with suppress(RunStoppedError):
                for _ in range(episodes[number][0]):
                    usage = (await model.ask(request, lambda *fault: None)).reply.usage
                    expenses[number] += usage.input + usage.output
                    lane.forecast.spent += Expense(0.0, usage.input + usage.output)
                    stage.schedule.add(lane, number, decision)
                stage.schedule.add(lane, number, end)
                finished[number] = True

        with stage.budget.deadline():
            await stage.schedule.play([Lane(queue)], play_on)
        return stage.clock()

    with asyncio.Runner(loop_factory=Loop) as runner:
        took = runner.run(run())
    scored = [*finished, False].index(False)
    return Outcome(tuple(score for _, score in episodes[:scored]), tuple(expenses), took)


def play(case: Case, seed: int, tokens: int | None = None, seconds: float | None = None) -> Outcome:
    """Play a whole run with these limits, from prompts to results."""
    manifest = manifest_of(case, f"sighted/{case.bot}", seed)
    pack = PromptPack.shipped()

    async def run(directory: Path) -> Outcome:
        write_start(directory, manifest, pack)
        stage = Stage(case, tokens, seconds)
        calls = {manifest.model: stage.model(manifest.model, Sighted(case.bot), seed)}
        session = Session(
            directory, manifest, pack, calls, stage.budget, NullObserver(), stage.schedule
        )
        with stage.budget.deadline():
            report = await session.run()
        scores = tuple(episode.score for episode in report.results.environments[0].episodes)
        expenses = (_tokens(directory, case, number) for number in range(case.episodes))
        return Outcome(scores, tuple(expenses), stage.clock())

    with tempfile.TemporaryDirectory() as folder, asyncio.Runner(loop_factory=Loop) as runner:
        return runner.run(run(Path(folder)))


def _tokens(directory: Path, case: Case, number: int) -> int:
    lines = open_journal(directory, UnitKey("decision", case.env, number)).records
    return sum(Expense.of(line).tokens for line in lines if line.type == "attempt")


def all_at_once(whole: Outcome, tokens: float) -> list[float]:
    """The scores that had come if all episodes spent alike until the limit, in order."""
    left = dict(enumerate(whole.expenses))
    while left:
        least = min(left.values())
        if least * len(left) > tokens:
            break
        tokens -= least * len(left)
        left = {number: rest - least for number, rest in left.items() if rest > least}
    return [score for number, score in enumerate(whole.scores) if number not in left]


@dataclass(frozen=True)
class Measured:
    """Complete runs, and those with a limit."""

    case: Case
    share: float
    wholes: Sequence[Outcome]
    stopped: Sequence[Outcome]
    true: Sequence[float]
    """What each run should show."""

    @property
    def shown(self) -> list[tuple[float, float]]:
        """The mean score of each stopped run that has one, and the true value."""
        pairs = zip(self.stopped, self.true, strict=True)
        return [(fmean(one.scores), value) for one, value in pairs if one.scores]

    @property
    def at_once(self) -> list[tuple[float, float]]:
        """The same if everything had begun at once and whatever has ended counted."""
        ended = [all_at_once(whole, self.share * sum(whole.expenses)) for whole in self.wholes]
        pairs = zip(ended, self.true, strict=True)
        return [(fmean(scores), value) for scores, value in pairs if scores]

    @property
    def row(self) -> tuple[str, ...]:
        """The row of the table."""
        case = self.case
        return (
            case.env,
            case.bot,
            f"{self.share:.0%} of {case.limit}",
            str(case.episodes),
            f"{fmean(len(one.scores) for one in self.stopped):.1f}",
            str(sum(one.broken_off for one in self.stopped)),
            f"{fmean(self.true):.1f}",
            format_bias(self.shown),
            format_bias(self.at_once),
            f"{1 - len(self.at_once) / len(self.wholes):.0%}",
        )


COLUMNS = (
    "game",
    "bot",
    "limit",
    "planned",
    "scored",
    "broken off",
    "true",
    "bias",
    "all at once: bias",
    "all at once: no score",
)


def measure(
    case: Case, play: Play, repetitions: int, pool: Executor, value: float | None = None
) -> Iterator[Measured]:
    """Play runs without and with limits; the true value is that of complete runs by default."""
    seeds = range(repetitions)
    wholes = list(pool.map(play, seeds))
    true = [fmean(whole.scores) if value is None else value for whole in wholes]
    for share in SHARES:
        tokens = seconds = None
        if case.limit == "tokens":
            tokens = round(share * fmean(sum(whole.expenses) for whole in wholes))
        else:
            seconds = share * fmean(whole.seconds for whole in wholes)
        stopped = list(pool.map(partial(play, tokens=tokens, seconds=seconds), seeds))
        yield Measured(case, share, wholes, stopped, true)


def measure_recorded(
    case: Case, repetitions: int, pool: Executor, recorded: int = RECORDED
) -> Iterator[Measured]:
    """Play recorded episodes without and with limits."""
    chunks = [range(at, at + 20) for at in range(0, recorded, 20)]
    known = [one for part in pool.map(partial(record, case), chunks) for one in part]
    value = fmean(score for _, score in known)
    return measure(case, partial(replay, case, known), repetitions, pool, value)


def bias(pairs: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """The mean difference between what is shown and what is true, and its standard error."""
    differences = [shown - true for shown, true in pairs]
    return fmean(differences), stdev(differences) / math.sqrt(len(differences))


def format_bias(pairs: Sequence[tuple[float, float]]) -> str:
    """Format a bias and its standard error."""
    if len(pairs) < 2:
        return "-"
    mean, error = bias(pairs)
    return f"{mean:+.1f} ± {error:.1f}"


def show(rows: Iterator[Measured]) -> None:
    """Print rows as they come."""
    for measured in rows:
        print(f"| {' | '.join(measured.row)} |", flush=True)


def main() -> None:
    """Print the tables."""
    given = [int(word) for word in sys.argv[1:]]
    repetitions, whole = (*given, *(REPETITIONS, WHOLE)[len(given) :])
    header = f"| {' | '.join(COLUMNS)} |\n|{'---|' * len(COLUMNS)}"
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        print(header, flush=True)
        for case in CASES:
            show(measure_recorded(case, repetitions, pool))
        print(f"\n{header}", flush=True)
        show(measure(CASES[0], partial(play, CASES[0]), whole, pool))


if __name__ == "__main__":
    main()
