"""Plans reach what they promise, at the least cost, and say so when nothing does."""

from __future__ import annotations

import math
import shlex
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import vsbench
from vsbench import UsageError
from vsbench.cli import cli
from vsbench.estimates.plans import Design, Goal, RunPlan
from vsbench.settings import as_options, run_settings
from vsbench_envs import registry

GPT: dict[str, Any] = {"models": "openai/gpt-4o", "evals": "decision", "learn": False}


def plan(**more: Any) -> RunPlan:
    (found,) = vsbench.plan(**GPT | more).values()
    return found


def only(found: RunPlan, kind: str) -> Design:
    (design,) = (each for each in found.designs if each.kind == kind)
    return design


def counts(design: Design) -> dict[str, int]:
    return {score.env: score.count for score in design.scores}


def test_episodes_for_ten_points_are_those_of_the_formula() -> None:
    """Two runs of other seeds: n = 2 (t.95 + t.80)^2 s0^2 / 100, with the shipped spreads."""
    alone = only(plan(detect=10, paired=False), "alone")
    assert counts(alone) == {
        "hanabi": 113,
        "overcooked": 29,
        "breakthrough": 310,
        "kuhn_poker": 9612,  # A run takes 10,000; 2,100 groups would be needed.
        "atari_pong": 113,
        "coin_dilemma": 19,
        "monster_hunt": 41,
        "battle_of_the_colors": 14,
    }
    assert [score.env for score in alone.scores if not score.reached] == ["kuhn_poker"]


def test_the_protocols_counts_find_ten_points() -> None:
    protocol = only(plan(detect=10, paired=False), "protocol")
    assert protocol.detectable == pytest.approx(10.3, abs=0.3)
    # Common seeds help a little.
    paired = only(plan(detect=10), "protocol")
    assert 0.8 < paired.detectable / protocol.detectable < 0.95


@pytest.mark.parametrize("goal", [{"half_width": 6.0}, {"detect": 9.0}])
@pytest.mark.slow
def test_a_plan_reaches_its_goal_for_less_than_equal_counts(goal: dict[str, float]) -> None:
    found = plan(**goal)
    design = only(found, "overall")
    reached = design.half_width if "half_width" in goal else design.detectable
    (target,) = goal.values()
    assert design.reached
    assert 0.9 * target < reached <= target
    for score in design.scores:
        spec = registry.get(score.env).spec
        seats = spec.seats if spec.opponent else 1
        assert score.count % math.lcm(spec.group, seats) == 0
        assert score.count >= 5 * spec.group
    # As precise with the same number of units everywhere costs more.
    cost = found.cost()
    assert cost is not None
    for units in range(5, 200):
        each = {env: units * registry.get(env).spec.group for env in counts(design)}
        each["breakthrough"] += units % 2
        equal = only(plan(**goal, episodes=each), "protocol")
        if (equal.half_width if "half_width" in goal else equal.detectable) <= target:
            assert sum(line.cost.middle for line in equal.usage if line.cost) > cost.middle
            return
    pytest.fail("no equal counts reach the goal")


def test_a_budget_buys_the_best_precision() -> None:
    wide, narrow = plan(budget=60), plan(budget=240)
    for found, budget in ((wide, 60), (narrow, 240)):
        cost = found.cost()
        assert cost is not None
        assert 0.9 * budget < cost.high <= budget
    assert only(narrow, "overall").half_width < 0.7 * only(wide, "overall").half_width
    tokens = plan(budget_tokens=30_000_000).tokens()
    assert 27e6 < tokens.high <= 30e6


def test_all_evaluations_share_a_budget() -> None:
    found = plan(evals=("decision", "reasoning", "perception"), budget=100)
    designs = found.designs_of("overall")
    assert [design.evaluation for design in designs] == ["decision", "reasoning", "perception"]
    cost = found.cost()
    assert cost is not None
    assert cost.high <= 100
    # As wide in all of them, where sets are large enough.
    assert max(d.half_width for d in designs) < 1.2 * min(d.half_width for d in designs)


def test_sets_may_be_too_small() -> None:
    found = plan(evals="reasoning", envs="hanabi", half_width=2)
    design = only(found, "overall")
    assert not design.reached
    assert design.scores[0].count <= design.scores[0].most == 400
    assert design.half_width == pytest.approx(1.96 * 50 / math.sqrt(400), rel=0.03)


def test_commands_carry_a_plan_out(tmp_path: Path) -> None:
    """Each command is planned again, as a dry run: it has the counts of the plan."""
    found = plan(
        evals=("decision", "perception"), half_width=8, modality="both", seed=3, style="cot",
        feedback=True, protocol="vsbench-1-quick", envs=("hanabi", "kuhn_poker"),
        seats={1: "random"},
    )  # fmt: skip
    for line, design in zip(found.commands, found.designs_of("overall"), strict=True):
        program, command, *words = shlex.split(line)
        assert (program, command) == ("vsbench", "run")
        parsed = cli.get_command(None, "run").make_context("run", words).params  # type: ignore[arg-type, union-attr]
        names = ("models", "envs", "evals", "episodes", "samples", "modality", "seed", "style",
                 "feedback", "protocol", "seats")  # fmt: skip
        settings = run_settings(**{name: parsed[name] for name in names})
        given = settings.samples if design.evaluation == "perception" else settings.episodes
        assert given == counts(design) or {given} == set(counts(design).values())
        assert (settings.seats, settings.seed, settings.feedback) == ({1: "random"}, 3, True)


