"""Settings of runs: each is declared once, for Python, the command line and the documentation.

A setting's docstring is its help text everywhere, its annotation says how it is validated and how
its command-line option is written, and its class says whether it shapes a run. The ``...Options``
classes are the same settings as typed keyword arguments, for editors and type checkers.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import Annotated, Literal, TypeAlias, TypedDict, TypeVar, get_args

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError

from vsbench.errors import UsageError
from vsbench.records.bounds import (
    MAX_ATTEMPTS,
    MAX_EPISODES,
    MAX_INTEGER,
    MAX_SAMPLES,
    Amount,
    Seed,
)
from vsbench.validation import Location, dotted, readable
from vsbench_prompts import VERSION as PROMPTS_VERSION

Modality = Literal["image", "text", "both"]
"""Whether the state is given as pictures, as text, or as both."""

Style = Literal["io", "cot"]
"""Whether models are asked for the answer alone (io) or for reasoning first (cot)."""

Persona = Literal["common_welfare", "self_interest", "careful"]

Detail = Literal["auto", "low", "high"]

Evaluation = Literal["decision", "reasoning", "perception"]
"""Playing whole episodes; predicting what others do; naming what is in the picture."""

EVALUATION_TITLES: dict[Evaluation, str] = {
    "decision": "decision-making",
    "reasoning": "strategic reasoning",
    "perception": "perception",
}

Positive = Annotated[int, Field(gt=0, le=MAX_INTEGER)]
PositiveFloat = Annotated[float, Field(gt=0, allow_inf_nan=False)]

T = TypeVar("T")


def _as_tuple(value: object) -> object:
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, Iterable):
        raise PydanticCustomError("names", "Input should be a name or a list of names")
    return value


def _unique(names: tuple[T, ...]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(names))


def _encodable(value: object) -> object:
    try:
        str(value).encode()
    except UnicodeEncodeError:
        raise ValueError("is not text in Unicode") from None
    return value


Names = Annotated[tuple[T, ...], BeforeValidator(_as_tuple)]
"""One name or several."""

Unique = Annotated[Names[T], AfterValidator(_unique)]
"""One name or several; duplicates count once."""

Counts: TypeAlias = int | dict[str, int]
"""A number of units in every environment, or by environment id."""


def _up_to(most: int) -> AfterValidator:
    """Check that every count is positive and at most ``most``."""

    def check(counts: Counts) -> Counts:
        for count in counts.values() if isinstance(counts, dict) else (counts,):
            if not 0 < count <= most:
                raise PydanticCustomError("counts", f"Input should be from 1 to {most}")
        return counts

    return AfterValidator(check)


Text = Annotated[str, AfterValidator(_encodable)]
"""Text that can be written to a record."""


@dataclass(frozen=True)
class Option:
    """A setting's command-line option, where it is not simply ``--its-name``."""

    flag: str = ""
    metavar: str | None = None
    default: str = ""
    """Description of the default in help texts, where it is None."""


class PlaySettings(BaseModel):
    """Settings that do not shape a run: a resumed run takes them anew."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    dataset: Annotated[Path, AfterValidator(_encodable), Option(metavar="PATH")] | None = None
    """A data set, or a folder of data sets, instead of the shipped ones. A resumed run needs it
    again."""
    max_connections: Positive = 64
    """Maximum number of concurrent calls to each provider."""
    timeout: PositiveFloat = 600.0
    """Time limit of one call in seconds."""
    patience: PositiveFloat = 900.0
    """Retry a failing call for at most this many seconds; then its episode stays unfinished."""
    cache: Annotated[Path, Option(metavar="[FILE]")] | None = None
    """Cache replies in an SQLite file and reuse them for identical requests."""
    max_cost: Annotated[PositiveFloat, Option(metavar="USD")] | None = None
    """Stop before spending more than this, in US dollars."""
    max_tokens_total: Positive | None = None
    """Stop before using more tokens than this, input and output together."""
    time_limit: Annotated[PositiveFloat, Option(metavar="SECONDS")] | None = None
    """Stop after this many seconds."""
    loggers: Annotated[Unique[str], Option("--logger", "NAME[:PROJECT]")] = ()
    """Also log to wandb[:PROJECT] (Weights & Biases) or mlflow[:EXPERIMENT]."""
    allow_hosts: Annotated[Names[str], Option("--allow-host", "HOST[:PORT]")] = ()
    """With resume: a host that the run may send prompts and keys to, though only its record names
    it."""
    allow_code: Annotated[Names[str], Option("--allow-code", "MODEL")] = ()
    """With resume: a model whose own Python code may be executed."""
    trust_prompts: bool = False
    """With resume: render prompts that are not vsbench's own, in a process with limits."""


