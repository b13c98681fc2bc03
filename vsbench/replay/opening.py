"""Episodes of a run directory, opened to be shown."""

from __future__ import annotations

import re
from pathlib import Path

from vsbench.errors import UsageError
from vsbench.evaluations.decision_making import EVALUATION
from vsbench.evaluations.schedule import episode_plan
from vsbench.records.files import EpisodeKey, open_run
from vsbench.records.journals import journal_of
from vsbench.records.manifest import Manifest
from vsbench.replay.differences import DiffersError
from vsbench.replay.moments import Episode
from vsbench.replay.prompts import BlankPack, recorded_prompts
from vsbench.replay.transcript import Transcript
from vsbench_envs import registry

NUMBER = re.compile(r"[0-9]{1,9}")


def episode_key(manifest: Manifest, written: str) -> EpisodeKey:
    """The episode that a person names: ``kuhn_poker/3``, or ``3`` where a run has one game.

    Raises:
        UsageError: the run has no such episode.
    """
    env, slash, number = written.strip().rpartition("/")
    plans = {plan.env: plan.episodes for plan in manifest.environments}
    if not slash and len(plans) == 1:
        env = next(iter(plans))
    if env not in plans or not NUMBER.fullmatch(number) or int(number) >= plans[env]:
        known = ", ".join(f"{env}/0 to {env}/{count - 1}" for env, count in plans.items())
        raise UsageError(f"this run has no episode {written!r}; it has {known}")
    return EpisodeKey(EVALUATION, env, int(number))


def open_episode(directory: str | Path, key: EpisodeKey, *, trust_prompts: bool = False) -> Episode:
    """An episode with everything that is recorded of it. It may be unfinished.

    Prompts that were changed since the run began are left out, and so are those of an unknown pack
    that is not trusted; see :func:`vsbench.replay.verify.verify`.

    Raises:
        UsageError: it has not begun, or its journal is damaged.
        UnknownNameError, MissingExtraError: its game is not installed here.
    """
    directory = Path(directory)
    manifest = open_run(directory)
    plan = next((plan for plan in manifest.environments if plan.env == key.env), None)
    if plan is None or not key.path(directory).exists():
        raise UsageError(f"{directory} has no journal of {key.env}/{key.episode}")
    try:
        transcript = Transcript.of(key, journal_of(directory, key).records)
    except DiffersError as error:
        raise UsageError(f"{key.path(directory)} makes no sense: {error}") from None
    if transcript is None:
        raise UsageError(f"{key.env}/{key.episode} has not begun")
    return Episode(
        manifest=manifest,
        plan=episode_plan(manifest, plan, key.episode),
        game=registry.get(key.env),
        pack=recorded_prompts(directory, manifest, trust_prompts)[0] or BlankPack(),
        transcript=transcript,
    )
