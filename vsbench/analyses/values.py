"""What a decision costs: the value of what was taken against the best, by game.

A game's values are those of its oracle, or follow from playing on with it. Games of other packages
have none: there a decision can only be compared with the oracle's choice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING, Any, cast

from vsbench_envs import registry
from vsbench_envs.game import Game, State, Turn
from vsbench_envs.replay import BotSeat
from vsbench_envs.seeding import stream

if TYPE_CHECKING:
    from vsbench_envs.hanabi.rules import HanabiState

Values = Mapping[int, float]
"""Action id -> what it is worth."""

Evaluate = Callable[["Choice"], Values | None]
"""Values of at least the action that was taken and the best; None if all are alike."""


@dataclass(frozen=True)
class Choice:
    """A decision of one seat, and the moment at which it was made."""

    game: Game[Any]
    before: State[Any]
    """Not to be changed."""
    turn: Turn[Any]
    """As the oracle would get it in this seat."""
    seat: int
    taken: int
    oracle: int
    """What the game's oracle would do in its place."""
    joint: Mapping[int, int]
    """The joint move that was played: seat -> action."""


@dataclass(frozen=True)
class Measure:
    """How a game's decisions are valued."""

    evaluate: Evaluate
    unit: str
    """What a loss is counted in."""
    about: str
    """How it is measured, in a sentence."""
    blunder: float
    """The loss from which a decision is worth looking at."""


def loss(measure: Measure, choice: Choice) -> tuple[float, int]:
    """What a decision costs beside the best action that was valued, and that action."""
    values = measure.evaluate(choice)
    if values is None:
        return 0.0, choice.taken
    # Of equally good actions it is the one that was taken, or else the oracle's.
    best = max(values, key=lambda a: (values[a], a == choice.taken, a == choice.oracle))
    return values[best] - values[choice.taken], best


def measure_of(env: str) -> Measure | None:
    """How a game's decisions are valued; None where they cannot be."""
    if env not in registry.GAMES:
        return None
    return MEASURES.get(registry.home(env).rpartition(".")[2])


def _kuhn(choice: Choice) -> Values:
    """Expected chips against the equilibrium that the opponent plays."""
    from vsbench.analyses.kuhn import expected_chips

    labels = choice.game.spec.actions
    return {a: float(expected_chips(choice.turn.percept, labels[a])) for a in choice.turn.legal}


HOPELESS = 5.0
"""Points that a loss is said to be at most: the oracle never weighs some actions at all."""


def _hanabi(choice: Choice) -> Values:
    """The oracle's own worth of each action, in points."""
    from vsbench_envs.hanabi.actions import actions
    from vsbench_envs.hanabi.oracle import Mind

    variant = cast("HanabiState", choice.before).variant
    mind = Mind(choice.turn.percept, variant)
    worths = {a: mind.worth(actions(variant)[a]) for a in choice.turn.legal}
    best = max(worths.values())
    return {action: max(worth, best - HOPELESS) for action, worth in worths.items()}


DEPTH = 4
"""Plies that positions of Breakthrough are searched, after the move."""

DECIDED = 100.0
"""What a won position counts, as a lead."""


def _breakthrough(choice: Choice) -> Values:
    """The position after the move by alpha-beta search, in leads."""
    from vsbench_envs.breakthrough.bitboard import advances, captures, flip, label, play, sides
    from vsbench_envs.breakthrough.search import value

    percept, ids = choice.turn.percept, choice.game.spec.ids
    mine, theirs = sides(percept.board, choice.seat)
    them = flip(theirs)
    wanted = {choice.taken, choice.oracle}
    values = {}
    for step in (*captures(mine, them), *advances(mine, them)):
        action = ids[label(step, choice.seat)]
        if action in wanted:
            found = -value(*play(mine, theirs, them, step), DEPTH)
            values[action] = max(-DECIDED, min(float(found), DECIDED))
    return values


def _pong(choice: Choice) -> Values | None:
    """The oracle's own prospects of each action, in points."""
    from vsbench_envs.atari_pong.oracle import prospects_by_action

    patience = choice.game.bots[choice.game.spec.oracle].defaults["patience"]
    found = prospects_by_action(choice.turn.percept, patience)
    return None if found is None else {a: float(found[a]) for a in choice.turn.legal}