class RunSettings(PlaySettings):
    """All settings of a run. What is None is decided by the protocol or the model."""

    models: Annotated[Names[Text], Option("--model", "MODEL")] = ()
    """Model id, for example openai/gpt-4o. Each model gets its own run directory."""
    envs: Annotated[Unique[str], Option("--env", "ENV", "the protocol's")] = ()
    """Environment id."""
    evals: Annotated[Unique[Evaluation], Option("--eval", default="all of the protocol")] = ()
    """Evaluation to run."""
    protocol: Annotated[str, Option(metavar="NAME")] = "vsbench-1"
    """The protocol to follow; it decides every setting that is not given. Runs that deviate are
    not comparable, and say so."""
    episodes: (
        Annotated[Counts, _up_to(MAX_EPISODES), Option(metavar="[ENV=]N", default="the protocol's")]
        | None
    ) = None
    """Episodes per environment, or of one environment."""
    samples: (
        Annotated[Counts, _up_to(MAX_SAMPLES), Option(metavar="[ENV=]N", default="the protocol's")]
        | None
    ) = None
    """Samples per data set, spread evenly over it, or of one environment's."""
    seed: Seed = 0
    """Random seed."""
    seats: Annotated[dict[int, Text], Option("--seat", "I=PLAYER", "the standard seats")] = Field(
        default_factory=dict
    )
    """Seat a bot or a model in seat I."""
    modality: Annotated[Modality, Option(default="image")] | None = None
    """Give the state as image, text, or both."""
    style: Annotated[Style, Option(default="io")] | None = None
    """Ask for the answer alone (io), or for reasoning first (cot)."""
    persona: Persona | None = None
    """A strategy that models are asked to follow in mixed-motive games."""
    prompts: Annotated[Path, Option(metavar="DIR")] | None = None
    """A folder of templates that override those of the pack."""
    prompts_version: Annotated[Text, Option(metavar="VERSION", default=PROMPTS_VERSION)] | None = (
        None
    )
    """Version of the prompt templates."""
    attempts: (
        Annotated[int, Field(gt=0, le=MAX_ATTEMPTS), Option(default="the protocol's")] | None
    ) = None
    """Attempts to get a readable answer before a random legal move stands in."""
    feedback: bool = False
    """Tell the model what was wrong with its answer, and let it correct illegal ones too; 3
    attempts."""
    temperature: (
        Annotated[Amount | Literal["provider"], Option(metavar="T", default="the protocol's")]
        | None
    ) = None
    """Sampling temperature; "provider" leaves it at the provider's default."""
    thinking: (
        Annotated[Literal["on", "off"] | Positive, Option(metavar="on|off|TOKENS", default="on")]
        | None
    ) = None
    """Switch thinking on or off where the model has a switch; a number is a token budget."""
    reasoning_effort: Annotated[Text, Option(metavar="LEVEL")] | None = None
    """Reasoning effort of reasoning models, for example low or high."""
    detail: Annotated[Detail, Option(default="the protocol's")] | None = None
    """Image detail, where the provider offers a choice."""
    max_tokens: Annotated[Positive, Option(default="the protocol's")] | None = None
    """Maximum tokens of an answer, thinking not included."""
    max_tokens_limit: Annotated[Positive, Option(default="the model's")] | None = None
    """Raise the limit at most to this when an answer was cut off."""
    model_options: Annotated[
        dict[Annotated[str, Field(pattern=r"^[\w-]+\.\w+$")], Text],
        Option("--model-option", "PROVIDER.KEY=VALUE"),
    ] = Field(default_factory=dict)
    """A provider-specific option, for example hf.batch_size=16."""
    prices: Annotated[Path, Option(metavar="FILE")] | None = None
    """A JSON file with prices of models; overrides the shipped prices."""
    out: Annotated[Path, Option(metavar="DIR", default="a new folder in runs/")] | None = None
    """Write to this directory."""


