"""Comparisons of two runs: what is paired, what is left out, and what is told of it."""

from pathlib import Path
from statistics import fmean

import pytest

from comparisons import compared, difference, play
from comparisons import runs as runs
from vsbench.errors import UsageError
from vsbench.records.comparison import Comparison
from vsbench.records.files import UnitKey, open_run
from vsbench.scoring.comparison import ComparedRun, compare
from vsbench.scoring.results import results_of

pytestmark = pytest.mark.xdist_group("comparisons")


def score_of(run: Path, env: str) -> list[float]:
    (part,) = (each for each in results_of(run, open_run(run)).environments if each.env == env)
    return [episode.score for episode in part.episodes]


def test_runs_of_one_seed_are_compared_episode_by_episode(runs: Path) -> None:
    found = compared(runs, "base", "worse")
    one = difference(found, "decision", "breakthrough")
    scores = [score_of(play(runs, name), "breakthrough") for name in ("base", "worse")]
    assert one.paired
    assert one.test == "sign-flip"
    assert one.n == 4
    assert one.value == pytest.approx(fmean(b - a for a, b in zip(*scores, strict=True)))
    assert one.low <= one.value <= one.high
    overall = difference(found, "decision", "overall")
    kuhn = difference(found, "decision", "kuhn_poker")
    assert overall.value == pytest.approx((one.value + kuhn.value) / 2)
    assert overall.test == "Welch-Satterthwaite"


def test_answers_are_compared_sample_by_sample(runs: Path) -> None:
    found = compared(runs, "base", "worse")
    one = difference(found, "reasoning", "kuhn_poker")
    assert one.paired
    assert one.test == "McNemar"
    assert one.n == 12
    (score,) = (f for f in found.scores("reasoning") if f.environment == "kuhn_poker")
    assert one.value == pytest.approx(score.new.mean - score.base.mean)


def test_runs_of_other_seeds_are_not_paired_and_it_is_said(runs: Path) -> None:
    found = compared(runs, "base", "seed")
    one = difference(found, "decision", "breakthrough")
    assert not one.paired
    assert one.test == "Welch"
    notes = {f.note for f in found.scores("decision") if not f.is_overall}
    assert notes == {"not paired: the seeds differ"}
    assert difference(found, "reasoning", "kuhn_poker").paired
    assert [(each.setting, each.base, each.new) for each in found.settings] == [("seed", "0", "7")]
    assert found.base.label == "sighted/oracle, seed 0"
    assert not found.choices


def test_kuhn_is_compared_in_whole_groups_that_both_have_and_by_action_frequencies(
    runs: Path,
) -> None:
    found = compared(runs, "hands", "more hands", drop=50)
    one = difference(found, "decision", "kuhn_poker")
    assert (one.n, one.unit) == (2, 12)
    scores = [score_of(play(runs, name), "kuhn_poker")[:24] for name in ("hands", "more hands")]
    assert one.value == pytest.approx(fmean(scores[1]) - fmean(scores[0]))
    assert one.needed is not None
    (score,) = (f for f in found.scores("decision") if not f.is_overall)
    assert score.note == "only the 30 episodes that both runs have"
    assert score.base.mean == pytest.approx(fmean(scores[0]))
    plug_in = difference(found, "decision", "kuhn_poker", "plug-in value")
    assert plug_in.test == "Welch"
    assert plug_in.high - plug_in.low < 1
    assert plug_in.needed is None


def test_the_score_of_a_single_game_is_the_overall_score(runs: Path) -> None:
    overall, game = compared(runs, "hands", "more hands").scores("decision")
    assert overall.is_overall
    assert (overall.base, overall.difference) == (game.base, game.difference)


REFUSED = {
    "opponent": ("seat 1 greedy in base, random in new",),
    "prompts": ("prompts ",),
    "protocol": ("protocol vsbench-1 in base, vsbench-1-quick in new",),
}


@pytest.mark.parametrize("name", ["prompts", "protocol"])
@pytest.mark.slow
def test_incomparable_runs_are_refused_with_the_settings_named(runs: Path, name: str) -> None:
    with pytest.raises(UsageError, match="these runs are not comparable") as refused:
        compared(runs, "base", name)
    for said in (*REFUSED[name], "--incomparable"):
        assert said in str(refused.value)
    found = compared(runs, "base", name, incomparable=True)
    assert found.incomparable
    assert difference(found, "decision", "overall").value == 0


def test_other_opponents_concern_decisions_alone(runs: Path) -> None:
    found = compared(runs, "base", "opponent")
    overall, *games = found.scores("decision")
    assert overall.difference is None
    assert all(game.difference is None and game.base and game.new for game in games)
    notes = " ".join(game.note for game in games)
    for said in REFUSED["opponent"]:
        assert said in notes
    assert difference(found, "reasoning", "overall").value == 0