def test_earlier_runs_tell_the_variance(tmp_path: Path) -> None:
    game: dict[str, Any] = {"models": "sighted/oracle", "envs": "kuhn_poker", "episodes": 240}
    vsbench.run(out=tmp_path / "run", evals="decision", **game)
    goal: dict[str, Any] = {"half_width": 20, "evals": "decision"}
    (learnt,) = vsbench.plan(learn=tmp_path, **goal, **game).values()
    (blind,) = vsbench.plan(learn=False, **goal, **game).values()
    score, prior = only(learnt, "overall").scores[0], only(blind, "overall").scores[0]
    assert (score.runs, prior.runs) == (1, 0)
    assert prior.spread == pytest.approx(130 * math.sqrt(12), rel=0.01)
    (measured,) = vsbench.results(tmp_path / "run")
    figure = measured.environments[0].score
    assert figure is not None
    # 20 groups, hardly shrunk: the same half-width as the run's own interval.
    protocol = only(learnt, "protocol").scores[0]
    assert protocol.half_width == pytest.approx((figure.high - figure.low) / 2, rel=0.05)
    assert learnt.designs[0].usage[0].runs == 1


def test_samples_learn_their_variance(tmp_path: Path) -> None:
    asked: dict[str, Any] = {"models": "sighted/random", "envs": "coin_dilemma", "samples": 60}
    evals = ("reasoning", "perception")
    (report,) = vsbench.run(out=tmp_path / "run", evals=evals, **asked)
    (found,) = vsbench.plan(learn=tmp_path, half_width=5, evals=evals, **asked).values()
    (blind,) = vsbench.plan(learn=False, half_width=5, evals=evals, **asked).values()
    reasoning, perception = found.designs_of("protocol")
    (part,) = report.results.samples_of("reasoning")
    assert part.score is not None
    # The design effect of the run's own interval.
    half = (part.score.high - part.score.low) / 2
    assert reasoning.half_width == pytest.approx(half, rel=0.05)
    # It reads every picture without an error.
    assert perception.half_width < 0.5 * blind.designs_of("protocol")[1].half_width


@pytest.mark.parametrize(
    ("goal", "told"),
    [
        ({}, "one goal"),
        ({"half_width": 5, "detect": 5}, "one goal"),
        ({"half_width": 0}, "above 0"),
        ({"detect": math.inf}, "above 0"),
        ({"budget": 0.1}, "the least plan may take \\$"),
        ({"budget_tokens": 1000}, "the least plan may take .* tokens"),
        ({"budget": 5, "models": "openai/unheard-of"}, "price of openai/unheard-of is unknown"),
        ({"budget": 5, "models": "sighted/oracle"}, "every model here is free"),
        ({"budget_tokens": 5, "models": "bot/oracle"}, "nothing is spent"),
    ],
)
def test_what_cannot_be_planned_is_said(goal: dict[str, Any], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        plan(**goal)


def test_bots_are_planned_without_cost() -> None:
    found = plan(models="bot/oracle", half_width=5)
    assert only(found, "overall").reached
    assert found.cost() is None
    assert found.time() is None


def test_goals_have_a_target_or_a_budget() -> None:
    assert Goal(half_width=5).target == 5
    assert Goal(detect=4).target == 4
    assert Goal(budget=20).target is None


def test_settings_are_written_as_options() -> None:
    given = run_settings(
        models="gpt-4o", episodes={"hanabi": 4}, seats={1: "random"}, feedback=True, seed=2
    )
    assert as_options(given, leave_out=["seed"]) == [
        *("--model", "gpt-4o", "--episodes", "hanabi=4", "--seat", "1=random", "--feedback"),
    ]


def test_published_sets_are_estimated_and_planned(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    done = CliRunner().invoke(cli, ["dataset", "export", "kuhn_poker", "--to", str(tmp_path)])
    assert done.exit_code == 0, done.output
    asked: dict[str, Any] = {"dataset": tmp_path / "data", "evals": "reasoning"}
    (estimate,) = vsbench.estimate(models="gpt-4o", learn=False, **asked).values()
    assert estimate.calls.low == 400
    assert 300 < estimate.input.low / 400 < 3000
    found = plan(half_width=6, **asked)
    # Nothing tells which rows are of one episode: 1.96^2 / 4 / 0.06^2.
    assert only(found, "overall").scores[0].count == pytest.approx(263, abs=6)
    assert f"--dataset {tmp_path / 'data'}" in found.commands[0]
