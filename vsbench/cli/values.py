"""Values of options and arguments, for the completion of shells."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import click
from click.shell_completion import CompletionItem

Values = Callable[[click.Context, str], Iterable[str]]
"""The values that may continue what is typed; others are left out later."""


def complete(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem[str]]:
    """Complete a value: a known one, or else by the parameter's type, such as a path.

    Whatever is broken in packages or files that values come from, completion stays silent.
    """
    path = ctx.command_path.partition(" ")[2]
    values = VALUES.get(f"{path} {param.name}") or VALUES.get(param.name or "")
    found: list[str] = []
    if values is not None:
        try:
            found = [each for each in values(ctx, incomplete) if each.startswith(incomplete)]
        except Exception:
            return []
    if found:
        return [CompletionItem(value) for value in dict.fromkeys(found)]
    if values is runs:
        return [CompletionItem(incomplete, type="file")]
    return [
        CompletionItem(str(item.value), type=item.type, help=item.help)
        for item in param.type.shell_complete(ctx, param, incomplete)
    ]


def envs(ctx: click.Context, incomplete: str) -> list[str]:
    """Environment ids, those of other packages too. No game is imported."""
    from vsbench_envs import registry

    return registry.names()


def models(ctx: click.Context, incomplete: str) -> Iterator[str]:
    """Known models; by their bare names too, once these are begun."""
    from vsbench.adapters.registry import BARE_NAMES, providers
    from vsbench.models import model_table
    from vsbench.players.seats import EMBEDDED, SIGHTED

    known = list(model_table().prices)
    yield from (f"{provider}/{bot}" for provider in EMBEDDED for bot in SIGHTED)
    yield from known
    yield from (f"{provider}/" for provider in providers())
    if incomplete and "/" not in incomplete:
        for model in known:
            provider, _, name = model.partition("/")
            if any(home == provider and begun.match(name) for begun, home in BARE_NAMES):
                yield name


def players(ctx: click.Context, incomplete: str) -> Iterator[str]:
    """Entrants of a tournament: models, and the bots of its games."""
    yield from (f"bot/{bot}" for bot in _bots(ctx))
    yield from models(ctx, incomplete)


def seats(ctx: click.Context, incomplete: str) -> Iterator[str]:
    """``SEAT=``, then the bots of the game and models, and the options of a bot after a colon."""
    seat, equals, player = incomplete.partition("=")
    if not equals:
        yield from (f"{number}=" for number in range(_seats(ctx)))
        return
    bots = _bots(ctx)
    yield from (f"{seat}={bot}" for bot in bots)
    yield from (f"{seat}={model}" for model in models(ctx, player))
    bot, colon, options = player.partition(":")
    if colon and bot in bots:
        given = options.rpartition(",")[0]
        begun = f"{seat}={bot}:{given}{',' if given else ''}"
        yield from (f"{begun}{option}=" for option in bots[bot])


def _games(ctx: click.Context) -> list[str]:
    """The games that the command line names."""
    return list(ctx.params.get("envs") or filter(None, [ctx.params.get("name")]))


def _bots(ctx: click.Context) -> dict[str, list[str]]:
    """Bots of the games that are named, with their options; without any, those of every game."""
    from vsbench.players.seats import SIGHTED
    from vsbench_envs import registry

    found: dict[str, list[str]] = {}
    for env in _games(ctx):
        for name, bot in registry.get(env).bots.items():
            found.setdefault(name, list(bot.parameters))
    return found or {name: [] for name in SIGHTED}


def _seats(ctx: click.Context) -> int:
    from vsbench_envs import registry

    return max((registry.get(env).spec.seats for env in _games(ctx)), default=2)


def protocols(ctx: click.Context, incomplete: str) -> Iterable[str]:
    """Names of protocols."""
    from vsbench.protocols import protocol_names

    return protocol_names()


def model_options(ctx: click.Context, incomplete: str) -> Iterator[str]:
    """``PROVIDER.KEY=``, and the values of keys that are one of some words."""
    from vsbench.adapters.registry import PROVIDERS, provider_options

    for provider in PROVIDERS:
        for key in provider_options(provider).model_fields:
            yield f"{provider}.{key}="


def loggers(ctx: click.Context, incomplete: str) -> list[str]:
    """Loggers, to be followed by a project."""
    from vsbench.loggers import LOGGERS

    return [*LOGGERS, *(f"{name}:" for name in LOGGERS)]


def runs(ctx: click.Context, incomplete: str) -> list[str]:
    """Runs and tournaments in the folder that is typed, and in ``runs/``, the latest first."""
    from vsbench.records.files import RECORDS

    folder = incomplete.rpartition("/")[0]
    folders = [folder or ("/" if incomplete.startswith("/") else ".")]
    if not folder:
        folders.append("runs")
    found = [
        record.parent
        for place in dict.fromkeys(folders)
        for name in RECORDS
        for record in Path(place).glob(f"*/{name}")
    ]
    return [str(path) for path in sorted(found, key=lambda path: path.name, reverse=True)]


def episodes(ctx: click.Context, incomplete: str) -> list[str]:
    """Recorded episodes and samples of the run that is named, such as ``kuhn_poker/3``."""
    # The run is not parsed yet while an option before the cursor lacks its value.
    run = ctx.params.get("source") or next(iter(ctx.args), ".")
    journals = Path(run, "journal")
    parts = (path.relative_to(journals).parts for path in sorted(journals.glob("*/*/*.jsonl")))
    keys = (f"{evaluation}/{env}/{int(name[:-6])}" for evaluation, env, name in parts)
    return [key.removeprefix("decision/") for key in keys]


VALUES: dict[str, Values] = {
    "envs": envs,
    "game": envs,
    "envs show name": envs,
    "envs check name": envs,
    "play name": envs,
    "dataset show name": envs,
    "dataset export names": envs,
    "models": models,
    "tournament models": players,
    "seats": seats,
    "protocol": protocols,
    "protocols name": protocols,
    "model_options": model_options,
    "loggers": loggers,
    "compare base": runs,
    "compare new": runs,
    "places": runs,
    "resume": runs,
    "runs": runs,
    "source": runs,
    "sources": runs,
    "page": episodes,
    "animation": episodes,
}
"""Name of a parameter, after that of its command where others mean something else -> values."""
