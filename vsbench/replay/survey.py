"""Looking over a run directory: does its plan make sense, and is nothing there beside it?"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from vsbench.errors import UsageError
from vsbench.evaluations.samples import AskedSample
from vsbench.evaluations.schedule import SHIPPED, asked_samples, open_planned
from vsbench.players.scripted import scripted_name
from vsbench.records.files import MANIFEST, PROMPTS, REPLAYS, RESULTS, EpisodeKey
from vsbench.records.manifest import EnvironmentPlan, Manifest
from vsbench.replay.differences import DiffersError, Finding, Place
from vsbench.settings import Evaluation
from vsbench_envs import registry

MOST = 1_000_000
"""Episodes or samples of one environment that anybody would play."""

_JOURNAL = re.compile(r"journal/(decision|reasoning|perception)/([^/]+)/(\d+)\.jsonl")
_RUN = Place()


@dataclass
class Survey:
    """What there is to verify."""

    plans: dict[str, EnvironmentPlan] = field(default_factory=dict)
    """By environment: those that can be played."""
    samples: dict[EpisodeKey, AskedSample] = field(default_factory=dict)
    """Those that are planned."""
    keys: list[EpisodeKey] = field(default_factory=list)
    """The planned episodes and samples that have a journal, in order."""
    findings: list[Finding] = field(default_factory=list)

    def planned(self, key: EpisodeKey) -> bool:
        """Whether the run was to have such a journal."""
        if key.evaluation == "decision":
            return key.env in self.plans and key.episode < self.plans[key.env].episodes
        return key in self.samples


def survey(directory: Path, manifest: Manifest, own_datasets: bool = True) -> Survey:
    """Hold a run directory against its manifest.

    Args:
        directory: of the run.
        manifest: as it is in the directory.
        own_datasets: whether files that the manifest names may be opened.

    Raises:
        MissingExtraError: a game needs what is not installed here.
    """
    found = Survey()
    for plan in manifest.environments:
        try:
            repeated = len(set(manifest.evaluations)) < len(manifest.evaluations)
            if repeated or plan.env in found.plans:
                raise _RUN.differs("plan", f"the plan of {plan.env}", "repeated", "once")
            _check_plan(plan, manifest)
            found.plans[plan.env] = plan
            found.samples |= _samples(plan, manifest, own_datasets)
        except DiffersError as error:
            found.findings.append(error.finding)
    senseless = bool(found.findings)
    for path in sorted(directory.rglob("*")):
        try:
            key = _journal_key(directory, path)
            if key is None:
                continue
            if found.planned(key):
                found.keys.append(key)
            elif not senseless:
                raise _stray(path.relative_to(directory).as_posix())
        except DiffersError as error:
            found.findings.append(error.finding)
    order = list(found.plans)
    found.keys.sort(key=lambda key: (key.evaluation, order.index(key.env), key.episode))
    return found


def _check_plan(plan: EnvironmentPlan, manifest: Manifest) -> None:
    """Raise DiffersError unless this is a plan that a run could have had."""
    about = f"the plan of {plan.env}"
    try:
        game = registry.get(plan.env)
        for player in plan.seats.players:
            if name := scripted_name(player):
                registry.player(game, name)
    except (LookupError, ValueError) as error:
        raise _RUN.differs("plan", about, plan.seats.players, str(error)) from None
    players, measured = plan.seats.players, plan.seats.measured
    _RUN.expect("plan", f"{about}: seats", len(players), game.spec.seats)
    seats = tuple(seat for seat, player in enumerate(players) if player == manifest.model)
    if not measured or not set(measured) <= set(seats):
        raise _RUN.differs("plan", f"{about}: measured seats", measured, seats)
    least, most = (1, MOST) if "decision" in manifest.evaluations else (0, 0)
    if not least <= plan.episodes <= most:
        raise _RUN.differs("plan", f"{about}: episodes", plan.episodes, f"{least} to {most}")


def _samples(
    plan: EnvironmentPlan, manifest: Manifest, own_datasets: bool
) -> dict[EpisodeKey, AskedSample]:
    """The samples that are asked about, from a data set that is the one in the plan.

    Raises:
        DiffersError: it is not at hand, or the plan makes no sense.
    """
    asked = plan.samples
    if asked is None:
        return {}
    about = f"the samples of {plan.env}"
    if not (own_datasets or asked.dataset == SHIPPED):
        raise _RUN.differs("plan", about, asked.dataset, SHIPPED)
    if not 1 <= asked.count <= asked.size <= MOST:
        raise _RUN.differs("plan", about, asked.count, f"1 to {asked.size}")
    try:
        _RUN.expect(
            "plan", f"{about}: size", asked.size, len(open_planned(plan.env, asked).samples)
        )
        return {
            sample.key: sample
            for evaluation in manifest.evaluations
            if evaluation != "decision"
            for sample in asked_samples(manifest, plan, evaluation)
        }
    except UsageError as error:
        raise _RUN.differs("plan", about, asked.dataset, str(error)) from None


def _journal_key(directory: Path, path: Path) -> EpisodeKey | None:
    """The episode or sample whose journal a file is; None for the other files that a run has.

    Raises:
        DiffersError: a run has no such file.
    """
    name = path.relative_to(directory).as_posix()
    top = name.partition("/")[0]
    if top.startswith(".") or top == REPLAYS or (path.is_dir() and not path.is_symlink()):
        return None
    if not path.is_file() or path.is_symlink():
        raise _RUN.differs("file", name, "no plain file", "a plain file")
    if name in (MANIFEST, RESULTS) or (top == PROMPTS and path.suffix == ".j2"):
        return None
    if match := _JOURNAL.fullmatch(name):
        key = EpisodeKey(cast(Evaluation, match[1]), match[2], int(match[3]))
        if key.path(directory) == path:
            return key
    raise _stray(name)


def _stray(name: str) -> DiffersError:
    return _RUN.differs("file", name, "a file", "no part of this run")
