"""Data cards as tables."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from vsbench.datasets.cards import Card, PublishedCard
from vsbench.reporting.formats import Table
from vsbench_envs import registry

MOST_ACTIONS = 12
"""Actions that a card lists; the rest are summed up."""


OWN_VIEW = "the target's own view"
"""What bots predict from: more than anybody else sees."""


def of_card(card: Card) -> list[Table]:
    """Everything there is to show about a data set."""
    spec = registry.get(card.env).spec
    seats = {f"seat {seat} ({spec.roles[seat]})": count for seat, count in card.targets.items()}
    thirds = {f"{third} third": count for third, count in card.thirds.items()}
    groups = card.groups if len(card.groups) > 1 else {}
    return [
        _guesses(card),
        *_beside_paper(card),
        _recorded(card),
        *_counts("Asked about", "seat", card.samples, seats),
        *_counts("Part of the episode", "third", card.samples, thirds),
        *_counts("Actions by group", "group", card.samples, groups),
        *_counts("Actions", "action", card.samples, _shortened(card.actions)),
        *_counts("Played by", "source", card.samples, card.sources),
        *_counts("At the table", "seats, in order", card.samples, card.tables),
    ]


def of_published(card: PublishedCard) -> list[Table]:
    """What there is to show about a published data set."""
    guesses = Table(
        title=f"{Path(card.path).name}: {card.samples} rows, {card.pictures} pictures "
        f"({card.env or 'environment unknown'})",
        columns=("who predicts", "from", "right"),
        rows=(
            ("a random guess, expected", "the legal actions", percent(card.random_guess)),
            (f"always {card.commonest!r}", "nothing", percent(card.commonest_guess)),
        ),
    )
    return [guesses, *_counts("Right answers", "action", card.samples, _shortened(card.answers))]


def _guesses(card: Card) -> Table:
    own = [card.own_source] if card.own_source else []
    players = tuple(
        (player.name, OWN_VIEW, str(player.asked), percent(player.accuracy))
        for player in (*own, *card.predictors)
    )
    everything = str(card.samples)
    return Table(
        title=f"{registry.get(card.env).spec.title}: {card.samples} samples "
        f"of {card.episodes} episodes ({card.recipe}, seed {card.seed})",
        columns=("who predicts", "from", "asked", "right"),
        rows=(
            ("a random guess, expected", "the options", everything, percent(card.random_guess)),
            (f"always {card.commonest!r}", "nothing", everything, percent(card.commonest_guess)),
            *players,
        ),
    )


def _beside_paper(card: Card) -> list[Table]:
    """What guessing is worth here and in the paper's set, and why where it differs."""
    if card.paper_guess is None:
        return []
    here, paper = percent(card.random_guess), percent(card.paper_guess)
    columns = ("here", "in the paper", "why")
    row = (here, paper, card.guess_differs or "they are alike")
    return [Table("What guessing is worth", columns, (row,), names=3)]


def _recorded(card: Card) -> Table:
    return Table(
        title="The recorded play",
        columns=("measure", "value"),
        rows=(
            ("trajectory quality (TQ): 0 random, 1 oracle", f"{card.trajectory_quality:.2f}"),
            ("state-action coverage (SACo): 1 random play", f"{card.state_action_coverage:.2f}"),
            ("distinct state-action pairs", str(card.state_action_pairs)),
        ),
    )


def _counts(title: str, what: str, samples: int, counts: Mapping[str, int]) -> list[Table]:
    rows = tuple((key, str(count), percent(count / samples)) for key, count in counts.items())
    return [Table(title, (what, "samples", "share"), rows)] if rows else []


def _shortened(counts: Mapping[str, int]) -> dict[str, int]:
    """The commonest, and all others together."""
    items = list(counts.items())
    rest = items[MOST_ACTIONS:]
    others = {f"{len(rest)} others": sum(count for _, count in rest)} if rest else {}
    return dict(items[:MOST_ACTIONS]) | others


def percent(share: float) -> str:
    """For reading."""
    return f"{100 * share:.1f} %"
