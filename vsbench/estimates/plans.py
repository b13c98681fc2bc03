"""Plans of runs: the cheapest counts that reach a precision, or the best precision for a budget."""

from __future__ import annotations

import math
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from vsbench.errors import UsageError
from vsbench.estimates.precision import (
    Accuracy,
    EpisodeScore,
    PerceptionScore,
    Score,
    detectable_effect,
    half_width,
)
from vsbench.estimates.ranges import NOTHING, Range, total, total_known
from vsbench.estimates.usage import Estimator, Rates, RunEstimate, UsageEstimate
from vsbench.models import FREE
from vsbench.planning.units import open_dataset
from vsbench.records.manifest import EnvironmentPlan, Manifest
from vsbench.scoring.intervals import Mean, mean_of_means
from vsbench.settings import Evaluation, RunSettings, as_options

Kind = Literal["protocol", "overall", "alone"]
"""Designs: the counts of the run as it is set up; the cheapest for the overall score; and for each
environment's score by itself."""

STEPS, EXTREMES = 60, (1e-6, 1e9)
"""Bisections of the search for counts, and the factors between which it ends."""

BUDGET_STEPS, BUDGET_WIDTHS = 30, (0.01, 1e4)
"""The same of the search for half-widths, in points."""

NEARLY = 1.02
"""Factor of the best that can be reached to settle for; the rest would multiply the cost."""

MANY = 1000
"""Episodes or samples over which prices are averaged."""


@dataclass(frozen=True)
class Goal:
    """What a plan is to reach; exactly one of the first four is set."""

    half_width: float | None = None
    """Points on each side of a score's 95 % interval."""
    detect: float | None = None
    """Points of a drop that a comparison of two runs finds with 80 % probability."""
    budget: float | None = None
    """US dollars to spend at most."""
    budget_tokens: int | None = None
    """Tokens to use at most, input and output together."""
    paired: bool = True
    """Whether both runs of a comparison have the same seed."""

    @property
    def target(self) -> float | None:
        """Points to reach; None for a budget."""
        return self.half_width if self.half_width is not None else self.detect

    def __post_init__(self) -> None:
        given = [each for each in (self.half_width, self.detect, self.budget) if each is not None]
        given += [] if self.budget_tokens is None else [float(self.budget_tokens)]
        if len(given) != 1:
            raise UsageError(
                "give one goal: --half-width or --detect in points, --budget in US dollars, "
                "or --budget-tokens"
            )
        if not (math.isfinite(given[0]) and given[0] > 0):
            raise UsageError(f"a goal of {given[0]:g} cannot be reached: give a number above 0")


@dataclass(frozen=True)
class PlannedScore:
    """One environment in a design."""

    evaluation: Evaluation
    env: str
    count: int
    """Episodes or samples."""
    most: int
    """Greatest count that a run takes: of episodes, or of samples in the set."""
    spread: float
    """Standard deviation of a single one, in points."""
    runs: int
    """Earlier runs that the spread is learnt from; 0 for the shipped one."""
    half_width: float
    """Expected, in points."""
    detectable: float
    """Drop that a comparison of two such runs finds with 80 % probability."""
    reached: bool
    """Whether it reaches the goal by itself."""
    usage: tuple[UsageEstimate, ...]
    """Of each model."""


@dataclass(frozen=True)
class Design:
    """Counts for all environments of an evaluation, and what they give."""

    kind: Kind
    evaluation: Evaluation
    scores: tuple[PlannedScore, ...]
    half_width: float
    """Of the mean over environments, in points."""
    detectable: float
    reached: bool
    """Whether the goal is reached."""

    @property
    def usage(self) -> tuple[UsageEstimate, ...]:
        """Of all environments and models."""
        return tuple(line for score in self.scores for line in score.usage)


@dataclass(frozen=True)
class RunPlan:
    """A plan of one model's run."""

    model: str
    goal: Goal
    designs: tuple[Design, ...]
    commands: tuple[str, ...]
    """``vsbench run ...`` for the ``overall`` design of each evaluation."""
    connections: int

    def designs_of(self, kind: Kind) -> list[Design]:
        """The designs of a kind, by evaluation."""
        return [design for design in self.designs if design.kind == kind]

    def cost(self, kind: Kind = "overall") -> Range | None:
        """US dollars of all evaluations; None without a price."""
        return total_known(line.cost for line in self._lines(kind))

    def tokens(self, kind: Kind = "overall") -> Range:
        """Input and output tokens of all evaluations."""
        return total(line.input + line.output for line in self._lines(kind))

    def time(self, kind: Kind = "overall") -> Range | None:
        """Seconds of all evaluations, played together; None if a model's latency is unknown."""
        return RunEstimate(self.model, tuple(self._lines(kind)), self.connections).time

    def _lines(self, kind: Kind) -> Iterator[UsageEstimate]:
        for design in self.designs_of(kind):
            yield from design.usage

    def plain(self) -> dict[str, Any]:
        """The plan as JSON has it; ranges are objects with ``low`` and ``high``."""
        return asdict(self)


