"""Verify one journal: an episode, or the answer about a sample."""

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
from vsbench.reconstruction.exchanges import Asked, Exchange
from vsbench.reconstruction.findings import DiffersError, Finding, Place
from vsbench.reconstruction.transcript import Answer
from vsbench.records.journal import Attempt, Decision, EpisodeClosed, Fault, Step, TokenUsage
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
"""What rules, parsers and templates may raise at records that no run has written."""


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
        bots = self.episode.plan.bots
        for moment in self.episode.moments(bots):
            for seat in moment.seats:
                self._lines(seat)
            if moment.played is None:
                self._end(moment)
            else:
                await self._check_bots(moment, bots)
                self._consequences(moment, moment.played)
                self.steps += 1

    def _lines(self, seat: SeatMoment) -> None:
        """What was asked and answered in a seat."""
        if seat.acting and seat.scripted is None:
            check_decision(seat, self.prompts)
            self.decisions += seat.decision is not None
        elif seat.lines:
            raise seat.place.differs("order", "a seat not asked", seat.lines[0].type, None)

    async def _check_bots(self, moment: Moment, bots: Mapping[int, str]) -> None:
        """Let bots decide again. Models' moves were checked with their replies."""
        spec = self.episode.game.spec
        for number, bot in bots.items():
            seat = moment.seats[number]
            if seat.acting:
                derived = spec.actions[await decide(spec.id, bot, moment.turn(number, bot))]
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


async def first_difference(place: Place, check: Awaitable[None]) -> Finding | None:
    """What a check ends with; None if it comes to its end."""
    try:
        await check
    except DiffersError as error:
        return error.finding
    except PromptError as error:
        return place.differs("prompt", "a prompt", "a template", str(error)).finding
    except REPLAY_ERRORS as error:
        problem = f"{type(error).__name__}: {error}"
        return place.differs("state", "the record", "senseless", problem).finding
    return None


def check_decision(seat: SeatMoment, prompts: PromptTally | None) -> None:
    """Go through the lines of a model's seat in their order.

    Raises:
        DiffersError: at the first that differs.
        PromptError: a question cannot be rendered again.
    """
    check = ExchangeCheck(seat.asked, seat.attempts, seat.place, prompts)
    decided = None
    for line in seat.lines:
        if decided is not None:
            raise seat.place.differs("order", "after the decision", line.type, None)
        if isinstance(line, Decision):
            decided = _decided(seat, check)
            seat.place.expect_line("decision", line, decided)
        else:
            check.call(line)
    if seat.moment.played is not None:
        if decided is None:
            raise seat.place.differs("decision", "the decision", None, "one before the move")
        seat.place.expect("move", "the move", seat.move, decided.action)


def _decided(seat: SeatMoment, check: ExchangeCheck) -> Decision:
    """What the replies amount to. Raises DiffersError if they leave it open."""
    reply = check.settled
    if reply is None:
        raise seat.place.differs("decision", "the decision", "a decision", "another question")
    action = reply.answer if reply.outcome == "ok" else None
    return Decision(
        step=seat.moment.step,
        seat=seat.seat,
        action=seat.situation.stand_in if action is None else action,
        outcome=reply.outcome,
        attempts=check.replies,
    )


@dataclass
class SampleCheck:
    """A sample's journal under examination."""

    sample: AskedSample
    answer: Answer
    pack: PromptPack
    manifest: Manifest
    prompts: PromptTally | None
    """Where to enter how its prompts compare; None to leave them alone."""
    judged: int = 0
    """1 when its verdict follows from what was answered."""

    async def run(self) -> Finding | None:
        """Examine it, and return the first thing that differs."""
        return await first_difference(Place(self.sample.key), self._follow())

    async def _follow(self) -> None:
        sample, place = self.sample, Place(self.sample.key)
        place.expect_line("opening", self.answer.opened, sample.opening)
        if bot_name(sample.player) is not None:
            if self.answer.calls:
                raise place.differs("order", "nobody asked", self.answer.calls[0].type, None)
            derived = await sample.scripted()
        else:
            asked = Asked(sample.question(), sample.player, self.pack, self.manifest)
            check = ExchangeCheck(asked, self.answer.attempts, place, self.prompts)
            for call in self.answer.calls:
                check.call(call)
            if check.settled is None:
                place.expect("verdict", "the verdict", self.answer.closed and "a verdict", None)
                return
            derived = sample.judge(check.settled)
        if self.answer.closed is not None:
            place.expect_line("verdict", self.answer.closed, derived)
            self.judged = 1


