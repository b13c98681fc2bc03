"""Command-line options of settings, made from their declarations in ``vsbench.settings``."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import click
from pydantic_core import PydanticUndefined

from vsbench.cli import F, option, stacked
from vsbench.errors import UsageError
from vsbench.records.results import AnchorSet
from vsbench.settings import SHAPING, RunSettings, declared_option, describe


class NumberOr(click.ParamType[str | int | float]):
    """A number, or one of some words."""

    def __init__(self, number: type[int] | type[float], *words: str) -> None:
        self.number = number
        self.words = words
        self.name = "|".join([*words, "number"])

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> str | int | float:
        """Parse it; settings check the number's range."""
        if value in self.words:
            return str(value)
        try:
            return self.number(value)
        except ValueError:
            kind = "a whole number" if self.number is int else "a number"
            self.fail(f"{value!r} is neither {kind} nor {' or '.join(self.words)}", param, ctx)


def _seats(ctx: click.Context, param: click.Parameter, given: tuple[str, ...]) -> dict[int, str]:
    seated: dict[int, str] = {}
    for text in given:
        seat, equals, player = text.partition("=")
        if not equals or not (seat.isascii() and seat.isdigit()) or not player:
            raise click.BadParameter(f"{text!r} is not of the form SEAT=PLAYER, as in 1=random")
        if int(seat) in seated:
            raise click.BadParameter(f"seat {seat} is given twice; each seat has one player")
        seated[int(seat)] = player
    return seated


def _model_options(
    ctx: click.Context, param: click.Parameter, given: tuple[str, ...]
) -> dict[str, str]:
    options: dict[str, str] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or "." not in name:
            raise click.BadParameter(
                f"{text!r} is not of the form PROVIDER.KEY=VALUE, as in hf.batch_size=16"
            )
        if name in options:
            raise click.BadParameter(f"{name} is given twice")
        options[name] = value
    return options


def _counts(
    ctx: click.Context, param: click.Parameter, given: tuple[str, ...]
) -> int | dict[str, int] | None:
    counts: dict[str, int] = {}
    for text in given:
        env, _, number = text.rpartition("=")
        if not (number.isascii() and number.isdigit()):
            raise click.BadParameter(f"{text!r} is neither a number nor ENV=N, as in hanabi=20")
        counts[env] = int(number)  # The last counts, as for every option.
    if "" in counts and len(counts) > 1:
        raise click.BadParameter("give one number for all environments, or ENV=N for each")
    return counts.get("", counts) if counts else None


CALLBACKS: dict[str, dict[str, Any]] = {
    # Duplicate models are found by their full ids, whatever the spelling.
    "models": {"callback": None},
    "episodes": {"type": str, "multiple": True, "callback": _counts},
    "samples": {"type": str, "multiple": True, "callback": _counts},
    "seats": {"callback": _seats},
    "model_options": {"callback": _model_options},
}


def setting(name: str, **attributes: Any) -> Callable[[F], F]:
    """The option of one setting; ``attributes`` of click options override what is derived."""
    field = RunSettings.model_fields[name]
    kinds = list(_kinds(field.annotation))
    written = declared_option(name)
    derived = _type(kinds) | CALLBACKS.get(name, {})
    if written.metavar is not None:
        derived["metavar"] = written.metavar
    default = field.get_default(call_default_factory=True)
    if default not in (None, (), {}, PydanticUndefined) and not derived.get("is_flag"):
        derived["default"] = default
    help_text = attributes.pop("help", describe(name))
    text, own_default, default_text = help_text.partition("  [default: ")
    if derived.get("multiple"):
        text += " Repeatable."
    if own_default:
        text += own_default + default_text
    elif written.default and "default" not in attributes:
        text += f"  [default: {written.default}]"
    flag = attributes.pop("flag", written.flag)
    return option(flag, name, **{"help": text, **derived, **attributes})


def settings(*names: str, **helps: str) -> Callable[[F], F]:
    """The options of several settings, shown in this order; ``helps`` replaces help texts."""
    return stacked(
        *(setting(name, **({"help": helps[name]} if name in helps else {})) for name in names)
    )


def _kinds(annotation: Any) -> Iterator[Any]:
    """The types that an annotation allows and the metadata on the way to them, flattened."""
    if get_origin(annotation) is Annotated:
        inner, *metadata = get_args(annotation)
        yield from metadata
        yield from _kinds(inner)
    elif get_origin(annotation) in (Union, UnionType):
        for each in get_args(annotation):
            yield from _kinds(each)
    elif annotation is not type(None):
        yield annotation


def _type(kinds: Collection[Any]) -> dict[str, Any]:
    """Options of click for a setting's type."""
    words = [word for kind in kinds if get_origin(kind) is Literal for word in get_args(kind)]
    number = next((kind for kind in kinds if kind in (int, float)), None)
    if number is not None:
        return {"type": NumberOr(number, *words) if words else number}
    if words:
        return {"type": click.Choice(words)}
    if Path in kinds:
        return {"type": click.Path(path_type=Path)}
    if bool in kinds:
        return {"is_flag": True}
    for kind in kinds:
        if get_origin(kind) is tuple:
            return {"multiple": True, **_type(list(_kinds(get_args(kind)[0])))}
        if get_origin(kind) is dict:
            return {"multiple": True}
    return {}


prompt_settings = settings("modality", "style", "persona", "prompts", "prompts_version")
"""Settings of prompts."""

model_settings = stacked(
    prompt_settings,
    settings(
        "attempts",
        "feedback",
        "temperature",
        "thinking",
        "reasoning_effort",
        "detail",
        "max_tokens",
        "max_tokens_limit",
        "model_options",
        "prices",
    ),
)
"""Settings of requests to models."""

permission_settings = settings("allow_hosts", "allow_code", "trust_prompts")
"""Permissions for actions that only the record of a resumed run asks for."""


anchors_option = option(
    "--anchors",
    type=click.Choice(get_args(AnchorSet)),
    default="paper",
    help="Normalise returns by the published anchors, or by those measured with vsbench's bots.",
)
"""``--anchors`` of commands that show scores."""


def resume_option(what: str) -> Callable[[F], F]:
    """``--resume DIR``."""
    return option(
        "--resume",
        type=click.Path(path_type=Path),
        metavar="DIR",
        help=f"Resume an unfinished {what}.",
    )


def refuse_to_reshape(ctx: click.Context, *others: str) -> None:
    """Refuse options that a resumed run or tournament has already.

    Args:
        ctx: of the command.
        others: names of parameters that shape it besides the settings.

    Raises:
        UsageError: naming the options to leave out.
    """
    default = click.core.ParameterSource.DEFAULT
    given = [
        parameter.opts[0]
        for parameter in ctx.command.params
        if parameter.name in (*SHAPING, *others)
        and ctx.get_parameter_source(parameter.name) is not default
    ]
    if ctx.params.get("dry_run"):
        raise UsageError("--dry-run estimates new runs and tournaments; leave out --resume")
    if given:
        raise UsageError(
            f"--resume keeps the settings that the run began with; leave out: {', '.join(given)}"
        )
