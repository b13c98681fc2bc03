"""Tables of data cards."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from vsbench.datasets.cards import Card, PublishedCard
from vsbench.reporting.formats import Table, env_title
from vsbench_envs import registry

MAX_ACTIONS = 12
"""Actions listed one by one; the others are summed up."""

OWN_VIEW = "the target's own view"
"""Input of predicting bots: more than any other player sees."""


def card_tables(card: Card) -> list[Table]:
    """All tables of a data set."""
    spec = registry.get(card.env).spec
    seats = {f"seat {seat} ({spec.roles[seat]})": count for seat, count in card.targets.items()}
    thirds = {f"{third} third": count for third, count in card.thirds.items()}
    groups = card.groups if len(card.groups) > 1 else {}
    return [
        _predictors(card),
        *_chance(card),
        _play_quality(card),
        *_counts("Predicted player", "seat", card.samples, seats),
        *_counts("Part of the episode", "third", card.samples, thirds),
        *_counts("Actions by group", "group", card.samples, groups),
        *_counts("Actions", "action", card.samples, _shortened(card.actions)),
        *_counts("Source of the predicted move", "player", card.samples, card.sources),
        *_counts("Line-ups", "seats in order", card.samples, card.lineups),
    ]


def published_card_tables(card: PublishedCard) -> list[Table]:
    """All tables of a published data set."""
    predictors = Table(
        title=f"{Path(card.path).name}: {card.samples} rows, {card.pictures} pictures "
        f"({card.env or 'environment unknown'})",
        columns=("predictor", "input", "accuracy"),
        rows=(
            ("random guess (expected)", "legal actions", percent(card.random_guess)),
            (f"always {card.most_common!r}", "nothing", percent(card.most_common_guess)),
        ),
        label_columns=2,
    )
    return [
        predictors,
        *_counts("Correct answers", "action", card.samples, _shortened(card.answers)),
    ]


def _predictors(card: Card) -> Table:
    own = [card.self_predictions] if card.self_predictions else []
    bots = tuple(
        (player.name, OWN_VIEW, str(player.asked), percent(player.accuracy))
        for player in (*own, *card.predictors)
    )
    asked = str(card.samples)
    return Table(
        title=f"{env_title(card.env)}: {card.samples} samples from {card.episodes} episodes "
        f"({card.recipe}, seed {card.seed})",
        columns=("predictor", "input", "samples", "accuracy"),
        rows=(
            ("random guess (expected)", "options", asked, percent(card.random_guess)),
            (
                f"always {card.most_common!r}",
                "nothing",
                str(card.samples),
                percent(card.most_common_guess),
            ),
            *bots,
        ),
        label_columns=2,
    )


def _chance(card: Card) -> list[Table]:
    """Chance levels here and in the paper's data set, and why they differ."""
    if card.paper_guess is None:
        return []
    here, paper = percent(card.random_guess), percent(card.paper_guess)
    columns = ("here", "in the paper", "reason for the difference")
    row = (here, paper, card.guess_difference or "none")
    return [Table("Chance level", columns, (row,), label_columns=3)]


def _play_quality(card: Card) -> Table:
    return Table(
        title="Quality of the recorded play",
        columns=("measure", "value"),
        rows=(
            ("trajectory quality TQ (random 0, oracle 1)", f"{card.trajectory_quality:.2f}"),
            ("state-action coverage SACo (random play 1)", f"{card.state_action_coverage:.2f}"),
            ("distinct state-action pairs", str(card.state_action_pairs)),
        ),
    )


def _counts(title: str, column: str, samples: int, counts: Mapping[str, int]) -> list[Table]:
    rows = tuple((key, str(count), percent(count / samples)) for key, count in counts.items())
    return [Table(title, (column, "samples", "share"), rows)] if rows else []


def _shortened(counts: Mapping[str, int]) -> dict[str, int]:
    """The most frequent actions, and the sum of the others."""
    items = list(counts.items())
    rest = items[MAX_ACTIONS:]
    others = {f"{len(rest)} others": sum(count for _, count in rest)} if rest else {}
    return dict(items[:MAX_ACTIONS]) | others


def percent(share: float) -> str:
    """Format a share as a percentage."""
    return f"{100 * share:.1f} %"
