"""What a tournament would take of each model, before any call is made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from vsbench.bots import bot_name
from vsbench.prompts import PromptPack
from vsbench.records.manifest import Manifest
from vsbench.records.tournament import Tournament
from vsbench.reporting.estimate import Expected, estimate


def tournament_estimates(
    pack: PromptPack, tournament: Tournament
) -> Iterator[tuple[Manifest, list[Expected]]]:
    """Each model's expected calls, by game, beside a run of its that they are taken from.

    Whoever sits in the other seats, a seat is asked about as often: so one pairing of a model
    tells for all of them.
    """
    for model in tournament.entrants:
        if bot_name(model) is None:
            other = next(name for name in tournament.entrants if name != model)
            one = tournament.pairing(model, other, tournament.games)
            yield one, [_scaled(tournament, model, each) for each in estimate(pack, one)]


def _scaled(tournament: Tournament, model: str, expected: Expected) -> Expected:
    """From one seat in one pairing's episodes to all seats in all pairings."""
    plans = [
        plan
        for manifest in tournament.pairings.values()
        for plan in manifest.environments
        if plan.env == expected.env and model in plan.seats.players
    ]
    seats = sum(plan.episodes * plan.seats.players.count(model) for plan in plans)
    times = seats / expected.planned
    return replace(
        expected,
        planned=sum(plan.episodes for plan in plans),
        calls=expected.calls * times,
        input=expected.input * times,
        output=expected.output * times,
        cost=None if expected.cost is None else expected.cost * times,
    )
