"""Compare the games of two runs: what is paired, and the differences of all figures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from vsbench.errors import UsageError
from vsbench.protocols import settings_in_words
from vsbench.records.comparison import (
    ChoicePair,
    SettingDifference,
)
from vsbench.records.files import UnitKey, open_run
from vsbench.records.journals import JournalFiles, Journals
from vsbench.records.manifest import EnvironmentPlan, Manifest
from vsbench.records.results import AnchorSet, Figure, Progress, Results
from vsbench.scoring.choices import (
    RecordedEpisode,
    Replays,
    worse_answers,
    worse_decisions,
)
from vsbench.scoring.differences import (
    DifferenceOfMeans,
    of_answers,
    of_episodes,
    of_estimates,
)
from vsbench.scoring.episodes import (
    PLUG_IN_VALUE,
    Finished,
    Scales,
    interval_unit,
    normalised_by,
    plug_in_value,
)
from vsbench.scoring.intervals import Mean, Scale, estimate, figure
from vsbench.scoring.results import PERCENT, Judged, judged, score, score_samples, strata_of
from vsbench.scoring.tally import Tally
from vsbench.settings import Evaluation
from vsbench_envs import registry
from vsbench_envs.spec import Measure

SIDES = ("base", "new")


@dataclass(frozen=True)
class ComparedRun:
    """A run to be compared."""

    source: str
    """Where it is kept, as commands take it."""
    manifest: Manifest
    journals: Journals
    results: Results
    """Computed from the journals."""

    @classmethod
    def open(cls, directory: Path, source: str = "", anchors: AnchorSet = "paper") -> ComparedRun:
        """Open a run directory.

        Args:
            directory: of the run.
            source: where it is kept; by default the directory.
            anchors: that returns are normalised by.

        Raises:
            UsageError: there is no run, or a journal is damaged.
        """
        manifest = open_run(directory)
        journals = JournalFiles(directory, manifest)
        results = score(manifest, journals, anchors)
        return cls(source or str(directory), manifest, journals, results)

    def scored(self, env: str) -> dict[int, RecordedEpisode]:
        """Read the episodes that count in the results, by number."""
        scores = {
            episode.episode: episode.score
            for part in self.results.environments
            if part.env == env
            for episode in part.episodes
        }
        found = {}
        for number in sorted(scores):
            lines = self.journals[UnitKey("decision", env, number)]
            if (episode := RecordedEpisode.parse(lines, scores[number])) is not None:
                found[number] = episode
        return found

    def judged(self, evaluation: Evaluation, plan: EnvironmentPlan) -> dict[int, Judged]:
        """Read the samples that count in the results, by number."""
        done, *_ = judged(
            (number, self.journals.get(UnitKey(evaluation, plan.env, number), ()))
            for number in plan.order(evaluation)
        )
        return {sample.opened.sample: sample for sample in done}

    def plan(self, env: str) -> EnvironmentPlan | None:
        """The plan of a game; None if the run does not have it."""
        return next((plan for plan in self.manifest.environments if plan.env == env), None)

    @property
    def stand_ins(self) -> float | None:
        """Share of the measured model's decisions and answers that were unusable."""
        usable = unusable = 0
        for part in self.results.environments:
            for seat in part.seats:
                if seat.player == self.manifest.model:
                    usable += seat.decisions["ok"]
                    unusable += sum(seat.decisions.values()) - seat.decisions["ok"]
        for asked in self.results.samples:
            failed = sum(asked.unusable.values())
            usable += asked.scored - failed
            unusable += failed
        return unusable / (usable + unusable) if usable + unusable else None


@dataclass(frozen=True)
class Estimate:
    """A figure of both runs and its difference."""

    base: Figure | None = None
    new: Figure | None = None
    difference: DifferenceOfMeans | None = None