HORIZON, FUTURES = 10, 4
"""Steps that are played on with oracles in all seats, and futures with chances of their own."""


def _played_on(choice: Choice) -> Values:
    """The return of all seats in the next steps, played on by oracles, by action."""
    return {
        action: fmean(_future(choice, action, luck) for luck in range(FUTURES))
        for action in {choice.taken, choice.oracle}
    }


def _future(choice: Choice, action: int, luck: int) -> float:
    """What all seats gain if one of them takes an action now; the others do as they did."""
    game, twin = choice.game, choice.before.copy()
    twin.seed = stream(choice.before.seed, "future", twin.step, luck).getrandbits(63)
    began = _total(twin)
    twin.apply({**choice.joint, choice.seat: action})
    seats = [BotSeat(game, seat, game.spec.oracle) for seat in range(twin.seats)]
    player, options = registry.bot(game, game.spec.oracle)
    for _ in range(HORIZON - 1):
        if not twin.acting:
            break
        for seat in seats:
            seat.watch(twin)
        draw = (stream(twin.seed, "future move", twin.step, seat) for seat in twin.acting)
        twin.apply(
            {
                seat: player.decide(seats[seat].turn(twin, rng), **options)
                for seat, rng in zip(twin.acting, draw, strict=True)
            }
        )
    return _total(twin) - began


def _total(state: State[Any]) -> float:
    return sum(state.returns)


def _kitchen(choice: Choice) -> Values:
    """The reward of the rest of the game by the joint plan that the oracle makes after a move."""
    return {action: _planned(choice, action) for action in {choice.taken, choice.oracle}}


def _planned(choice: Choice, action: int) -> float:
    from vsbench_envs.overcooked.percept import STEPS
    from vsbench_envs.overcooked.planner import plan

    twin = choice.before.copy()
    twin.apply({**choice.joint, choice.seat: action})
    percept = twin.percept(choice.seat)
    for joint in plan(percept.floor_plan, percept.kitchens[-1], STEPS - twin.step):
        if twin.acting:
            twin.apply(dict(enumerate(joint)))
    # Both chefs get every reward.
    return twin.returns[0] - choice.before.returns[0]


_GRID = Measure(
    _played_on,
    "return of all players",
    f"the return of all players in the next {HORIZON} steps, mean of {FUTURES} futures in which "
    "oracles play on, against that after the oracle's action",
    blunder=1.0,
)

MEASURES: Mapping[str, Measure] = {
    "hanabi": Measure(
        _hanabi,
        "points",
        "the oracle's own estimate of what an action gains, against that of the best; "
        f"{HOPELESS:g} at most",
        blunder=0.5,
    ),
    "overcooked": Measure(
        _kitchen,
        "reward",
        "the reward up to the end if the oracle plans for both chefs from then on, against that "
        "after the oracle's action",
        blunder=2.0,
    ),
    "breakthrough": Measure(
        _breakthrough,
        "rows and pieces",
        f"what one is ahead by after {DEPTH} more plies of best play, {DECIDED:g} being a game "
        "won, against the oracle's move",
        blunder=2.0,
    ),
    "kuhn_poker": Measure(
        _kuhn,
        "chips",
        "expected chips against the equilibrium, exactly, against the better action",
        blunder=0.1,
    ),
    "atari_pong": Measure(
        _pong,
        "points",
        "the chance of winning the point less that of losing it, as the oracle foresees it, "
        "against the best action",
        blunder=0.1,
    ),
    "coin_dilemma": _GRID,
    "monster_hunt": _GRID,
    "battle_of_the_colors": _GRID,
}
"""By the package that a game is from."""


def explained(envs: Sequence[str]) -> Iterator[tuple[str, str]]:
    """How the losses of some games are measured: titles, and a sentence."""
    told: dict[str, list[str]] = {}
    for env in envs:
        measure = measure_of(env)
        about = (
            "the oracle's choice alone; there are no values"
            if measure is None
            else (f"{measure.about} (from {measure.blunder:g} {measure.unit})")
        )
        told.setdefault(about, []).append(registry.get(env).spec.title)
    for about, titles in told.items():
        yield ", ".join(titles), about
