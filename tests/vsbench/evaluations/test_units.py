"""Questions about recorded states: predictions and perception, asked, judged and scored."""

import json
import shutil
from pathlib import Path
from random import Random

import pytest

import vsbench
from vsbench.adapters.base import Reply, Request
from vsbench.datasets.samples import DatasetHeader, RecordedEpisode, Sample, dump, load
from vsbench.errors import Exit, UsageError
from vsbench.records.journals import read_journal
from vsbench.scoring.intervals import accuracy, wilson
from vsbench_envs import get, registry
from vsbench_envs.seeding import stream
from written import MODEL, legal_actions


def random_set(env: str, folder: Path, samples: int = 12) -> Path:
    """A data set of random play, one sample an episode."""
    game = get(env)
    episodes, asked = [], []
    for number in range(samples):
        rng = stream("samples", env, number)
        state = game.new(number)
        moves = []
        for _ in range(rng.randrange(1, 12)):
            before, acting = state.copy(), state.acting
            actions = tuple(rng.choice(state.legal_actions(seat)) for seat in acting)
            state.apply(dict(zip(acting, actions, strict=True)))
            moves.append(actions)
            if not state.acting:
                break
        target = before.acting[0]
        asked.append(
            Sample(
                episode=number,
                step=len(moves) - 1,
                seat=(target + 1) % game.spec.seats,
                target=target,
                answers=(game.spec.actions[moves[-1][0]],),
                source="bot/random",
            )
        )
        players = ("bot/random",) * game.spec.seats
        episodes.append(RecordedEpisode(seed=number, players=players, moves=tuple(moves)))
    path = folder / f"{env}.jsonl"
    header = DatasetHeader(env=env, seed=0, recipe="random play")
    path.write_bytes(dump(header, tuple(episodes), tuple(asked)))
    return path


def ask(out: Path, evaluation: str, dataset: Path, env: str = "coin_dilemma", **settings):
    settings = {"models": [MODEL], "envs": [env], **settings}
    (report,) = vsbench.run(evals=[evaluation], dataset=dataset, out=out, **settings)
    return report


def predict(request: Request, seen: int = 0) -> Reply:
    choice = Random(request.seed).choice(legal_actions(request))
    return Reply(json.dumps({"prediction": choice}))


def test_predictions_are_judged(written_model, tmp_path: Path) -> None:
    model = written_model(predict)
    dataset = random_set("coin_dilemma", tmp_path)
    report = ask(tmp_path / "run", "reasoning", dataset)
    assert report.exit is Exit.COMPLETE
    (result,) = report.results.samples
    assert (result.planned, result.finished) == (12, 12)
    journals = [
        read_journal(path) for path in (tmp_path / "run/journal/reasoning").rglob("*.jsonl")
    ]
    verdicts = [journal[-1] for journal in journals]
    right = [float(v.answer in v.right) for v in verdicts]
    assert [v.credit for v in verdicts] == right
    assert 0 < sum(right) < 12
    # Samples name the recorded episode that they are from, and its samples count as correlated.
    samples = load(dataset).samples
    episodes = [journal[0].episode for journal in journals]
    assert episodes == [samples[journal[0].sample].episode for journal in journals]
    share, _ = accuracy(right, episodes)
    assert result.score.mean == pytest.approx(100 * share.mean)
    assert result.score.low == pytest.approx(100 * share.low)
    assert result.score.high == pytest.approx(100 * share.high)
    assert report.results.overall["reasoning"].mean == pytest.approx(result.score.mean)
    assert result.chance == pytest.approx(20)
    assert report.results.environments == ()
    system = model.requests[0].messages[0].text
    assert "what the" in system
    assert '{"prediction"' in system


def test_what_cannot_be_read_is_wrong_and_told_apart(written_model, tmp_path: Path) -> None:
    written_model(lambda request, seen: Reply("up or down, who knows"))
    report = ask(tmp_path / "run", "reasoning", random_set("coin_dilemma", tmp_path))
    (result,) = report.results.samples
    assert result.score.mean == 0
    assert result.unusable == {"unparsable": 12}
    assert report.results.usage.replies == 20 * 12


