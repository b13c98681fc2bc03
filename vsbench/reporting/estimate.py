"""What a run would take, before any call is made."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import fmean
from typing import Any

from vsbench.adapters.base import Request
from vsbench.adapters.tokens import prompt_tokens
from vsbench.players.conversation import Conversation
from vsbench.players.questions import Situation
from vsbench.players.seats import scripted_name
from vsbench.prompts import PromptPack
from vsbench.records.manifest import Manifest
from vsbench.reporting.tables import Table, count, money
from vsbench.runner.plan import episode_plan
from vsbench_envs import registry
from vsbench_envs.game import Game
from vsbench_envs.seeding import stream

ROLLOUTS = 4
"""Episodes of random play that lengths are taken from."""

PROMPTS = 8
"""Prompts of each of them that are rendered."""

ANSWER_TOKENS = {"io": 30, "cot": 400}
"""Expected of an answer; models that reason take more."""


@dataclass(frozen=True)
class Expected:
    """What one environment would take of the measured model."""

    env: str
    episodes: int
    calls: float
    input: float
    output: float
    cost: float | None


def estimate(pack: PromptPack, manifest: Manifest) -> list[Expected]:
    """Calls, tokens and cost by environment, from random play and prompts as they would be."""
    price = manifest.prices.get(manifest.model)
    expected = []
    for plan in manifest.environments:
        if scripted_name(manifest.model) is not None:
            expected.append(Expected(plan.env, plan.episodes, 0, 0, 0, None))
            continue
        game = registry.get(plan.env)
        lengths, tokens = [], []
        for episode in range(min(ROLLOUTS, plan.episodes)):
            measured = episode_plan(manifest, plan, episode).measured
            situations = _random_play(game, manifest.seed, episode, measured)
            lengths.append(len(situations))
            for situation in situations[:: max(1, len(situations) // PROMPTS)]:
                asked = Conversation(pack, manifest.asking, situation)
                tokens.append(prompt_tokens(Request(asked.messages, asked.max_tokens, 0)))
        calls = fmean(lengths) * plan.episodes
        spent_in, spent_out = calls * fmean(tokens), calls * ANSWER_TOKENS[manifest.asking.style]
        cost = None if price is None else (spent_in * price.input + spent_out * price.output) / 1e6
        expected.append(Expected(plan.env, plan.episodes, calls, spent_in, spent_out, cost))
    return expected


def estimate_table(manifest: Manifest, expected: list[Expected]) -> Table:
    """The estimate by environment and in all."""
    costs = [line.cost for line in expected if line.cost is not None]
    return Table(
        title=f"{manifest.model}: expected (lengths from random play)",
        columns=("environment", "episodes", "calls", "tokens in", "tokens out", "cost"),
        rows=tuple(
            (
                registry.get(line.env).spec.title,
                str(line.episodes),
                count(line.calls),
                count(line.input),
                count(line.output),
                money(line.cost),
            )
            for line in expected
        ),
        footer=(
            "all",
            str(sum(line.episodes for line in expected)),
            count(sum(line.calls for line in expected)),
            count(sum(line.input for line in expected)),
            count(sum(line.output for line in expected)),
            money(sum(costs) if costs else None),
        ),
    )


def _random_play(
    game: Game[Any], run_seed: int, episode: int, measured: tuple[int, ...]
) -> list[Situation]:
    rng = stream(run_seed, game.spec.id, episode, "estimate")
    state = game.new(rng.randrange(2**32))
    situations = []
    while state.acting:
        for seat in set(state.acting) & set(measured):
            legal = game.spec.labels(state.legal_actions(seat))
            situations.append(
                Situation(
                    env=game.spec.id,
                    episode=episode,
                    run_seed=run_seed,
                    step=state.step,
                    seat=seat,
                    percept=state.percept(seat),
                    legal=legal,
                )
            )
        state.apply({seat: rng.choice(state.legal_actions(seat)) for seat in state.acting})
    return situations
