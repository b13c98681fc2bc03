from collections.abc import Callable, Iterator

import pytest

from vsbench_envs import Game, Turn, get
from vsbench_envs.hanabi.bots import bots
from vsbench_envs.hanabi.percept import HanabiPercept
from vsbench_envs.hanabi.rules import HanabiState
from vsbench_envs.hanabi.variant import Variant
from vsbench_envs.registry import bot
from vsbench_envs.seeding import stream

VARIANTS = {
    "two": Variant(),
    "three": Variant(seats=3),
    "four": Variant(seats=4, hand=4),
    "five": Variant(seats=5, hand=4),
    "tiny": Variant(colours="RY", ranks="123", hand=3),
}
"""Every number of seats that the rules allow, whether or not it is registered."""


@pytest.fixture(scope="session", params=VARIANTS)
def variant(request: pytest.FixtureRequest) -> Variant:
    return VARIANTS[request.param]


def rollout(variant: Variant, seed: int, name: str) -> Iterator[tuple[HanabiState, Turn]]:
    """Each state of an episode and the turn taken in it, the same bot in every seat."""
    policy = bots(variant)[name]
    options = policy.defaults
    state = HanabiState(seed, variant)
    memories: list[tuple[HanabiPercept, ...]] = [()] * variant.seats
    while state.acting:
        (seat,) = state.acting
        memories[seat] += (state.percept(seat),)
        turn = Turn(memories[seat], state.legal_actions(seat), stream(seed, name, state.step))
        yield state, turn
        state.apply({seat: policy.decide(turn, **options)})


@pytest.fixture
def turns() -> Callable[..., Iterator[tuple[HanabiState, Turn]]]:
    return rollout


def finish(game: Game, seed: int, *written: str) -> HanabiState:
    """Play an episode to its end, with one bot per seat."""
    cast = [bot(game, name) for name in written]
    state = game.new(seed)
    memories: list[tuple[HanabiPercept, ...]] = [()] * game.spec.seats
    while state.acting:
        (seat,) = state.acting
        policy, options = cast[seat % len(cast)]
        memories[seat] += (state.percept(seat),)
        rng = stream(seed, "player", state.step)
        turn = Turn(memories[seat], state.legal_actions(seat), rng)
        state.apply({seat: policy.decide(turn, **options)})
    return state


@pytest.fixture
def ended() -> Callable[..., HanabiState]:
    return lambda game_id, seed, *written: finish(get(game_id), seed, *written)


@pytest.fixture
def stacked() -> Callable[..., HanabiState]:
    """A game that deals the cards of a text first, then the rest in any order."""

    def deal(cards: str, variant: Variant = VARIANTS["two"]) -> HanabiState:
        rest = list(variant.shuffled(0))
        for card in cards.split():
            rest.remove(card)
        return HanabiState(0, variant, [*cards.split(), *rest])

    return deal
