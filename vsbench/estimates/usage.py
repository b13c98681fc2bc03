"""Usage to expect of a run or tournament: calls, tokens, cost and time, each as a range.

Calls range from random play to the oracle's, tokens from short to long prompts and answers, and
thinking from none to its budget. Earlier runs of the model narrow them; see
:mod:`vsbench.estimates.learning`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

from vsbench.bots import bot_name
from vsbench.datasets.published import PublishedSet
from vsbench.estimates.learning import Experience, experience_in, usual_experience
from vsbench.estimates.lengths import decisions_per_seat
from vsbench.estimates.ranges import Count, Range, total, total_known
from vsbench.evaluations.examples import example_question
from vsbench.evaluations.perception import PerceptionQuestion
from vsbench.messages import Message
from vsbench.models import FREE, estimate_tokens
from vsbench.models.tokens import text_tokens
from vsbench.planning.run import prompt_pack
from vsbench.planning.units import open_dataset, planned_samples
from vsbench.players.questions import Question
from vsbench.prompts import PromptPack
from vsbench.records.frames import About, to_frame
from vsbench.records.manifest import EnvironmentPlan, Manifest, Price
from vsbench.records.tournament import Tournament
from vsbench.settings import Evaluation, RunSettings, Style
from vsbench_envs import registry

if TYPE_CHECKING:
    import pandas as pd

STEPS = (0, None)
"""Joint moves before the states whose prompts are counted: none, and as many as show most elements
of a game (:func:`vsbench.evaluations.examples.example_question`). Later states cost time."""

EMBEDDED = ("sighted/", "blind/")
"""Models that compute on this machine's processors, so that their latency grows with concurrency
and tells nothing of the time that a run takes."""

OTHERS = Range(0.97, 1.03)
"""Factor by which other prompts and answers of a game may differ from the counted ones."""

ROWS = 4
"""Rows of a published data set whose prompts are counted."""

BESIDES: dict[Style, Range] = {"io": Range(0, 30), "cot": Range(120, 800)}
"""Tokens of an answer besides the answer itself."""

PAUSE, PACE = Range(0.5, 3.0), Range(25.0, 100.0)
"""Assumed of providers that nobody has measured: seconds until an answer begins, and its tokens a
second."""


@dataclass(frozen=True)
class UsageEstimate:
    """Expected usage of one model in one evaluation and environment."""

    evaluation: Evaluation
    env: str
    model: str
    planned: int
    """Episodes or samples."""
    calls: Range
    """One for each decision or sample, unless earlier runs took more."""
    input: Range
    """Tokens."""
    output: Range
    """Tokens, thinking included."""
    cost: Range | None
    """US dollars; None without a price."""
    seconds: Range | None
    """Of all calls, one after the other; None if nothing is known of the model's latency."""
    chain: Range | None
    """Seconds of the calls of one episode or sample, which have to follow one another."""
    runs: int
    """Earlier runs that this is learnt from."""


class EstimateRow(NamedTuple):
    """A range of a run's expected usage."""

    model: Annotated[str, About("Model id")]
    evaluation: Annotated[Evaluation, About("`decision`, `reasoning` or `perception`")]
    environment: Annotated[str, About("Environment id")]
    planned: Annotated[int, About("Episodes or samples")]
    quantity: Annotated[str, About("`calls`, `input`, `output`, `cost` or `seconds`")]
    low: Annotated[float, About("Least to expect")]
    high: Annotated[float, About("Most to expect")]
    runs: Annotated[int, About("Earlier runs that it is learnt from")]


@dataclass(frozen=True)
class Rates:
    """What one episode or sample of an environment takes of one model."""

    evaluation: Evaluation
    env: str
    model: str
    calls: Count
    input: Range
    """Tokens a call."""
    output: Range
    cost: Range | None
    """US dollars a call."""
    latency: Range | None
    """Seconds a call."""
    parallel: int
    """Calls at the same time, by seats that move simultaneously."""
    runs: int
    """Earlier runs that this is learnt from."""

    def of(self, units: int) -> UsageEstimate:
        """The usage of so many episodes or samples."""
        calls = self.calls.of(units)
        chain = self.calls.of(1) * (1 / self.parallel)
        return UsageEstimate(
            evaluation=self.evaluation,
            env=self.env,
            model=self.model,
            planned=units,
            calls=calls,
            input=calls * self.input,
            output=calls * self.output,
            cost=None if self.cost is None else calls * self.cost,
            seconds=None if self.latency is None else calls * self.latency,
            chain=None if self.latency is None else chain * self.latency,
            runs=self.runs,
        )


