"""Conformity: does a run measure what its protocol defines?

What the protocol derives, given what it leaves free, is compared with the run's manifest field by
field. A field that is added to manifests deviates until it is derived here or named as free.
Neither adapters nor the runner are needed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from vsbench.bots import bot_name
from vsbench.models import in_force_as_recorded, traits_of
from vsbench.protocols.protocol import MODEL, Protocol, ProtocolGame, identify
from vsbench.records.manifest import (
    SHIPPED,
    EnvironmentPlan,
    Frozen,
    Manifest,
    ModelSettings,
    SamplePlan,
    SeatPlan,
)
from vsbench.records.results import Standing
from vsbench_envs import registry

FREE = {
    "format", "schema_version", "created", "seed", "model", "model_options", "versions", "prices",
    "prices_date",
}  # fmt: skip
"""Fields of a manifest that may differ, as ``free`` in the protocol explains."""

PLAYED = {"protocol", "evaluations", "environments", "models"}
"""Fields that are compared part by part."""

NAMES = {
    "seats": "",
    "model_settings": "",
    "samples.dataset": "data set",
    "samples.sha256": "data set",
    "samples.size": "size of the data set",
    "samples.count": "samples",
    "measured": "measured seats",
    "prompts_version": "prompts",
    "prompts_sha256": "prompts",
    "answer_tokens": "tokens of an answer",
    "thinking_tokens": "tokens to think",
    "max_tokens": "token limit",
    "max_tokens_limit": "raised token limit",
}
"""What fields are called where their own names would not tell a reader."""

SHORT = 12
"""Characters of a fingerprint that are shown."""


@dataclass(frozen=True)
class Difference:
    """One thing in which a run is not what its protocol derives."""

    field: str
    """What differs, in words: ``episodes``."""
    value: str
    """What it is."""
    expected: str
    """What it would be."""
    env: str | None = None
    """The game that alone is concerned; None: all figures of the run."""
    partial: bool = False
    """Something of the protocol was left out; the figures of what was measured are comparable."""

    def __str__(self) -> str:
        where = "" if self.env is None else f"{self.env}: "
        return f"{where}{self.field} {self.value} instead of {self.expected}"


def conformity(manifest: Manifest) -> list[Difference]:
    """Everything in which a run differs from what its protocol derives; empty if it conforms."""
    named = manifest.protocol
    if named is None:
        return [Difference("protocol", "none", "a protocol")]
    found = identify(named.name, named.sha256)
    if found is None:
        told = f"{named.name} ({named.sha256[:SHORT]})"
        return [Difference("protocol", told, "one that is known here")]
    return [*_deviations(manifest, found), *_left_out(manifest, found)]


def conforms(differences: Sequence[Difference]) -> bool:
    """Whether what was measured is comparable, be it all of the protocol or a part."""
    return all(difference.partial for difference in differences)


def in_words(differences: Sequence[Difference]) -> list[str]:
    """The differences as people read them: what several games have in common is said once."""
    grouped: dict[tuple[str, str], list[Difference]] = {}
    for difference in differences:
        grouped.setdefault((difference.field, difference.value), []).append(difference)
    return [_told(group) for group in grouped.values()]


def standing_of(manifest: Manifest) -> Standing:
    """What a run's figures can be compared with."""
    named = manifest.protocol
    differences = conformity(manifest) if named is not None else []
    return Standing(
        protocol="" if named is None else named.name,
        sha256="" if named is None else named.sha256,
        track=track_of(manifest.model_settings),
        differences=tuple(in_words([each for each in differences if not each.partial])),
        left_out=tuple(in_words([each for each in differences if each.partial])),
    )


def track_of(settings: ModelSettings) -> str:
    """The track that models are asked in: ``image, io``."""
    return f"{settings.modality}, {settings.style}"


def _settings(manifest: Manifest, protocol: Protocol) -> dict[str, Frozen | str]:
    """The fields of a manifest that the protocol derives, but for what is played."""
    return {
        "model_settings": _model_settings(manifest, protocol),
        "prompts_version": protocol.prompts.version,
        "prompts_sha256": protocol.prompts.sha256,
    }


def _model_settings(manifest: Manifest, protocol: Protocol) -> ModelSettings:
    mine, theirs = manifest.model_settings, protocol.model_settings
    unsampled = mine.temperature is None and not traits_of(manifest.model).samples
    # As a number it is a budget of tokens to think within, which the protocol has set.
    budgeted = mine.reasoning_effort is not None and mine.reasoning_effort.isdecimal()
    return ModelSettings(
        modality=_one_of(mine.modality, protocol.tracks.modality),
        style=_one_of(mine.style, protocol.tracks.style),
        persona=theirs.persona,
        attempts=theirs.attempts,
        feedback=theirs.feedback,
        answer_tokens=theirs.answer_tokens,
        thinking_tokens=theirs.thinking_tokens,
        max_tokens_limit=theirs.max_tokens_limit,
        thinking=mine.thinking,
        reasoning_effort=None if budgeted else mine.reasoning_effort,
        temperature=None if unsampled else theirs.temperature,
        detail=theirs.detail,
    )


def _plan(manifest: Manifest, mine: EnvironmentPlan, game: ProtocolGame) -> EnvironmentPlan:
    """What the protocol does in a game; bots that are the same are written as in the run."""
    players = tuple(
        manifest.model if name == MODEL else _as_written(mine, seat, game)
        for seat, name in enumerate(game.players)
    )
    samples = None
    if set(manifest.evaluations) - {"decision"}:
        samples = SamplePlan(
            dataset=SHIPPED,
            sha256=game.samples.sha256,
            size=game.samples.size,
            count=game.samples.count,
        )
    return EnvironmentPlan(
        env=game.env,
        episodes=game.episodes if "decision" in manifest.evaluations else 0,
        seats=SeatPlan(
            players=players,
            measured=tuple(seat for seat, name in enumerate(game.players) if name == MODEL),
            seating=game.seating,
        ),
        samples=samples,
    )