Unit = Callable[[UsageEstimate], Range]
"""Money or tokens of an estimate."""


@dataclass(frozen=True)
class Environment:
    """An environment's score and what its episodes or samples take."""

    score: Score
    rates: tuple[Rates, ...]
    planned: int
    """Episodes or samples of the run as it is set up."""

    def most_spent(self, count: int, unit: Unit) -> float:
        """Most money or tokens that so many take."""
        return sum(unit(rates.of(count)).high for rates in self.rates)

    def price(self, unit: Unit) -> float:
        """Money or tokens of one, in the middle of the range."""
        return sum(unit(rates.of(MANY)).middle for rates in self.rates) / MANY


def plan_run(
    settings: RunSettings, manifest: Manifest, goal: Goal, estimator: Estimator
) -> RunPlan:
    """Plan the run of one model.

    Args:
        settings: of the run.
        manifest: planned with them; its counts make the ``protocol`` design.
        goal: to reach.
        estimator: of its usage; also has the earlier runs.

    Raises:
        UsageError: a budget is in dollars and a price unknown, or it is too small for any plan.
    """
    games = _games(manifest, estimator)
    unit = _unit(manifest, goal, [game for found in games.values() for game in found])
    if goal.target is None:
        chosen = _within_budget(games, goal, unit)
    else:
        chosen = {name: cheapest(found, goal, goal.target, unit) for name, found in games.items()}
    designs = []
    for evaluation, found in games.items():
        planned = [game.planned for game in found]
        designs.append(_design("protocol", evaluation, found, planned, goal))
        designs.append(_design("overall", evaluation, found, chosen[evaluation], goal))
        if goal.target is not None and len(found) > 1:
            alone = [cheapest([game], goal, goal.target, unit)[0] for game in found]
            designs.append(_design("alone", evaluation, found, alone, goal))
    of_model = settings.model_copy(update={"models": (manifest.model,)})
    options = as_options(of_model, leave_out=("evals", "episodes", "samples", "out"))
    commands = tuple(_command(design, options) for design in designs if design.kind == "overall")
    return RunPlan(manifest.model, goal, tuple(designs), commands, estimator.connections)


def _games(manifest: Manifest, estimator: Estimator) -> dict[Evaluation, list[Environment]]:
    """The environments of each evaluation that have something planned."""
    rates: dict[tuple[Evaluation, str], list[Rates]] = {}
    for plan, found in estimator.rates(manifest):
        rates.setdefault((found.evaluation, plan.env), []).append(found)
    return {
        evaluation: [
            Environment(
                _score(manifest, plan, evaluation, estimator),
                tuple(rates.get((evaluation, plan.env), ())),
                len(plan.numbers(evaluation)),
            )
            for plan in plans
        ]
        for evaluation in manifest.evaluations
        if (plans := [plan for plan in manifest.environments if plan.numbers(evaluation)])
    }


def _score(
    manifest: Manifest, plan: EnvironmentPlan, evaluation: Evaluation, estimator: Estimator
) -> Score:
    earlier = estimator.experience.parts(manifest, plan, evaluation, manifest.model)
    if evaluation == "decision":
        return EpisodeScore(plan, earlier)
    assert plan.samples is not None
    dataset = open_dataset(plan.env, plan.samples, estimator.datasets)
    kind = Accuracy if evaluation == "reasoning" else PerceptionScore
    return kind(evaluation, plan.env, plan.samples, dataset, earlier)


def _unit(manifest: Manifest, goal: Goal, games: Sequence[Environment]) -> Unit:
    """What is spent: money where all models have a price, otherwise tokens.

    Raises:
        UsageError: the goal is a budget that cannot be spent.
    """
    rates = {found.model: found for game in games for found in game.rates}
    billed = [model for model in rates if model.partition("/")[0] not in FREE]
    unpriced = [model for model in billed if rates[model].cost is None]
    if not rates and goal.target is None:
        raise UsageError(f"{manifest.model} is a bot: no model takes part, so nothing is spent")
    if goal.budget is not None:
        if unpriced:
            raise UsageError(
                f"the price of {unpriced[0]} is unknown, so a budget in dollars cannot be planned: "
                "give --prices FILE, or --budget-tokens N"
            )
        if not billed:
            raise UsageError("every model here is free: give --budget-tokens N instead of --budget")
    if goal.budget_tokens is None and billed and not unpriced:
        return lambda line: line.cost or NOTHING
    return lambda line: line.input + line.output


def _achieved(games: Sequence[Environment], counts: Sequence[int], goal: Goal) -> float:
    """The half-width or the detectable effect of the mean over some environments."""
    if goal.detect is not None:
        return detectable_effect(_means(games, counts), paired=goal.paired)
    return _half_width(games, counts)


def _means(games: Sequence[Environment], counts: Sequence[int]) -> list[Mean]:
    return [game.score.mean(count) for game, count in zip(games, counts, strict=True)]


