"""Renders templates in a sandbox, and cuts the text into messages.

Templates place roles and images inline, ``{{ role("user") }}`` and ``{{ image(0) }}``. These leave
marks in the rendered text, at which it is cut. Both the harness and the confined worker render by
this module.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, cast, get_args

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment

from vsbench.messages import Image, Message, Part, Role, Text
from vsbench.prompts.context import STAND_IN, freeze, plain
from vsbench.prompts.errors import PromptError, printable

ROLES: tuple[str, ...] = get_args(Role)

_MARK = re.compile("\x00(role|image):([0-9a-z]+)\x00")

_SURROGATE = re.compile("[\ud800-\udfff]")
"""Half a character, which a template can write but nobody can encode."""

_GLOBALS = ("range",)
"""Of Jinja's own functions, what prompts need. The sandbox limits how far it counts."""

_WITHOUT_FILTERS = ("random",)
"""A prompt is a function of the question, so that it can be rendered again and compared."""


def environment(templates: Mapping[str, str]) -> jinja2.Environment:
    """Set up Jinja for a pack: a sandbox in which nothing can be changed."""

    def load(name: str) -> tuple[str, str, None] | None:
        # The name stands for the file's, so that tracebacks name the template.
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
    for name in _WITHOUT_FILTERS:
        del made.filters[name]
    # Jinja's own tojson escapes for HTML; models should see plain quotes and brackets.
    made.filters["tojson"] = _to_json
    return made


def render_text(jinja: jinja2.Environment, name: str, context: Mapping[str, Any]) -> str:
    """Render a template to text with marks.

    Raises:
        PromptError: naming the template, the line, and what is wrong.
    """
    given = freeze(context)
    try:
        return jinja.get_template(name).render(given)
    except jinja2.TemplateSyntaxError as error:
        raise template_error(error.name or name, error.lineno, error.message or "") from None
    except jinja2.TemplateNotFound as error:
        missing = f"there is no template {error.name!r}" if error.name else str(error)
        raise template_error(*_place(error, jinja, name), missing) from None
    except jinja2.TemplateError as error:
        raise template_error(*_place(error, jinja, name), error.message or "") from None
    except Exception as error:
        # Expressions in a template can raise anything: 1 / 0, "" + 1, an endless include.
        problem = f"{type(error).__name__}: {error}"
        raise template_error(*_place(error, jinja, name), problem) from None


def template_error(name: str, line: int | None, problem: str) -> PromptError:
    """Say where in which template what is wrong."""
    where = f"{name}:{line}" if line else name
    return PromptError(f"prompt template {printable(where)}: {printable(problem)}")


def messages(name: str, text: str, images: Sequence[bytes]) -> tuple[Message, ...]:
    """Cut rendered text into messages; ``images`` are PNGs.

    Raises:
        PromptError: text stands before the first role, or an image does not exist.
    """
    before, *rest = _MARK.split(_SURROGATE.sub(STAND_IN, text))
    if before.strip() or not rest or rest[0] != "role":
        raise PromptError(f'prompt template {name}: text before the first {{{{ role("...") }}}}')
    made: list[tuple[Role, list[Part]]] = []
    for mark, value, following in zip(rest[0::3], rest[1::3], rest[2::3], strict=True):
        if mark == "role":
            made.append((cast(Role, value), []))
        elif len(value) > 6 or int(value) >= len(images):
            raise PromptError(f"prompt template {name}: there is no image {value[:20]}")
        else:
            made[-1][1].append(Image(images[int(value)]))
        if following.strip():
            made[-1][1].append(Text(following.strip()))
    return tuple(Message(role, tuple(parts)) for role, parts in made)


def _role(value: object) -> str:
    if value not in ROLES:
        raise jinja2.TemplateRuntimeError(
            f"there is no role {value!r:.40}; roles are {', '.join(ROLES)}"
        )
    return f"\x00role:{value}\x00"


def _image(value: object) -> str:
    if not isinstance(value, int) or value < 0:
        raise jinja2.TemplateRuntimeError(f"there is no image {value!r:.40}; images count from 0")
    return f"\x00image:{int(value)}\x00"


def _to_json(value: Any) -> str:
    return json.dumps(plain(value), ensure_ascii=False)


def _place(error: BaseException, jinja: jinja2.Environment, name: str) -> tuple[str, int | None]:
    """The innermost template in an error's traceback, and its line."""
    place: tuple[str, int | None] = (name, None)
    trace = error.__traceback__
    while trace is not None:
        if "__jinja_exception__" in trace.tb_frame.f_globals:  # Jinja writes such frames anew.
            place = (trace.tb_frame.f_code.co_filename, trace.tb_lineno)
        trace = trace.tb_next
    return place
