"""Failure cases of a run: invalid answers, blunders, and contradictions of the reasoning."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict

from vsbench.analyses.values import Choice, loss, measure_of
from vsbench.answers.labels import TAKEN_BACK, actions_in
from vsbench.answers.objects import find_objects
from vsbench.answers.thinking import take_off_thinking
from vsbench.errors import UsageError
from vsbench.printable import printable
from vsbench.reconstruction.episode import Episode, Moment, SeatMoment, open_episode
from vsbench.reconstruction.findings import MismatchError
from vsbench.records.files import UnitKey, open_run
from vsbench.records.journal import Attempt, Decision, Outcome
from vsbench_envs import registry

Kind = Literal["illegal", "unparsable", "refused", "truncated", "blunder", "contradiction"]
"""An outcome other than ``ok``, an action far worse than the best, or an action other than the one
that the reasoning settles on."""

KINDS: tuple[Kind, ...] = get_args(Kind)

EXCERPT = 240
"""Characters of a reply in an excerpt."""

Progress = Callable[[int, int], None]
"""Called after each episode with the numbers of episodes done and in total."""


class Failure(BaseModel):
    """A failure case: one decision."""

    model_config = ConfigDict(frozen=True)

    kind: Kind
    env: str
    episode: int
    step: int
    seat: int
    role: str
    taken: str
    """The action played; for invalid answers a random legal one."""
    named: str | None = None
    """The action that the answer or the reasoning named instead."""
    oracle: str | None = None
    """The action of the game's oracle; for losses, the best action valued."""
    loss: float | None = None
    """Loss of a blunder, where the game has values."""
    unit: str | None = None
    excerpt: str
    """Part of the reply, on one line."""
    command: str
    """Command that writes the replay of the episode."""
    page: str
    """Path of the replay, with the step as fragment."""


class Failures(BaseModel):
    """The failure cases of a run."""

    model_config = ConfigDict(frozen=True)

    directory: str
    model: str
    episodes: int
    """Episodes searched."""
    decisions: int
    """Decisions of the model in these episodes."""
    found: tuple[Failure, ...]
    """By kind, the worst first."""