class ExchangeCheck:
    """The calls about a question, held against what they must have been.

    When a model is asked no more follows from its replies, which are the one thing that nothing
    can derive.
    """

    def __init__(
        self,
        asked: Asked,
        attempts: Iterable[Attempt],
        place: Place,
        prompts: PromptTally | None,
    ) -> None:
        self._question = asked.question
        self._exchanges = asked.exchanges(attempts)
        self._price = asked.manifest.prices.get(asked.player)
        self._place = place
        # Without a tally, prompts are left alone: they cannot be rendered again.
        self._prompts = prompts
        self.replies = 0
        """So many have come."""
        self._last: Attempt | None = None
        self.settled: Attempt | None = None
        """The last one, as soon as it is certain that it is."""

    def call(self, line: Attempt | Fault) -> None:
        """Take the next call.

        Raises:
            DiffersError: it is not the one that was to come.
            PromptError: the question cannot be rendered again.
        """
        if self.settled is not None:
            raise self._place.differs("attempt", "after the last reply", line.type, None)
        for name, derived in (
            ("step", self._question.step),
            ("seat", self._question.seat),
            ("attempt", self.replies),
        ):
            self._place.expect("attempt", f"a call's {name}", getattr(line, name), derived)
        if isinstance(line, Attempt):
            self._reply(next(self._exchanges))
        elif line.too_long:
            self.settled = self._last

    def _reply(self, exchange: Exchange) -> None:
        attempt, place = exchange.attempt, self._place
        reading = judge(self._question, attempt.reply, attempt.stop)
        shortened = left_out(attempt.reply) + left_out(attempt.reasoning)
        place.expect("attempt", "the characters left out", attempt.cut, shortened)
        place.expect("attempt", "the limit of tokens", attempt.max_tokens, exchange.max_tokens)
        if attempt.from_cache:
            place.expect("attempt", "tokens of a cached reply", attempt.usage, TokenUsage())
        place.expect("attempt", "the reply's cost", attempt.cost, self._cost(attempt))
        place.expect("reading", "the reply's outcome", attempt.outcome, reading.outcome)
        place.expect("reading", "the reply's answer", attempt.answer, reading.answer)
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
        about = "the fingerprint of the prompt's text"
        self._place.expect("prompt", about, attempt.prompt, text)
        about = "whether there are pictures"
        self._place.expect("prompt", about, bool(attempt.pictures), bool(pictures))
        self._prompts.rendered += 1
        if pictures:
            self._prompts.compare(self._place, attempt.pictures, pictures)

    def _cost(self, attempt: Attempt) -> float | None:
        """By the manifest's prices. A provider's filter refuses without a bill."""
        if attempt.stop == "refusal" and attempt.cost is None and attempt.usage == TokenUsage():
            return None
        return call_cost(Usage(**attempt.usage.model_dump()), self._price)


@dataclass
class PromptTally:
    """How the pictures that a run recorded compare with those that are drawn here."""

    rendered: int = 0
    """Questions that were rendered again."""
    same: int = 0
    other: list[Finding] = field(default_factory=list)

    def compare(self, place: Place, recorded: str, derived: str) -> None:
        """Enter the pictures of a question."""
        if recorded == derived:
            self.same += 1
        else:
            about = "the fingerprint of its pictures"
            self.other.append(place.differs("prompt", about, recorded, derived).finding)

    def findings(self, drawn_alike: bool) -> list[Finding]:
        """The first in each episode that has another fingerprint, or one note for all.

        Pixels may depend on how the libraries that draw were built. So if not one picture is the
        same here, and ``drawn_alike`` is false, other software is the likely reason.
        """
        if self.other and not self.same and not drawn_alike:
            about = f"fingerprints of the pictures of all {len(self.other)} prompts, the first"
            return [replace(self.other[0], kind="redrawn", about=about)]
        first_of_each = {finding.place.key: finding for finding in reversed(self.other)}
        return list(reversed(first_of_each.values()))
