"""Compare the settings of two runs, and say which differences make their figures incomparable.

Manifests are compared field by field. A field added to manifests makes figures incomparable until
it is listed here as one that may differ.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from vsbench.models import in_force_as_recorded, traits_of
from vsbench.protocols.conformity import FREE
from vsbench.protocols.fields import (
    SHORT_HASH,
    FieldPath,
    bot_and_options,
    differing,
    field_name,
    in_games,
    shown,
)
from vsbench.protocols.protocol import MODEL
from vsbench.records.comparison import SettingDifference
from vsbench.records.manifest import EnvironmentPlan, InForce, Manifest
from vsbench.settings import Evaluation
from vsbench_prompts import same_wording

NOT_SETTINGS = {"format", "schema_version", "created"}
"""Fields of a manifest that are no settings."""

FREE_IN_GAMES = {("episodes",), ("samples", "count"), ("samples", "dataset")}
"""Fields of a game's plan that may differ. Data sets are compared by fingerprint, not by name."""

MODEL_CHOICES = {"thinking", "reasoning_effort"}
"""Model settings that protocols leave to the run."""

DECISION: tuple[Evaluation, ...] = ("decision",)
SAMPLED: tuple[Evaluation, ...] = ("reasoning", "perception")


def setting_differences(base: Manifest, new: Manifest) -> list[SettingDifference]:
    """Return all settings in which two runs differ, those of single games last."""
    return [
        *_of_protocols(base, new),
        *_of_runs(base, new),
        *_of_models(base, new),
        *_of_games(base, new),
    ]


def comparable(base: Manifest, new: Manifest) -> bool:
    """Return whether all figures that two runs have in common are comparable."""
    return not any(each.incomparable for each in setting_differences(base, new))


def comparable_groups(manifests: Sequence[Manifest]) -> list[int]:
    """Group runs so that all runs of a group are comparable.

    Returns:
        The number of each run's group, from 0. A run joins the first group that it fits in.
    """
    groups: list[list[Manifest]] = []
    found = []
    for manifest in manifests:
        fitting = (
            number
            for number, group in enumerate(groups)
            if all(comparable(member, manifest) for member in group)
        )
        number = next(fitting, len(groups))
        if number == len(groups):
            groups.append([])
        groups[number].append(manifest)
        found.append(number)
    return found


def settings_in_words(
    differences: Sequence[SettingDifference], names: tuple[str, str] = ("base", "new")
) -> list[str]:
    """Put differences into words; one that several games share is stated once.

    Args:
        differences: see :func:`setting_differences`.
        names: of the two runs.
    """
    games: dict[tuple[str, str, str], list[str]] = {}
    for each in differences:
        envs = games.setdefault((each.setting, each.base, each.new), [])
        envs += [each.environment] if each.environment else []
    one, other = names
    return [
        f"{setting} {base} in {one}, {new} in {other}{in_games(envs)}"
        for (setting, base, new), envs in games.items()
    ]


def _of_protocols(base: Manifest, new: Manifest) -> Iterator[SettingDifference]:
    # Whether a run conforms follows from its other fields.
    ours, theirs = (
        (m.protocol.name, m.protocol.sha256) if m.protocol else ("none", "") for m in (base, new)
    )
    if ours == theirs:
        return
    if ours[0] == theirs[0]:
        one, other = (f"{name} ({sha256[:SHORT_HASH]})" for name, sha256 in (ours, theirs))
    else:
        one, other = ours[0], theirs[0]
    yield SettingDifference(setting="protocol", base=one, new=other, incomparable=True)


def _of_runs(base: Manifest, new: Manifest) -> Iterator[SettingDifference]:
    """Yield differences in the fields that concern a whole run."""
    reworded = not same_wording(base.prompts_sha256, new.prompts_sha256)
    for name in Manifest.model_fields:
        if name in NOT_SETTINGS | {"protocol", "models", "environments"}:
            continue
        for path, one, other in differing(
            _by_role(base, getattr(base, name)), _by_role(new, getattr(new, name)), (name,)
        ):
            match path:
                case ("prompts_sha256",) if base.prompts_version != new.prompts_version:
                    continue
                case ("evaluations", *_):
                    free = True
                case ("prompts_sha256" | "prompts_version",):
                    free = not reworded
                case ("model_settings", "temperature"):
                    free = _cannot_sample(base) or _cannot_sample(new)
                case ("model_settings", "reasoning_effort"):
                    # A number is a budget of thinking tokens.
                    free = not any(value and value.isdecimal() for value in (one, other))
                case ("model_settings", field):
                    free = field in MODEL_CHOICES
                case _:
                    free = name in FREE
            yield _difference(path, one, other, incomparable=not free)


