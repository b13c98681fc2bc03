"""Decision-making: whole episodes, every seat a player, the return what counts."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from vsbench.bots import bot_name
from vsbench.bots import decide as bot_decide
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
from vsbench_envs.game import Game, State
from vsbench_envs.replay import BotSeat, digest
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
    """The seats whose play counts for the run's model."""

    @property
    def key(self) -> UnitKey:
        """Names its journal."""
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

    async def play(self, models: Mapping[str, VLMPlayer], journal: Journal) -> None:
        """Play the episode to its end; see :class:`vsbench.evaluations.units.Unit`."""
        await play(self, models, journal)


async def play(plan: EpisodePlan, models: Mapping[str, VLMPlayer], journal: Journal) -> None:
    """Play an episode to its end, from wherever its journal stands."""
    game, opening = registry.get(plan.env), plan.opening
    past = Past.of(journal.past)
    if past.closed:
        return
    if not journal.past:
        journal.write(opening)
    state = game.new(opening.seed)
    table = Table(plan, game, models, journal)
    for step in past.steps:
        table.watch(state)
        state.apply({seat: game.spec.ids[label] for seat, label in step.moves.items()})
        if digest(state) != step.digest:
            raise UsageError(
                f"{journal.path}: step {step.step} leads elsewhere than was recorded; "
                "vsbench replay says more. Was it written by another version?"
            )
    while state.acting:
        moves = await table.joint_move(state, past)
        state.apply({seat: game.spec.ids[label] for seat, label in moves.items()})
        journal.write(
            Step(step=state.step - 1, moves=moves, rewards=state.rewards, digest=digest(state))
        )
    journal.write(
        EpisodeClosed(returns=state.returns, length=state.step, events=dict(state.events))
    )


@dataclass
class Past:
    """What a journal already holds of its episode."""

    closed: bool = False
    steps: list[Step] = field(default_factory=list)
    calls: dict[tuple[int, int], list[Attempt | Fault]] = field(default_factory=dict)
    """By step and seat."""
    decided: set[tuple[int, int]] = field(default_factory=set)

    @classmethod
    def of(cls, records: Sequence[JournalRecord]) -> Past:
        """Sort a journal's lines."""
        past = cls()
        for record in records:
            match record:
                case EpisodeClosed():
                    past.closed = True
                case Step():
                    past.steps.append(record)
                case Attempt() | Fault():
                    past.calls.setdefault((record.step, record.seat), []).append(record)
                case Decision():
                    past.decided.add((record.step, record.seat))
        return past


class Table:
    """The players at their seats."""

    def __init__(
        self,
        plan: EpisodePlan,
        game: Game[Any],
        models: Mapping[str, VLMPlayer],
        journal: Journal,
    ) -> None:
        self._plan = plan
        self._game = game
        self._models = models
        self._journal = journal
        self._scripted = {
            seat: BotSeat(game, seat, written)
            for seat, player in enumerate(plan.seats)
            if (written := bot_name(player)) is not None
        }

    def watch(self, state: State[Any]) -> None:
        """Let bots that remember see what they see now."""
        for seat in self._scripted.values():
            seat.watch(state)

    async def joint_move(self, state: State[Any], past: Past) -> dict[int, str]:
        """Every acting seat's move, by label; the seats decide at the same time."""
        self.watch(state)
        # All are heard out before an error counts: a call under way is paid for.
        moves = await asyncio.gather(
            *(self._decide(state, seat, past) for seat in state.acting), return_exceptions=True
        )
        for move in moves:
            if isinstance(move, BaseException):
                raise move
        return {seat: str(move) for seat, move in zip(state.acting, moves, strict=True)}

    async def _decide(self, state: State[Any], seat: int, past: Past) -> str:
        plan, spec = self._plan, self._game.spec
        if seat in self._scripted:
            player = self._scripted[seat]
            luck = move_stream(plan.run_seed, plan.env, plan.episode, state.step, seat, "scripted")
            turn = player.turn(state, luck)
            return spec.actions[await bot_decide(plan.env, player.written, turn)]
        situation = DecisionQuestion(
            env=plan.env,
            episode=plan.episode,
            run_seed=plan.run_seed,
            step=state.step,
            seat=seat,
            percept=state.percept(seat),
            legal=spec.labels(state.legal_actions(seat)),
        )
        key = (state.step, seat)
        model = self._models[plan.seats[seat]]
        decision = await model.decide(situation, past.calls.get(key, ()), self._journal.write)
        if key not in past.decided:
            self._journal.write(decision)
        return decision.action