def _as_written(mine: EnvironmentPlan, seat: int, game: ProtocolGame) -> str:
    """The bot of a seat, as the run writes it if that is the same one."""
    wanted = game.players[seat]
    if seat < len(mine.seats.players):
        written = mine.seats.players[seat]
        if _bot(game.env, written) == (bot_name(wanted), game.options.get(wanted, {})):
            return written
    return wanted


def _bot(env: str, written: str) -> tuple[str, dict[str, Any]] | None:
    """A bot's name and all its options; None for models, and for what is no bot here."""
    name = bot_name(written)
    if name is None:
        return None
    try:
        _, options = registry.bot(registry.get(env), name)
    except (LookupError, ValueError, ImportError):
        return None
    plain = {option: _plain(value) for option, value in options.items()}
    return name.partition(":")[0], plain


def _plain(value: Any) -> str | int | float:
    """An option's value as protocols write it: fractions as text."""
    return value if isinstance(value, int | float) else str(value)


def _one_of(value: Any, allowed: Sequence[Any]) -> Any:
    return value if value in allowed else allowed[0]


def _deviations(manifest: Manifest, protocol: Protocol) -> Iterator[Difference]:
    expected = _settings(manifest, protocol)
    for name in Manifest.model_fields:
        if name not in FREE | PLAYED:
            yield from _compared(getattr(manifest, name), expected.get(name), (name,))
    for name, mine in manifest.models.items():
        in_force = in_force_as_recorded(name, manifest.model_settings, mine)
        yield from _compared(mine, in_force, ("models", name))
    for plan in manifest.environments:
        game = protocol.game(plan.env)
        if game is None:
            yield Difference("additional games", "played", "none", plan.env)
            continue
        yield from _compared(plan, _plan(manifest, plan, game), env=plan.env)
    wanted = protocol.evaluations_in(manifest.model_settings.modality)
    for evaluation in manifest.evaluations:
        if evaluation not in wanted:
            yield Difference("additional evaluations", evaluation, "none")


def _left_out(manifest: Manifest, protocol: Protocol) -> Iterator[Difference]:
    played = {plan.env for plan in manifest.environments}
    wanted = [game.env for game in protocol.games]
    here = [env for env in wanted if env in played]
    if len(here) < len(wanted):
        yield Difference("games", ", ".join(here) or "none", f"all {len(wanted)}", partial=True)
    everything = protocol.evaluations_in(manifest.model_settings.modality)
    measured = [name for name in everything if name in manifest.evaluations]
    if len(measured) < len(everything):
        told = ", ".join(measured) or "none"
        yield Difference("evaluations", told, ", ".join(everything), partial=True)


def _compared(
    mine: Any, theirs: Any, path: tuple[str, ...] = (), env: str | None = None
) -> Iterator[Difference]:
    one, other = (x.model_dump(mode="json") if isinstance(x, Frozen) else x for x in (mine, theirs))
    return _differences(one, other, path, env)


def _differences(
    mine: Any, theirs: Any, path: tuple[str, ...] = (), env: str | None = None
) -> Iterator[Difference]:
    """The leaves in which two records differ."""
    if isinstance(mine, dict) and isinstance(theirs, dict):
        for name in {**theirs, **mine}:
            yield from _differences(mine.get(name), theirs.get(name), (*path, name), env)
    elif isinstance(mine, list) and isinstance(theirs, list) and len(mine) == len(theirs):
        for index, pair in enumerate(zip(mine, theirs, strict=True)):
            yield from _differences(*pair, (*path, str(index)), env)
    elif mine != theirs:
        yield Difference(_called(path), _spelt(mine), _spelt(theirs), env)


def _called(path: tuple[str, ...]) -> str:
    """A field in words."""
    if path[:2] == ("seats", "players"):
        return f"seat {path[2]}" if path[2:] else "seats"
    if path[0] == "models" and len(path) == 3:
        return f"{path[1]}: {NAMES.get(path[2], path[2]).replace('_', ' ')}"
    told = [step for step in path if NAMES.get(step, step)]
    dotted = ".".join(told)
    return NAMES.get(dotted) or " ".join(NAMES.get(s, s).replace("_", " ") for s in told)


def _spelt(value: Any) -> str:
    match value:
        case None:
            return "none"
        case True | False:
            return "on" if value else "off"
        case float():
            return f"{value:g}"
        case str() if len(value) == 64 and value.isalnum():
            return value[:SHORT]
        case list():
            return ", ".join(map(_spelt, value)) or "none"
        case dict():
            return ", ".join(f"{name} {_spelt(each)}" for name, each in value.items()) or "none"
    return str(value).removeprefix("bot/")


def _told(group: Sequence[Difference]) -> str:
    """Differences that have field and value in common, as one."""
    first = group[0]
    expected = list(dict.fromkeys(difference.expected for difference in group))
    text = f"{first.field} {first.value} instead of {_either(expected)}"
    games = [difference.env for difference in group if difference.env is not None]
    if not games:
        return text
    return f"{text} ({', '.join(games)})" if len(games) <= 3 else f"{text} ({len(games)} games)"


def _either(values: Sequence[str]) -> str:
    return values[0] if len(values) == 1 else f"{', '.join(values[:-1])} or {values[-1]}"
