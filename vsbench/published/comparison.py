"""Decide whether a run's figures can be compared with the paper's, and if not, say why."""

from __future__ import annotations

from collections.abc import Iterator

from vsbench.printable import counted
from vsbench.published.tables import OVERALL, published
from vsbench.records.results import Results
from vsbench.settings import Evaluation
from vsbench_envs.registry import BENCHMARK

PAPER_TRACK = "image, io"
"""The track of the paper's tables: image modality, direct answers."""


def obstacles(run: Results, evaluation: Evaluation) -> dict[str, list[str]]:
    """Column -> reasons why a run's figure cannot be compared with the paper's; empty if it can.

    Columns are the evaluated games of the benchmark, and the overall figure.
    """
    common = list(_common(run, evaluation))
    scored = _scored(run, evaluation)
    found = {
        env: [*common, *_of_game(run, evaluation, env, scored[env])]
        for env in BENCHMARK
        if env in scored
    }
    overall = list(common)
    if missing := len(BENCHMARK) - len(found):
        overall.append(f"over {len(found)} of {len(found) + missing} games")
    if any(set(reasons) - set(common) for reasons in found.values()):
        overall.append("not all games are comparable")
    return {**found, OVERALL: overall}


def _common(run: Results, evaluation: Evaluation) -> Iterator[str]:
    """Yield reasons that apply to every game."""
    standing = run.standing
    if not standing.protocol:
        yield "no protocol"
    elif not standing.conforms:
        yield f"not conforming to {standing.protocol}: {'; '.join(standing.differences)}"
    if standing.track != PAPER_TRACK:
        yield f"track {standing.track} instead of {PAPER_TRACK}"
    if evaluation == "decision" and run.anchors != "paper":
        yield "normalised by measured anchors instead of the paper's"


def _of_game(run: Results, evaluation: Evaluation, env: str, scored: int) -> Iterator[str]:
    tables = published()
    if evaluation == "decision":
        wanted, unit = tables.episodes.get(env, 0), "episode"
    else:
        wanted, unit = tables.samples, "sample"
        if evaluation == "perception" or _uses_recorded_states(run, env):
            yield "the recorded states are not the paper's"
        else:
            yield "comparable only if the published rows are the paper's"
    if scored < wanted:
        yield f"{counted(scored, unit)} instead of {wanted:,}"


def _uses_recorded_states(run: Results, env: str) -> bool:
    """Whether predictions are about recorded states; published rows have no thirds."""
    return any(
        part.by_third for part in run.samples if (part.evaluation, part.env) == ("reasoning", env)
    )


def _scored(run: Results, evaluation: Evaluation) -> dict[str, int]:
    """Environment -> number of scored episodes or samples, if any."""
    if evaluation == "decision":
        return {part.env: part.scored for part in run.environments if part.scored}
    return {
        part.env: part.scored
        for part in run.samples
        if part.evaluation == evaluation and part.scored
    }