@dataclass(frozen=True)
class Game:
    """The figures of a game in one evaluation."""

    env: str
    score: Estimate = Estimate()
    means: tuple[Mean, ...] = ()
    """The scores of both runs, if they are compared."""
    others: Mapping[str, Estimate] = field(default_factory=dict)
    """Measures and behaviours."""
    choices: tuple[ChoicePair, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class GameComparison:
    """Compares single games of two runs."""

    base: ComparedRun
    new: ComparedRun
    settings: Sequence[SettingDifference]
    """Those because of which figures are left out."""
    replays: tuple[Replays, Replays]

    @property
    def evaluations(self) -> list[Evaluation]:
        """The evaluations that both runs have."""
        return [e for e in self.base.manifest.evaluations if e in self.new.manifest.evaluations]

    @property
    def games(self) -> list[str]:
        """The games that any of the runs has."""
        plans = (*self.base.manifest.environments, *self.new.manifest.environments)
        return list(dict.fromkeys(plan.env for plan in plans))

    def refuse_if_nothing_is_comparable(self) -> None:
        """Raise UsageError, naming the settings, if no figure of the runs is comparable."""
        shared = [
            (evaluation, env)
            for evaluation in self.evaluations
            for env in self.games
            if self.base.plan(env) and self.new.plan(env)
        ]
        if not shared:
            raise UsageError("the runs have no game of the same evaluation in common")
        if all(self._blocking(*place) for place in shared):
            named = "; ".join(settings_in_words(self.settings))
            raise UsageError(
                f"these runs are not comparable: {named}. "
                "Add --incomparable (in Python: incomparable=True) to compare them all the same"
            )

    def game(self, evaluation: Evaluation, env: str) -> Game:
        """Compare a game."""
        plans = [run.plan(env) for run in (self.base, self.new)]
        if plans[0] is None or plans[1] is None:
            missing = SIDES[plans[0] is not None]
            return Game(
                env, self._unchanged(evaluation, env), note=f"left out of the {missing} run"
            )
        if blocking := self._blocking(evaluation, env):
            # The note stands beside the game's name.
            here = [each.model_copy(update={"environment": None}) for each in blocking]
            note = f"not comparable: {'; '.join(settings_in_words(here))}"
            return Game(env, self._unchanged(evaluation, env), note=note)
        if evaluation == "decision":
            return self._decisions(plans[0], plans[1])
        return self._answers(evaluation, plans[0], plans[1])

    def _blocking(self, evaluation: Evaluation, env: str) -> list[SettingDifference]:
        return [each for each in self.settings if each.concerns(evaluation, env)]

    def _unchanged(self, evaluation: Evaluation, env: str) -> Estimate:
        """The score of a game as the runs have it, without a comparison."""
        base, new = (run.results.scores(evaluation).get(env) for run in (self.base, self.new))
        return Estimate(base, new)

    def _decisions(self, *plans: EnvironmentPlan) -> Game:
        env = plans[0].env
        base, new = self.base.scored(env), self.new.scored(env)
        if not base or not new:
            return self._nothing("decision", env, base, new)
        paired = self._same_deals(base, new)
        counts = len(base), len(new)
        if paired:
            common = base.keys() & new.keys()
            base, new = ({n: run[n] for n in run if n in common} for run in (base, new))
        if not base:
            return Game(env, self._unchanged("decision", env), note="no episode ended in both runs")
        spec = normalised_by(self.base.results.anchors, registry.get(env).spec)
        scales, size = Scales(spec), interval_unit(plans[0])
        sides = Sides(base, new, size, paired)
        return Game(
            env=env,
            score=sides.estimate(lambda episode: episode.score, scales.score),
            means=sides.means(lambda episode: episode.score, scales.score),
            others=dict(self._others(plans, sides, scales)),
            choices=tuple(worse_decisions(env, base, new, self.replays)) if paired else (),
            note=_note(counts, len(base), paired, "episodes", self._why_unpaired),
        )

    def _others(
        self, plans: tuple[EnvironmentPlan, ...], sides: Sides, scales: Scales
    ) -> Iterator[tuple[str, Estimate]]:
        """Yield the measures and behaviours of a game."""
        env = plans[0].env
        for measure in registry.get(env).spec.measures:

            def extract(each: Finished, measure: Measure = measure) -> float:
                return measure.extract(each.summary, each.opened.measured)

            yield measure.name, sides.of_finished(extract, scales.measure(measure))
        values = [
            plug_in_value(plan, [each.finished for _, each in sorted(run.items())])
            for plan, run in zip(plans, (sides.base, sides.new), strict=True)
        ]
        if values[0] is not None and values[1] is not None:
            difference = of_estimates(values[0], values[1])
            yield PLUG_IN_VALUE, Estimate(values[0].figure, values[1].figure, difference)
        for event in registry.get(env).spec.events:

            def count(each: Finished, event: str = event) -> float:
                return each.behaviour(event, each.opened.measured)

            counts = [count(e.finished) for run in (sides.base, sides.new) for e in run.values()]
            scale = scales.behaviour(event, counts, len(plans[0].seats.measured))
            yield event, sides.of_finished(count, scale)

    def _same_deals(
        self, base: Mapping[int, RecordedEpisode], new: Mapping[int, RecordedEpisode]
    ) -> bool:
        """Whether episodes of the same number are the same deal from the same seats."""
        if self.base.manifest.seed != self.new.manifest.seed:
            return False
        opened = (
            (base[number].finished.opened, new[number].finished.opened)
            for number in base.keys() & new.keys()
        )
        return all(
            (one.seed, one.measured) == (other.seed, other.measured) for one, other in opened
        )

    @property
    def _why_unpaired(self) -> str:
        same = self.base.manifest.seed == self.new.manifest.seed
        return "the seats differ" if same else "the seeds differ"

    def _answers(self, evaluation: Evaluation, *plans: EnvironmentPlan) -> Game:
        env = plans[0].env
        base = self.base.judged(evaluation, plans[0])
        new = self.new.judged(evaluation, plans[1])
        if not base or not new:
            return self._nothing(evaluation, env, base, new)
        paired = len({plan.samples.sha256 for plan in plans if plan.samples}) == 1
        counts = len(base), len(new)
        if paired:
            common = base.keys() & new.keys()
            base, new = ({n: run[n] for n in run if n in common} for run in (base, new))
        if not base:
            note = "no sample was answered in both runs"
            return Game(env, self._unchanged(evaluation, env), note=note)
        figures, means = [], []
        for plan, run in zip(plans, (base, new), strict=True):
            result, mean = score_samples(
                evaluation, plan, list(run.values()), Progress.whole(len(run)), Tally()
            )
            assert mean is not None
            figures.append(result.score)
            means.append(mean)
        if paired:
            difference = of_answers(
                {number: sample.verdict.credit for number, sample in base.items()},
                {number: sample.verdict.credit for number, sample in new.items()},
                {number: sample.cluster for number, sample in base.items()},
                strata_of(plans[0], list(base.values())) or None,
                scale=PERCENT,
                binary=evaluation == "reasoning",
            )
        else:
            difference = of_estimates(means[0], means[1])
        return Game(
            env=env,
            score=Estimate(figures[0], figures[1], difference),
            means=tuple(means),
            choices=tuple(worse_answers(evaluation, env, base, new, self.replays))
            if paired
            else (),
            note=_note(counts, len(base), paired, "samples", "the data sets differ"),
        )

    def _nothing(self, evaluation: Evaluation, env: str, *runs: Mapping[int, object]) -> Game:
        missing = " and ".join(
            f"the {side} run" for side, run in zip(SIDES, runs, strict=True) if not run
        )
        note = f"nothing finished in {missing}"
        return Game(env, self._unchanged(evaluation, env), note=note)


@dataclass(frozen=True)
class Sides:
    """The compared episodes of a game in both runs."""

    base: Mapping[int, RecordedEpisode]
    new: Mapping[int, RecordedEpisode]
    size: int
    """Episodes in a unit of an interval."""
    paired: bool

    def estimate(self, value: Callable[[RecordedEpisode], float], scale: Scale) -> Estimate:
        """Estimate a figure of both runs, and its difference."""
        base, new = self._values(value)
        return Estimate(
            figure(list(base.values()), scale, self.size, list(base)),
            figure(list(new.values()), scale, self.size, list(new)),
            of_episodes(base, new, scale, self.size, same_seeds=self.paired),
        )

    def of_finished(self, value: Callable[[Finished], float], scale: Scale) -> Estimate:
        """Estimate a figure that is computed from what an episode ended with."""
        return self.estimate(lambda episode: value(episode.finished), scale)

    def means(self, value: Callable[[RecordedEpisode], float], scale: Scale) -> tuple[Mean, ...]:
        """Estimate the mean of a figure in each run."""
        return tuple(
            estimate(list(run.values()), scale, self.size, list(run)) for run in self._values(value)
        )

    def _values(
        self, value: Callable[[RecordedEpisode], float]
    ) -> tuple[dict[int, float], dict[int, float]]:
        base, new = (
            {number: value(run[number]) for number in sorted(run)} for run in (self.base, self.new)
        )
        return base, new


def _note(counts: tuple[int, int], compared: int, paired: bool, units: str, unpaired: str) -> str:
    """Say what restricts a comparison."""
    if not paired:
        return f"not paired: {unpaired}"
    if max(counts) > compared:
        return f"only the {compared} {units} that both runs have"
    return ""
