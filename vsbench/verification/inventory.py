"""Compare a run directory with its manifest."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

from vsbench.bots import bot_name
from vsbench.errors import UsageError
from vsbench.evaluations.units import AskedSample
from vsbench.models import in_force_as_recorded
from vsbench.planning.units import open_dataset, planned_samples
from vsbench.protocols import conformity, conforms, identify
from vsbench.reconstruction.findings import DiffersError, Finding, Place
from vsbench.records.bounds import FILES
from vsbench.records.files import ERROR, LOCK, MANIFEST, PROMPTS, REPLAYS, RESULTS, UnitKey
from vsbench.records.manifest import EnvironmentPlan, Manifest
from vsbench.settings import Evaluation
from vsbench_envs import registry

AHEAD = timedelta(days=1)
"""How far clocks may be apart."""

MOST_FINDINGS = 1000
"""After so many, nobody reads on."""

JOURNALS = "journal"

_JOURNAL = re.compile(r"journal/(decision|reasoning|perception)/([^/]+)/(\d+)\.jsonl")
_RUN = Place()


@dataclass
class Survey:
    """What there is to verify."""

    plans: dict[str, EnvironmentPlan] = field(default_factory=dict)
    """By environment: those that can be played."""
    samples: dict[UnitKey, AskedSample] = field(default_factory=dict)
    """Those that are planned."""
    keys: list[UnitKey] = field(default_factory=list)
    """The planned episodes and samples that have a journal, in order."""
    findings: list[Finding] = field(default_factory=list)

    def planned(self, key: UnitKey) -> bool:
        """Whether the run was to have such a journal."""
        if key.evaluation == "decision":
            return key.env in self.plans and key.number < self.plans[key.env].episodes
        return key in self.samples


def survey(directory: Path, manifest: Manifest, datasets: Path | None = None) -> Survey:
    """Hold a run directory against its manifest.

    Args:
        directory: of the run.
        manifest: as it is in the directory.
        datasets: where the data sets are that do not ship.

    Raises:
        MissingExtraError: a game needs what is not installed here.
    """
    found = Survey()
    if manifest.created > datetime.now(UTC) + AHEAD:
        late = _RUN.differs("plan", "when it began", manifest.created.isoformat(), "in the past")
        found.findings.append(late.finding)
    found.findings += _check_protocol(manifest)
    for plan in manifest.environments:
        try:
            _check_plan(plan, manifest)
            found.plans[plan.env] = plan
            found.samples |= _samples(plan, manifest, datasets)
        except DiffersError as error:
            found.findings.append(error.finding)
    senseless = bool(found.findings)
    for path in _walk(directory):
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
            if len(found.findings) > MOST_FINDINGS:
                break
    order = list(found.plans)
    found.keys.sort(key=lambda key: (key.evaluation, order.index(key.env), key.number))
    return found


def _check_protocol(manifest: Manifest) -> list[Finding]:
    """Find whether the limits in force follow from the settings, and whether a run says rightly
    that it conforms to its protocol, if that is known here."""
    for name, recorded in manifest.models.items():
        in_force = in_force_as_recorded(name, manifest.model_settings, recorded)
        if recorded != in_force:
            return [_RUN.differs("plan", f"limits of {name}", recorded, in_force).finding]
    named = manifest.protocol
    if named is None or identify(named.name, named.sha256) is None:
        return []
    derived = conforms(conformity(manifest))
    if named.conforms == derived:
        return []
    said = _RUN.differs("plan", f"conforming to {named.name}", named.conforms, derived)
    return [said.finding]


def _check_plan(plan: EnvironmentPlan, manifest: Manifest) -> None:
    """Raise DiffersError unless this is a plan that a run could have had."""
    about = f"the plan of {plan.env}"
    try:
        game = registry.get(plan.env)
        for player in plan.seats.players:
            if name := bot_name(player):
                registry.bot(game, name)
    except (LookupError, ValueError) as error:
        raise _RUN.differs("plan", about, plan.seats.players, str(error)) from None
    players, measured = plan.seats.players, plan.seats.measured
    _RUN.expect("plan", f"{about}: seats", len(players), game.spec.seats)
    seats = tuple(seat for seat, player in enumerate(players) if player == manifest.model)
    if not measured or not set(measured) <= set(seats):
        raise _RUN.differs("plan", f"{about}: measured seats", measured, seats)
    if (plan.episodes > 0) != ("decision" in manifest.evaluations):
        evaluations = ", ".join(manifest.evaluations)
        raise _RUN.differs("plan", f"{about}: episodes", plan.episodes, f"those of {evaluations}")


def _walk(directory: Path) -> Iterator[Path]:
    """Every file and folder in a run's directory, links not followed.

    Raises:
        UsageError: there are more than any run has.
    """
    seen = 0
    for folder, folders, files in os.walk(directory):
        folders.sort()
        for name in sorted([*folders, *files]):
            seen += 1
            if seen > FILES:
                raise UsageError(f"{directory} holds more than {FILES:,} files and folders")
            yield Path(folder, name)


def _samples(
    plan: EnvironmentPlan, manifest: Manifest, datasets: Path | None
) -> dict[UnitKey, AskedSample]:
    """The samples that are asked about, from a data set that is the one in the plan.

    Raises:
        DiffersError: it is not at hand, or the plan makes no sense.
    """
    asked = plan.samples
    if asked is None:
        return {}
    about = f"the samples of {plan.env}"
    try:
        size = len(open_dataset(plan.env, asked, datasets).samples)
        _RUN.expect("plan", f"{about}: size", asked.size, size)
        return {
            sample.key: sample
            for evaluation in manifest.evaluations
            if evaluation != "decision"
            for sample in planned_samples(manifest, plan, evaluation, datasets)
        }
    except UsageError as error:
        raise _RUN.differs("plan", about, asked.dataset, str(error)) from None


def _journal_key(directory: Path, path: Path) -> UnitKey | None:
    """The episode or sample whose journal a file is; None for the other files that a run has.

    Raises:
        DiffersError: a run has no such file.
    """
    name = path.relative_to(directory).as_posix()
    top = name.partition("/")[0]
    if path.is_symlink() or not (path.is_file() or path.is_dir()):
        raise _RUN.differs("file", name, "no plain file", "a plain file")
    if path.is_dir() and top in (JOURNALS, PROMPTS, REPLAYS):
        return None
    if path.is_file() and (name == LOCK or name.startswith(f"{REPLAYS}/")):
        return None
    if name in (MANIFEST, RESULTS, ERROR) or (top == PROMPTS and path.suffix == ".j2"):
        return None
    if match := _JOURNAL.fullmatch(name):
        key = UnitKey(cast(Evaluation, match[1]), match[2], int(match[3]))
        if key.path(directory) == path:
            return key
    raise _stray(name)


def _stray(name: str) -> DiffersError:
    return _RUN.differs("file", name, "a file", "no part of this run")
