"""Failure cases of a run: invalid answers, blunders, and contradictions of the reasoning."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict

from vsbench.analyses.values import Choice, loss, measure_of
from vsbench.answers.labels import RETRACTION, actions_in
from vsbench.answers.lenient_json import find_objects
from vsbench.answers.thinking import split_thinking
from vsbench.errors import UsageError
from vsbench.printable import printable
from vsbench.reconstruction.episode import SeatMoment, open_episode
from vsbench.reconstruction.findings import MismatchError
from vsbench.records.files import UnitKey, open_run
from vsbench.records.journal import Attempt, Decision
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
        directory: the run's directory.
        envs: environments to search; all if empty.
        kinds: kinds of failures to search for.
        progress: called after each episode.

    Raises:
        UsageError: there is no run, it does not have these environments, or a journal is damaged.
        MissingExtraError: a game needs an extra that is not installed.
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
        for examination in _examinations(directory, key):
            found += examination.failures(kinds)
            decisions += 1
        progress(done, len(keys))
    found.sort(key=lambda pair: (KINDS.index(pair[1].kind), -pair[0]))
    return Failures(
        directory=str(directory),
        model=manifest.model,
        episodes=len(keys),
        decisions=decisions,
        found=tuple(failure for _, failure in found),
    )


def _examinations(directory: Path, key: UnitKey) -> Iterator[_Examination]:
    """The decisions of the model in an episode."""
    episode = open_episode(directory, key)
    try:
        measured = episode.transcript.opened.measured
        for moment in episode.moments(watched=measured):
            if moment.played is None:
                return
            for seat in measured:
                seat_moment = moment.seats[seat]
                if (decision := seat_moment.decision) is not None:
                    # Raises for a joint move that cannot be played, before it is valued.
                    _ = moment.after
                    seat_moment.location.expect(
                        "move", "the move", seat_moment.move, decision.action
                    )
                    yield _Examination(directory, key, seat_moment, decision)
    except MismatchError as error:
        raise UsageError(f"the episode cannot be reconstructed: {error}") from None
    finally:
        episode.pack.close()


@dataclass(frozen=True)
class _Examination:
    """A decision of the model, examined for failures."""

    directory: Path
    key: UnitKey
    seat_moment: SeatMoment
    decision: Decision

    def failures(self, kinds: Collection[Kind]) -> Iterator[tuple[float, Failure]]:
        """The failures of some kinds, each with its severity among its kind."""
        outcome = self.decision.outcome
        if outcome != "ok":
            if outcome in kinds:
                yield 0.0, self._failure(outcome, named=self._last.answer if self._last else None)
            return
        if "contradiction" in kinds:
            yield from self._contradiction()
        if "blunder" in kinds:
            yield from self._blunder()

    def _contradiction(self) -> Iterator[tuple[float, Failure]]:
        if self._last is None:
            return
        settled = settled_action(self._last, self._choice.game.spec.actions)
        if settled is not None and settled[0] != self.decision.action:
            action, sentence = settled
            yield 0.0, self._failure("contradiction", named=action, text=sentence)

    def _blunder(self) -> Iterator[tuple[float, Failure]]:
        choice, measure = self._choice, measure_of(self.key.env)
        if choice.oracle == choice.taken:
            return
        if measure is None:
            yield 0.0, self._failure("blunder")
            return
        lost, best = loss(measure, choice)
        if lost >= measure.blunder:
            better = choice.game.spec.actions[best]
            values = {"oracle": better, "loss": round(lost, 3), "unit": measure.unit}
            yield lost / measure.blunder, self._failure("blunder").model_copy(update=values)

    @property
    def _last(self) -> Attempt | None:
        """The last attempt, from which the decision was made; None for bots."""
        return self.seat_moment.attempts[-1] if self.seat_moment.attempts else None

    @cached_property
    def _choice(self) -> Choice:
        """The decision with the action that the oracle would take in its place."""
        moment, seat = self.seat_moment.moment, self.seat_moment.seat
        game = moment.episode.game
        assert moment.played is not None
        turn = moment.turn(seat, game.spec.oracle)
        bot, options = registry.bot(game, game.spec.oracle)
        return Choice(
            game=game,
            before=moment.before,
            turn=turn,
            seat=seat,
            taken=game.spec.ids[self.decision.action],
            oracle=bot.decide(turn, **options),
            joint={seat: game.spec.ids[label] for seat, label in moment.played.moves.items()},
        )

    def _failure(self, kind: Kind, named: str | None = None, text: str | None = None) -> Failure:
        """A failure; its excerpt is of ``text``, by default of the last reply."""
        key, spec, decision = self.key, self._choice.game.spec, self.decision
        page = key.replay(self.directory)
        command = ["vsbench", "replay", str(self.directory), "--html", f"{key.env}/{key.number}"]
        if text is None:
            text = self._last.reply if self._last else ""
        return Failure(
            kind=kind,
            env=key.env,
            episode=key.number,
            step=decision.step,
            seat=decision.seat,
            role=spec.roles[decision.seat],
            taken=decision.action,
            named=None if named is None else printable(named),
            oracle=spec.actions[self._choice.oracle],
            excerpt=excerpt(text),
            command=shlex.join([*command, "--to", str(page)]),
            page=f"{page}#step={decision.step}",
        )


def excerpt(reply: str) -> str:
    """A reply on one line: all of it, or its end, where the answer is."""
    line = " ".join(printable(reply.replace("\n", " ")).split())
    return line if len(line) <= EXCERPT else f"…{line[1 - EXCERPT :]}"


def summary(failures: Sequence[Failure]) -> dict[str, dict[str, int]]:
    """Number of failures: environment -> kind -> count."""
    counts: dict[str, dict[str, int]] = {}
    for failure in failures:
        by_kind = counts.setdefault(failure.env, dict.fromkeys(KINDS, 0))
        by_kind[failure.kind] += 1
    return counts


RESOLUTION_WORDS = re.compile(
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


def settled_action(attempt: Attempt, actions: tuple[str, ...]) -> tuple[str, str] | None:
    """The action that the reasoning of a reply settles on last, and the sentence that does.

    The sentence must resolve on something, name exactly one action and take nothing back. The
    heuristic favours precision: None does not mean that the reasoning settles on nothing.
    """
    for sentence in reversed(list(sentences(attempt))):
        claim = _OPENER.sub("", sentence)
        if RESOLUTION_WORDS.search(claim) and not RETRACTION.search(claim):
            named = set(actions_in(claim, actions))
            if len(named) == 1:
                return named.pop(), sentence
    return None


def sentences(attempt: Attempt) -> Iterator[str]:
    """The sentences of a reply's reasoning in order, without declared answers."""
    parted = split_thinking(attempt.reply)
    prose, at = [], 0
    for found in find_objects(parted.text):
        prose.append(parted.text[at : found.start])
        at = found.end
    prose.append(parted.text[at:])
    for text in (attempt.reasoning, parted.thinking, *prose):
        for sentence in _SENTENCE.split(_DECORATION.sub("", text)):
            if sentence.strip():
                yield sentence.strip()
