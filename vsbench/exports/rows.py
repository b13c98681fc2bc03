"""Rows of the tables of runs, and making them from journals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import fmean
from typing import Annotated, NamedTuple

from vsbench.records.chain import Head
from vsbench.records.files import UnitKey
from vsbench.records.frames import About
from vsbench.records.journal import (
    Attempt,
    Decision,
    EpisodeOpened,
    Fault,
    JournalRecord,
    Outcome,
    SampleOpened,
    Step,
    Verdict,
)
from vsbench.records.manifest import Manifest
from vsbench.records.results import AnchorSet, Results, Usage
from vsbench.scoring.episodes import finished, normalised_by
from vsbench.scoring.results import THIRDS
from vsbench.scoring.tally import Tally
from vsbench.settings import Evaluation
from vsbench_envs import registry

Scored = Annotated[bool, About("Whether figures are over it: it and all before are finished")]
Environment = Annotated[str, About("Environment id")]
Episode = Annotated[int, About("Number of the episode in its environment, from 0")]
StepNumber = Annotated[int, About("Joint moves before, from 0")]
Player = Annotated[str, About("Model id, or `bot/...`")]
OutcomeName = Annotated[
    Outcome, About("`ok`, `illegal`, `unparsable`, `refused` or `truncated`, of the last attempt")
]

INPUT = About("Tokens of prompts, cached ones included", "tokens")
OUTPUT = About("Tokens of replies, reasoning included", "tokens")
REASONING = About("Tokens of reasoning", "tokens")


class RunKey(NamedTuple):
    """The first columns of every table of runs."""

    run: Annotated[str, About("Name of the run: its folder's")]
    model: Annotated[str, About("Full id of the measured model")]


class UsageRow(NamedTuple):
    """Calls to all models in a run, episode, decision or sample; the last columns of its row."""

    replies: Annotated[int, About("Replies")]
    faults: Annotated[int, About("Calls without a reply; they were retried or given up")]
    input_tokens: Annotated[int, INPUT]
    output_tokens: Annotated[int, OUTPUT]
    reasoning_tokens: Annotated[int, REASONING]
    cost: Annotated[float | None, About("Missing if no reply had a price", "USD")]
    latency: Annotated[float, About("Time that calls with a reply took, summed", "s")]


class RunRow(NamedTuple):
    """A run with its settings and totals."""

    id: Annotated[str, About("Identifies the run, wherever it is kept: the start of its chain")]
    created: Annotated[datetime, About("Start of the run")]
    protocol: Annotated[str | None, About("Name of the protocol; missing without one")]
    conforms: Annotated[bool, About("Whether the figures are comparable within the protocol")]
    seed: Annotated[int, About("Random seed")]
    modality: Annotated[str, About("`image`, `text` or `both`")]
    style: Annotated[str, About("`io` or `cot`")]
    persona: Annotated[str | None, About("Strategy that the model was asked to follow")]
    thinking: Annotated[
        str | None, About("`on`, `off`, `always`, `never` or `unknown`; missing for bots")
    ]
    temperature: Annotated[float | None, About("Missing for the provider's default")]
    max_attempts: Annotated[int, About("Attempts before a random legal move stands in")]
    feedback: Annotated[bool, About("Whether the model was told what was wrong with an answer")]
    complete: Annotated[bool, About("Whether all episodes and samples are finished")]
    vsbench: Annotated[str | None, About("Version that began the run")]


class EpisodeRow(NamedTuple):
    """An episode of decision-making that was begun; counts are of all models in it."""

    environment: Environment
    episode: Episode
    seed: Annotated[int, About("Seed of the game; with the moves it determines the episode")]
    players: Annotated[tuple[str, ...], About("Model ids or `bot/...`, by seat")]
    measured: Annotated[tuple[int, ...], About("Seats whose play counts for the model, from 0")]
    finished: Annotated[bool, About("Whether the episode has ended")]
    scored: Scored
    length: Annotated[int | None, About("Joint moves; missing until it has ended", "steps")]
    returns: Annotated[tuple[float, ...] | None, About("Sums of rewards, by seat")]
    model_return: Annotated[float | None, About("Mean return of the measured seats")]
    score: Annotated[float | None, About("Normalised return: random is 0, the oracle 100")]
    decisions: Annotated[int, About("Decisions of models")]
    invalid: Annotated[int, About("Decisions in which a random legal move stood in")]


class DecisionRow(NamedTuple):
    """A decision of a model in an episode. Moves of bots are not decisions."""

    environment: Environment
    episode: Episode
    step: StepNumber
    seat: Annotated[int, About("Seat that decides, from 0")]
    player: Player
    measured: Annotated[bool, About("Whether the seat counts for the run's model")]
    action: Annotated[str, About("Label of the action taken")]
    outcome: OutcomeName
    stand_in: Annotated[bool, About("Whether the action is a random legal one")]
    attempts: Annotated[int, About("Attempts that the decision took")]
    reward: Annotated[
        float | None, About("The seat's reward for the joint move; missing until it is played")
    ]


class AttemptRow(NamedTuple):
    """A reply, in any evaluation."""

    evaluation: Annotated[Evaluation, About("`decision`, `reasoning` or `perception`")]
    environment: Environment
    unit: Annotated[int, About("Number of the episode or sample")]
    step: StepNumber
    seat: Annotated[int, About("Seat that was asked, from 0")]
    player: Player
    attempt: Annotated[int, About("0 for the first attempt")]
    outcome: Annotated[
        Outcome, About("`ok`, `illegal`, `unparsable`, `refused` or `truncated`, of this reply")
    ]
    answer: Annotated[str | None, About("Action parsed from the reply")]
    reply: Annotated[str, About("Text of the reply")]
    reasoning: Annotated[str, About("Text of the model's reasoning, where the provider shows it")]
    stop: Annotated[str, About("`stop`, `length` or `refusal`")]
    max_tokens: Annotated[int, About("Token limit of the reply", "tokens")]
    input_tokens: Annotated[int, INPUT]
    output_tokens: Annotated[int, OUTPUT]
    reasoning_tokens: Annotated[int, REASONING]
    cached_tokens: Annotated[
        int, About("Part of the prompt that the provider had cached", "tokens")
    ]
    usage_estimated: Annotated[bool, About("Whether tokens are estimated")]
    cost: Annotated[float | None, About("Missing if the model has no price", "USD")]
    latency: Annotated[float, About("Time that the call took", "s")]
    from_cache: Annotated[bool, About("Whether the reply is from the cache, and cost nothing")]
    served_model: Annotated[str, About("Model named by the provider")]
    prompt: Annotated[str, About("Fingerprint of the prompt")]
    pictures: Annotated[str, About("Fingerprint of its pictures; empty without any")]


class SampleRow(NamedTuple):
    """A question about a recorded state that was begun."""

    evaluation: Annotated[Evaluation, About("`reasoning` or `perception`")]
    environment: Environment
    sample: Annotated[int, About("Number of the sample in its data set")]
    seat: Annotated[int | None, About("Seat whose view is shown; missing in published sets")]
    target: Annotated[int | None, About("Seat that the question is about")]
    recorded_episode: Annotated[int | None, About("Episode of the data set; its samples correlate")]
    step: Annotated[int | None, About("Joint moves before the state")]
    third: Annotated[str | None, About("Part of the episode: `first`, `second` or `last`")]
    source: Annotated[str | None, About("Player that the question is about")]
    finished: Annotated[bool, About("Whether there is a verdict")]
    scored: Scored
    outcome: Annotated[Outcome | None, About("As in `decisions`; all but `ok` score zero")]
    answer: Annotated[str | None, About("Action predicted; missing in perception")]
    right: Annotated[tuple[str, ...] | None, About("Actions that count as correct")]
    credit: Annotated[float | None, About("0 to 1; in perception the share of elements right")]
    chance: Annotated[float | None, About("Expected credit of guessing; in reasoning only")]


Row = tuple[object, ...]
"""A row of any table."""


@dataclass(frozen=True)
class Unit:
    """An episode or sample with the records of its journal, of which there is at least one."""

    key: UnitKey
    records: Sequence[JournalRecord]
    follows_finished: bool = True
    """Whether all before it in the order of play are finished."""
    anchors: AnchorSet = "paper"

    @property
    def tally(self) -> Tally:
        """The counts of all its records."""
        return _tally(self.records)


def run_row(manifest: Manifest, start: Head, results: Results) -> Row:
    """The row of a run: :class:`RunRow` and :class:`UsageRow`."""
    settings, standing = manifest.model_settings, results.standing
    row = RunRow(
        id=start.chain,
        created=manifest.created,
        protocol=standing.protocol or None,
        conforms=standing.conforms,
        seed=manifest.seed,
        modality=settings.modality,
        style=settings.style,
        persona=settings.persona,
        thinking=results.in_force.thinking if results.in_force else None,
        temperature=settings.temperature,
        max_attempts=settings.attempts,
        feedback=settings.feedback,
        complete=results.complete,
        vsbench=manifest.versions.get("vsbench"),
    )
    return *row, *usage_row(results.usage)


def usage_row(usage: Usage) -> UsageRow:
    """The counts of calls as columns."""
    return UsageRow(
        replies=usage.replies,
        faults=sum(usage.faults.values()),
        input_tokens=usage.input,
        output_tokens=usage.output,
        reasoning_tokens=usage.reasoning,
        cost=usage.cost,
        latency=usage.latency,
    )


def episode_rows(unit: Unit) -> Iterator[Row]:
    """The row of an episode: :class:`EpisodeRow` and :class:`UsageRow`.

    Raises:
        UsageError: the anchors of its game have not been measured.
    """
    opened = unit.records[0]
    if not isinstance(opened, EpisodeOpened):
        return
    spec = normalised_by(unit.anchors, registry.get(opened.env).spec)
    ended, tally = finished(unit.records), unit.tally
    summary = ended.summary if ended else None
    row = EpisodeRow(
        environment=opened.env,
        episode=opened.episode,
        seed=opened.seed,
        players=opened.seats,
        measured=opened.measured,
        finished=ended is not None,
        scored=unit.follows_finished and ended is not None,
        length=summary.length if summary else None,
        returns=summary.returns if summary else None,
        model_return=fmean(summary.returns[seat] for seat in opened.measured) if summary else None,
        score=spec.score(summary, opened.measured) if summary else None,
        decisions=tally.decisions.total(),
        invalid=tally.decisions.total() - tally.decisions["ok"],
    )
    yield *row, *usage_row(tally.usage)


def decision_rows(unit: Unit) -> Iterator[Row]:
    """The decisions of an episode, in order: :class:`DecisionRow` and :class:`UsageRow` each."""
    opened = unit.records[0]
    if not isinstance(opened, EpisodeOpened):
        return
    calls: dict[int, list[JournalRecord]] = {}
    waiting: list[tuple[DecisionRow, UsageRow]] = []
    for record in unit.records:
        match record:
            case Attempt() | Fault():
                calls.setdefault(record.seat, []).append(record)
            case Decision():
                usage = usage_row(_tally(calls.pop(record.seat, ())).usage)
                waiting.append((_decision_row(opened, record), usage))
            case Step():
                for row, usage in waiting:
                    yield *row._replace(reward=record.rewards[row.seat]), *usage
                waiting = []
    # The joint move of the last decisions may not have been played yet.
    for row, usage in waiting:
        yield *row, *usage


def _decision_row(opened: EpisodeOpened, decision: Decision) -> DecisionRow:
    return DecisionRow(
        environment=opened.env,
        episode=opened.episode,
        step=decision.step,
        seat=decision.seat,
        player=opened.seats[decision.seat],
        measured=decision.seat in opened.measured,
        action=decision.action,
        outcome=decision.outcome,
        stand_in=decision.outcome != "ok",
        attempts=decision.attempts,
        reward=None,
    )


def attempt_rows(unit: Unit) -> Iterator[Row]:
    """The replies of an episode or sample, in order: an :class:`AttemptRow` each."""
    opened = unit.records[0]
    for record in unit.records:
        if isinstance(record, Attempt):
            yield AttemptRow(
                evaluation=unit.key.evaluation,
                environment=unit.key.env,
                unit=unit.key.number,
                step=record.step,
                seat=record.seat,
                player=_player(opened, record.seat),
                attempt=record.attempt,
                outcome=record.outcome,
                answer=record.answer,
                reply=record.reply,
                reasoning=record.reasoning,
                stop=record.stop,
                max_tokens=record.max_tokens,
                input_tokens=record.usage.input,
                output_tokens=record.usage.output,
                reasoning_tokens=record.usage.reasoning,
                cached_tokens=record.usage.cached,
                usage_estimated=record.usage_estimated,
                cost=record.cost,
                latency=record.latency,
                from_cache=record.from_cache,
                served_model=record.served_model,
                prompt=record.prompt,
                pictures=record.pictures,
            )


def _player(opened: JournalRecord, seat: int) -> str:
    match opened:
        case EpisodeOpened():
            return opened.seats[seat]
        case SampleOpened():
            return opened.player
    raise AssertionError("a journal begins with its episode or sample")


def sample_rows(unit: Unit) -> Iterator[Row]:
    """The row of a sample: :class:`SampleRow` and :class:`UsageRow`."""
    opened, last = unit.records[0], unit.records[-1]
    if not isinstance(opened, SampleOpened):
        return
    verdict = last if isinstance(last, Verdict) else None
    row = SampleRow(
        evaluation=unit.key.evaluation,
        environment=opened.env,
        sample=opened.sample,
        seat=opened.seat,
        target=opened.target,
        recorded_episode=opened.episode,
        step=opened.step,
        third=None if opened.third is None else THIRDS[opened.third],
        source=opened.source,
        finished=verdict is not None,
        scored=unit.follows_finished and verdict is not None,
        outcome=verdict.outcome if verdict else None,
        answer=verdict.answer if verdict else None,
        right=verdict.right if verdict else None,
        credit=verdict.credit if verdict else None,
        chance=verdict.chance if verdict else None,
    )
    yield *row, *usage_row(unit.tally.usage)


def _tally(records: Iterable[JournalRecord]) -> Tally:
    tally = Tally()
    for record in records:
        tally.add(record)
    return tally