@dataclass(frozen=True)
class RunEstimate:
    """Expected usage of a run, or of one player in a tournament."""

    model: str
    """The measured model."""
    lines: tuple[UsageEstimate, ...]
    """By evaluation and environment, opponents and partners that are models after the model."""
    connections: int
    """Concurrent calls that ``time`` assumes."""

    @property
    def calls(self) -> Range:
        """Calls of all models."""
        return total(line.calls for line in self.lines)

    @property
    def input(self) -> Range:
        """Input tokens of all models."""
        return total(line.input for line in self.lines)

    @property
    def output(self) -> Range:
        """Output tokens of all models."""
        return total(line.output for line in self.lines)

    @property
    def cost(self) -> Range | None:
        """US dollars of all models that have a price; None if none has."""
        return total_known(line.cost for line in self.lines)

    @property
    def time(self) -> Range | None:
        """Seconds from start to end; None if the latency of a model is unknown.

        Between the two bounds of list scheduling (Graham, 1966): all calls over all connections,
        but no less than the longest chain, and their sum.
        """
        if not self.lines or any(line.seconds is None for line in self.lines):
            return None
        work = total_known(line.seconds for line in self.lines) or Range(0.0, 0.0)
        chains = [line.chain for line in self.lines if line.chain is not None]
        longest = Range(max(each.low for each in chains), max(each.high for each in chains))
        shared = work * (1 / self.connections)
        return Range(max(shared.low, longest.low), shared.high + longest.high)

    def plain(self) -> dict[str, Any]:
        """The estimate as JSON has it; ranges are objects with ``low`` and ``high``."""
        totals = {name: getattr(self, name) for name in ("calls", "input", "output", "cost")}
        totals["time"] = self.time
        return {
            "model": self.model,
            "connections": self.connections,
            "total": {name: found and asdict(found) for name, found in totals.items()},
            "of": [asdict(line) for line in self.lines],
        }

    def to_frame(self) -> pd.DataFrame:
        """All ranges in tidy form; see :class:`EstimateRow`.

        Raises:
            MissingExtraError: pandas is not installed.
        """
        return to_frame(EstimateRow, self._rows())

    def _rows(self) -> Iterator[EstimateRow]:
        for line in self.lines:
            for quantity in ("calls", "input", "output", "cost", "seconds"):
                if (found := getattr(line, quantity)) is not None:
                    about = line.model, line.evaluation, line.env, line.planned
                    yield EstimateRow(*about, quantity, found.low, found.high, line.runs)


