"""The gate: what is a regression, what is inconclusive, and what it says."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from scipy import stats

from score_changes import comparison_of
from vsbench.errors import UsageError
from vsbench.records.comparison import Judgement
from vsbench.records.frames import OVERALL
from vsbench.scoring.differences import DifferenceOfMeans, of_answers, of_episodes
from vsbench.scoring.gate import OVERALL_SHARE, TOLERANCE, Hypothesis, judge, shared_level
from vsbench.scoring.intervals import Scale
from vsbench.scoring.results import PERCENT
from vsbench.settings import Evaluation

GAMES = ("hanabi", "overcooked", "coin_dilemma", "monster_hunt")
POINTS = Scale(spread=10.0, bounds=(0.0, 100.0))


def episodes(drop: float, n: int = 10, noise: float = 8.0) -> DifferenceOfMeans:
    """A difference of paired episodes that vary alike."""
    base = {number: 50.0 + noise * (number % 3 - 1) for number in range(n)}
    new = {number: base[n - 1 - number] - drop for number in base}
    found = of_episodes(base, new, POINTS, same_seeds=True)
    assert found
    return found


def answers(lost: int, gained: int = 2, n: int = 100) -> DifferenceOfMeans:
    base = {k: float(k >= gained) for k in range(n)}
    new = base | dict.fromkeys(range(gained), 1.0) | dict.fromkeys(range(n - lost, n), 0.0)
    found = of_answers(base, new, {k: k for k in base}, scale=PERCENT, binary=True)
    assert found
    return found


def judged(drops: Mapping[str, float], **options: Mapping[Evaluation, float]) -> Judgement:
    return judge(comparison_of({"decision": {g: episodes(d) for g, d in drops.items()}}), **options)


def test_equal_runs_pass_and_say_what_would_have_been_found() -> None:
    found = judged(dict.fromkeys(GAMES, 0.0))
    assert found.verdict == "pass"
    assert found.regressions == ()
    assert found.tolerance == {"decision": TOLERANCE}
    assert f"{found.detectable['decision']:.1f} points" in found.reasons[0]


def test_a_drop_of_the_overall_score_is_a_regression() -> None:
    found = judged(dict.fromkeys(GAMES, 12.0))
    assert found.verdict == "regression"
    assert found.regressions[0] == ("decision", OVERALL)
    assert "12.0 points" in found.reasons[0]


def test_a_drop_in_one_game_is_a_regression() -> None:
    found = judged(dict.fromkeys(GAMES, -10.0) | {"hanabi": 30.0})
    assert found.regressions == (("decision", "hanabi"),)
    assert found.verdict == "regression"


def test_a_tolerated_drop_is_none() -> None:
    drops = dict.fromkeys(GAMES, 12.0)
    assert judged(drops, tolerance={"decision": 12.5}).verdict == "regression"
    allowed: Mapping[Evaluation, float] = {"decision": 12.5}
    assert judged(drops, tolerance=allowed, game_tolerance=allowed).verdict == "pass"
    # What is tolerated is not looked for either.
    tolerant = judged(dict.fromkeys(GAMES, 0.0), tolerance={"decision": 40.0})
    assert tolerant.detectable["decision"] > 40


def test_a_gain_is_no_regression() -> None:
    assert judged(dict.fromkeys(GAMES, -30.0)).verdict == "pass"


def test_a_drop_that_could_go_unnoticed_is_inconclusive() -> None:
    drops = dict.fromkeys(GAMES, 0.0)
    assert judged(drops, detect={"decision": 6.0}).verdict == "pass"
    found = judged(drops, detect={"decision": 2.0})
    assert found.verdict == "inconclusive"
    assert "Hanabi" in found.reasons[0]
    # A regression that was found decides all the same.
    worse = judged(dict.fromkeys(GAMES, 12.0), detect={"decision": 2.0})
    assert worse.verdict == "regression"
    with pytest.raises(UsageError, match="3 is tolerated"):
        judged(drops, detect={"decision": 3.0}, tolerance={"decision": 3.0})
    assert judged(drops, detect={"decision": 2.0}).tolerance == {"decision": 1.0}


def test_as_many_episodes_as_it_names_decide() -> None:
    drops = dict.fromkeys(GAMES, 0.0)
    wanted: Mapping[Evaluation, float] = {"decision": 2.0}
    reason = judged(drops, detect=wanted).reasons[0]
    counts = [int(word.strip(",.")) for word in reason.split() if word.strip(",.").isdigit()]
    # These episodes vary as those before do where one is left over from groups of three.
    more = {game: episodes(0.0, 1 - -max(counts) // 3 * 3) for game in GAMES}
    assert judge(comparison_of({"decision": more}), detect=wanted).verdict == "pass"


def test_what_was_not_compared_is_inconclusive() -> None:
    found = judge(comparison_of({"decision": {"hanabi": episodes(0.0), "overcooked": None}}))
    assert found.verdict == "inconclusive"
    assert any("Overcooked" in reason for reason in found.reasons)
    nothing = judge(comparison_of({}))
    assert (nothing.verdict, nothing.reasons) == ("inconclusive", ("No score was compared.",))


def test_drops_in_evaluations_that_neither_run_has_are_not_looked_for() -> None:
    everywhere: dict[Evaluation, float] = {"decision": 60.0, "reasoning": 60.0, "perception": 60.0}
    found = judge(comparison_of({"decision": {"hanabi": episodes(0.0)}}), detect=everywhere)
    assert found.verdict == "pass"
    with pytest.raises(UsageError, match="decision-making cannot be looked for"):
        judge(comparison_of({"decision": {"hanabi": episodes(0.0)}}), detect={"decision": 0.0})


def test_the_score_of_one_game_is_tested_once() -> None:
    found = judge(comparison_of({"decision": {"hanabi": episodes(20.0)}}))
    assert found.regressions == (("decision", OVERALL),)
    # Of three episodes no signs prove anything, but a large drop does.
    few = judge(comparison_of({"decision": {"hanabi": episodes(49.0, n=3, noise=0.5)}}))
    assert few.detectable["decision"] < 49
    assert few.verdict == "regression"


def test_evaluations_are_judged_together() -> None:
    steady = {game: episodes(0.0) for game in GAMES}
    worse = {game: answers(14) for game in GAMES}
    found = judge(comparison_of({"decision": steady, "reasoning": worse}))
    assert ("reasoning", OVERALL) in found.regressions
    assert "decision" in found.detectable


def test_levels_add_up() -> None:
    """What a test cannot use because of its tolerance goes to the others."""

    def tested(tolerance: float) -> Hypothesis:
        return Hypothesis("decision", "hanabi", episodes(0.0).record(), tolerance)

    assert shared_level(0.05, [tested(0.0)] * 4) == pytest.approx(0.0125)
    strict, lax = tested(0.0), tested(30.0)
    found = episodes(0.0).mean
    need = float(stats.t.cdf(-30 / found.error, found.df))
    assert need < 0.01
    assert lax.largest_level == pytest.approx(need)
    level = shared_level(0.05, [strict, lax, strict])
    assert level == pytest.approx((0.05 - need) / 2)
    assert shared_level(0.05, [lax]) == 0.05
    assert shared_level(0.05, []) == 0.05
    assert 0 < OVERALL_SHARE < 1
