"""Compare runs with the protocols that they follow.

The manifest that the protocol defines, given its free fields, is compared with the run's manifest
field by field. A field added to manifests counts as a deviation until it is derived here or listed
as free. Neither adapters nor the runner are needed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from vsbench.bots import bot_name
from vsbench.models import in_force_as_recorded, traits_of
from vsbench.protocols.fields import (
    SHORT_HASH,
    bot_and_options,
    differing,
    field_name,
    in_games,
    shown,
)
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
from vsbench_prompts import same_wording

FREE = {
    "format", "schema_version", "created", "seed", "model", "model_options", "versions", "prices",
    "prices_date",
}  # fmt: skip
"""Fields of a manifest that may differ; ``free`` in the protocol explains why."""

PLAYED = {"protocol", "evaluations", "environments", "models"}
"""Fields that are compared part by part."""


@dataclass(frozen=True)
class Difference:
    """A difference between a run and its protocol."""

    field: str
    """The field in words, such as ``episodes``."""
    value: str
    """Its value in the run."""
    expected: str
    """Its value by the protocol."""
    env: str | None = None
    """The only game affected; None if all figures are."""
    partial: bool = False
    """Whether a part of the protocol is only missing, so that the other figures are comparable."""

    def __str__(self) -> str:
        where = "" if self.env is None else f"{self.env}: "
        return f"{where}{self.field} {self.value} instead of {self.expected}"


def conformity(manifest: Manifest) -> list[Difference]:
    """Return all differences between a run and its protocol; empty if it conforms."""
    named = manifest.protocol
    if named is None:
        return [Difference("protocol", "none", "a protocol")]
    found = identify(named.name, named.sha256)
    if found is None:
        value = f"{named.name} ({named.sha256[:SHORT_HASH]})"
        return [Difference("protocol", value, "a protocol known here")]
    return [*_deviations(manifest, found), *_left_out(manifest, found)]


def conforms(differences: Sequence[Difference]) -> bool:
    """Return whether the figures are comparable, of all of the protocol or a part."""
    return all(difference.partial for difference in differences)


def in_words(differences: Sequence[Difference]) -> list[str]:
    """Put differences into words; one that several games share is stated once."""
    grouped: dict[tuple[str, str], list[Difference]] = {}
    for difference in differences:
        grouped.setdefault((difference.field, difference.value), []).append(difference)
    return [_phrase(group) for group in grouped.values()]


def standing_of(manifest: Manifest) -> Standing:
    """Return the standing of a run: what its figures can be compared with."""
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
    """Name the track: ``image, io``."""
    return f"{settings.modality}, {settings.style}"


def _settings(manifest: Manifest, protocol: Protocol) -> dict[str, Frozen | str]:
    """Return the manifest's fields by the protocol, except for those in ``PLAYED``."""
    return {
        "model_settings": _model_settings(manifest, protocol),
        "prompts_version": protocol.prompts.version,
        "prompts_sha256": _prompts(manifest, protocol),
    }


def _prompts(manifest: Manifest, protocol: Protocol) -> str:
    """Return the prompts of the protocol, or those of the run if it only has more games."""
    mine, theirs = manifest.prompts_sha256, protocol.prompts.sha256
    return mine if same_wording(mine, theirs) else theirs


def _model_settings(manifest: Manifest, protocol: Protocol) -> ModelSettings:
    mine, theirs = manifest.model_settings, protocol.model_settings
    unsampled = mine.temperature is None and not traits_of(manifest.model).samples
    # A number is a budget of thinking tokens, which the protocol has set.
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
    """Return the protocol's plan of a game, with equivalent bots spelt as in the run."""
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
    """Return the bot of a seat, spelt as in the run if that is equivalent."""
    wanted = game.players[seat]
    if seat < len(mine.seats.players):
        written = mine.seats.players[seat]
        if bot_and_options(game.env, written) == (bot_name(wanted), game.options.get(wanted, {})):
            return written
    return wanted


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
        value = ", ".join(measured) or "none"
        yield Difference("evaluations", value, ", ".join(everything), partial=True)


def _compared(
    mine: Any, theirs: Any, path: tuple[str, ...] = (), env: str | None = None
) -> Iterator[Difference]:
    for at, value, expected in differing(mine, theirs, path):
        yield Difference(field_name(at), shown(value), shown(expected), env)


def _phrase(group: Sequence[Difference]) -> str:
    """Phrase differences with the same field and value as one."""
    first = group[0]
    expected = list(dict.fromkeys(difference.expected for difference in group))
    text = f"{first.field} {first.value} instead of {_either(expected)}"
    games = [difference.env for difference in group if difference.env is not None]
    return f"{text}{in_games(games)}"


def _either(values: Sequence[str]) -> str:
    return values[0] if len(values) == 1 else f"{', '.join(values[:-1])} or {values[-1]}"
