"""Recorded episodes, reconstructed moment by moment: percepts, prompts, replies and moves."""

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
from vsbench.reconstruction.exchanges import AskedQuestion, Exchange, recorded_prompts
from vsbench.reconstruction.findings import Location, MismatchError
from vsbench.reconstruction.transcript import EpisodeTranscript, RecordedStep, SeatLine
from vsbench.records.files import UnitKey, open_run
from vsbench.records.journal import Attempt, Decision, Fault, Step
from vsbench.records.journals import open_journal
from vsbench.records.manifest import Manifest
from vsbench_envs import registry
from vsbench_envs.errors import IllegalMoveError
from vsbench_envs.game import Game, Percept, State, Turn
from vsbench_envs.pictures import pngs
from vsbench_envs.replay import Playthrough


@dataclass(frozen=True)
class Episode:
    """A recorded episode with what is needed to replay it."""

    plan: EpisodePlan
    game: Game[Any]
    pack: PromptPack
    manifest: Manifest
    transcript: EpisodeTranscript

    @property
    def key(self) -> UnitKey:
        """The key of the episode."""
        return self.transcript.key

    def moments(self, watched: Iterable[int] = ()) -> Iterator[Moment]:
        """Yield a moment for each joint move, and one for where the record ends.

        Args:
            watched: seats in whose place bots are to decide; see :meth:`Moment.turn`.

        Raises:
            MismatchError: a recorded move cannot be played.
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
    """A joint move, or the end of the record: the state before it, the seats, the state after."""

    episode: Episode = field(repr=False)
    before: State[Any] = field(repr=False)
    """Do not change it; ``copy`` it to play on from here."""
    recorded: RecordedStep
    _playthrough: Playthrough = field(repr=False)

    @property
    def location(self) -> Location:
        """The location in the run, for findings."""
        return Location(self.episode.key, self.step)

    @property
    def step(self) -> int:
        """Number of joint moves before this one."""
        return self.before.step

    @property
    def played(self) -> Step | None:
        """The recorded joint move; None where the record ends."""
        return self.recorded.played

    def turn(self, seat: int, written: str) -> Turn[Any]:
        """The turn of a bot in a watched seat. Only valid until the next moment."""
        stream = self.episode.plan.bot_stream(self.step, seat)
        return self._playthrough.turn(seat, written, stream)

    @cached_property
    def seats(self) -> tuple[SeatMoment, ...]:
        """All seats, acting or not."""
        return tuple(SeatMoment(self, seat) for seat in range(self.before.seats))

    @cached_property
    def after(self) -> State[Any]:
        """The state after the recorded joint move.

        Raises:
            MismatchError: there is none, or it is not legal.
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
            raise self.location.mismatch("move", "the joint move", moves, str(error)) from None
        return state