DEFAULTS = RunSettings()

SHAPING = tuple(name for name in RunSettings.model_fields if name not in PlaySettings.model_fields)
"""The settings that decide what is played and asked. A resumed run has them already."""

FilePath: TypeAlias = str | PathLike[str]


class PlayOptions(TypedDict, total=False):
    """:class:`PlaySettings` as keyword arguments."""

    dataset: FilePath | None
    max_connections: int
    timeout: float
    patience: float
    cache: FilePath | None
    max_cost: float | None
    max_tokens_total: int | None
    time_limit: float | None
    loggers: str | Sequence[str]
    allow_hosts: str | Sequence[str]
    allow_code: str | Sequence[str]
    trust_prompts: bool


class TournamentOptions(PlayOptions, total=False):
    """The settings of a tournament as keyword arguments."""

    envs: str | Sequence[str]
    protocol: str
    episodes: int | Mapping[str, int] | None
    seed: int
    modality: Modality | None
    style: Style | None
    persona: Persona | None
    prompts: FilePath | None
    prompts_version: str | None
    attempts: int | None
    feedback: bool
    temperature: float | Literal["provider"] | None
    thinking: Literal["on", "off"] | int | None
    reasoning_effort: str | None
    detail: Detail | None
    max_tokens: int | None
    max_tokens_limit: int | None
    model_options: Mapping[str, str]
    prices: FilePath | None
    out: FilePath | None


class RunOptions(TournamentOptions, total=False):
    """:class:`RunSettings` as keyword arguments."""

    models: str | Sequence[str]
    evals: Evaluation | Sequence[Evaluation]
    samples: int | Mapping[str, int] | None
    seats: Mapping[int, str]


def count_in(env: str, counts: Counts | None) -> int | None:
    """Return the episodes or samples that settings give an environment; None for the protocol's."""
    return counts.get(env) if isinstance(counts, dict) else counts


def run_settings(**values: object) -> RunSettings:
    """Validate the settings of a run.

    Raises:
        UsageError: naming every setting that is wrong.
    """
    try:
        return RunSettings.model_validate(values)
    except ValidationError as error:
        known = RunSettings.model_fields
        problem = readable(error, name=_named, what="setting", known=known, quote=True, limit=None)
        raise UsageError(problem) from None


def resume_settings(**values: object) -> RunSettings:
    """Validate the settings of a resumed run.

    Raises:
        UsageError: as :func:`run_settings`, or a setting shapes the run, which has it already.
    """
    if shaping := [name for name in values if name in SHAPING]:
        raise UsageError(
            f"{', '.join(shaping)}: a resumed run keeps the settings that it began with; "
            f"it takes only {', '.join(PlaySettings.model_fields)}"
        )
    return run_settings(**values)


def describe(name: str) -> str:
    """The help text of a setting, in one line."""
    return " ".join((RunSettings.model_fields[name].description or "").split())


def declared_option(name: str) -> Option:
    """The option of a setting, with its flag."""
    field = RunSettings.model_fields[name]
    found = next(
        (each for each in (*field.metadata, *_parts(field.annotation)) if isinstance(each, Option)),
        Option(),
    )
    return found if found.flag else replace(found, flag="--" + name.replace("_", "-"))


def as_options(settings: RunSettings, leave_out: Collection[str] = ()) -> list[str]:
    """Return the command-line options that differ from their defaults, as separate words."""
    words = []
    for name in RunSettings.model_fields:
        value = getattr(settings, name)
        if name in leave_out or value == getattr(DEFAULTS, name):
            continue
        flag = declared_option(name).flag
        if value is True:
            words.append(flag)
        elif isinstance(value, dict):
            words += [word for key, each in value.items() for word in (flag, f"{key}={each}")]
        else:
            values = value if isinstance(value, tuple) else (value,)
            words += [word for each in values for word in (flag, str(each))]
    return words


def _parts(annotation: object) -> Iterator[object]:
    """What an annotation is made of, types and metadata."""
    yield annotation
    for part in get_args(annotation):
        yield from _parts(part)


def _named(location: Location) -> str:
    """Name a setting, or the item in it. What follows in a location names the type tried."""
    setting, *rest = location
    return dotted((setting, *(item for item in rest[:1] if isinstance(item, int))))