@pytest.mark.slow
def test_a_game_that_is_left_out_is_named_and_missing_from_the_mean(runs: Path) -> None:
    found = compared(runs, "base", "one game")
    overall, *games = found.scores("reasoning")
    (kuhn,) = (game for game in games if game.environment == "kuhn_poker")
    assert kuhn.note == "left out of the new run"
    assert "without kuhn_poker: left out of the new run" in overall.note
    assert overall.difference == difference(found, "reasoning", "breakthrough")


@pytest.mark.slow
def test_runs_without_a_common_game_are_refused(runs: Path) -> None:
    with pytest.raises(UsageError, match="no game of the same evaluation in common"):
        compared(runs, "hands", "one game", incomparable=True)


def test_measures_and_behaviours_have_differences(runs: Path) -> None:
    found = compared(runs, "base", "worse")
    names = {f.figure for f in found.figures if f.environment == "breakthrough" and f.difference}
    assert {"score", "return", "captures"} <= names


def test_choices_are_the_first_that_differ_the_worst_first(runs: Path) -> None:
    found = compared(runs, "base", "worse", choices=6, replays=("x/base-", "x/new-"))
    assert found.choices
    assert all(pair.difference < 0 for pair in found.choices)
    firsts = [(pair.evaluation, pair.environment) for pair in found.choices]
    games = len(dict.fromkeys(firsts))
    assert len(set(firsts[:games])) == games, "the worst of each game comes first"
    for pair in found.choices:
        key = UnitKey(pair.evaluation, pair.environment, pair.number)
        assert pair.base.action != pair.new.action
        assert f"--html {key.written} --to x/base-{key.page}.html" in pair.base.replay
        assert str(play(runs, "worse")) in pair.new.replay
        if pair.step is not None:
            assert pair.base.page == f"x/base-{key.page}.html#step={pair.step}"
            assert _moves(play(runs, "base"), key, pair.step) == _moves(
                play(runs, "worse"), key, pair.step
            )


def _moves(run: Path, key: UnitKey, before: int) -> list[object]:
    lines = ComparedRun.open(run).journals[key]
    return [line.moves for line in lines if line.type == "step" and line.step < before]


def test_a_comparison_is_a_record_that_is_read_again(runs: Path) -> None:
    found = compared(runs, "base", "worse", choices=3, drop=10)
    assert Comparison.model_validate_json(found.model_dump_json(), strict=True) == found


def test_a_frame_has_a_row_for_each_difference(runs: Path) -> None:
    found = compared(runs, "base", "worse")
    frame = found.to_frame()
    scores = frame[(frame.evaluation == "decision") & (frame.figure == "score")]
    assert list(scores.environment) == ["overall", "kuhn_poker", "breakthrough"] or list(
        scores.environment
    ) == ["overall", "breakthrough", "kuhn_poker"]
    assert (scores.new - scores.base - scores.value).abs().max() < 1e-9
    assert set(frame.base_run) == {"sighted/oracle"}


def test_unusable_answers_are_counted_by_run(runs: Path) -> None:
    found = compared(runs, "base", "worse")
    assert found.base.stand_ins == 0
    run = ComparedRun.open(play(runs, "base"))
    (first, *others) = run.results.environments
    (seat, *rest) = first.seats
    seats = (seat.model_copy(update={"decisions": {**seat.decisions, "illegal": 1}}), *rest)
    results = run.results.model_copy(
        update={"environments": (first.model_copy(update={"seats": seats}), *others)}
    )
    spoilt = ComparedRun(run.source, run.manifest, run.journals, results)
    assert 0 < compare(run, spoilt).new.stand_ins < 0.1


def test_an_unfinished_run_is_compared_as_far_as_it_counts(runs: Path, tmp_path: Path) -> None:
    run = ComparedRun.open(play(runs, "worse"))
    kept = {
        key: run.journals[key]
        for key in run.journals
        if key.evaluation == "reasoning" or key.number < 2
    }
    from vsbench.scoring.results import score

    part = ComparedRun("part", run.manifest, kept, score(run.manifest, kept))
    found = compare(ComparedRun.open(play(runs, "base")), part)
    one = difference(found, "decision", "breakthrough")
    assert one.n == 2
    assert not found.new.complete
    (game,) = (f for f in found.scores("decision") if f.environment == "breakthrough")
    assert game.note == "only the 2 episodes that both runs have"
    nothing = ComparedRun("none", run.manifest, {}, score(run.manifest, {}))
    found = compare(ComparedRun.open(play(runs, "base")), nothing)
    assert all(figure.difference is None for figure in found.figures)
    assert "nothing finished in the new run" in found.scores("decision")[1].note
