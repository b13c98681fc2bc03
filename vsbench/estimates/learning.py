"""Learn from earlier runs of a model: calls, tokens, latency and scores.

Only manifests and ``results.json`` are read, of a bounded number of the newest runs. Directories of
others and damaged ones are skipped, with a notice.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from statistics import fmean

from vsbench.errors import UsageError
from vsbench.estimates.ranges import Count, Range
from vsbench.records.bounds import MAX_INTEGER, MAX_RESULTS_BYTES
from vsbench.records.files import MANIFEST, PAIRINGS, RESULTS, TOURNAMENT, open_run
from vsbench.records.manifest import EnvironmentPlan, Manifest, Price
from vsbench.records.reading import read_json
from vsbench.records.results import EnvironmentResult, Results, SampleResult, Usage
from vsbench.scoring.intervals import Scale, estimate
from vsbench.settings import Evaluation

RUNS = Path("runs")
"""Folder of the runs that are learnt from by default, and that new ones are written to."""

MAX_FOUND, MAX_READ = 200, 12
"""Newest runs whose manifests are read, and those of the model whose results are."""

MAX_ENTRIES = 5_000
"""Entries of a folder that are looked at."""

DEVIATIONS = 2.0
"""Standard deviations on each side of a mean that a range covers."""

LENGTH_SPREAD = 0.1
"""Prior standard deviation of an episode's length, as a share of the mean."""


@dataclass(frozen=True)
class Learnt:
    """What earlier runs took, by episode or sample and by call."""

    runs: int
    calls: Count | None
    """For each episode or sample; None if every run was broken off within one."""
    input: Range
    """Tokens a call."""
    output: Range
    latency: Range
    """Seconds a call."""
    cached: float
    """Share of the input tokens that the provider had cached."""
    cache_written: float
    """Share of the input tokens that the provider wrote to its cache."""

    def cost(self, price: Price) -> Range:
        """US dollars of a call."""
        low, high = (
            price.cost(
                tokens,
                written,
                cached=round(self.cached * tokens),
                cache_written=round(self.cache_written * tokens),
            )
            for tokens, written in (
                (self.input.low, self.output.low),
                (self.input.high, self.output.high),
            )
        )
        return Range(low, high)


Part = EnvironmentResult | SampleResult
"""The results of one evaluation in one environment of a run."""

Key = tuple[object, ...]
"""What earlier runs have to share with a planned one; see :func:`_key`."""


class Experience:
    """Earlier runs that a plan can learn from, the newest first.

    Args:
        directories: of runs.

    Attributes:
        notices: what was skipped and why, a line each.
    """

    def __init__(self, directories: Sequence[Path] = ()) -> None:
        self.notices: list[str] = []
        self._manifests: dict[Path, Manifest] = {}
        self._results: dict[Path, Results | None] = {}
        for directory in directories[:MAX_FOUND]:
            try:
                self._manifests[directory] = open_run(directory)
            except (UsageError, OSError) as error:
                self.notices.append(f"nothing learnt from {directory}: {error}")
        if len(directories) > MAX_FOUND:
            self.notices.append(f"learning from the newest {MAX_FOUND} of {len(directories)} runs")

    def of(
        self, manifest: Manifest, plan: EnvironmentPlan, evaluation: Evaluation, model: str
    ) -> Learnt | None:
        """Return what a model took in comparable runs; None without any.

        Comparable runs have the same model, prompts, track, persona, feedback, picture detail and
        thinking, and in decision-making the same players in the same environment.
        """
        parts = self.parts(manifest, plan, evaluation, model)
        found = [(part, usage) for part in parts if (usage := _usage(part, model)) is not None]
        if not found:
            return None
        usages = [usage for _, usage in found]
        tokens = max(1, sum(usage.input for usage in usages))
        cached = min(1.0, sum(usage.cached for usage in usages) / tokens)
        written = min(1.0 - cached, sum(usage.cache_written for usage in usages) / tokens)
        return Learnt(
            runs=len(found),
            # The calls of unfinished units count in usage, and would raise the mean.
            calls=_calls([part for part, _ in found if part.unfinished is None], model),
            input=Range.around(usage.input / _made(usage) for usage in usages),
            output=Range.around(usage.output / _made(usage) for usage in usages),
            latency=Range.around(usage.latency / _made(usage) for usage in usages),
            cached=cached,
            cache_written=written,
        )

    def parts(
        self, manifest: Manifest, plan: EnvironmentPlan, evaluation: Evaluation, model: str
    ) -> list[Part]:
        """Return the results of comparable runs, with at least one episode or sample finished."""
        key = _key(manifest, plan, evaluation, model)
        found: list[Part] = []
        for directory, earlier in self._manifests.items():
            for other in earlier.environments:
                if len(found) < MAX_READ and _key(earlier, other, evaluation, model) == key:
                    found += self._parts(directory, evaluation, plan.env)
        return found

    def _parts(self, directory: Path, evaluation: Evaluation, env: str) -> Iterator[Part]:
        results = self._read(directory)
        if results is not None:
            parts: Sequence[Part] = (
                results.environments if evaluation == "decision" else results.samples_of(evaluation)
            )
            yield from (part for part in parts if part.env == env and part.finished > 0)

    def _read(self, directory: Path) -> Results | None:
        if directory not in self._results:
            self._results[directory] = None
            try:
                found = read_json(directory / RESULTS, Results, MAX_RESULTS_BYTES)
                if found.model != self._manifests[directory].model:
                    raise ValueError("its results are of another model than its run.json")
                self._results[directory] = found
            except FileNotFoundError:
                pass  # A run that was killed, or goes on: results are written at the end.
            except (OSError, ValueError) as error:
                self.notices.append(f"nothing learnt from {directory}: {RESULTS}: {error}")
        return self._results[directory]


