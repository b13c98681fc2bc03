"""Compare a run directory with its manifest: is the plan valid, and does every file belong?"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from vsbench.bots import bot_name
from vsbench.errors import UsageError
from vsbench.evaluations.units import AskedSample
from vsbench.models import in_force_as_recorded
from vsbench.planning.units import open_dataset, planned_samples
from vsbench.protocols import conformity, conforms, identify
from vsbench.reconstruction.findings import Finding, Location, MismatchError
from vsbench.records.bounds import MAX_FILES
from vsbench.records.files import (
    ERROR,
    JOURNALS,
    LOCK,
    MANIFEST,
    PROMPTS,
    REPLAYS,
    RESULTS,
    UnitKey,
    journal_key,
)
from vsbench.records.manifest import EnvironmentPlan, Manifest
from vsbench.verification.results import RUN
from vsbench_envs import registry

CLOCK_TOLERANCE = timedelta(days=1)

MAX_FINDINGS = 1000
"""The inventory ends after this many."""


@dataclass
class Inventory:
    """The parts of a run that can be verified."""

    plans: dict[str, EnvironmentPlan] = field(default_factory=dict)
    """Valid plans by environment."""
    samples: dict[UnitKey, AskedSample] = field(default_factory=dict)
    """Planned samples."""
    keys: list[UnitKey] = field(default_factory=list)
    """Planned episodes and samples that have a journal, in order."""
    findings: list[Finding] = field(default_factory=list)

    def planned(self, key: UnitKey) -> bool:
        """Whether the run plans such a journal."""
        if key.evaluation == "decision":
            return key.env in self.plans and key.number < self.plans[key.env].episodes
        return key in self.samples


def take_inventory(directory: Path, manifest: Manifest, datasets: Path | None = None) -> Inventory:
    """Compare a run directory with its manifest.

    Args:
        directory: of the run.
        manifest: as it is in the directory.
        datasets: file or folder with data sets that do not ship.

    Raises:
        UsageError: the directory holds more files than any run.
        MissingExtraError: a game needs an extra that is not installed.
    """
    found = Inventory()
    if manifest.created > datetime.now(UTC) + CLOCK_TOLERANCE:
        created = manifest.created.isoformat()
        late = RUN.mismatch("plan", "when it began", created, "a time in the past")
        found.findings.append(late.finding)
    found.findings += _check_protocol(manifest)
    for plan in manifest.environments:
        try:
            _check_plan(plan, manifest)
            found.plans[plan.env] = plan
            found.samples |= _samples(plan, manifest, datasets)
        except MismatchError as error:
            found.findings.append(error.finding)
    invalid_plan = bool(found.findings)
    for path in _walk(directory):
        try:
            key = _journal_key(directory, path)
            if key is None:
                continue
            if found.planned(key):
                found.keys.append(key)
            elif not invalid_plan:
                raise _unexpected(path.relative_to(directory).as_posix())
        except MismatchError as error:
            found.findings.append(error.finding)
            if len(found.findings) > MAX_FINDINGS:
                break
    order = list(found.plans)
    found.keys.sort(key=lambda key: (key.evaluation, order.index(key.env), key.number))
    return found


def _check_protocol(manifest: Manifest) -> list[Finding]:
    """Check the limits in force, and whether the run conforms to its protocol as it claims."""
    for name, recorded in manifest.models.items():
        in_force = in_force_as_recorded(name, manifest.model_settings, recorded)
        if recorded != in_force:
            return [RUN.mismatch("plan", f"limits of {name}", recorded, in_force).finding]
    claimed = manifest.protocol
    if claimed is None or identify(claimed.name, claimed.sha256) is None:
        return []
    derived = conforms(conformity(manifest))
    if claimed.conforms == derived:
        return []
    subject = f"conforming to {claimed.name}"
    return [RUN.mismatch("plan", subject, claimed.conforms, derived).finding]


def _check_plan(plan: EnvironmentPlan, manifest: Manifest) -> None:
    """Raise MismatchError unless vsbench could have made this plan."""
    subject = f"the plan of {plan.env}"
    players, measured = plan.seats.players, plan.seats.measured
    check_game(RUN, plan.env, players, len(players))
    seats = tuple(seat for seat, player in enumerate(players) if player == manifest.model)
    if not measured or not set(measured) <= set(seats):
        raise RUN.mismatch("plan", f"{subject}: measured seats", measured, seats)
    if (plan.episodes > 0) != ("decision" in manifest.evaluations):
        expected = f"those of {', '.join(manifest.evaluations)}"
        raise RUN.mismatch("plan", f"{subject}: episodes", plan.episodes, expected)


def check_game(location: Location, env: str, players: Sequence[str], seats: int) -> None:
    """Raise MismatchError unless a game with these seats exists, and has the bots among players."""
    subject = f"the plan of {env}"
    try:
        game = registry.get(env)
        for name in filter(None, map(bot_name, players)):
            registry.bot(game, name)
    except (LookupError, ValueError) as error:
        raise location.mismatch("plan", subject, players, str(error)) from None
    location.expect("plan", f"{subject}: seats", seats, game.spec.seats)


def _walk(directory: Path) -> Iterator[Path]:
    """Yield every file and folder in a run's directory; links are not followed.

    Raises:
        UsageError: there are more than any run has.
    """
    seen = 0
    for folder, folders, files in os.walk(directory):
        folders.sort()
        for name in sorted([*folders, *files]):
            seen += 1
            if seen > MAX_FILES:
                raise UsageError(f"{directory} holds more than {MAX_FILES:,} files and folders")
            yield Path(folder, name)


def _samples(
    plan: EnvironmentPlan, manifest: Manifest, datasets: Path | None
) -> dict[UnitKey, AskedSample]:
    """The planned samples of an environment.

    Raises:
        MismatchError: the data set is missing or differs, or the plan is invalid.
    """
    asked = plan.samples
    if asked is None:
        return {}
    subject = f"the samples of {plan.env}"
    try:
        size = len(open_dataset(plan.env, asked, datasets).samples)
        RUN.expect("plan", f"{subject}: size", asked.size, size)
        return {
            sample.key: sample
            for evaluation in manifest.evaluations
            if evaluation != "decision"
            for sample in planned_samples(manifest, plan, evaluation, datasets)
        }
    except UsageError as error:
        raise RUN.mismatch("plan", subject, asked.dataset, str(error)) from None


def _journal_key(directory: Path, path: Path) -> UnitKey | None:
    """The key of the journal that a file is; None for the other files of a run.

    Raises:
        MismatchError: a run has no such file.
    """
    name = path.relative_to(directory).as_posix()
    top = name.partition("/")[0]
    if path.is_symlink() or not (path.is_file() or path.is_dir()):
        raise RUN.mismatch("file", name, "no plain file", "a plain file")
    if path.is_dir() and top in (JOURNALS, PROMPTS, REPLAYS):
        return None
    if path.is_file() and (name == LOCK or name.startswith(f"{REPLAYS}/")):
        return None
    if name in (MANIFEST, RESULTS, ERROR) or (top == PROMPTS and path.suffix == ".j2"):
        return None
    if (key := journal_key(name)) is None:
        raise _unexpected(name)
    return key


def _unexpected(name: str) -> MismatchError:
    return RUN.mismatch("file", name, "a file", "no part of this run")
