"""The decisions of a run that are worth looking at: what a model got wrong, and where."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict

from vsbench.analyses.reasons import settled_on
from vsbench.analyses.values import Choice, loss, measure_of
from vsbench.errors import UsageError
from vsbench.printable import printable
from vsbench.reconstruction.episode import Episode, Moment, SeatMoment, open_episode
from vsbench.reconstruction.findings import DiffersError
from vsbench.records.files import UnitKey, open_run
from vsbench.records.journal import Attempt, Decision, Outcome
from vsbench_envs import registry
from vsbench_envs.replay import BotSeat
from vsbench_envs.seeding import move_stream

Kind = Literal["illegal", "unparsable", "refused", "truncated", "blunder", "contradiction"]
"""An outcome other than ``ok``; a choice far from the oracle's; reasoning that settles on another
action than was taken."""

KINDS: tuple[Kind, ...] = get_args(Kind)

EXCERPT = 240
"""Characters of a reply that are shown."""

Progress = Callable[[int, int], None]
"""Told after each episode: how many are done, and of how many."""


class Failure(BaseModel):
    """A decision worth looking at."""

    model_config = ConfigDict(frozen=True)

    kind: Kind
    env: str
    episode: int
    step: int
    seat: int
    role: str
    taken: str
    """What was played; a random legal move where the answer could not be."""
    named: str | None = None
    """What the answer, or the reasoning, named instead."""
    oracle: str | None = None
    """What the game's oracle would have done."""
    loss: float | None = None
    """What the choice costs, where the game has values."""
    unit: str | None = None
    excerpt: str
    """Of the reply, on one line."""
    command: str
    """Writes the replay of its episode."""
    page: str
    """The replay, opened at the step."""


class Failures(BaseModel):
    """What was found in a run."""

    model_config = ConfigDict(frozen=True)

    directory: str
    model: str
    episodes: int
    """That were looked at."""
    decisions: int
    """That the model made in them."""
    found: tuple[Failure, ...]
    """The worst of each kind first."""


def find_failures(
    directory: Path,
    envs: Collection[str] = (),
    kinds: Collection[Kind] = KINDS,
    progress: Progress = lambda done, total: None,
) -> Failures:
    """Look for failures in the episodes of a run, as far as it has come.

    Args:
        directory: of the run.
        envs: environments to look at; all if empty.
        kinds: what to look for.
        progress: called after each episode.

    Raises:
        UsageError: there is no run, or none of these environments in it, or a journal is damaged.
        MissingExtraError: a game needs what is not installed here.
    """
    manifest = open_run(directory)
    planned = {plan.env: plan.episodes for plan in manifest.environments if plan.episodes}
    if strangers := set(envs) - set(planned):
        raise UsageError(
            f"{directory} has no episodes of {', '.join(sorted(strangers))}; "
            f"it has {', '.join(planned) or 'none at all'}"
        )
    keys = [
        key
        for env, count in planned.items()
        if not envs or env in envs
        for number in range(count)
        if (key := UnitKey("decision", env, number)).path(directory).is_file()
    ]
    found: list[tuple[float, Failure]] = []
    decisions = 0
    for done, key in enumerate(keys, 1):
        examined = _Examination(directory, key, kinds)
        found += examined.failures()
        decisions += examined.decisions
        progress(done, len(keys))
    found.sort(key=lambda pair: (KINDS.index(pair[1].kind), -pair[0]))
    return Failures(
        directory=str(directory),
        model=manifest.model,
        episodes=len(keys),
        decisions=decisions,
        found=tuple(failure for _, failure in found),
    )


