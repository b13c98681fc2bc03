"""Compare a run with a base run: differences of all figures that both have.

Runs are given as manifests, journals and results, wherever they are kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from vsbench.protocols import setting_differences
from vsbench.records.comparison import (
    ChoicePair,
    ComparedFigure,
    Comparison,
    SettingDifference,
    Side,
)
from vsbench.records.frames import OVERALL
from vsbench.scoring.choices import Replays, worst
from vsbench.scoring.compared_games import ComparedRun as ComparedRun
from vsbench.scoring.compared_games import Estimate, Game, GameComparison
from vsbench.scoring.differences import DifferenceOfMeans, adjust, overall
from vsbench.scoring.intervals import mean_of_means
from vsbench.settings import Evaluation

SETTINGS_IN_LABEL = 2
"""Settings that tell runs of one model apart in their labels."""


def compare(
    base: ComparedRun,
    new: ComparedRun,
    *,
    drop: float | None = None,
    choices: int = 0,
    replays: tuple[str, str] = ("base-", "new-"),
    incomparable: bool = False,
) -> Comparison:
    """Compare a run with a base run.

    Episodes are paired by number if the runs have the same seed, samples if they have the same data
    set. Only units that count in both are then compared, and the figures of both runs are taken
    over them.

    Args:
        base: the run compared with. Its results and those of ``new`` have the same anchors.
        new: the run that may have become worse.
        drop: points, above 0, for which the episodes and samples needed are computed.
        choices: decisions and answers to list, at most.
        replays: beginning of the paths of pages that commands write, for each run.
        incomparable: compare figures in spite of settings that make them incomparable.

    Raises:
        UsageError: no figure of the runs is comparable, or a journal is damaged.
    """
    settings = setting_differences(base.manifest, new.manifest)
    if base.results.anchors != new.results.anchors:
        raise ValueError("results with different anchors are not compared")
    comparison = GameComparison(
        base,
        new,
        settings=[] if incomparable else [each for each in settings if each.incomparable],
        replays=(Replays(base.source, replays[0]), Replays(new.source, replays[1])),
    )
    comparison.refuse_if_nothing_is_comparable()
    figures: list[ComparedFigure] = []
    found: list[ChoicePair] = []
    for evaluation in comparison.evaluations:
        games = [comparison.game(evaluation, env) for env in comparison.games]
        figures += _figures(evaluation, games, drop)
        found += [pair for game in games for pair in game.choices]
    labels = _labels(base, new, settings)
    return Comparison(
        base=_side(base, labels[0]),
        new=_side(new, labels[1]),
        anchors=base.results.anchors,
        settings=tuple(settings),
        drop=drop,
        figures=tuple(figures),
        choices=worst(found, choices),
    )


def _figures(
    evaluation: Evaluation, games: Sequence[Game], drop: float | None
) -> Iterator[ComparedFigure]:
    """Yield the records of an evaluation: overall first, then each game's figures."""
    parts = [game.score.difference for game in games if game.score.difference is not None]
    adjusted = iter(adjust(parts))

    def compared(
        env: str, name: str, found: Estimate, p: float | None, note: str
    ) -> ComparedFigure:
        difference = found.difference
        return ComparedFigure(
            evaluation=evaluation,
            environment=env,
            figure=name,
            base=found.base,
            new=found.new,
            difference=None
            if difference is None
            # Points of a drop are those of scores.
            else difference.record(p, drop if name == "score" else None),
            note=note,
        )

    yield compared(OVERALL, "score", _overall(games, parts), None, _overall_note(games))
    for game in games:
        p = None if game.score.difference is None else next(adjusted)
        yield compared(game.env, "score", game.score, p, game.note)
        for name, found in game.others.items():
            yield compared(game.env, name, found, None, game.note)


def _overall(games: Sequence[Game], parts: Sequence[DifferenceOfMeans]) -> Estimate:
    """Estimate the means over the games that are compared."""
    included = [game for game in games if game.score.difference is not None]
    if not included:
        return Estimate()
    if len(included) == 1:
        # The interval of a single game may be by another method.
        return included[0].score
    base, new = (mean_of_means([game.means[side] for game in included]).figure for side in (0, 1))
    return Estimate(base, new, overall(parts))


def _overall_note(games: Sequence[Game]) -> str:
    """Say which games are missing from the means, and why."""
    left_out = [game for game in games if game.score.difference is None]
    return "; ".join(f"without {game.env}: {game.note}" for game in left_out)


def _side(run: ComparedRun, label: str) -> Side:
    return Side(
        source=run.source,
        label=label,
        model=run.manifest.model,
        seed=run.manifest.seed,
        standing=run.results.standing,
        complete=run.results.complete,
        stand_ins=run.stand_ins,
        cost=run.results.usage.cost,
    )


def _labels(
    base: ComparedRun, new: ComparedRun, settings: Sequence[SettingDifference]
) -> tuple[str, str]:
    """Label both runs by their models, or by what differs if that is the same."""
    model = base.manifest.model
    if model != new.manifest.model:
        return model, new.manifest.model
    telling = [
        each
        for each in settings
        if each.environment is None and not each.setting.startswith(("versions", "prices"))
    ][:SETTINGS_IN_LABEL]
    if not telling:
        return f"{model} (base)", f"{model} (new)"
    return (
        ", ".join([model, *(f"{each.setting} {each.base}" for each in telling)]),
        ", ".join([model, *(f"{each.setting} {each.new}" for each in telling)]),
    )
