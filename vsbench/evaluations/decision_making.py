"""Decision-making: play whole episodes; the return is what counts."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any

from vsbench.bots import bot_name, decide
from vsbench.errors import UsageError
from vsbench.players.questions import DecisionQuestion
from vsbench.records.files import UnitKey
from vsbench.records.journal import (
    Attempt,
    Decision,
    EpisodeClosed,
    EpisodeOpened,
    Fault,
    JournalRecord,
    Step,
)
from vsbench.settings import Evaluation
from vsbench_envs import registry
from vsbench_envs.game import State
from vsbench_envs.replay import Playthrough, digest
from vsbench_envs.seeding import move_stream

if TYPE_CHECKING:
    from vsbench.evaluations.units import Journal
    from vsbench.players.vlm import VLMPlayer

EVALUATION: Evaluation = "decision"


@dataclass(frozen=True)
class EpisodePlan:
    """One episode to play."""

    env: str
    episode: int
    run_seed: int
    seed: int
    """Of the game."""
    seats: tuple[str, ...]
    """Player ids by seat."""
    measured: tuple[int, ...]
    """Seats whose play counts for the run's model."""

    @property
    def key(self) -> UnitKey:
        """The key of its journal."""
        return UnitKey(EVALUATION, self.env, self.episode)

    @property
    def opening(self) -> EpisodeOpened:
        """The journal's first line."""
        return EpisodeOpened(
            env=self.env,
            episode=self.episode,
            seed=self.seed,
            seats=self.seats,
            measured=self.measured,
        )

    @property
    def bots(self) -> dict[int, str]:
        """Seat -> the bot in it, ``name:option=value,...``; models are left out."""
        names = enumerate(map(bot_name, self.seats))
        return {seat: name for seat, name in names if name is not None}

    def bot_stream(self, step: int, seat: int) -> Random:
        """The random stream of a bot's move."""
        return move_stream(self.run_seed, self.env, self.episode, step, seat, "scripted")

    def question(self, state: State[Any], seat: int) -> DecisionQuestion:
        """The question to a model in a seat."""
        return DecisionQuestion.at(
            self.env, state, seat, number=self.episode, run_seed=self.run_seed
        )

    async def play(self, models: Mapping[str, VLMPlayer], journal: Journal) -> None:
        """Play the episode to its end; see :class:`vsbench.evaluations.units.Unit`."""
        recorded = RecordedLines.of(journal.past)
        if recorded.closed:
            return
        if not journal.past:
            journal.write(self.opening)
        episode = LiveEpisode(self, models, journal)
        episode.replay(recorded.steps)
        await episode.play(recorded)


@dataclass
class RecordedLines:
    """The lines of an unfinished episode's journal, sorted."""

    closed: bool = False
    steps: list[Step] = field(default_factory=list)
    calls: dict[tuple[int, int], list[Attempt | Fault]] = field(default_factory=dict)
    """By step and seat."""
    decided: set[tuple[int, int]] = field(default_factory=set)

    @classmethod
    def of(cls, records: Sequence[JournalRecord]) -> RecordedLines:
        """Sort a journal's lines."""
        recorded = cls()
        for record in records:
            match record:
                case EpisodeClosed():
                    recorded.closed = True
                case Step():
                    recorded.steps.append(record)
                case Attempt() | Fault():
                    recorded.calls.setdefault((record.step, record.seat), []).append(record)
                case Decision():
                    recorded.decided.add((record.step, record.seat))
        return recorded


class LiveEpisode:
    """An episode in progress: bots and models decide, and the journal records their moves."""

    def __init__(
        self, plan: EpisodePlan, models: Mapping[str, VLMPlayer], journal: Journal
    ) -> None:
        self._plan = plan
        self._models = models
        self._journal = journal
        self._bots = plan.bots
        self._game = game = registry.get(plan.env)
        self._playthrough = Playthrough(game, game.new(plan.seed), self._bots)

    def replay(self, steps: Sequence[Step]) -> None:
        """Repeat recorded joint moves.

        Raises:
            UsageError: a move leads to another state than was recorded.
        """
        for step in steps:
            self._apply(step.moves)
            if digest(self._playthrough.state) != step.digest:
                raise UsageError(
                    f"{self._journal.path}: step {step.step} leads to another state than was "
                    "recorded; was it written by another version? vsbench replay compares it"
                )

    async def play(self, recorded: RecordedLines) -> None:
        """Play to the end. Recorded calls and decisions of the current step are not repeated."""
        state, journal = self._playthrough.state, self._journal
        while state.acting:
            moves = await self._joint_move(recorded)
            self._apply(moves)
            journal.write(
                Step(step=state.step - 1, moves=moves, rewards=state.rewards, digest=digest(state))
            )
        journal.write(
            EpisodeClosed(returns=state.returns, length=state.step, events=dict(state.events))
        )

    def _apply(self, moves: Mapping[int, str]) -> None:
        ids = self._game.spec.ids
        self._playthrough.apply({seat: ids[label] for seat, label in moves.items()})

    async def _joint_move(self, recorded: RecordedLines) -> dict[int, str]:
        """Every acting seat's move, by label; the seats decide at the same time."""
        acting = self._playthrough.state.acting
        # Wait for all of them before an error counts: calls in progress are paid for.
        moves = await asyncio.gather(
            *(self._decide(seat, recorded) for seat in acting), return_exceptions=True
        )
        for move in moves:
            if isinstance(move, BaseException):
                raise move
        return {seat: str(move) for seat, move in zip(acting, moves, strict=True)}

    async def _decide(self, seat: int, recorded: RecordedLines) -> str:
        plan, state = self._plan, self._playthrough.state
        if seat in self._bots:
            bot = self._bots[seat]
            turn = self._playthrough.turn(seat, bot, plan.bot_stream(state.step, seat))
            return self._game.spec.actions[await decide(plan.env, bot, turn)]
        question = plan.question(state, seat)
        key = (state.step, seat)
        model = self._models[plan.seats[seat]]
        decision = await model.decide(question, recorded.calls.get(key, ()), self._journal.write)
        if key not in recorded.decided:
            self._journal.write(decision)
        return decision.action