def _half_width(games: Sequence[Environment], counts: Sequence[int]) -> float:
    """Of the mean over environments; one by itself may have another kind of interval."""
    if len(games) == 1:
        return games[0].score.half_width(counts[0])
    return half_width(mean_of_means(_means(games, counts)))


def cheapest(games: Sequence[Environment], goal: Goal, target: float, unit: Unit) -> list[int]:
    """The cheapest counts with which the mean over environments reaches a target.

    Counts are in proportion to the root of variance over price, which is the optimum for a mean
    (Neyman, 1934; Cochran, Sampling Techniques, section 5.5), rounded up to whole groups, within
    what a run takes. If even the greatest counts do not reach the target, the plan comes nearly as
    close as they do.
    """
    prices = [game.price(unit) for game in games]
    fallback = max(prices) or 1.0
    weights = [
        game.score.spread / math.sqrt(price or fallback)
        for game, price in zip(games, prices, strict=True)
    ]

    def counts_at(factor: float) -> list[int]:
        pairs = zip(games, weights, strict=True)
        return [game.score.round(factor * weight) for game, weight in pairs]

    low, high = EXTREMES
    target = max(target, NEARLY * _achieved(games, counts_at(high), goal))
    for _ in range(STEPS):
        middle = math.sqrt(low * high)
        if _achieved(games, counts_at(middle), goal) <= target:
            high = middle
        else:
            low = middle
    return _trim(games, counts_at(high), goal, target, prices)


def _trim(
    games: Sequence[Environment],
    counts: list[int],
    goal: Goal,
    target: float,
    prices: Sequence[float],
) -> list[int]:
    """Take back what rounding added beyond need, the most expensive steps first."""
    order = sorted(range(len(games)), key=lambda k: -prices[k] * games[k].score.step)
    for place in order:
        score = games[place].score
        fewer = [*counts]
        fewer[place] -= score.step
        if fewer[place] >= score.least and _achieved(games, fewer, goal) <= target:
            counts = fewer
    return counts


def _within_budget(
    games: Mapping[Evaluation, Sequence[Environment]], goal: Goal, unit: Unit
) -> dict[Evaluation, list[int]]:
    """The counts with the narrowest intervals, as wide in all evaluations, that a budget allows.

    What is spent counts at the high end of its range, so that the budget suffices.
    """
    budget = goal.budget if goal.budget is not None else float(goal.budget_tokens or 0)

    def counts_for(width: float) -> dict[Evaluation, list[int]]:
        return {name: cheapest(found, goal, width, unit) for name, found in games.items()}

    def spent(chosen: Mapping[Evaluation, list[int]]) -> float:
        return sum(
            game.most_spent(count, unit)
            for name, found in games.items()
            for game, count in zip(found, chosen[name], strict=True)
        )

    narrow, wide = BUDGET_WIDTHS
    if (least := spent(counts_for(wide))) > budget:
        amount = f"${least:.2f}" if goal.budget is not None else f"{least:,.0f} tokens"
        raise UsageError(
            f"the budget is too small: the least plan may take {amount}; "
            "choose fewer environments or evaluations with --env and --eval, or learn from an "
            "earlier run, which narrows what it may take"
        )
    for _ in range(BUDGET_STEPS):
        middle = math.sqrt(narrow * wide)
        if spent(counts_for(middle)) <= budget:
            wide = middle
        else:
            narrow = middle
    return counts_for(wide)


def _design(
    kind: Kind,
    evaluation: Evaluation,
    games: Sequence[Environment],
    counts: Sequence[int],
    goal: Goal,
) -> Design:
    target = math.inf if goal.target is None else goal.target
    return Design(
        kind=kind,
        evaluation=evaluation,
        scores=tuple(
            PlannedScore(
                evaluation=evaluation,
                env=game.score.env,
                count=count,
                most=game.score.most,
                spread=game.score.spread,
                runs=game.score.runs,
                half_width=game.score.half_width(count),
                detectable=detectable_effect([game.score.mean(count)], paired=goal.paired),
                reached=_achieved([game], [count], goal) <= target,
                usage=tuple(rates.of(count) for rates in game.rates),
            )
            for game, count in zip(games, counts, strict=True)
        ),
        half_width=_half_width(games, counts),
        detectable=detectable_effect(_means(games, counts), paired=goal.paired),
        reached=_achieved(games, counts, goal) <= target,
    )


def _command(design: Design, options: Sequence[str]) -> str:
    """The command that plays a design; counts that are all equal are given once."""
    flag = "--episodes" if design.evaluation == "decision" else "--samples"
    counts = {score.env: score.count for score in design.scores}
    same = len(set(counts.values())) == 1
    given = [str(next(iter(counts.values())))] if same else [f"{k}={n}" for k, n in counts.items()]
    words = [*options, "--eval", design.evaluation]
    for count in given:
        words += [flag, count]
    return shlex.join(["vsbench", "run", *words])
