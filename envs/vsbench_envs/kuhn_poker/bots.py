"""Bots for Kuhn poker: Kuhn's family of equilibria, and a bot that never bluffs."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from itertools import product

from vsbench_envs.game import RANDOM, Bot, Turn
from vsbench_envs.kuhn_poker.rules import BET, PASS, KuhnPercept
from vsbench_envs.parameters import Parameter
from vsbench_envs.recipe import Recipe, mixed

THIRD = Fraction(1, 3)


def bet_probability(percept: KuhnPercept, alpha: Fraction) -> Fraction:
    """The probability of a bet in the equilibrium ``alpha``, 0 to 1/3 (Kuhn, 1950)."""
    history = percept.history
    by_card: Mapping[tuple[str, ...], tuple[Fraction | int, Fraction | int, Fraction | int]] = {
        (): (alpha, 0, 3 * alpha),
        ("pass",): (THIRD, 0, 1),
        ("bet",): (0, THIRD, 1),
        ("pass", "bet"): (0, alpha + THIRD, 1),
    }
    return Fraction(by_card[history]["JQK".index(percept.card)])


def equilibrium(turn: Turn[KuhnPercept], alpha: Fraction) -> int:
    """Bet with the probability of the equilibrium."""
    chance = bet_probability(turn.percept, alpha)
    return BET if turn.rng.randrange(chance.denominator) < chance.numerator else PASS


def honest(turn: Turn[KuhnPercept]) -> int:
    """Bet and call with a king, call with a queen, otherwise pass."""
    percept = turn.percept
    calls = percept.card == "Q" and "bet" in percept.history
    return BET if percept.card == "K" or calls else PASS


_ALPHA = {"alpha": Parameter(Fraction(0), Fraction(0), THIRD)}

BOTS: dict[str, Bot[KuhnPercept]] = {
    "oracle": Bot(equilibrium, "Plays a Nash equilibrium, so that no opponent gains.", _ALPHA),
    "equilibrium": Bot(equilibrium, "Plays the Nash equilibrium of a given alpha.", _ALPHA),
    "greedy": Bot(honest, "Bets with a king, calls with a queen, never bluffs."),
    "random": RANDOM,
}

ALPHAS = tuple(f"equilibrium:alpha={alpha}" for alpha in ("0", "1/6", "1/3"))

RECIPE = Recipe(
    tuple(mixed(one, other, 1) for one, other in product(ALPHAS, repeat=2)), per_episode=1
)
"""Shares follow the VS-Bench paper (2025), with bots in place of people."""