def _of_models(base: Manifest, new: Manifest) -> Iterator[SettingDifference]:
    """Yield differences in the settings in force for the models.

    Those of the measured models may differ as far as they follow from the runs' settings. Models
    that are in one run only are other players, and named with their seats.
    """
    ours, theirs = _by_role(base, base.models), _by_role(new, new.models)
    for name in ours.keys() & theirs.keys():
        free = name == MODEL and _as_derived(base) and _as_derived(new)
        for path, one, other in differing(ours[name], theirs[name], ("models", name)):
            yield _difference(path, one, other, incomparable=not free)


def _of_games(base: Manifest, new: Manifest) -> Iterator[SettingDifference]:
    """Yield differences in single games, as far as they concern figures that both runs have."""
    ours = {plan.env: plan for plan in base.environments}
    theirs = {plan.env: plan for plan in new.environments}
    shared = set(base.evaluations) & set(new.evaluations)
    for env in {**ours, **theirs}:
        if env not in ours or env not in theirs:
            values = ["played" if env in side else "left out" for side in (ours, theirs)]
            yield _difference(("games",), values[0], values[1], incomparable=False, env=env)
            continue
        plans = ours[env], theirs[env]
        for path, one, other in _of_game(
            (_players(base, plans[0]), _players(new, plans[1])), plans
        ):
            evaluations = _concerned(path)
            if evaluations and shared.isdisjoint(evaluations):
                continue
            yield _difference(
                path, one, other, path not in FREE_IN_GAMES, env=env, evaluations=evaluations
            )


def _of_game(
    fields: tuple[dict[str, Any], dict[str, Any]], plans: tuple[EnvironmentPlan, EnvironmentPlan]
) -> Iterator[tuple[FieldPath, Any, Any]]:
    """Yield the leaves in which two plans of a game differ, equivalent ones left out."""
    base, new = (plan.samples for plan in plans)
    other_sets = base is not None and new is not None and base.sha256 != new.sha256
    for path, one, other in differing(*fields):
        match path:
            case ("seats", "players", _) if _same_bot(plans[0].env, one, other):
                continue
            case ("samples", "sha256"):
                yield path, _data_set(plans[0]), _data_set(plans[1])
            case ("samples", "dataset" | "size") if other_sets:
                # The fingerprint stands for them.
                continue
            case _:
                yield path, one, other


def _difference(
    path: FieldPath,
    base: Any,
    new: Any,
    incomparable: bool,
    env: str | None = None,
    evaluations: tuple[Evaluation, ...] = (),
) -> SettingDifference:
    return SettingDifference(
        setting=field_name(path),
        base=shown(base),
        new=shown(new),
        incomparable=incomparable,
        environment=env,
        evaluations=evaluations,
    )


def _concerned(path: FieldPath) -> tuple[Evaluation, ...]:
    """Return the evaluations that a field of a game's plan concerns; empty for all."""
    return {"episodes": DECISION, "seats": DECISION, "samples": SAMPLED}.get(path[0], ())


def _by_role(manifest: Manifest, value: Any) -> Any:
    """Return a record by model id with the measured model's under its role."""
    if not isinstance(value, dict):
        return value
    return {MODEL if name == manifest.model else name: each for name, each in value.items()}


def _players(manifest: Manifest, plan: EnvironmentPlan) -> dict[str, Any]:
    """Return a game's plan, with the measured model as its role."""
    fields: dict[str, Any] = plan.model_dump(mode="json")
    players = fields["seats"]["players"]
    fields["seats"]["players"] = [
        MODEL if name == manifest.model and seat in plan.seats.measured else name
        for seat, name in enumerate(players)
    ]
    return fields


def _data_set(plan: EnvironmentPlan) -> str:
    """Name a data set and its fingerprint."""
    samples = plan.samples
    return "" if samples is None else f"{samples.dataset} ({samples.sha256[:SHORT_HASH]})"


def _same_bot(env: str, one: Any, other: Any) -> bool:
    """Whether two players are one bot with the same options, however written."""
    if not (isinstance(one, str) and isinstance(other, str)):
        return False
    bot = bot_and_options(env, one)
    return bot is not None and bot == bot_and_options(env, other)


def _cannot_sample(manifest: Manifest) -> bool:
    """Whether a run leaves out the temperature because its model takes none."""
    return manifest.model_settings.temperature is None and not traits_of(manifest.model).samples


def _as_derived(manifest: Manifest) -> bool:
    """Whether the settings in force for the measured model follow from the run's settings."""
    recorded: InForce | None = manifest.models.get(manifest.model)
    return recorded is None or recorded == in_force_as_recorded(
        manifest.model, manifest.model_settings, recorded
    )
