"""Begin units in order, a bounded number at a time, and only if the budget is likely to suffice.

Within every game and evaluation the lowest number begins first, and all of them progress level, in
shares of what is planned. Memory and the time until the first reply therefore do not grow with the
plan.

Short episodes end first, so those that happen to have ended when a limit is reached are not
typical. A limit therefore decides what is begun, not what is broken off: an episode begins only if
the rest of the budget is likely to suffice for it and for all that is in progress, judged by what
episodes have taken so far. Whether an episode is played then depends on earlier ones alone. The
number of episodes is a stopping time (Wald, *Annals of Mathematical Statistics* 15, 1944), and what
was begun is finished.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from vsbench.bots import bot_name
from vsbench.planning.units import UnitQueue, longest_episode
from vsbench.records.journal import Attempt, EpisodeClosed, JournalRecord, Verdict
from vsbench.runner.budget import NO_EXPENSE, Budget, Expense, RunStoppedError
from vsbench.settings import Evaluation

Until = Mapping[tuple[Evaluation, str], int]
"""Evaluation and environment -> how many of its units to play now, in order; others wait for a
later call. What is missing is played to its end."""


Play = Callable[["Lane", int, float], Awaitable[None]]
"""Plays a unit of a lane, by its number, with a rank."""


@dataclass(frozen=True)
class Rate:
    """What a decision takes."""

    dollars: float
    tokens: float
    seconds: float


class Forecast:
    """Predicts what the units of a lane take, from those so far.

    Args:
        longest: decisions that a unit takes at most, as far as is known.
        turn: type of the journal record that ends a decision.
    """

    def __init__(self, longest: int, turn: str) -> None:
        self._longest = longest
        self._turn = turn
        self.turns = 0
        """Decisions so far."""
        self.timed = 0
        """Those of them whose duration is known: not those of earlier parts of the run."""
        self.spent = NO_EXPENSE
        """On all of them."""
        self._seconds = 0.0
        self._made: dict[int, int] = {}
        """Unfinished unit -> its decisions so far."""
        self._since: dict[int, float] = {}
        """Unit in progress -> when its current decision began."""
        self.fruitless = 0
        """Units that ended without a decision, as while a provider is down."""
        self._undecided: set[int] = set()
        """Units in progress without a decision since they began."""

    def begin(self, number: int, now: float) -> None:
        """A unit begins or is resumed."""
        self._since[number] = now
        self._undecided.add(number)

    def add(self, number: int, record: JournalRecord, now: float = 0.0) -> None:
        """Count a record of a unit."""
        if isinstance(record, Attempt):
            self.spent += Expense.of(record)
        if record.type == self._turn:
            self.turns += 1
            made = self._made[number] = self._made.get(number, 0) + 1
            self._longest = max(self._longest, made)
            self._undecided.discard(number)
            if number in self._since:
                self.timed += 1
                self._seconds += now - self._since[number]
                self._since[number] = now
        if isinstance(record, EpisodeClosed | Verdict):
            self._made.pop(number, None)

    def end(self, number: int) -> None:
        """A unit is no longer in progress."""
        del self._since[number]
        if number in self._undecided:
            self._undecided.remove(number)
            self.fruitless += 1

    def turns_left(self, number: int) -> int:
        """Decisions that a unit still takes at most."""
        return max(1, self._longest - self._made.get(number, 0))

    @property
    def mean(self) -> Rate:
        """What a decision takes; 0 where nothing is known."""
        turns, timed = max(1, self.turns), max(1, self.timed)
        return Rate(self.spent.dollars / turns, self.spent.tokens / turns, self._seconds / timed)

    @property
    def cautious(self) -> Rate:
        """The mean and its standard error, if decisions differ by as much as they take."""
        mean, turns, timed = self.mean, _factor(self.turns), _factor(self.timed)
        return Rate(mean.dollars * turns, mean.tokens * turns, mean.seconds * timed)


def _factor(turns: int) -> float:
    return 1 + 1 / math.sqrt(max(1, turns))


class Lane:
    """The units of one evaluation in one environment of a run, as far as they have come.

    Args:
        queue: the units.
        until: how many to play, in order; None for all.
    """

    def __init__(self, queue: UnitQueue, until: int | None = None) -> None:
        self.queue = queue
        self.forecast = _forecast(queue)
        self.open: set[int] = set()
        """Units in progress."""
        self._numbers = queue.numbers[:until]
        self._finished: set[int] = set()
        """Units that an earlier part of the run has finished."""
        self._place = 0

    def recall(self, number: int, records: Sequence[JournalRecord]) -> None:
        """Take note of what an earlier part of the run has recorded of a unit."""
        for record in records:
            self.forecast.add(number, record)
        if records and isinstance(records[-1], EpisodeClosed | Verdict):
            self._finished.add(number)
        self._skip_finished()

    @property
    def next(self) -> int | None:
        """The number of the unit that begins next; None after the last."""
        return self._numbers[self._place] if self._place < len(self._numbers) else None

    @property
    def rank(self) -> float:
        """The next unit's place in the plan, as a share of it: the lower, the sooner."""
        return self._place / len(self.queue.numbers)

    def begin(self, now: float) -> int:
        """Begin the next unit, and return its number."""
        number = self._numbers[self._place]
        self._place += 1
        self._skip_finished()
        self.open.add(number)
        self.forecast.begin(number, now)
        return number

    def _skip_finished(self) -> None:
        while self.next in self._finished:
            self._place += 1

    def end(self, number: int) -> None:
        """A unit is no longer in progress."""
        self.open.remove(number)
        self.forecast.end(number)