def test_an_interrupted_evaluation_goes_on(written_model, tmp_path: Path) -> None:
    dataset = random_set("coin_dilemma", tmp_path)
    written_model(predict)
    ask(tmp_path / "whole", "reasoning", dataset)
    written_model(predict)
    shutil.copytree(tmp_path / "whole", tmp_path / "run")
    journals = sorted((tmp_path / "run/journal").rglob("*.jsonl"))
    for number, path in enumerate(journals):
        # After the opening, the attempt, or the verdict.
        kept = path.read_text().splitlines(keepends=True)[: number % 4]
        path.write_text("".join(kept))
    model = written_model(predict)
    report = vsbench.resume(tmp_path / "run", dataset=dataset)[0]
    assert report.exit is Exit.COMPLETE
    assert len(model.requests) == sum(number % 4 < 2 for number in range(len(journals)))
    whole = json.loads((tmp_path / "whole/results.json").read_text())
    again = json.loads((tmp_path / "run/results.json").read_text())
    assert again["samples"][0]["by_third"] == whole["samples"][0]["by_third"]
    assert again["overall"] == whole["overall"]


def test_another_data_set_is_not_gone_on_with(written_model, tmp_path: Path) -> None:
    dataset = random_set("coin_dilemma", tmp_path)
    written_model(predict)
    ask(tmp_path / "run", "reasoning", dataset)
    random_set("coin_dilemma", tmp_path, samples=11)
    with pytest.raises(UsageError, match="not what the run began with"):
        vsbench.resume(tmp_path / "run", dataset=dataset)


@pytest.mark.parametrize("env", registry.BENCHMARK)
def test_sighted_models_see_every_element(env: str, tmp_path: Path) -> None:
    dataset = random_set(env, tmp_path, samples=6)
    report = ask(tmp_path / "run", "perception", dataset, env, models=["sighted/oracle"])
    (result,) = report.results.samples
    assert result.score.mean == pytest.approx(100)
    assert result.misread == ()


def test_misread_elements_are_listed(written_model, tmp_path: Path) -> None:
    def half_blind(request: Request, seen: int) -> Reply:
        return Reply(json.dumps({"elements": dict.fromkeys(legal_actions(request), "Empty")}))

    written_model(half_blind)
    report = ask(tmp_path / "run", "perception", random_set("coin_dilemma", tmp_path))
    (result,) = report.results.samples
    # Four of the 25 cells hold something, unless two things share one.
    assert result.score.mean == pytest.approx(84, abs=4)
    assert {(truth, said) for truth, said, _ in result.misread} >= {
        ("red player", "Empty"),
        ("blue coin", "Empty"),
    }


def test_the_text_does_not_give_the_picture_away(written_model, tmp_path: Path) -> None:
    model = written_model(lambda request, seen: Reply('{"elements": {}}'))
    ask(tmp_path / "run", "perception", random_set("coin_dilemma", tmp_path))
    request = model.requests[0]
    assert request.images
    assert "red coin in" not in request.messages[-1].text


def test_a_player_predicts_itself(tmp_path: Path) -> None:
    dataset = random_set("kuhn_poker", tmp_path, samples=12)
    report = ask(
        tmp_path / "run", "reasoning", dataset, "kuhn_poker", models=["bot/random"], seed=1
    )
    (result,) = report.results.samples
    assert result.finished == 12
    assert result.chance == 50
    with pytest.raises(UsageError, match="sees no pictures"):
        ask(tmp_path / "see", "perception", dataset, "kuhn_poker", models=["bot/random"])


def test_naming_forgives_case_and_order_but_not_guesses() -> None:
    view = get("coin_dilemma").view
    assert view.credit("A1", "red player and blue coin", "Blue coin and  RED player") == 1
    assert view.credit("A1", "red player and blue coin", "red player") == 0


def test_wilson_s_interval() -> None:
    # 8 of 10: [49.0, 94.3] by the published formula.
    share = wilson(0.8, 10)
    assert (share.mean, round(share.low, 3), round(share.high, 3)) == (0.8, 0.490, 0.943)
    assert wilson(0.0, 5).low == pytest.approx(0, abs=1e-9)


def test_unknown_sets_are_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        ask(tmp_path / "run", "reasoning", tmp_path / "nowhere.jsonl")
    dataset = random_set("coin_dilemma", tmp_path)
    with pytest.raises(UsageError, match="of coin_dilemma, not of kuhn_poker"):
        ask(tmp_path / "run", "reasoning", dataset, "kuhn_poker")