class _Examination:
    """One episode, looked through step by step."""

    def __init__(self, directory: Path, key: UnitKey, kinds: Collection[Kind]) -> None:
        self._directory = directory
        self._key = key
        self._kinds = kinds
        self.decisions = 0

    def failures(self) -> Iterator[tuple[float, Failure]]:
        """What was found, and how bad each is among its kind."""
        episode = open_episode(self._directory, self._key)
        try:
            yield from self._of_moments(episode)
        except DiffersError as error:
            raise UsageError(f"the episode cannot be played again: {error}") from None
        finally:
            episode.pack.close()

    def _of_moments(self, episode: Episode) -> Iterator[tuple[float, Failure]]:
        spec = episode.game.spec
        oracles = {
            seat: BotSeat(episode.game, seat, spec.oracle)
            for seat in episode.transcript.opened.measured
        }
        for moment in episode.moments():
            for oracle in oracles.values():
                oracle.watch(moment.before)
            if moment.played is None:
                return
            for seat, oracle in oracles.items():
                sitting = moment.seats[seat]
                if sitting.decision is not None:
                    # A joint move that cannot be played is found out before it is valued.
                    _ = moment.after
                    sitting.place.expect("move", "the move", sitting.move, sitting.decision.action)
                    self.decisions += 1
                    yield from self._of_decision(sitting, sitting.decision, oracle)

    def _of_decision(
        self, sitting: SeatMoment, decision: Decision, oracle: BotSeat
    ) -> Iterator[tuple[float, Failure]]:
        last = sitting.attempts[-1] if sitting.attempts else None
        if decision.outcome != "ok":
            kind = _kind(decision.outcome)
            if kind in self._kinds:
                named = last.answer if last else None
                choice = _choice(sitting, decision, oracle)
                yield 0.0, self._failure(kind, sitting, decision, choice, last, named=named)
            return
        if "contradiction" in self._kinds and last is not None:
            spec = sitting.moment.episode.game.spec
            settled = settled_on(last, spec.actions)
            if settled is not None and settled[0] != decision.action:
                named, sentence = settled
                choice = _choice(sitting, decision, oracle)
                yield (
                    0.0,
                    self._failure(
                        "contradiction", sitting, decision, choice, last, named, sentence
                    ),
                )
        if "blunder" in self._kinds:
            yield from self._blunder(sitting, decision, oracle, last)

    def _blunder(
        self,
        sitting: SeatMoment,
        decision: Decision,
        oracle: BotSeat,
        last: Attempt | None,
    ) -> Iterator[tuple[float, Failure]]:
        choice = _choice(sitting, decision, oracle)
        if choice.oracle == choice.taken:
            return
        measure = measure_of(self._key.env)
        if measure is None:
            yield 0.0, self._failure("blunder", sitting, decision, choice, last)
            return
        lost, best = loss(measure, choice)
        if lost >= measure.blunder:
            failure = self._failure("blunder", sitting, decision, choice, last)
            yield (
                lost / measure.blunder,
                failure.model_copy(
                    update={
                        "oracle": choice.game.spec.actions[best],
                        "loss": round(lost, 3),
                        "unit": measure.unit,
                    }
                ),
            )

    def _failure(
        self,
        kind: Kind,
        sitting: SeatMoment,
        decision: Decision,
        choice: Choice,
        last: Attempt | None,
        named: str | None = None,
        sentence: str = "",
    ) -> Failure:
        key, spec = self._key, choice.game.spec
        page = key.replay(self._directory)
        parts = ["vsbench", "replay", str(self._directory), "--html", f"{key.env}/{key.number}"]
        return Failure(
            kind=kind,
            env=key.env,
            episode=key.number,
            step=decision.step,
            seat=decision.seat,
            role=spec.roles[decision.seat],
            taken=decision.action,
            named=None if named is None else printable(named),
            oracle=spec.actions[choice.oracle],
            excerpt=excerpt(sentence or (last.reply if last else "")),
            command=shlex.join([*parts, "--to", str(page)]),
            page=f"{page}#step={decision.step}",
        )


def excerpt(reply: str) -> str:
    """A reply on one line: all of it, or its end, where answers stand."""
    line = " ".join(printable(reply.replace("\n", " ")).split())
    return line if len(line) <= EXCERPT else f"…{line[1 - EXCERPT :]}"


def _kind(outcome: Outcome) -> Kind:
    assert outcome != "ok"
    return outcome


def _choice(sitting: SeatMoment, decision: Decision, oracle: BotSeat) -> Choice:
    """A decision beside what the oracle would do, which is found out here."""
    moment: Moment = sitting.moment
    game, plan = moment.episode.game, moment.episode.plan
    assert moment.played is not None
    luck = move_stream(plan.run_seed, plan.env, plan.episode, moment.step, sitting.seat, "scripted")
    turn = oracle.turn(moment.before, luck)
    player, options = registry.bot(game, game.spec.oracle)
    return Choice(
        game=game,
        before=moment.before,
        turn=turn,
        seat=sitting.seat,
        taken=game.spec.ids[decision.action],
        oracle=player.decide(turn, **options),
        joint={seat: game.spec.ids[label] for seat, label in moment.played.moves.items()},
    )


def summary(failures: Sequence[Failure]) -> dict[str, dict[str, int]]:
    """How many there are: environment -> kind -> count."""
    counts: dict[str, dict[str, int]] = {}
    for failure in failures:
        by_kind = counts.setdefault(failure.env, dict.fromkeys(KINDS, 0))
        by_kind[failure.kind] += 1
    return counts
