"""Checking one episode: everything but the replies follows from its seed and its moves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from vsbench.bots import decide
from vsbench.records.journal import EpisodeClosed, Step
from vsbench.replay.checks import first_difference
from vsbench.replay.decisions import check_decision
from vsbench.replay.differences import Finding, Place
from vsbench.replay.moments import Episode, Moment, SeatMoment
from vsbench.replay.prompts import PromptTally
from vsbench_envs.replay import BotSeat, digest
from vsbench_envs.seeding import move_stream


@dataclass
class EpisodeCheck:
    """An episode under examination, up to the first step that differs."""

    episode: Episode
    prompts: PromptTally | None
    """Where to enter how its prompts compare; None to leave them alone."""
    steps: int = 0
    """Joint moves that led where they were recorded to lead."""
    decisions: int = 0
    """Models' decisions that follow from their replies."""
    scripted: int = 0
    """Bots' moves that they decided on again."""

    async def run(self) -> Finding | None:
        """Examine it, and return the first thing that differs."""
        return await first_difference(Place(self.episode.key), self._follow())

    async def _follow(self) -> None:
        opened, opening = self.episode.transcript.opened, self.episode.plan.opening
        Place(self.episode.key).expect_line("opening", opened, opening)
        players = self.episode.scripted()
        for moment in self.episode.moments():
            for player in players.values():
                player.watch(moment.before)
            for seat in moment.seats:
                self._lines(seat)
            if moment.played is None:
                self._end(moment)
            else:
                await self._moves(moment, players)
                self._consequences(moment, moment.played)
                self.steps += 1

    def _lines(self, seat: SeatMoment) -> None:
        """What was asked and answered in a seat."""
        if seat.acting and seat.scripted is None:
            check_decision(seat, self.prompts)
            self.decisions += seat.decision is not None
        elif seat.lines:
            raise seat.place.differs("order", "a seat not asked", seat.lines[0].type, None)

    async def _moves(self, moment: Moment, players: Mapping[int, BotSeat]) -> None:
        """What bots decide on. Models' moves were checked with their replies."""
        for number, player in players.items():
            seat = moment.seats[number]
            if seat.acting:
                s = seat.situation
                luck = move_stream(s.run_seed, s.env, s.episode, s.step, s.seat, "scripted")
                action = await decide(s.env, player.written, player.turn(moment.before, luck))
                derived = self.episode.game.spec.actions[action]
                seat.place.expect("move", f"the move of {seat.player}", seat.move, derived)
                self.scripted += 1

    def _consequences(self, moment: Moment, played: Step) -> None:
        after, place = moment.after, moment.place
        place.expect("rewards", "the rewards", played.rewards, after.rewards)
        place.expect("state", "the state's fingerprint after it", played.digest, digest(after))

    def _end(self, moment: Moment) -> None:
        """The moment at which the record stops, be it the end or a break."""
        state, closed = moment.before, self.episode.transcript.closed
        if closed is None:
            return
        moment.place.expect("end", "who moves at the end", (), state.acting)
        derived = EpisodeClosed(returns=state.returns, length=state.step, events=dict(state.events))
        moment.place.expect_line("end", closed, derived)
