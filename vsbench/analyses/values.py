"""Loss of a decision: the value of the best action minus that of the action taken, by game.

Values come from the game's oracle or from rollouts of it. Games of other packages have none: there
a decision can only be compared with the oracle's choice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import islice
from statistics import fmean
from typing import TYPE_CHECKING, Any, cast

from vsbench_envs import registry
from vsbench_envs.game import Game, State, Turn
from vsbench_envs.rollout import play_on
from vsbench_envs.seeding import stream

if TYPE_CHECKING:
    from vsbench_envs.hanabi.rules import HanabiState
    from vsbench_envs.kuhn_poker.rules import Card, KuhnPercept

Values = Mapping[int, float]
"""Action id -> value."""

Evaluate = Callable[["Choice"], Values | None]
"""Values of at least the action taken and the best one; None if all are equal."""


@dataclass(frozen=True)
class Choice:
    """A decision of one seat, and the state in which it was made."""

    game: Game[Any]
    before: State[Any]
    """Copy before changing it."""
    turn: Turn[Any]
    """The oracle's turn in this seat."""
    seat: int
    taken: int
    oracle: int
    """The action that the game's oracle would take."""
    joint: Mapping[int, int]
    """The joint move that was played: seat -> action."""


@dataclass(frozen=True)
class Measure:
    """Measure of a game's losses."""

    evaluate: Evaluate
    unit: str
    """Unit of a loss."""
    about: str
    """Explanation of the measure."""
    blunder: float
    """Smallest loss that counts as a blunder."""


def loss(measure: Measure, choice: Choice) -> tuple[float, int]:
    """The loss of a decision against the best action valued, and that action."""
    values = measure.evaluate(choice)
    if values is None:
        return 0.0, choice.taken
    # Among equally good actions prefer the one taken, then the oracle's.
    best = max(values, key=lambda a: (values[a], a == choice.taken, a == choice.oracle))
    return values[best] - values[choice.taken], best


def measure_of(env: str) -> Measure | None:
    """The measure of an environment; None if it has none."""
    if env not in registry.GAMES:
        return None
    return MEASURES.get(registry.home(env).rpartition(".")[2])


def _kuhn_poker(choice: Choice) -> Values:
    """Expected chips against the equilibrium."""
    labels = choice.game.spec.actions
    return {a: float(expected_chips(choice.turn.percept, labels[a])) for a in choice.turn.legal}


History = tuple[str, ...]
"""Moves of a hand of Kuhn poker so far."""


def expected_chips(percept: KuhnPercept, move: str) -> Fraction:
    """Exact expected chips of a move in Kuhn poker, with best play after it.

    The opponent plays the equilibrium of the game's bot.
    """
    history = (*percept.history, move)
    beliefs = _beliefs(percept)
    return sum((w * _won(percept, other, history) for other, w in beliefs.items()), Fraction())


def _beliefs(percept: KuhnPercept) -> dict[Card, Fraction]:
    """Posterior probability of each card of the opponent, given its moves."""
    from vsbench_envs.kuhn_poker.rules import CARDS

    weights: dict[Card, Fraction] = {}
    for card in CARDS:
        if card != percept.card:
            weights[card] = Fraction(1)
            for place, move in enumerate(percept.history):
                if place % 2 != percept.seat:
                    weights[card] *= _probability(percept, card, percept.history[:place], move)
    total = sum(weights.values())
    # Off the equilibrium path, cards are equally likely.
    return {card: w / total if total else Fraction(1, 2) for card, w in weights.items()}


def _won(percept: KuhnPercept, other: Card, history: History) -> Fraction:
    """Expected chips against a known card, after a history of moves."""
    from vsbench_envs.kuhn_poker.rules import ACTIONS, CARDS

    showdown = 1 if CARDS.index(percept.card) > CARDS.index(other) else -1
    if history == ("pass", "pass"):
        return Fraction(showdown)
    if history[-2:] == ("bet", "bet"):
        return Fraction(2 * showdown)
    if history[-2:] == ("bet", "pass"):
        bettor = len(history) % 2
        return Fraction(1 if bettor == percept.seat else -1)
    if len(history) % 2 == percept.seat:
        later = replace(percept, history=history)
        best = max(ACTIONS, key=lambda move: expected_chips(later, move))
        return _won(percept, other, (*history, best))
    return sum(
        (
            _probability(percept, other, history, move) * _won(percept, other, (*history, move))
            for move in ACTIONS
        ),
        Fraction(),
    )


def _probability(percept: KuhnPercept, card: Card, history: History, move: str) -> Fraction:
    """Probability that the equilibrium makes a move with a card."""
    from vsbench_envs.kuhn_poker.bots import bet_probability

    opponent = replace(percept, seat=1 - percept.seat, card=card, history=history)
    bets = bet_probability(opponent, Fraction(0))
    return bets if move == "bet" else 1 - bets


MAX_HANABI_LOSS = 5.0
"""Cap of losses in points, since the oracle gives hopeless actions arbitrary values."""


def _hanabi(choice: Choice) -> Values:
    """The oracle's estimate of each action, in points."""
    from vsbench_envs.hanabi.oracle import ActionEvaluator
    from vsbench_envs.hanabi.variant import actions

    variant = cast("HanabiState", choice.before).variant
    evaluator = ActionEvaluator(choice.turn.percept, variant)
    values = {a: evaluator.value(actions(variant)[a]) for a in choice.turn.legal}
    best = max(values.values())
    return {action: max(value, best - MAX_HANABI_LOSS) for action, value in values.items()}