def experience_in(folder: Path) -> Experience:
    """Return the experience in a folder named by the user: of a run, or of runs and tournaments.

    Raises:
        UsageError: there is no run in it.
    """
    found = _runs_in(folder)
    if not found:
        raise UsageError(f"--learn {folder}: there is no run in this directory")
    return Experience(found)


def usual_experience(out: Path | None) -> Experience:
    """Return the experience in the folder that a run is written to: ``runs``, or that of ``out``.

    ``out`` may be the directory of a new run or a folder of runs, so both places count.
    """
    folders = [RUNS] if out is None else [out, out.parent]
    found = (directory for folder in folders for directory in _runs_in(folder))
    return Experience(list(dict.fromkeys(found)))


def _runs_in(folder: Path) -> list[Path]:
    """The runs in a folder and the pairings of its tournaments, the newest first."""
    found: list[tuple[float, Path]] = []
    for directory in [folder, *_folders(folder)]:
        places = [directory]
        if (directory / TOURNAMENT).is_file():
            places = _folders(directory / PAIRINGS)
        for place in places:
            try:
                found.append(((place / MANIFEST).stat().st_mtime, place))
            except OSError:
                continue
    return [place for _, place in sorted(found, reverse=True)]


def _folders(folder: Path) -> list[Path]:
    try:
        with os.scandir(folder) as entries:
            return [Path(entry) for entry in islice(entries, MAX_ENTRIES) if entry.is_dir()]
    except OSError:
        return []


def _key(manifest: Manifest, plan: EnvironmentPlan, evaluation: Evaluation, model: str) -> Key:
    """Everything that has an influence on calls, tokens and scores in an environment."""
    in_force = manifest.models.get(model)
    if in_force is None or evaluation not in manifest.evaluations:
        return (None, id(manifest))  # Equal to no other.
    settings = manifest.model_settings
    players = sorted(plan.seats.players) if evaluation == "decision" else manifest.model
    samples = None if evaluation == "decision" or plan.samples is None else plan.samples.sha256
    return (
        *(plan.env, model, players, samples, manifest.prompts_sha256),
        *(settings.modality, settings.style, settings.persona, settings.feedback, settings.detail),
        *(in_force.thinking, in_force.thinking_tokens, settings.reasoning_effort),
    )


def _usage(part: Part, model: str) -> Usage | None:
    """What a model used in a part of a run; None if no provider was called, or it makes no sense.

    Results may have been changed by anybody, so every number is checked.
    """
    if isinstance(part, SampleResult):
        usages = [part.usage]
    else:
        usages = [seat.usage for seat in part.seats if seat.player == model]
    names = ("replies", "from_cache", "input", "output", "cached", "cache_written", "latency")
    sums = {name: sum(getattr(usage, name) for usage in usages) for name in names}
    if not all(0 <= value < MAX_INTEGER for value in sums.values()):
        return None
    found = Usage(**sums)
    return found if _made(found) > 0 else None


def _made(usage: Usage) -> int:
    """Calls that a provider answered."""
    return usage.replies - usage.from_cache


def _calls(parts: Sequence[Part], model: str) -> Count | None:
    """Calls in an episode or sample, over runs that have finished all that they began."""
    finished = sum(part.finished for part in parts)
    usages = [usage for part in parts if (usage := _usage(part, model)) is not None]
    if not finished:
        return None
    mean = sum(usage.replies for usage in usages) / finished
    lengths = [
        float(episode.length)
        for part in parts
        if isinstance(part, EnvironmentResult)
        for episode in part.episodes
    ]
    if lengths and fmean(lengths) > 0:
        # Calls are in proportion to the length of an episode, which is known of each.
        relative = [length / fmean(lengths) for length in lengths]
        found = estimate(relative, Scale(LENGTH_SPREAD))
        error, spread = mean * found.error, mean * found.error * math.sqrt(found.n)
    else:
        # Attempts until an answer can be read: a geometric distribution.
        spread = math.sqrt(mean * max(0.0, mean - 1.0))
        error = spread / math.sqrt(finished)
    half = DEVIATIONS * error
    usual = DEVIATIONS * spread
    return Count(Range(max(0.0, mean - half), mean + half), usual, usual)