def find_failures(
    directory: Path,
    envs: Collection[str] = (),
    kinds: Collection[Kind] = KINDS,
    progress: Progress = lambda done, total: None,
) -> Failures:
    """Search the recorded episodes of a run for failure cases.

    Args:
        directory: The run's directory.
        envs: Environments to search; all if empty.
        kinds: Kinds of failures to search for.
        progress: Called after each episode.

    Raises:
        UsageError: There is no run, it does not have these environments, or a journal is damaged.
        MissingExtraError: A game needs an extra that is not installed.
    """
    manifest = open_run(directory)
    planned = {plan.env: plan.episodes for plan in manifest.environments if plan.episodes}
    if unknown := set(envs) - set(planned):
        raise UsageError(
            f"{directory} has no episodes of {', '.join(sorted(unknown))}; "
            f"it has {', '.join(planned) or 'none'}"
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
        search = _EpisodeSearch(directory, key, kinds)
        found += search.failures()
        decisions += search.decisions
        progress(done, len(keys))
    found.sort(key=lambda pair: (KINDS.index(pair[1].kind), -pair[0]))
    return Failures(
        directory=str(directory),
        model=manifest.model,
        episodes=len(keys),
        decisions=decisions,
        found=tuple(failure for _, failure in found),
    )


class _EpisodeSearch:
    """Search of one episode, step by step."""

    def __init__(self, directory: Path, key: UnitKey, kinds: Collection[Kind]) -> None:
        self._directory = directory
        self._key = key
        self._kinds = kinds
        self.decisions = 0

    def failures(self) -> Iterator[tuple[float, Failure]]:
        """Failures of the episode, each with its severity among its kind."""
        episode = open_episode(self._directory, self._key)
        try:
            yield from self._of_moments(episode)
        except MismatchError as error:
            raise UsageError(f"the episode cannot be reconstructed: {error}") from None
        finally:
            episode.pack.close()

    def _of_moments(self, episode: Episode) -> Iterator[tuple[float, Failure]]:
        measured = episode.transcript.opened.measured
        for moment in episode.moments(watched=measured):
            if moment.played is None:
                return
            for seat in measured:
                seat_moment = moment.seats[seat]
                if seat_moment.decision is not None:
                    # Raises for a joint move that cannot be played, before it is valued.
                    _ = moment.after
                    seat_moment.location.expect(
                        "move", "the move", seat_moment.move, seat_moment.decision.action
                    )
                    self.decisions += 1
                    yield from self._of_decision(seat_moment, seat_moment.decision)

    def _of_decision(
        self, seat_moment: SeatMoment, decision: Decision
    ) -> Iterator[tuple[float, Failure]]:
        last = seat_moment.attempts[-1] if seat_moment.attempts else None
        if decision.outcome != "ok":
            kind = _kind(decision.outcome)
            if kind in self._kinds:
                named = last.answer if last else None
                choice = _choice(seat_moment, decision)
                yield 0.0, self._failure(kind, seat_moment, decision, choice, last, named=named)
            return
        if "contradiction" in self._kinds and last is not None:
            spec = seat_moment.moment.episode.game.spec
            settled = settled_on(last, spec.actions)
            if settled is not None and settled[0] != decision.action:
                named, sentence = settled
                choice = _choice(seat_moment, decision)
                yield (
                    0.0,
                    self._failure(
                        "contradiction", seat_moment, decision, choice, last, named, sentence
                    ),
                )
        if "blunder" in self._kinds:
            yield from self._blunder(seat_moment, decision, last)

    def _blunder(
        self,
        seat_moment: SeatMoment,
        decision: Decision,
        last: Attempt | None,
    ) -> Iterator[tuple[float, Failure]]:
        choice = _choice(seat_moment, decision)
        if choice.oracle == choice.taken:
            return
        measure = measure_of(self._key.env)
        if measure is None:
            yield 0.0, self._failure("blunder", seat_moment, decision, choice, last)
            return
        lost, best = loss(measure, choice)
        if lost >= measure.blunder:
            failure = self._failure("blunder", seat_moment, decision, choice, last)
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
        seat_moment: SeatMoment,
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
    """A reply on one line: all of it, or its end, where the answer is."""
    line = " ".join(printable(reply.replace("\n", " ")).split())
    return line if len(line) <= EXCERPT else f"…{line[1 - EXCERPT :]}"


def _kind(outcome: Outcome) -> Kind:
    assert outcome != "ok"
    return outcome


def _choice(seat_moment: SeatMoment, decision: Decision) -> Choice:
    """A decision with the action that the oracle would take in its place."""
    moment: Moment = seat_moment.moment
    game = moment.episode.game
    assert moment.played is not None
    turn = moment.turn(seat_moment.seat, game.spec.oracle)
    player, options = registry.bot(game, game.spec.oracle)
    return Choice(
        game=game,
        before=moment.before,
        turn=turn,
        seat=seat_moment.seat,
        taken=game.spec.ids[decision.action],
        oracle=player.decide(turn, **options),
        joint={seat: game.spec.ids[label] for seat, label in moment.played.moves.items()},
    )


def summary(failures: Sequence[Failure]) -> dict[str, dict[str, int]]:
    """Number of failures: environment -> kind -> count."""
    counts: dict[str, dict[str, int]] = {}
    for failure in failures:
        by_kind = counts.setdefault(failure.env, dict.fromkeys(KINDS, 0))
        by_kind[failure.kind] += 1
    return counts


RESOLVE = re.compile(
    r"\b(?:will|shall|should|must|i'll|i’ll|let's|let’s|going to|choose|choosing|chose|decide\w*"
    r"|pick|best|therefore|thus|hence|so|conclusion|final|answer|action|move is|optimal)\b",
    re.IGNORECASE,
)
"""Words of a sentence that settles on an action."""

_SENTENCE = re.compile(r"(?<=[.!?;])\s+|\n+")
_OPENER = re.compile(
    r"^(?:(?:no|wait|but|actually|instead|rather|hmm|ok(?:ay)?)\b[\s,.:;—–-]*)+", re.IGNORECASE
)
"""Words that open a new thought; they take back what came before, not what follows."""

_DECORATION = re.compile(r"[*_`]+")


def settled_on(attempt: Attempt, actions: tuple[str, ...]) -> tuple[str, str] | None:
    """The action that the reasoning of a reply settles on last, and the sentence that does.

    The sentence must resolve on something, name exactly one action and take nothing back. The
    heuristic favours precision: None does not mean that the reasoning settles on nothing.
    """
    for sentence in reversed(list(sentences(attempt))):
        claim = _OPENER.sub("", sentence)
        if RESOLVE.search(claim) and not TAKEN_BACK.search(claim):
            named = set(actions_in(claim, actions))
            if len(named) == 1:
                return named.pop(), sentence
    return None


def sentences(attempt: Attempt) -> Iterator[str]:
    """The sentences of a reply's reasoning in order, without declared answers."""
    parted = take_off_thinking(attempt.reply)
    prose, at = [], 0
    for found in find_objects(parted.said):
        prose.append(parted.said[at : found.start])
        at = found.end
    prose.append(parted.said[at:])
    for text in (attempt.reasoning, parted.thinking, *prose):
        for sentence in _SENTENCE.split(_DECORATION.sub("", text)):
            if sentence.strip():
                yield sentence.strip()
