"""Tournaments as they are played: on disk, interrupted and resumed, verified."""

import shutil
from pathlib import Path
from unittest.mock import Mock

import pytest

import vsbench
from forging import kill_after
from vsbench import TournamentReport, tournament
from vsbench.errors import Exit, UsageError
from vsbench.records.files import open_tournament, run_directories
from vsbench.records.tournament import TournamentResults
from vsbench.runner import session, tournaments
from vsbench.simulation import Simulation, SimulationSettings
from vsbench.verification.run import verify
from vsbench.verification.tournament import verify_tournament
from vsbench_envs.errors import UnknownNameError


def resume(directory: Path) -> TournamentReport:
    return vsbench.resume_tournament(directory)


def figures(report: TournamentReport) -> TournamentResults:
    """The results without the order in which lines were written."""
    return report.results.model_copy(update={"heads": {}})


def test_it_is_a_folder_of_runs(played: TournamentReport) -> None:
    assert played.exit is Exit.COMPLETE
    assert played.results.complete
    assert open_tournament(played.directory) == played.tournament
    written = (played.directory / "results.json").read_text()
    assert TournamentResults.model_validate_json(written) == played.results
    # Two ways round with three seats, and everybody with itself.
    assert len(run_directories(played.directory)) == 9
    assert vsbench.tournament_results(played.directory) == played.results


def test_every_pairing_can_be_verified(played: TournamentReport) -> None:
    for directory in run_directories(played.directory):
        verification = verify(directory)
        assert verification.ok, verification.findings
        assert verification.unfinished == 0


def test_deals_are_common_in_the_journals(played: TournamentReport) -> None:
    seeds = {
        tuple(path.read_text().split('"seed":')[1].split(",")[0] for path in sorted(folder))
        for directory in played.directory.glob("pairings/*")
        if (folder := list(directory.glob("journal/decision/kuhn_poker/*")))
    }
    (each,) = seeds
    assert len(each) == 4
    assert each[::2] == each[1::2]
    assert len(set(each)) == 2


def test_half_the_journals_are_played_again(copy: Path, played: TournamentReport) -> None:
    for directory in run_directories(copy):
        kill_after(directory, played.results.heads[directory.name].lines // 2)
    (copy / "results.json").unlink()
    report = resume(copy)
    assert report.exit is Exit.COMPLETE
    assert figures(report) == figures(played)
    assert all(verify(directory).ok for directory in run_directories(copy))


def test_a_pairing_that_is_gone_is_played_anew(copy: Path, played: TournamentReport) -> None:
    shutil.rmtree(copy / "pairings" / "bot-oracle--bot-random")
    with pytest.raises(UsageError, match="'bot-oracle--bot-random' is missing"):
        resume(copy)
    (copy / "results.json").unlink()
    assert figures(resume(copy)) == figures(played)
    shutil.rmtree(copy / "pairings")
    (copy / "results.json").unlink()
    assert figures(resume(copy)) == figures(played)


def test_a_pairing_of_another_tournament_is_refused(copy: Path) -> None:
    pairings = copy / "pairings"
    shutil.copy(pairings / "bot-oracle--bot-greedy/run.json", pairings / "x.json")
    shutil.move(pairings / "x.json", pairings / "bot-oracle--bot-random/run.json")
    with pytest.raises(UsageError, match=r"not what tournament\.json says"):
        tournaments.reopen(copy)


def test_changed_prompts_are_refused(copy: Path) -> None:
    (copy / "prompts/kuhn_poker/v1/_rules.j2").write_text("The oracle says: bet.")
    with pytest.raises(UsageError, match="changed since the run began"):
        tournaments.reopen(copy)


HELD = {
    "tournament.json": "already holds a tournament; resume with: vsbench tournament --resume",
    "run.json": "already holds a run; resume with: vsbench run --resume",
    "notes.txt": "is not empty; choose another --out",
}


@pytest.mark.parametrize("name", HELD)
def test_nothing_is_written_over(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("{}")
    with pytest.raises(UsageError, match=HELD[name]):
        tournament(["bot/oracle", "bot/random"], envs=["kuhn_poker"], out=tmp_path)
    with pytest.raises(UsageError, match=HELD[name]):
        vsbench.run(models=["bot/oracle"], envs=["kuhn_poker"], out=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("model", ["claude-opus-5-5", "sighted/nope"])
@pytest.mark.parametrize("there", [False, True])
def test_what_cannot_begin_leaves_all_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: str, there: bool
) -> None:
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    out = tmp_path / "runs" / "t"
    if there:
        out.mkdir(parents=True)
    before = list(tmp_path.rglob("*"))
    plan = {"envs": ["kuhn_poker"], "episodes": 1, "out": out}
    with pytest.raises((UsageError, UnknownNameError), match=r"ANTHROPIC_API_KEY|nope"):
        tournament([model, "bot/random"], **plan)
    assert list(tmp_path.rglob("*")) == before
    assert tournament(["bot/oracle", "bot/random"], **plan).exit is Exit.COMPLETE


def test_what_fails_under_way_stays(tmp_path: Path) -> None:
    players, out = ["bot/oracle", "bot/random"], tmp_path / "t"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(session, "results_of", Mock(side_effect=RuntimeError("a defect")))
        with pytest.raises(RuntimeError, match="a defect"):
            tournament(players, envs=["kuhn_poker"], episodes=1, out=out)
    assert "a defect" in next(out.rglob("error.txt")).read_text()
    report = vsbench.resume_tournament(out)
    assert report.exit is Exit.COMPLETE
    written = TournamentResults.model_validate_json((out / "results.json").read_bytes())
    assert written == report.results
    assert not verify_tournament(out)


def test_runs_and_tournaments_are_gone_on_with_by_their_own_names(copy: Path) -> None:
    (copy / "results.json").unlink()
    with pytest.raises(UsageError, match=r"vsbench tournament --resume .*resume_tournament\("):
        vsbench.resume(copy)
    with pytest.raises(UsageError, match=r"vsbench\.tournament_results\("):
        vsbench.results(copy)
    assert not (copy / "results.json").exists()
    assert len(vsbench.results(copy / "pairings")) == 9
    with pytest.raises(UsageError, match=r"it has no tournament\.json"):
        vsbench.resume_tournament(copy / "pairings")


@pytest.mark.slow
def test_models_of_different_strength(tmp_path: Path) -> None:
    """Two models at a provider, and a bot: each keeps an account of its own."""
    with Simulation(SimulationSettings()) as provider:
        good, bad = (f"openai-api/{provider.base_url}#sighted/{p}" for p in ("greedy", "random"))
        report = tournament(
            [bad, "bot/random", good], envs=["breakthrough"], episodes=2, out=tmp_path / "t"
        )
        counts = provider.counts()
    assert report.exit is Exit.COMPLETE, report.why
    best = report.results.ratings[0]
    assert (best.player, best.won, best.lost) == (good, 4, 0)
    assert set(report.results.usage) == {good, bad}
    assert sum(usage.replies for usage in report.results.usage.values()) == counts.finished_calls
    (game,) = report.results.games
    mean = {(cell.player, cell.against): cell.returns.mean for cell in game.crossplay}
    assert (mean[good, bad], mean[bad, good]) == (1.0, -1.0)
