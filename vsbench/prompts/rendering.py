"""Render templates in a sandbox and split the text into messages.

Templates place roles and images inline, ``{{ role("user") }}`` and ``{{ image(0) }}``. These leave
marks in the rendered text, at which it is split. Both the harness and the confined worker render by
this module.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, cast, get_args

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment

from vsbench.errors import UsageError
from vsbench.messages import Image, Message, Part, Role, Text
from vsbench.printable import printable
from vsbench_envs.spec import GameSpec

MAX_MESSAGE = 500


class PromptError(UsageError):
    """A template or pack is missing, broken, or does not fit the question."""


class UntrustedPackError(PromptError):
    """A pack of no released version, which is rendered only if the user trusts it."""


def excerpt(text: str) -> str:
    """Escape control characters and shorten: templates control the text of their errors."""
    return printable(text[:MAX_MESSAGE]) + ("..." if len(text) > MAX_MESSAGE else "")


GAME_FIELDS = (
    "id", "title", "kind", "summary", "seats", "simultaneous", "actions", "roles", "maximises",
)  # fmt: skip
"""Fields of :class:`~vsbench_envs.spec.GameSpec` that templates get."""

QUESTION_VARIABLES = frozenset(
    {
        "game",
        "seat",
        "seat_name",
        "shown",
        "images",
        "told",
        "situation",
        "facts",
        "style",
        "persona",
        "legal",
        "target",
        "target_name",
        "elements",
    }
)
RETRY_VARIABLES = frozenset({"template", "outcome", "answer"})
PUBLISHED_VARIABLES = frozenset({"system", "observation", "action"})

VARIABLES = QUESTION_VARIABLES | RETRY_VARIABLES | PUBLISHED_VARIABLES
"""Variables of all templates; ``prompts/README.md`` explains them."""

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
"""For characters that prompts cannot contain."""


def game_facts(spec: GameSpec) -> Mapping[str, Any]:
    """Return the view of a game that templates get as ``game``."""
    return MappingProxyType({name: getattr(spec, name) for name in GAME_FIELDS})


def freeze(value: Any) -> Any:
    """Copy a value as numbers, strings, tuples and read-only mappings.

    NUL characters are replaced, since they mark roles and images in rendered text: neither a game's
    text nor a model's reply can insert any.

    Raises:
        TypeError: the value is of another type.
    """
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, str):
        return value.replace("\0", REPLACEMENT)
    if isinstance(value, Mapping):
        return MappingProxyType({freeze(_name(key)): freeze(item) for key, item in value.items()})
    if isinstance(value, (list, tuple)):
        return tuple(freeze(item) for item in value)
    raise TypeError(f"templates take plain values, not {type(value).__name__}")


def plain(value: Any) -> Any:
    """Convert read-only mappings back to dictionaries, for JSON."""
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, (list, tuple)) else value


def _name(key: Any) -> str:
    if not isinstance(key, str):
        raise TypeError(f"mappings for templates need string keys, not {type(key).__name__}")
    return key


ROLES: tuple[str, ...] = get_args(Role)

_MARK = re.compile("\x00(role|image):([0-9a-z]+)\x00")

_SURROGATE = re.compile("[\ud800-\udfff]")
"""Lone surrogates, which a template can write but UTF-8 cannot encode."""

_GLOBALS = ("range",)
"""Jinja's own functions that prompts need. The sandbox limits the range."""

_NO_FILTERS = ("random",)
"""Filters removed: a prompt must be a function of the question, to be verified."""


def environment(templates: Mapping[str, str]) -> jinja2.Environment:
    """Set up an immutable Jinja sandbox for a pack."""

    def load(name: str) -> tuple[str, str, None] | None:
        # The name serves as the file name, so that tracebacks name the template.
        return (templates[name], name, None) if name in templates else None

    made = ImmutableSandboxedEnvironment(
        loader=jinja2.FunctionLoader(load),
        undefined=jinja2.StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
        cache_size=-1,
    )
    made.globals = {name: made.globals[name] for name in _GLOBALS}
    made.globals |= {"role": _role, "image": _image}
    for name in _NO_FILTERS:
        del made.filters[name]
    # Jinja's own tojson escapes for HTML; models should see plain quotes and brackets.
    made.filters["tojson"] = _to_json
    return made


def render_text(jinja: jinja2.Environment, name: str, context: Mapping[str, Any]) -> str:
    """Render a template to text with marks.

    Raises:
        PromptError: naming the template, the line and the problem.
    """
    given = freeze(context)
    try:
        return jinja.get_template(name).render(given)
    except jinja2.TemplateSyntaxError as error:
        raise template_error(error.name or name, error.lineno, error.message or "") from None
    except jinja2.TemplateNotFound as error:
        missing = f"no template {error.name!r}" if error.name else str(error)
        raise template_error(*_place(error, jinja, name), missing) from None
    except jinja2.TemplateError as error:
        raise template_error(*_place(error, jinja, name), error.message or "") from None
    except Exception as error:
        # Expressions in a template can raise anything: 1 / 0, "" + 1, an endless include.
        problem = f"{type(error).__name__}: {error}"
        raise template_error(*_place(error, jinja, name), problem) from None


def template_error(name: str, line: int | None, problem: str) -> PromptError:
    """Make the error that names a template, a line and the problem."""
    where = f"{name}:{line}" if line else name
    return PromptError(f"prompt template {excerpt(where)}: {excerpt(problem)}")


def messages(name: str, text: str, images: Sequence[bytes]) -> tuple[Message, ...]:
    """Split rendered text into messages; ``images`` are PNGs.

    Raises:
        PromptError: there is text before the first role, or an image does not exist.
    """
    before, *rest = _MARK.split(_SURROGATE.sub(REPLACEMENT, text))
    if before.strip() or not rest or rest[0] != "role":
        raise PromptError(f'prompt template {name}: text before the first {{{{ role("...") }}}}')
    made: list[tuple[Role, list[Part]]] = []
    for mark, value, following in zip(rest[0::3], rest[1::3], rest[2::3], strict=True):
        if mark == "role":
            made.append((cast(Role, value), []))
        elif len(value) > 6 or int(value) >= len(images):
            raise PromptError(f"prompt template {name}: no image {value[:20]}")
        else:
            made[-1][1].append(Image(images[int(value)]))
        if following.strip():
            made[-1][1].append(Text(following.strip()))
    return tuple(Message(role, tuple(parts)) for role, parts in made)


def _role(value: object) -> str:
    if value not in ROLES:
        raise jinja2.TemplateRuntimeError(f"no role {value!r:.40}; roles are {', '.join(ROLES)}")
    return f"\x00role:{value}\x00"


def _image(value: object) -> str:
    if not isinstance(value, int) or value < 0:
        raise jinja2.TemplateRuntimeError(f"no image {value!r:.40}; images are numbered from 0")
    return f"\x00image:{int(value)}\x00"


def _to_json(value: Any) -> str:
    return json.dumps(plain(value), ensure_ascii=False)


def _place(error: BaseException, jinja: jinja2.Environment, name: str) -> tuple[str, int | None]:
    """Find the innermost template in an error's traceback, and its line."""
    place: tuple[str, int | None] = (name, None)
    trace = error.__traceback__
    while trace is not None:
        if "__jinja_exception__" in trace.tb_frame.f_globals:  # Jinja rewrites such frames.
            place = (trace.tb_frame.f_code.co_filename, trace.tb_lineno)
        trace = trace.tb_next
    return place
