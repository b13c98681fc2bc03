"""The configuration of ``vsbench ci``: what is run, compared with what, and when it fails.

It is the table ``[tool.vsbench.ci]`` of ``pyproject.toml``, or a TOML or YAML file of its own.
Every setting of a run is a key in it, next to those of :class:`CISettings`.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, get_args

from pydantic import BeforeValidator, Field, ValidationError

from vsbench.errors import UsageError
from vsbench.printable import folder_name
from vsbench.records.reading import read_user_file
from vsbench.settings import Evaluation, RunSettings, Text
from vsbench.validation import Location, readable

PYPROJECT = Path("pyproject.toml")
TABLE = ("tool", "vsbench", "ci")

LAST_GREEN = "last green"
"""As ``baseline``: the latest run in the store that passed and is comparable."""

MAX_BYTES = 1 << 20

PERMISSIONS = ("allow_hosts", "allow_code", "trust_prompts")
"""Settings that make no sense here: what is played is what the configuration asks for."""


def in_pull_request(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether GitHub or GitLab tests a change that is not merged yet."""
    event = environment.get("GITHUB_EVENT_NAME", "")
    merge_request = "CI_MERGE_REQUEST_IID" in environment
    return event.startswith(("pull_request", "merge_group")) or merge_request


def _by_evaluation(value: object) -> object:
    """One number stands for all evaluations."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return dict.fromkeys(get_args(Evaluation), value)
    return value


Points = Annotated[
    dict[Evaluation, Annotated[float, Field(ge=0, le=1000)]], BeforeValidator(_by_evaluation)
]
"""Points of a score, for all evaluations or by evaluation."""


class CISettings(RunSettings):
    """All keys of the configuration."""

    baseline: Text = LAST_GREEN
    """What runs are compared with: "last green", or a run's directory, a bundle, a link or an
    object."""
    store: Text = ".vsbench/baselines"
    """Where green runs are kept: a directory, or s3://, gs:// or az:// and a folder."""
    keep: Annotated[int, Field(ge=1, le=1000)] = 10
    """Green runs kept for each model, and attempts in ``out``; older ones are deleted."""
    update_baseline: bool = Field(default_factory=lambda: not in_pull_request())
    """Keep a run that passes as the last green one; by default not in pull requests."""
    tolerance: Points = Field(default_factory=dict)
    """Points by which an overall score may drop; a number, or one for each evaluation."""
    game_tolerance: Points = Field(default_factory=dict)
    """Points by which a game's score may drop; a number, or one for each evaluation."""
    detect: Points = Field(default_factory=dict)
    """Points of a drop of the overall score that must not go unnoticed; a comparison that would
    miss it is inconclusive."""
    sequential: bool = False
    """Play in batches, and stop as soon as the verdict is certain."""
    max_stand_ins: Annotated[float, Field(ge=0, le=100)] | None = None
    """Largest percentage of moves and answers that may be unusable; more fails the run."""
    out: Path | None = Path(".vsbench/ci")
    """Directory of the runs."""
    reports: Path = Path("vsbench-reports")
    """Directory of the reports."""


@dataclass(frozen=True)
class Subject:
    """A model under test."""

    name: str
    """Its baselines are kept under this name, so that another model can take its place."""
    model: str

    @property
    def folder(self) -> str:
        """The name as a folder's."""
        return folder_name(self.name)


@dataclass(frozen=True)
class Config:
    """A configuration, checked."""

    settings: CISettings
    subjects: tuple[Subject, ...]
    source: str
    """Where it was read from, for messages."""

    def run_settings(self, subject: Subject, out: Path) -> RunSettings:
        """The settings of the run of a model, in the directory ``out``."""
        given = {
            name: getattr(self.settings, name)
            for name in RunSettings.model_fields
            if name in self.settings.model_fields_set
        }
        return RunSettings.model_validate({**given, "models": (subject.model,), "out": out})