SEARCH_DEPTH = 4
"""Plies searched in Breakthrough after the move."""

WON = 100.0
"""Value of a won position in Breakthrough."""


def _breakthrough(choice: Choice) -> Values:
    """Alpha-beta value of the position after the move, in rows and pieces."""
    from vsbench_envs.breakthrough.bitboard import advances, captures, flip, label, play, sides
    from vsbench_envs.breakthrough.search import value

    percept, ids = choice.turn.percept, choice.game.spec.ids
    mine, theirs = sides(percept.board, choice.seat)
    them = flip(theirs)
    candidates = {choice.taken, choice.oracle}
    values = {}
    for step in (*captures(mine, them), *advances(mine, them)):
        action = ids[label(step, choice.seat)]
        if action in candidates:
            found = -value(*play(mine, theirs, them, step), SEARCH_DEPTH)
            values[action] = max(-WON, min(float(found), WON))
    return values


def _atari_pong(choice: Choice) -> Values | None:
    """The oracle's value of each action, in points."""
    from vsbench_envs.atari_pong.planner import mean_action_values

    patience = choice.game.bots[choice.game.spec.oracle].defaults["patience"]
    found = mean_action_values(choice.turn.percept, patience)
    return None if found is None else {a: float(found[a]) for a in choice.turn.legal}


HORIZON, ROLLOUTS = 10, 4
"""Steps of each rollout with oracles in all seats, and rollouts per action."""


def _grid(choice: Choice) -> Values:
    """Mean total return of all seats in rollouts of oracles after an action."""
    return {
        action: fmean(_rollout(choice, action, number) for number in range(ROLLOUTS))
        for action in {choice.taken, choice.oracle}
    }


def _rollout(choice: Choice, action: int, number: int) -> float:
    """Total return of one rollout; the other seats make the recorded move first."""
    game, twin = choice.game, choice.before.copy()
    twin.seed = stream(choice.before.seed, "future", twin.step, number).getrandbits(63)
    before = _total(twin)
    twin.apply({**choice.joint, choice.seat: action})
    oracles = [game.spec.oracle] * twin.seats
    future = play_on(
        game, twin, oracles, lambda step, seat: stream(twin.seed, "future move", step, seat)
    )
    for _ in islice(future, HORIZON):
        pass
    return _total(twin) - before


def _total(state: State[Any]) -> float:
    return sum(state.returns)


def _overcooked(choice: Choice) -> Values:
    """Reward until the end by the joint plan that the oracle makes after an action."""
    return {action: _planned_reward(choice, action) for action in {choice.taken, choice.oracle}}


def _planned_reward(choice: Choice, action: int) -> float:
    from vsbench_envs.overcooked.planner import plan
    from vsbench_envs.overcooked.rules import STEPS

    twin = choice.before.copy()
    twin.apply({**choice.joint, choice.seat: action})
    percept = twin.percept(choice.seat)
    for joint in plan(percept.floor_plan, percept.kitchens[-1], STEPS - twin.step):
        if twin.acting:
            twin.apply(dict(enumerate(joint)))
    # Both chefs get every reward.
    return twin.returns[0] - choice.before.returns[0]


_GRID = Measure(
    _grid,
    "total return",
    f"total return of all players over {HORIZON} steps, mean of {ROLLOUTS} rollouts of oracles, "
    "compared with that after the oracle's action",
    blunder=1.0,
)

MEASURES: Mapping[str, Measure] = {
    "hanabi": Measure(
        _hanabi,
        "points",
        "the oracle's estimate of the action, compared with the best action; "
        f"at most {MAX_HANABI_LOSS:g}",
        blunder=0.5,
    ),
    "overcooked": Measure(
        _overcooked,
        "reward",
        "reward until the end if the oracle plans for both chefs from then on, compared with "
        "that after the oracle's action",
        blunder=2.0,
    ),
    "breakthrough": Measure(
        _breakthrough,
        "rows and pieces",
        f"lead after {SEARCH_DEPTH} more plies of best play ({WON:g} for a win), compared with the "
        "oracle's move",
        blunder=2.0,
    ),
    "kuhn_poker": Measure(
        _kuhn_poker,
        "chips",
        "exact expected chips against the equilibrium, compared with the better action",
        blunder=0.1,
    ),
    "atari_pong": Measure(
        _atari_pong,
        "points",
        "probability of winning the point minus that of losing it, as the oracle estimates it, "
        "compared with the best action",
        blunder=0.1,
    ),
    "coin_dilemma": _GRID,
    "monster_hunt": _GRID,
    "battle_of_the_colors": _GRID,
}
"""Folder of a game -> its measure."""


def explain_losses(envs: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Titles of games that share a measure, and its explanation."""
    titles: dict[str, list[str]] = {}
    for env in envs:
        measure = measure_of(env)
        about = (
            "no values; a blunder is any action other than the oracle's"
            if measure is None
            else f"{measure.about}; a blunder loses at least {measure.blunder:g} ({measure.unit})"
        )
        titles.setdefault(about, []).append(registry.get(env).spec.title)
    for about, envs_alike in titles.items():
        yield ", ".join(envs_alike), about
