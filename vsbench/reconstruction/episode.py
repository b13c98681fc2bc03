"""Reconstruct an episode from its journal, moment by moment."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from vsbench.bots import bot_name
from vsbench.errors import UsageError
from vsbench.evaluations.decision_making import EVALUATION, EpisodePlan
from vsbench.planning.units import episode_plan
from vsbench.players.questions import DecisionQuestion
from vsbench.prompts import PromptPack
from vsbench.reconstruction.exchanges import Asked, BlankPack, Exchange, recorded_prompts
from vsbench.reconstruction.findings import DiffersError, Place
from vsbench.reconstruction.transcript import RecordedStep, SeatLine, Transcript
from vsbench.records.files import UnitKey, open_run
from vsbench.records.journal import Attempt, Decision, Fault, Step
from vsbench.records.journals import journal_of
from vsbench.records.manifest import Manifest
from vsbench_envs import registry
from vsbench_envs.errors import IllegalMoveError
from vsbench_envs.game import Game, Percept, State, Turn
from vsbench_envs.pictures import pngs
from vsbench_envs.replay import Playthrough


@dataclass(frozen=True)
class Episode:
    """A recorded episode and what is needed to play it again."""

    plan: EpisodePlan
    game: Game[Any]
    pack: PromptPack
    manifest: Manifest
    transcript: Transcript

    @property
    def key(self) -> UnitKey:
        """Which episode it is."""
        return self.transcript.key

    def moments(self, watched: Iterable[int] = ()) -> Iterator[Moment]:
        """Yield a moment for each joint move, and one for where the record ends.

        Args:
            watched: seats in whose place bots are to decide; see :meth:`Moment.turn`.

        Raises:
            DiffersError: a recorded move cannot be played.
        """
        start = self.game.new(self.transcript.opened.seed)
        playthrough = Playthrough(self.game, start, watched)
        for recorded in self.transcript.steps:
            moment = Moment(self, playthrough.state, recorded, playthrough)
            yield moment
            if recorded.played is None:
                return
            playthrough.move_to(moment.after)
        end = playthrough.state
        yield Moment(self, end, RecordedStep(end.step), playthrough)


@dataclass(frozen=True)
class Moment:
    """A joint move: the state before it, what the seats did, and what came of it."""

    episode: Episode = field(repr=False)
    before: State[Any] = field(repr=False)
    """Not to be changed; ``copy`` it to go on from here."""
    recorded: RecordedStep
    _playthrough: Playthrough = field(repr=False)

    @property
    def place(self) -> Place:
        """Where it is in the run."""
        return Place(self.episode.key, self.step)

    @property
    def step(self) -> int:
        """Joint moves played before this one."""
        return self.before.step

    @property
    def played(self) -> Step | None:
        """The recorded joint move; None at the moment that the record ends with."""
        return self.recorded.played

    def turn(self, seat: int, written: str) -> Turn[Any]:
        """The turn of a bot in a watched seat. Only valid until the next moment."""
        stream = self.episode.plan.bot_stream(self.step, seat)
        return self._playthrough.turn(seat, written, stream)

    @cached_property
    def seats(self) -> tuple[SeatMoment, ...]:
        """Every seat, acting or not."""
        return tuple(SeatMoment(self, seat) for seat in range(self.before.seats))

    @cached_property
    def after(self) -> State[Any]:
        """The state that the recorded joint move leads to.

        Raises:
            DiffersError: nothing was played, or what cannot be.
        """
        moves: Mapping[int, str] = self.played.moves if self.played else {}
        ids = self.episode.game.spec.ids
        state = self.before.copy()
        try:
            unknown = [label for label in moves.values() if label not in ids]
            if unknown:
                raise IllegalMoveError(f"the game has no action {unknown[0]!r}")
            state.apply({seat: ids[label] for seat, label in moves.items()})
        except IllegalMoveError as error:
            raise self.place.differs("move", "the joint move", moves, str(error)) from None
        return state


@dataclass(frozen=True)
class SeatMoment:
    """One seat at one moment."""

    moment: Moment = field(repr=False)
    seat: int

    @property
    def place(self) -> Place:
        """Where it is in the run."""
        return Place(self.moment.episode.key, self.moment.step, self.seat)

    @property
    def player(self) -> str:
        """The full id of who sits here."""
        return self.moment.episode.plan.seats[self.seat]

    @property
    def scripted(self) -> str | None:
        """The bot who sits here; None for a model."""
        return bot_name(self.player)

    @property
    def acting(self) -> bool:
        """Whether the seat chooses at this moment."""
        return self.seat in self.moment.before.acting

    @cached_property
    def percept(self) -> Percept:
        """What the seat may know."""
        percept: Percept = self.moment.before.percept(self.seat)
        return percept

    @property
    def pictures(self) -> tuple[bytes, ...]:
        """What it sees: PNGs, oldest first."""
        return pngs(self.moment.episode.game.spec.id, self.percept)

    @property
    def told(self) -> str:
        """The same in words."""
        return self.moment.episode.game.view.describe(self.percept)

    @cached_property
    def legal(self) -> tuple[str, ...]:
        """The labels of its legal actions; empty if it does not act."""
        spec = self.moment.episode.game.spec
        return spec.labels(self.moment.before.legal_actions(self.seat))

    @property
    def move(self) -> str | None:
        """The label that was played."""
        return self.moment.played.moves.get(self.seat) if self.moment.played else None

    @property
    def lines(self) -> Sequence[SeatLine]:
        """The journal's lines about it, in order."""
        return self.moment.recorded.lines.get(self.seat, ())

    @property
    def attempts(self) -> list[Attempt]:
        """Replies that came."""
        return [line for line in self.lines if isinstance(line, Attempt)]

    @property
    def faults(self) -> list[Fault]:
        """Calls that brought none."""
        return [line for line in self.lines if isinstance(line, Fault)]

    @property
    def decision(self) -> Decision | None:
        """What a model's seat settled on."""
        return next((line for line in self.lines if isinstance(line, Decision)), None)

    @cached_property
    def situation(self) -> DecisionQuestion:
        """What a model in this seat is asked about."""
        episode = self.moment.episode
        return episode.plan.question(episode.game, self.moment.before, self.seat)

    @property
    def asked(self) -> Asked:
        """The question that a model in this seat answers."""
        episode = self.moment.episode
        return Asked(self.situation, self.player, episode.pack, episode.manifest)

    def exchanges(self) -> Iterator[Exchange]:
        """What was asked before each reply, rendered again.

        Raises:
            PromptError: a template does not render.
        """
        return self.asked.exchanges(self.attempts)


