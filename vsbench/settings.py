"""What a person can set about a run, checked where it comes in."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from vsbench.errors import UsageError
from vsbench.records.bounds import ATTEMPTS, EPISODES, LARGEST, SAMPLES, Amount, Seed

Modality = Literal["image", "text", "both"]
"""Whether the state is given as pictures, as text, or as both."""

Style = Literal["io", "cot"]
"""Whether models are asked for the answer alone (io) or for reasoning first (cot)."""

Persona = Literal["common_welfare", "self_interest", "careful"]

Evaluation = Literal["decision", "reasoning", "perception"]
"""Playing whole episodes; predicting what others do; naming what is in the picture."""

Positive = Annotated[int, Field(gt=0, le=LARGEST)]
Above = Annotated[float, Field(gt=0, allow_inf_nan=False)]

T = TypeVar("T")


def _once_each(named: tuple[T, ...]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(named))


Names = Annotated[tuple[T, ...], AfterValidator(_once_each)]
"""Things by name; what is named twice counts once."""


def _encodable(value: object) -> object:
    try:
        str(value).encode()
    except UnicodeEncodeError:
        raise ValueError("is not text in Unicode") from None
    return value


Recorded = Annotated[str, AfterValidator(_encodable)]
"""Text that can be written into a record."""


class RunSettings(BaseModel):
    """Everything that shapes a run. The command line and ``vsbench.run`` take the same fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    models: tuple[Recorded, ...] = ()
    """Model ids; each gets a run directory of its own."""
    envs: Names[str] = ()
    """Environment ids; empty means the benchmark's own."""
    evals: Names[Evaluation] = ()
    """What is measured; empty means all that the protocol has."""
    protocol: str = "vsbench-1"
    """The protocol that is followed. Where a setting below is None, it decides; what deviates
    from it makes a run's figures not comparable, and is said with them."""
    episodes: Annotated[int, Field(gt=0, le=EPISODES)] | None = None
    """Episodes in every environment."""
    samples: Annotated[int, Field(gt=0, le=SAMPLES)] | None = None
    """Samples of every data set, spread over it."""
    dataset: Annotated[Path, AfterValidator(_encodable)] | None = None
    """A data set's file, or a folder of such, instead of the shipped ones."""
    seed: Seed = 0
    seats: dict[int, Recorded] = Field(default_factory=dict)
    """Seat -> player or model, instead of the standard seats."""
    modality: Modality | None = None
    """Give the state as image, text, or both; a track of the protocol."""
    style: Style | None = None
    """Ask for the answer alone, or for reasoning first; a track of the protocol."""
    persona: Persona | None = None
    """A strategy that mixed-motive games ask models to follow."""
    attempts: Annotated[int, Field(gt=0, le=ATTEMPTS)] | None = None
    """Answers from which nothing can be read, before a random legal move stands in."""
    feedback: bool = False
    """Tell a model what was wrong with its answer, and ask again after illegal ones too."""
    temperature: Amount | Literal["provider"] | None = None
    """Sampling temperature; ``provider`` leaves it to the provider."""
    thinking: Literal["on", "off"] | Positive | None = None
    """Of models whose thinking is a switch, on unless told otherwise; a number is the tokens to
    think within."""
    reasoning_effort: Recorded | None = None
    detail: Literal["auto", "low", "high"] | None = None
    """How finely pictures are looked at."""
    max_tokens: Positive | None = None
    """Tokens of an answer, thinking not included."""
    max_tokens_limit: Positive | None = None
    """How far the limit of tokens is raised when an answer was cut off; None: to the model's."""
    model_options: dict[Annotated[str, Field(pattern=r"^[\w-]+\.\w+$")], Recorded] = Field(
        default_factory=dict
    )
    """Providers' own options, ``provider.key`` -> value, as ``hf.batch_size`` -> ``16``."""
    prompts: Path | None = None
    """A folder whose templates replace those of the pack."""
    prices: Path | None = None
    """A JSON file with prices of models, over the shipped table."""
    out: Path | None = None
    """Where the run is written; by default a new folder under ``runs/``."""
    max_connections: Positive = 64
    """Most calls at once to each provider; fewer where it turns calls away."""
    timeout: Above = 600.0
    """Seconds for one call."""
    patience: Above = 900.0
    """Seconds for which a failing call is repeated before its episode is left unfinished."""
    cache: Path | None = None
    """An SQLite file of replies: what it holds is not asked again, and what is asked is kept."""
    allow_hosts: tuple[str, ...] = ()
    """Hosts that a resumed run may send requests to though only its own record names them."""
    allow_code: tuple[str, ...] = ()
    """Models whose own Python code a resumed run may execute."""
    trust_prompts: bool = False
    """Whether a resumed run may render prompts of a pack that is not one of ours."""
    max_cost: Above | None = None
    """US dollars after which no more calls are made."""
    max_tokens_total: Positive | None = None
    """Tokens, in and out, after which no more calls are made."""
    time_limit: Above | None = None
    """Seconds after which no more calls are made."""


def run_settings(**values: object) -> RunSettings:
    """Settings from loose values. Raises UsageError naming each field that is wrong."""
    try:
        return RunSettings.model_validate(values)
    except ValidationError as error:
        problems: dict[str, list[ErrorDetails]] = {}
        for problem in error.errors():
            problems.setdefault(_place(problem), []).append(problem)
        raise UsageError("; ".join(_told(*item) for item in problems.items())) from None


def _place(problem: ErrorDetails) -> str:
    """The setting, or the place in it."""
    # Behind these stands which of several types was tried.
    setting, *rest = problem["loc"]
    return ".".join(map(str, (setting, *(place for place in rest[:1] if isinstance(place, int)))))


def _told(place: str, problems: Sequence[ErrorDetails]) -> str:
    """What is wrong in one place; of a setting that may be of several types, all that it may be."""
    if problems[0]["type"] == "extra_forbidden":
        close = difflib.get_close_matches(place, RunSettings.model_fields, n=1)
        return f"no setting {place!r}" + (f"; did you mean {close[0]!r}?" if close else "")
    expected = ", or ".join(problem["msg"] for problem in problems)
    return f"{place}: {expected}, not {problems[0]['input']!r}"
