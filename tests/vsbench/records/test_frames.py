"""Results and tournaments as pandas data frames."""

from __future__ import annotations

import sys

import pytest

import vsbench
from vsbench.records.results import Results
from vsbench.records.tournament import TournamentResults
from vsbench_envs.errors import MissingExtraError

pd = pytest.importorskip("pandas", reason="the data extra brings it")

FIGURES = ["value", "low", "high", "n"]


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    (report,) = vsbench.run(
        models=["sighted/random"],
        envs=["coin_dilemma", "kuhn_poker"],
        evals=["decision", "reasoning"],
        episodes=2,
        samples=6,
        out=tmp_path_factory.mktemp("frames") / "run",
    )
    return report.results


@pytest.fixture(scope="module")
def tournament(tmp_path_factory: pytest.TempPathFactory) -> TournamentResults:
    return vsbench.tournament(
        ["bot/oracle", "bot/random"],
        envs=["kuhn_poker", "breakthrough"],
        episodes=2,
        out=tmp_path_factory.mktemp("frames") / "tournament",
    ).results


def test_one_row_per_evaluation_environment_and_figure(results: Results) -> None:
    frame = results.to_frame()
    about = ["model", "evaluation", "environment", "figure"]
    assert list(frame.columns) == [*about, *FIGURES, "scored"]
    assert not frame.duplicated(about).any()
    assert set(frame["model"]) == {"sighted/random"}
    assert [str(frame[name].dtype) for name in FIGURES] == ["float64"] * 3 + ["Int64"]
    scores = frame[frame["figure"] == "score"].set_index(["evaluation", "environment"])["value"]
    assert set(scores.index) == {
        (evaluation, env)
        for evaluation in ("decision", "reasoning")
        for env in ("coin_dilemma", "kuhn_poker", "overall")
    }
    for evaluation in ("decision", "reasoning"):
        for env, figure in results.scores(evaluation).items():
            assert figure is not None
            assert scores[evaluation, env] == figure.mean
        overall = results.overall[evaluation]
        assert overall is not None
        assert scores[evaluation, "overall"] == overall.mean


def test_behaviours_and_parts_of_samples_are_rows_too(results: Results) -> None:
    names = set(results.to_frame()["figure"])
    assert {"own_coins", "own_coins, seat 1", "about seat 0"} <= names
    assert any(name.startswith("source bot/") for name in names)


def test_missing_bounds_are_not_a_number(results: Results) -> None:
    score = results.overall["decision"]
    assert score is not None
    single = score.model_copy(update={"low": None, "high": None})
    frame = results.model_copy(update={"overall": {"decision": single}}).to_frame()
    row = frame[frame["environment"] == "overall"].iloc[0]
    assert pd.isna(row["low"])
    assert pd.isna(row["high"])
    assert pd.isna(row["scored"])


def test_runs_can_be_concatenated(results: Results) -> None:
    other = results.model_copy(update={"model": "sighted/other"})
    both = pd.concat([results.to_frame(), other.to_frame()])
    wide = both.pivot(
        index=["evaluation", "environment", "figure"], columns="model", values="value"
    )
    assert (wide["sighted/random"] == wide["sighted/other"]).all()


def test_a_tournament_has_cross_play_and_ratings(tournament: TournamentResults) -> None:
    frame = tournament.to_frame()
    assert list(frame.columns) == ["environment", "player", "against", "figure", *FIGURES]
    assert set(frame["figure"]) == {"return", "score", "superiority", "rating", "rating difference"}
    cell = frame.set_index(["environment", "player", "against", "figure"])["value"]
    (poker,) = (game for game in tournament.games if game.env == "kuhn_poker")
    for crossplay in poker.crossplay:
        assert crossplay.returns is not None
        found = cell["kuhn_poker", crossplay.player, crossplay.against, "return"]
        assert found == crossplay.returns.mean
    ratings = frame[(frame["figure"] == "rating") & (frame["environment"] == "overall")]
    assert list(ratings["value"]) == [rating.elo.mean for rating in tournament.ratings]


def test_nothing_finished_is_an_empty_frame(results: Results) -> None:
    empty = results.model_copy(update={"overall": {}, "environments": (), "samples": ()})
    frame = empty.to_frame()
    assert len(frame) == 0
    assert list(frame.columns) == list(results.to_frame().columns)


def test_without_pandas_the_command_that_installs_it_is_named(
    results: Results, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(MissingExtraError, match="pip install pandas"):
        results.to_frame()