NUMBER = re.compile(r"[0-9]{1,9}")


def episode_key(manifest: Manifest, written: str) -> UnitKey:
    """The episode that a person names: ``kuhn_poker/3``, or ``3`` where a run has one game.

    Raises:
        UsageError: the run has no such episode.
    """
    env, slash, number = written.strip().rpartition("/")
    plans = {plan.env: plan.episodes for plan in manifest.environments}
    if not slash and len(plans) == 1:
        env = next(iter(plans))
    if env not in plans or not NUMBER.fullmatch(number) or int(number) >= plans[env]:
        known = ", ".join(f"{env}/0 to {env}/{count - 1}" for env, count in plans.items())
        raise UsageError(f"this run has no episode {written!r}; it has {known}")
    return UnitKey(EVALUATION, env, int(number))


def open_episode(directory: str | Path, key: UnitKey, *, trust_prompts: bool = False) -> Episode:
    """An episode with everything that is recorded of it. It may be unfinished.

    Prompts that were changed since the run began are left out, and so are those of an unknown pack
    that is not trusted; see :func:`vsbench.verification.run.verify`.

    Raises:
        UsageError: it has not begun, or its journal is damaged.
        UnknownNameError, MissingExtraError: its game is not installed here.
    """
    directory = Path(directory)
    manifest = open_run(directory)
    plan = next((plan for plan in manifest.environments if plan.env == key.env), None)
    if plan is None or not key.path(directory).exists():
        raise UsageError(f"{directory} has no journal of {key.env}/{key.number}")
    try:
        transcript = Transcript.of(key, journal_of(directory, key).records)
    except DiffersError as error:
        raise UsageError(f"{key.path(directory)} makes no sense: {error}") from None
    if transcript is None:
        raise UsageError(f"{key.env}/{key.number} has not begun")
    return Episode(
        manifest=manifest,
        plan=episode_plan(manifest, plan, key.number),
        game=registry.get(key.env),
        pack=recorded_prompts(directory, manifest, trust_prompts)[0] or BlankPack(),
        transcript=transcript,
    )
