"""``vsbench doctor``."""

from __future__ import annotations

import asyncio
import os
import platform
from importlib.metadata import PackageNotFoundError, version

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table as RichTable

from vsbench.adapters import Request, open_adapter
from vsbench.adapters.base import AdapterOptions, CallError
from vsbench.adapters.registry import (
    PROVIDERS,
    full_id,
    packages_of,
    plugin_problems,
    plugins,
    reply_problems,
)
from vsbench.cli import option
from vsbench.env_file import load_env_file
from vsbench.errors import Exit, UsageError
from vsbench.models import FREE
from vsbench.players.questions import DecisionQuestion, judge
from vsbench.prompts import PromptPack
from vsbench.protocols import resolve_model_settings
from vsbench.runner.calls import NO_USAGE_HINT
from vsbench.settings import RunSettings
from vsbench_envs import registry
from vsbench_envs.errors import MissingExtraError, PluginError

PACKAGES = {
    "open-spiel": None,
    "pillow": None,
    "pettingzoo": None,
    "openai": "openai",
    "anthropic": "anthropic",
    "transformers": "hf",
    "torch": "hf",
    "ale-py": "atari",
    "pandas": "data",
    "pyarrow": "data",
    "pygame-ce": "human",
    "fastapi": "leaderboard",
}
"""Package -> the extra that installs it; None if vsbench itself requires it."""

GAME = "kuhn_poker"
"""Game of the test question; its prompt is the shortest."""

MAX_TOKENS = 2048
"""Token limit of the test answer; enough for models that think first."""


@click.command()
@option(
    "--model",
    "models",
    multiple=True,
    metavar="MODEL",
    help="Test a model with one small call. Repeatable.",
)
@click.pass_context
def command(ctx: click.Context, models: tuple[str, ...]) -> None:
    """Check installed packages and plug-ins, API keys, and whether models can be reached."""
    load_env_file()
    ids = dict.fromkeys(map(full_id, models))
    table = RichTable(box=None, pad_edge=False, show_header=False)
    table.add_row("vsbench", version("vsbench"), f"Python {platform.python_version()}")
    for package, extra in PACKAGES.items():
        try:
            table.add_row(package, version(package), "")
        except PackageNotFoundError:
            table.add_row(package, "-", escape(f"pip install 'vsbench[{extra}]'"))
    for name in registry.names():
        try:
            registry.get(name).new(0)
            table.add_row(f"env {name}", "ready", "")
        except (MissingExtraError, PluginError) as error:
            table.add_row(f"env {name}", "-", escape(str(error)))
    for name in plugins():
        try:
            problems = plugin_problems(name)
        except UsageError as error:
            problems = [str(error)]
        about = "; ".join(problems) or f"from {' and '.join(packages_of(name))}"
        table.add_row(f"provider {name}", "-" if problems else "ready", escape(about))
    for line in PROVIDERS.values():
        if line.key is not None:
            table.add_row(line.key, "set" if os.environ.get(line.key) else "not set", "")
    unreachable = False
    for model in ids:
        try:
            table.add_row(model, "reached", escape(asyncio.run(_reach(model))))
        except (CallError, MissingExtraError, UsageError) as error:
            unreachable = True
            table.add_row(model, "not reached", escape(str(error)))
    Console().print(table)
    ctx.exit(Exit.INCOMPLETE if unreachable else Exit.COMPLETE)


async def _reach(model: str) -> str:
    """Ask a question with a picture, and describe the reply."""
    question = DecisionQuestion.at(GAME, registry.get(GAME).new(0), seat=0)
    messages = question.first(PromptPack.shipped(), resolve_model_settings(RunSettings()))
    adapter = open_adapter(model, AdapterOptions(timeout=30.0))
    try:
        reply = await adapter.complete(Request(messages, max_tokens=MAX_TOKENS, seed=0))
    finally:
        await adapter.close()
    if problems := reply_problems(reply):
        raise UsageError("; ".join(problems))
    found = judge(question, reply.text, reply.stop)
    answer = f"plays {found.answer}" if found.outcome == "ok" else f"answer {found.outcome}"
    hints = "".join(f"; {hint}" for hint in reply.hints)
    if not reply.usage.input and model.partition("/")[0] not in FREE:
        hints += f"; {NO_USAGE_HINT}"
    return f"answered as {reply.served_model or model}, {answer}{hints}"
