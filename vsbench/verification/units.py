"""Verify one journal: an episode, or the answer about a sample.

Everything but the replies follows from seeds and moves, so it is derived again and compared. A
check ends at the first value that differs, since nothing after it can be derived.
"""

from __future__ import annotations

from collections.abc import Awaitable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from vsbench.answers.limits import left_out
from vsbench.bots import bot_name, decide
from vsbench.evaluations.units import AskedSample
from vsbench.fingerprints import picture_fingerprint, text_fingerprint
from vsbench.messages import Usage
from vsbench.models import call_cost
from vsbench.players.questions import judge
from vsbench.prompts import PromptError, PromptPack
from vsbench.reconstruction.episode import Episode, Moment, SeatMoment
from vsbench.reconstruction.exchanges import AskedQuestion, Exchange
from vsbench.reconstruction.findings import Finding, Location, MismatchError
from vsbench.reconstruction.transcript import SampleTranscript
from vsbench.records.journal import (
    Attempt,
    Decision,
    EpisodeClosed,
    Fault,
    Step,
    TokenUsage,
)
from vsbench.records.manifest import Manifest
from vsbench_envs.replay import digest

REPLAY_ERRORS = (
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)
"""Errors that rules, parsers and templates may raise at records that no run has written."""


@dataclass
class PromptTally:
    """Compares the pictures in prompts with those that were recorded."""

    rendered: int = 0
    """Prompts rendered again."""
    same: int = 0
    different: list[Finding] = field(default_factory=list)

    def compare(self, location: Location, recorded: str, derived: str) -> None:
        """Compare the fingerprints of a prompt's pictures."""
        if recorded == derived:
            self.same += 1
        else:
            subject = "the fingerprint of its pictures"
            error = location.mismatch("prompt", subject, recorded, derived)
            self.different.append(error.finding)

    def findings(self, same_software: bool) -> list[Finding]:
        """The first difference in each episode, or one note for all.

        Pixels may depend on the versions of the libraries that draw. So if not one picture is the
        same here, and ``same_software`` is false, that is the likely reason.
        """
        if self.different and not self.same and not same_software:
            subject = f"fingerprints of the pictures of all {len(self.different)} prompts, first"
            return [replace(self.different[0], kind="redrawn", subject=subject)]
        first_of_each = {finding.location.key: finding for finding in reversed(self.different)}
        return list(reversed(first_of_each.values()))


@dataclass
class EpisodeCheck:
    """Verifies an episode up to the first step that differs."""

    episode: Episode
    prompts: PromptTally | None
    """Compares prompts; None if they cannot be rendered again."""
    steps: int = 0
    """Joint moves that lead to the recorded state."""
    decisions: int = 0
    """Models' decisions that follow from their replies."""
    bot_moves: int = 0
    """Bots' moves that were decided again."""

    async def run(self) -> Finding | None:
        """Return the first difference."""
        return await first_finding(Location(self.episode.key), self._follow())

    async def _follow(self) -> None:
        opened, opening = self.episode.transcript.opened, self.episode.plan.opening
        Location(self.episode.key).expect_line("opening", opened, opening)
        bots = self.episode.plan.bots
        for moment in self.episode.moments(watched=bots):
            for seat in moment.seats:
                self._check_lines(seat)
            if moment.played is None:
                self._check_end(moment)
            else:
                await self._check_bots(moment, bots)
                self._check_state(moment, moment.played)
                self.steps += 1

    def _check_lines(self, seat: SeatMoment) -> None:
        if seat.acting and seat.bot is None:
            check_decision(seat, self.prompts)
            self.decisions += seat.decision is not None
        elif seat.lines:
            line = seat.lines[0].type
            raise seat.location.mismatch("order", "a line of a seat without a model", line, None)

    async def _check_bots(self, moment: Moment, bots: Mapping[int, str]) -> None:
        """Let bots decide again. Models' moves were checked with their replies."""
        spec = self.episode.game.spec
        for number, bot in bots.items():
            seat = moment.seats[number]
            if seat.acting:
                derived = spec.actions[await decide(spec.id, bot, moment.turn(number, bot))]
                seat.location.expect("move", f"the move of {seat.player}", seat.move, derived)
                self.bot_moves += 1

    def _check_state(self, moment: Moment, played: Step) -> None:
        after, location = moment.after, moment.location
        location.expect("rewards", "the rewards", played.rewards, after.rewards)
        location.expect("state", "the state's fingerprint after it", played.digest, digest(after))

    def _check_end(self, moment: Moment) -> None:
        """Compare the end, unless the episode is unfinished."""
        state, closed = moment.before, self.episode.transcript.closed
        if closed is None:
            return
        moment.location.expect("end", "the seats to move at the end", (), state.acting)
        derived = EpisodeClosed(returns=state.returns, length=state.step, events=dict(state.events))
        moment.location.expect_line("end", closed, derived)


@dataclass
class SampleCheck:
    """Verifies the journal of a sample."""

    sample: AskedSample
    transcript: SampleTranscript
    pack: PromptPack
    manifest: Manifest
    prompts: PromptTally | None
    """Compares prompts; None if they cannot be rendered again."""
    verdicts: int = 0
    """1 if there is a verdict, and it follows from the answer."""

    async def run(self) -> Finding | None:
        """Return the first difference."""
        return await first_finding(Location(self.sample.key), self._follow())

    async def _follow(self) -> None:
        sample, transcript, location = self.sample, self.transcript, Location(self.sample.key)
        location.expect_line("opening", transcript.opened, sample.opening)
        if bot_name(sample.player) is not None:
            if transcript.calls:
                line = transcript.calls[0].type
                raise location.mismatch("order", "a line of a sample without a model", line, None)
            derived = await sample.bot_verdict()
        else:
            asked = AskedQuestion(sample.question(), sample.player, self.pack, self.manifest)
            check = ExchangeCheck(asked, transcript.attempts, location, self.prompts)
            for call in transcript.calls:
                check.take(call)
            if check.settled is None:
                recorded = transcript.closed and "a verdict"
                location.expect("verdict", "the verdict", recorded, None)
                return
            derived = sample.judge(check.settled)
        if transcript.closed is not None:
            location.expect_line("verdict", transcript.closed, derived)
            self.verdicts = 1


