"""The value of a policy in Kuhn poker, computed from the frequencies of its actions.

The mean of the chips won is noisy: most of its variance is the luck of cards and of the opponent's
moves. Both are known exactly, so it is enough to estimate how often the policy bets in each of its
twelve information sets; the game tree gives the rest. The idea is that of variance reduction by
known policies (Burch et al., AIVAT, 2018).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from itertools import product

from vsbench_envs import registry
from vsbench_envs.game import RANDOM
from vsbench_envs.kuhn_poker.bots import bet_probability, equilibrium
from vsbench_envs.kuhn_poker.rules import CARDS, DEALS, Card, KuhnPercept
from vsbench_envs.spec import PlayedEpisode, PolicyValue

History = tuple[str, ...]

InformationSet = tuple[Card, History]
"""Knowledge of the player to move: its card and the moves so far; their number gives its seat."""

Frequencies = Mapping[InformationSet, float]
"""Probability of a bet in each information set."""

HISTORIES: tuple[tuple[History, ...], ...] = (((), ("pass", "bet")), (("pass",), ("bet",)))
"""Seat -> the histories after which it moves."""

INFORMATION_SETS: tuple[InformationSet, ...] = tuple(
    (card, history) for histories in HISTORIES for card in CARDS for history in histories
)


def policy_value(episodes: Iterable[PlayedEpisode], opponent: str) -> PolicyValue | None:
    """Estimate the expected chips per hand of a policy from its recorded hands.

    The standard error is by the delta method: each frequency adds its variance times the squared
    derivative of the value. Variances use (bets + 1/2) / (visits + 1), so that they are positive.

    Args:
        episodes: Hands in which the policy held one seat and the opponent the other.
        opponent: A bot, written ``name:option=value``.

    Returns:
        The value over all deals from both seats; None if the opponent's policy is not known.
    """
    theirs = bot_frequencies(opponent)
    if theirs is None:
        return None
    bounds = _bounds(opponent)
    visits, bets = Counter[InformationSet](), Counter[InformationSet]()
    hands = 0
    for episode in episodes:
        hands += 1
        deal = DEALS[episode.seed % len(DEALS)]
        card = CARDS[deal[episode.seat]]
        for place in range(episode.seat, len(episode.moves), 2):
            where = card, episode.moves[:place]
            visits[where] += 1
            bets[where] += episode.moves[place] == "bet"
    frequencies = {
        each: bets[each] / visits[each] if visits[each] else 0.5 for each in INFORMATION_SETS
    }
    variances = {}
    for each in INFORMATION_SETS:
        share = (bets[each] + 0.5) / (visits[each] + 1)
        slope = derivative(frequencies, each, theirs)
        variances[each] = slope**2 * share * (1 - share) / (visits[each] + 1)
    total = sum(variances.values())
    squares = sum(variance**2 / (visits[each] + 1) for each, variance in variances.items())
    return PolicyValue(
        mean=expected_chips(frequencies, theirs),
        error=math.sqrt(total),
        df=total**2 / squares if squares else math.inf,
        n=hands,
        bounds=bounds,
    )


def expected_chips(frequencies: Frequencies, opponent: Frequencies) -> float:
    """Exact expected chips per hand, over the six deals from both seats."""
    hands = list(product((0, 1), DEALS))
    return sum(
        _expected(seat, (CARDS[deal[0]], CARDS[deal[1]]), (), frequencies, opponent)
        for seat, deal in hands
    ) / len(hands)


def derivative(frequencies: Frequencies, at: InformationSet, opponent: Frequencies) -> float:
    """Derivative of the expected chips by one frequency; exact, since they are linear in it."""
    always, never = ({**frequencies, at: share} for share in (1.0, 0.0))
    return expected_chips(always, opponent) - expected_chips(never, opponent)


def extreme_values(opponent: Frequencies) -> tuple[float, float]:
    """The least and the greatest expected chips of any policy against an opponent.

    The value is a sum over the own seats and cards, so that these are optimised one by one.
    """
    low, high = dict.fromkeys(INFORMATION_SETS, 0.5), dict.fromkeys(INFORMATION_SETS, 0.5)
    for histories, card in product(HISTORIES, CARDS):
        for policy, choose in ((low, min), (high, max)):
            choices = [
                {(card, history): share for history, share in zip(histories, shares, strict=True)}
                for shares in product((0.0, 1.0), repeat=len(histories))
            ]
            policy |= choose(choices, key=lambda c: expected_chips({**policy, **c}, opponent))
    return expected_chips(low, opponent), expected_chips(high, opponent)


def payoff(seat: int, cards: tuple[Card, Card], history: History) -> float | None:
    """Chips that a seat has won when the hand ends; None if it goes on."""
    showdown = 1.0 if CARDS.index(cards[seat]) > CARDS.index(cards[1 - seat]) else -1.0
    match history[-2:]:
        case ("pass", "pass"):
            return showdown
        case ("bet", "bet"):
            return 2 * showdown
        case ("bet", "pass"):
            bettor = len(history) % 2
            return 1.0 if bettor == seat else -1.0
    return None


def _expected(
    seat: int,
    cards: tuple[Card, Card],
    history: History,
    frequencies: Frequencies,
    opponent: Frequencies,
) -> float:
    """Expected chips of a seat, after some moves."""
    chips = payoff(seat, cards, history)
    if chips is not None:
        return chips
    mover = len(history) % 2
    share = (frequencies if mover == seat else opponent)[cards[mover], history]
    return sum(
        weight * _expected(seat, cards, (*history, move), frequencies, opponent)
        for move, weight in (("bet", share), ("pass", 1 - share))
        if weight
    )


@cache
def _bounds(opponent: str) -> tuple[float, float]:
    theirs = bot_frequencies(opponent)
    assert theirs is not None
    return extreme_values(theirs)


def bot_frequencies(written: str) -> Frequencies | None:
    """Return a bot's frequency of bets by information set; None if its policy is not known."""
    bot, options = registry.bot(registry.get("kuhn_poker"), written)
    if bot is RANDOM:
        return dict.fromkeys(INFORMATION_SETS, 0.5)
    if bot.decide is not equilibrium:
        return None
    return {
        (card, history): float(
            bet_probability(KuhnPercept(len(history) % 2, card, history), **options)
        )
        for card, history in INFORMATION_SETS
    }