@dataclass(frozen=True)
class SeatMoment:
    """One seat at one moment."""

    moment: Moment = field(repr=False)
    seat: int

    @property
    def location(self) -> Location:
        """The location in the run, for findings."""
        return Location(self.moment.episode.key, self.moment.step, self.seat)

    @property
    def player(self) -> str:
        """The full id of the player in this seat."""
        return self.moment.episode.plan.seats[self.seat]

    @property
    def bot(self) -> str | None:
        """The bot in this seat, ``name:option=value,...``; None for a model."""
        return bot_name(self.player)

    @property
    def acting(self) -> bool:
        """Whether the seat is to move."""
        return self.seat in self.moment.before.acting

    @cached_property
    def percept(self) -> Percept:
        """The seat's percept."""
        percept: Percept = self.moment.before.percept(self.seat)
        return percept

    @property
    def pictures(self) -> tuple[bytes, ...]:
        """The percept as PNGs, oldest first."""
        return pngs(self.moment.episode.game.spec.id, self.percept)

    @property
    def text(self) -> str:
        """The percept in words."""
        return self.moment.episode.game.view.describe(self.percept)

    @cached_property
    def legal(self) -> tuple[str, ...]:
        """Labels of its legal actions; empty if it is not to move."""
        spec = self.moment.episode.game.spec
        return spec.labels(self.moment.before.legal_actions(self.seat))

    @property
    def move(self) -> str | None:
        """The label of the recorded move."""
        return self.moment.played.moves.get(self.seat) if self.moment.played else None

    @property
    def lines(self) -> Sequence[SeatLine]:
        """Its journal lines, in order."""
        return self.moment.recorded.lines.get(self.seat, ())

    @property
    def attempts(self) -> list[Attempt]:
        """The replies."""
        return [line for line in self.lines if isinstance(line, Attempt)]

    @property
    def faults(self) -> list[Fault]:
        """Calls without a reply."""
        return [line for line in self.lines if isinstance(line, Fault)]

    @property
    def decision(self) -> Decision | None:
        """The recorded decision of a model's seat."""
        return next((line for line in self.lines if isinstance(line, Decision)), None)

    @cached_property
    def question(self) -> DecisionQuestion:
        """The question for a model in this seat."""
        return self.moment.episode.plan.question(self.moment.before, self.seat)

    @property
    def asked_question(self) -> AskedQuestion:
        """The question as the run asks it."""
        episode = self.moment.episode
        return AskedQuestion(self.question, self.player, episode.pack, episode.manifest)

    def exchanges(self) -> Iterator[Exchange]:
        """Pair each reply with its prompt, rendered again.

        Raises:
            PromptError: a template does not render.
        """
        return self.asked_question.exchanges(self.attempts)


EPISODE_NUMBER = re.compile(r"[0-9]{1,9}")


def parse_unit_key(manifest: Manifest, written: str) -> UnitKey:
    """Parse the key of an episode or a sample.

    ``kuhn_poker/3`` is an episode, also ``3`` if the run has one game; ``reasoning/kuhn_poker/3``
    is a sample.

    Raises:
        UsageError: the run has no such episode or sample.
    """
    place, slash, number = written.strip().rpartition("/")
    head, _, env = place.rpartition("/")
    evaluation = next((each for each in manifest.evaluations if each == head), EVALUATION)
    if not slash and len(manifest.environments) == 1:
        env = manifest.environments[0].env
    known = {plan.env: plan.numbers(evaluation) for plan in manifest.environments}
    if (
        head not in ("", evaluation)
        or env not in known
        or not EPISODE_NUMBER.fullmatch(number)
        or int(number) not in known[env]
    ):
        kind, prefix = ("episode", "") if evaluation == EVALUATION else ("sample", f"{head}/")
        listed = ", ".join(
            f"{prefix}{env}/{numbers[0]} to {prefix}{env}/{numbers[-1]}"
            for env, numbers in known.items()
            if numbers
        )
        raise UsageError(f"this run has no {kind} {written!r}; it has {listed or 'none'}")
    return UnitKey(evaluation, env, int(number))


def open_episode(directory: str | Path, key: UnitKey, *, trust_prompts: bool = False) -> Episode:
    """Open a recorded episode. It may be unfinished.

    Prompts that changed since the run began are left out, and so are those of an unknown pack that
    is not trusted; see :func:`vsbench.verification.run.verify`.

    Raises:
        UsageError: it has not begun, or its journal is damaged.
        UnknownNameError, MissingExtraError: its game is not installed.
    """
    directory = Path(directory)
    manifest = open_run(directory)
    plan = next((plan for plan in manifest.environments if plan.env == key.env), None)
    if plan is None or not key.path(directory).exists():
        raise UsageError(f"{directory} has no journal of {key.env}/{key.number}")
    try:
        transcript = EpisodeTranscript.parse(key, open_journal(directory, key).records)
    except MismatchError as error:
        raise UsageError(f"{key.path(directory)} is not in order: {error}") from None
    if transcript is None:
        raise UsageError(f"{key.env}/{key.number} has not begun")
    return Episode(
        manifest=manifest,
        plan=episode_plan(manifest, plan, key.number),
        game=registry.get(key.env),
        pack=recorded_prompts(directory, manifest, trust_prompts)[0],
        transcript=transcript,
    )