class Estimator:
    """Estimates runs and tournaments; what prompts take is counted once for each game.

    Args:
        pack: prompts of the runs.
        experience: earlier runs to learn from.
        datasets: path of data sets that do not ship with vsbench.
        connections: concurrent calls.
    """

    def __init__(
        self,
        pack: PromptPack,
        experience: Experience,
        datasets: Path | None = None,
        connections: int = 1,
    ) -> None:
        self.experience = experience
        self.connections = connections
        self._pack = pack
        self.datasets = datasets
        self._asked: dict[object, list[tuple[tuple[Message, ...], Range]]] = {}

    @classmethod
    def of(cls, settings: RunSettings, learn: Path | bool = True) -> Estimator:
        """The estimator of runs with these settings.

        Args:
            settings: of the runs.
            learn: folder of earlier runs; True for the one that new runs are written to.

        Raises:
            UsageError: the folder that is named holds no run.
        """
        if isinstance(learn, Path):
            experience = experience_in(learn)
        else:
            experience = usual_experience(settings.out) if learn else Experience()
        return cls(prompt_pack(settings), experience, settings.dataset, settings.max_connections)

    def run(self, manifest: Manifest) -> RunEstimate:
        """Estimate the usage of a run; without lines if no model takes part."""
        lines = [
            rates.of(len(plan.numbers(rates.evaluation))) for plan, rates in self.rates(manifest)
        ]
        lines.sort(key=lambda line: line.model != manifest.model)
        return RunEstimate(manifest.model, tuple(lines), self.connections)

    def tournament(self, tournament: Tournament) -> Iterator[RunEstimate]:
        """Estimate the usage of each model of a tournament, over all its pairings."""
        lines: dict[str, dict[str, list[UsageEstimate]]] = {}
        for manifest in tournament.pairings.values():
            for plan, rates in self.rates(manifest):
                of_model = lines.setdefault(rates.model, {})
                of_model.setdefault(rates.env, []).append(rates.of(plan.episodes))
        for model in tournament.entrants:
            if found := lines.get(model):
                yield RunEstimate(model, tuple(map(_sum, found.values())), self.connections)

    def rates(self, manifest: Manifest) -> Iterator[tuple[EnvironmentPlan, Rates]]:
        """Yield what an episode or sample takes of each model, for everything that is planned."""
        for evaluation in manifest.evaluations:
            for plan in manifest.environments:
                # Samples are put to the measured model alone.
                asked = plan.seats.players if evaluation == "decision" else (manifest.model,)
                models = [name for name in dict.fromkeys(asked) if bot_name(name) is None]
                for model in models if plan.numbers(evaluation) else ():
                    yield plan, self._rates(manifest, plan, evaluation, model, asked.count(model))

    def _rates(
        self,
        manifest: Manifest,
        plan: EnvironmentPlan,
        evaluation: Evaluation,
        model: str,
        seats: int,
    ) -> Rates:
        price = manifest.prices.get(model)
        calls = Count(Range(1.0, 1.0))
        if evaluation == "decision":
            calls = decisions_per_seat(plan.env) * seats
        learnt = self.experience.of(manifest, plan, evaluation, model)
        latency: Range | None
        if learnt is not None:
            calls = learnt.calls or calls
            used = learnt.input, learnt.output
            latency = None if model.startswith(EMBEDDED) else learnt.latency
            cost = None if price is None else learnt.cost(price)
        else:
            used = self._tokens(manifest, plan, evaluation, model)
            latency = _assumed_latency(model, used[1])
            cost = None if price is None else _cost(price, *used)
        return Rates(
            evaluation=evaluation,
            env=plan.env,
            model=model,
            calls=calls,
            input=used[0],
            output=used[1],
            cost=cost,
            latency=latency,
            parallel=seats if registry.get(plan.env).spec.simultaneous else 1,
            runs=0 if learnt is None else learnt.runs,
        )

    def _tokens(
        self, manifest: Manifest, plan: EnvironmentPlan, evaluation: Evaluation, model: str
    ) -> tuple[Range, Range]:
        """Tokens of a call, input and output."""
        settings = manifest.model_settings
        key = evaluation, plan.env, plan.samples, settings
        if key not in self._asked:
            self._asked[key] = [
                (question.first(self._pack, settings), _answer_tokens(question))
                for question in self._questions(manifest, plan, evaluation)
            ]
        prompts = [
            estimate_tokens(model, messages, settings.detail) for messages, _ in self._asked[key]
        ]
        answers = Range.around(
            end for _, answer in self._asked[key] for end in (answer.low, answer.high)
        )
        thinking = Range(0.0, manifest.models[model].thinking_tokens or 0.0)
        output = answers * OTHERS + BESIDES[settings.style] + thinking
        return Range.around(prompts) * OTHERS, output

    def _questions(
        self, manifest: Manifest, plan: EnvironmentPlan, evaluation: Evaluation
    ) -> Sequence[Question]:
        if plan.samples is not None and evaluation != "decision":
            dataset = open_dataset(plan.env, plan.samples, self.datasets)
            if isinstance(dataset, PublishedSet):
                asked = planned_samples(manifest, plan, evaluation, self.datasets)
                return [unit.question() for unit in asked[:: -(-len(asked) // ROWS)]]
        return [example_question(plan.env, evaluation, step=step) for step in STEPS]


def _answer_tokens(question: Question) -> Range:
    """Tokens of answers in the form that is asked for."""
    if isinstance(question, PerceptionQuestion):
        answers = [question.game.view.labels(question.percept)]
    else:
        answers = [{"action": label} for label in question.variables["legal"]]
    return Range.around(text_tokens(json.dumps(answer)) for answer in answers)


def _assumed_latency(model: str, output: Range) -> Range | None:
    """Seconds of a call to a provider that has not been measured; None for local models."""
    if model.partition("/")[0] in FREE:
        return None
    return Range(PAUSE.low + output.low / PACE.high, PAUSE.high + output.high / PACE.low)


def _cost(price: Price, input_tokens: Range, output_tokens: Range) -> Range:
    return Range(
        price.cost(input_tokens.low, output_tokens.low),
        price.cost(input_tokens.high, output_tokens.high),
    )


def _sum(lines: Sequence[UsageEstimate]) -> UsageEstimate:
    """The usage of one model in one environment, over several pairings."""
    chains = [line.chain for line in lines if line.chain is not None]
    longest = max(chains, key=lambda chain: chain.high) if chains else None
    return replace(
        lines[0],
        planned=sum(line.planned for line in lines),
        calls=total(line.calls for line in lines),
        input=total(line.input for line in lines),
        output=total(line.output for line in lines),
        cost=total_known(line.cost for line in lines),
        seconds=total_known(line.seconds for line in lines),
        chain=longest,
        runs=min(line.runs for line in lines),
    )