async def first_finding(location: Location, check: Awaitable[None]) -> Finding | None:
    """Await a check and return the finding that ends it; None if nothing differs."""
    try:
        await check
    except MismatchError as error:
        return error.finding
    except PromptError as error:
        return location.mismatch("prompt", "a prompt", "a template", str(error)).finding
    except REPLAY_ERRORS as error:
        problem = f"{type(error).__name__}: {error}"
        return location.mismatch("state", "the record", "invalid", problem).finding
    return None


def check_decision(seat: SeatMoment, prompts: PromptTally | None) -> None:
    """Check that a model's replies lead to its decision and to its move.

    Raises:
        MismatchError: at the first line that differs.
        PromptError: a prompt cannot be rendered again.
    """
    check = ExchangeCheck(seat.asked_question, seat.attempts, seat.location, prompts)
    decision = None
    for line in seat.lines:
        if decision is not None:
            raise seat.location.mismatch("order", "after the decision", line.type, None)
        if isinstance(line, Decision):
            decision = _derive_decision(seat, check)
            seat.location.expect_line("decision", line, decision)
        else:
            check.take(line)
    if seat.moment.played is not None:
        if decision is None:
            required = "one before the move"
            raise seat.location.mismatch("decision", "the decision", None, required)
        seat.location.expect("move", "the move", seat.move, decision.action)


def _derive_decision(seat: SeatMoment, check: ExchangeCheck) -> Decision:
    """Derive the decision from the replies. Raises MismatchError if they do not settle it."""
    reply = check.settled
    if reply is None:
        recorded, derived = "a decision", "another attempt"
        raise seat.location.mismatch("decision", "the decision", recorded, derived)
    action = reply.answer if reply.outcome == "ok" else None
    return Decision(
        step=seat.moment.step,
        seat=seat.seat,
        action=seat.question.stand_in if action is None else action,
        outcome=reply.outcome,
        attempts=check.replies,
    )


class ExchangeCheck:
    """Checks the calls about a question, one after the other.

    The replies decide when a model is not asked again; they are the one thing that cannot be
    derived.
    """

    def __init__(
        self,
        asked: AskedQuestion,
        attempts: Iterable[Attempt],
        location: Location,
        prompts: PromptTally | None,
    ) -> None:
        self._question = asked.question
        self._exchanges = asked.exchanges(attempts)
        self._price = asked.manifest.prices.get(asked.player)
        self._location = location
        self._prompts = prompts
        self.replies = 0
        """Replies so far."""
        self._last: Attempt | None = None
        self.settled: Attempt | None = None
        """The last reply, once it is certain that none follows."""

    def take(self, line: Attempt | Fault) -> None:
        """Check the next call.

        Raises:
            MismatchError: it is not the expected one.
            PromptError: the prompt cannot be rendered again.
        """
        if self.settled is not None:
            raise self._location.mismatch("attempt", "after the last reply", line.type, None)
        for name, derived in (
            ("step", self._question.step),
            ("seat", self._question.seat),
            ("attempt", self.replies),
        ):
            self._location.expect("attempt", f"a call's {name}", getattr(line, name), derived)
        if isinstance(line, Attempt):
            self._check_reply(next(self._exchanges))
        elif line.too_long:
            self.settled = self._last

    def _check_reply(self, exchange: Exchange) -> None:
        attempt, location = exchange.attempt, self._location
        reading = judge(self._question, attempt.reply, attempt.stop)
        omitted = left_out(attempt.reply) + left_out(attempt.reasoning)
        location.expect("attempt", "the characters left out", attempt.cut, omitted)
        location.expect("attempt", "the token limit", attempt.max_tokens, exchange.max_tokens)
        if attempt.from_cache:
            location.expect("attempt", "tokens of a cached reply", attempt.usage, TokenUsage())
        location.expect("attempt", "the reply's cost", attempt.cost, self._cost(attempt))
        location.expect("reading", "the reply's outcome", attempt.outcome, reading.outcome)
        location.expect("reading", "the reply's answer", attempt.answer, reading.answer)
        self._compare_prompt(exchange)
        self.replies += 1
        self._last = attempt
        if exchange.settled:
            self.settled = attempt

    def _compare_prompt(self, exchange: Exchange) -> None:
        if self._prompts is None:
            return
        attempt, messages = exchange.attempt, exchange.messages
        text, pictures = text_fingerprint(messages), picture_fingerprint(messages)
        subject = "the fingerprint of the prompt's text"
        self._location.expect("prompt", subject, attempt.prompt, text)
        subject = "whether there are pictures"
        self._location.expect("prompt", subject, bool(attempt.pictures), bool(pictures))
        self._prompts.rendered += 1
        if pictures:
            self._prompts.compare(self._location, attempt.pictures, pictures)

    def _cost(self, attempt: Attempt) -> float | None:
        """The cost by the manifest's prices; None for a filter's refusal, which is not billed."""
        if attempt.stop == "refusal" and attempt.cost is None and attempt.usage == TokenUsage():
            return None
        return call_cost(Usage(**attempt.usage.model_dump()), self._price)