def read_config(path: Path | None, overrides: Mapping[str, Any] | None = None) -> Config:
    """Read a configuration.

    Args:
        path: a TOML or YAML file; None for ``pyproject.toml`` in the working directory.
        overrides: values that take the place of those in the file.

    Raises:
        UsageError: naming the file and every key that is wrong.
    """
    file = path or PYPROJECT
    values, place = _table(file, required=path is not None)
    values |= overrides or {}
    source = f"{file}, {place}" if place else str(file)
    subjects = _subjects(values, source)
    values["models"] = [subject.model for subject in subjects]
    known = [name for name in CISettings.model_fields if name not in PERMISSIONS]
    if unknown := [name for name in values if name in PERMISSIONS]:
        raise UsageError(f"{source}: no key {unknown[0]!r}; it applies to resumed runs of others")
    try:
        settings = CISettings.model_validate(values)
    except ValidationError as error:
        problem = readable(error, name=_named, what="key", known=known, quote=True, limit=None)
        raise UsageError(f"{source}: {problem}") from None
    for evaluation, points in settings.detect.items():
        tolerated = settings.tolerance.get(evaluation, 0.0)
        if points <= tolerated:
            raise UsageError(
                f"{source}: detect: a drop of {points:g} points in {evaluation} cannot be looked "
                f"for while a drop of {tolerated:g} is tolerated; raise detect or lower tolerance"
            )
    return Config(settings, subjects, source)


def _table(path: Path, *, required: bool) -> tuple[dict[str, Any], str]:
    """The keys in a file, and the name of the table that they are in. Raises UsageError."""
    try:
        text = read_user_file(path, MAX_BYTES).decode()
    except FileNotFoundError:
        if required:
            raise UsageError(f"{path} does not exist") from None
        raise UsageError(
            f"there is no {path} here with a table [{'.'.join(TABLE)}]; name a file with --config"
        ) from None
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path} is not text in UTF-8") from None
    content = _yaml(path, text) if path.suffix in (".yml", ".yaml") else _toml(path, text)
    place = ""
    if path.name == PYPROJECT.name:
        place = f"[{'.'.join(TABLE)}]"
        for name in TABLE:
            content = content.get(name) if isinstance(content, dict) else None
        if content is None:
            raise UsageError(f"{path} has no table {place}; add it, or name a file with --config")
    if not isinstance(content, dict) or not all(isinstance(key, str) for key in content):
        raise UsageError(f"{path} does not hold keys and values")
    # Keys may be written with hyphens, as in most tools' tables.
    return {key.replace("-", "_"): value for key, value in content.items()}, place


def _toml(path: Path, text: str) -> Any:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path} is not TOML: {error}") from None


def _yaml(path: Path, text: str) -> Any:
    import yaml

    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        why = " ".join(str(error).split())
        raise UsageError(f"{path} is not YAML: {why}") from None


def _subjects(values: Mapping[str, Any], source: str) -> tuple[Subject, ...]:
    """The models under test: a list of ids, or a table of names and ids. Raises UsageError."""
    models = values.get("models") or ()
    if isinstance(models, str):
        models = [models]
    named = models if isinstance(models, Mapping) else {model: model for model in models}
    if not named:
        raise UsageError(f'{source}: name a model, as in models = ["openai/gpt-4o"]')
    if not all(isinstance(text, str) for pair in named.items() for text in pair):
        raise UsageError(f"{source}: models: Input should be ids of models, or a table of them")
    subjects = tuple(Subject(name, model) for name, model in named.items())
    folders = [subject.folder for subject in subjects]
    if len(set(folders)) < len(folders):
        raise UsageError(f"{source}: models: two names look alike; give them names that differ")
    return subjects


def _named(location: Location) -> str:
    """Name a key, or the key in it. What follows in a location names the type tried."""
    key, *rest = map(str, location)
    inner = [part for part in rest[:1] if part in get_args(Evaluation) or part.isdigit()]
    return ".".join([key, *inner])
