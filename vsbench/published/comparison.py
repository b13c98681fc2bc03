"""Whether a run's figure may stand beside a published one, and if not, why not."""

from __future__ import annotations

from collections.abc import Iterator

from vsbench.published.tables import OVERALL, published
from vsbench.records.results import Results
from vsbench.settings import Evaluation
from vsbench_envs.registry import BENCHMARK

PAPER_TRACK = "image, io"
"""The track of the paper's tables: pictures, and answers without commentary."""


def obstacles(run: Results, evaluation: Evaluation) -> dict[str, list[str]]:
    """Why a run's figures cannot be compared with the paper's: column -> reasons, none if they can.

    The columns are the evaluated games of the benchmark, and the overall figure.
    """
    common = list(_common(run, evaluation))
    finished = _finished(run, evaluation)
    found = {
        env: [*common, *_of_game(run, evaluation, env, finished[env])]
        for env in BENCHMARK
        if env in finished
    }
    overall = list(common)
    if missing := len(BENCHMARK) - len(found):
        overall.append(f"it is over {len(found)} of the {len(found) + missing} games")
    if any(set(reasons) - set(common) for reasons in found.values()):
        overall.append("not every game can be compared")
    return {**found, OVERALL: overall}


def _common(run: Results, evaluation: Evaluation) -> Iterator[str]:
    """Reasons that hold for every game."""
    standing = run.standing
    if not standing.protocol:
        yield "the run follows no protocol"
    elif not standing.conforms:
        yield f"not conforming to {standing.protocol}: {'; '.join(standing.differences)}"
    if standing.track != PAPER_TRACK:
        yield f"its track is {standing.track}, the paper's is {PAPER_TRACK}"
    if evaluation == "decision" and run.anchors != "paper":
        yield "it is normalised by the measured anchors, not by the paper's"


def _of_game(run: Results, evaluation: Evaluation, env: str, finished: int) -> Iterator[str]:
    tables = published()
    if evaluation == "decision":
        wanted, unit = tables.episodes.get(env, 0), "episode"
    else:
        wanted, unit = tables.samples, "sample"
        if evaluation == "perception" or _by_our_rules(run, env):
            yield "the recorded states are our own, not the paper's"
        else:
            yield "it is comparable only if the published rows are the paper's own"
    if finished < wanted:
        yield f"{finished:,} {unit}{'' if finished == 1 else 's'}, not the paper's {wanted:,}"


def _by_our_rules(run: Results, env: str) -> bool:
    """Whether predictions were asked about sets of ours: published rows tell no third."""
    return any(
        part.by_third for part in run.samples if (part.evaluation, part.env) == ("reasoning", env)
    )


def _finished(run: Results, evaluation: Evaluation) -> dict[str, int]:
    """Environment -> episodes or samples that have ended, where any has."""
    if evaluation == "decision":
        return {part.env: part.finished for part in run.environments if part.finished}
    return {
        part.env: part.finished
        for part in run.samples
        if part.evaluation == evaluation and part.finished
    }