def _forecast(queue: UnitQueue) -> Forecast:
    if queue.evaluation != "decision":
        return Forecast(1, "verdict")
    models = any(bot_name(player) is None for player in queue.plan.seats.players)
    return Forecast(longest_episode(queue.plan), "decision" if models else "step")


class _Run:
    """A run of the command: its lanes, and its units in progress."""

    def __init__(self, lanes: Sequence[Lane], play: Play) -> None:
        self.lanes = lanes
        self.left = [lane for lane in lanes if lane.next is not None]
        """Lanes with units to begin."""
        self.play = play
        self.tasks: set[asyncio.Task[None]] = set()
        self.stops: list[RunStoppedError] = []
        """Why units were not begun."""
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def check_ended(self) -> None:
        """Let the caller know once nothing is left to do."""
        if not self.left and not self.tasks and not self.ended.done():
            self.ended.set_result(None)


class Schedule:
    """Begins the units of all runs of a command.

    Args:
        budget: of the command.
        most_open: units of a run in progress at once: as many as connections can use, and as many
            again that are prepared meanwhile.
        clock: seconds that never go backwards.
    """

    def __init__(
        self,
        budget: Budget,
        most_open: int = 128,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._budget = budget
        self._most_open = most_open
        self._clock = clock
        self._runs: list[_Run] = []
        self._changed = asyncio.Event()
        self._dispatcher: asyncio.Task[None] | None = None
        budget.on_stop.append(self._changed.set)

    async def play(self, lanes: Sequence[Lane], play: Play) -> list[RunStoppedError]:
        """Play the units of a run; return the reasons why units were not begun.

        Runs that are passed in the same iteration of the event loop start together.
        """
        run = _Run(lanes, play)
        self._runs.append(run)
        run.check_ended()
        if self._dispatcher is None or self._dispatcher.done():
            self._dispatcher = asyncio.create_task(self._dispatch())
        try:
            await asyncio.wait((run.ended, self._dispatcher), return_when=asyncio.FIRST_COMPLETED)
            (run.ended if run.ended.done() else self._dispatcher).result()
        finally:
            self._runs.remove(run)
            self._changed.set()
            for task in run.tasks:
                task.cancel()
            await asyncio.gather(*run.tasks, return_exceptions=True)
        return run.stops

    def add(self, lane: Lane, number: int, record: JournalRecord) -> None:
        """Count a record of a unit in progress."""
        lane.forecast.add(number, record, self._clock())
        if self._budget.limited:
            self._changed.set()

    async def _dispatch(self) -> None:
        while any(run.left or run.tasks for run in self._runs):
            self._changed.clear()
            if (found := self._next()) is None:
                await self._changed.wait()
                continue
            self._begin(*found)
            # What precedes a first call (replaying to a state, drawing, rendering the prompt) is
            # CPU work. Units that did it all at once would delay the calls of the first ones.
            await asyncio.sleep(0)

    def _begin(self, run: _Run, lane: Lane) -> None:
        rank, number = lane.rank, lane.begin(self._clock())
        if lane.next is None:
            run.left.remove(lane)
        task = asyncio.ensure_future(run.play(lane, number, rank))
        run.tasks.add(task)
        task.add_done_callback(partial(self._end, run, lane, number))

    def _end(self, run: _Run, lane: Lane, number: int, task: asyncio.Task[None]) -> None:
        run.tasks.remove(task)
        lane.end(number)
        if not task.cancelled() and (error := task.exception()) and not run.ended.done():
            run.ended.set_exception(error)
        run.check_ended()
        self._changed.set()

    def _close(self, run: _Run, lane: Lane, why: RunStoppedError) -> None:
        """Begin no more units of a lane."""
        run.left.remove(lane)
        run.stops.append(why)
        run.check_ended()
        self._changed.set()

    def _next(self) -> tuple[_Run, Lane] | None:
        """Return the lane whose next unit begins now; None to wait for a change."""
        lanes = [(run, lane) for run in self._runs for lane in run.left]
        if self._budget.stopped is not None:
            for run, lane in lanes:
                self._close(run, lane, self._budget.stopped)
            return None
        for run, lane in sorted(lanes, key=lambda pair: pair[1].rank):
            if len(run.tasks) >= self._most_open:
                continue
            if not self._budget.limited:
                return run, lane
            if lane.open and len(lane.open) >= self._known(lane):
                # What a decision takes is not known well enough for more of them.
                continue
            in_progress = any(run.tasks for run in self._runs)
            if in_progress and not any(map(self._known, self._lanes)):
                return None
            shortage = self._shortage(lane)
            if shortage is None:
                return run, lane
            if shortage.cause == "time":
                # Time is not shared: others may still be short enough.
                if lane.open:
                    continue
            elif in_progress:
                # What is in progress may take less. Nothing else passes this unit meanwhile.
                return None
            self._close(run, lane, shortage)
        return None

    @property
    def _lanes(self) -> Iterator[Lane]:
        return (lane for run in self._runs for lane in run.lanes)

    def _known(self, lane: Lane) -> int:
        """Number of observations that tell what a decision takes."""
        found = lane.forecast
        return found.fruitless + (found.timed if self._budget.timed else found.turns)

    def _shortage(self, lane: Lane) -> RunStoppedError | None:
        """Return the limit that is too low for a lane's next unit and for those in progress."""
        assert lane.next is not None
        known = [each.forecast.mean for each in self._lanes if self._known(each)]
        # Of a lane without replies, expect what the most expensive other one takes.
        usual = Rate(
            max((rate.dollars for rate in known), default=0.0),
            max((rate.tokens for rate in known), default=0.0),
            max((rate.seconds for rate in known), default=0.0),
        )
        dollars = tokens = 0.0
        for each in self._lanes:
            numbers = [*each.open, *([lane.next] if each is lane else [])]
            turns = sum(map(each.forecast.turns_left, numbers))
            rate = each.forecast.cautious if self._known(each) else usual
            dollars += turns * rate.dollars
            tokens += turns * rate.tokens
        rate = lane.forecast.cautious if self._known(lane) else usual
        return self._budget.shortage(
            Expense(dollars, math.ceil(tokens)),
            lane.forecast.turns_left(lane.next) * rate.seconds,
            "another episode" if lane.queue.evaluation == "decision" else "another sample",
        )
