"""The rules of Coin Dilemma, for two players or more."""

from __future__ import annotations

from vsbench_envs.grid.rules import Event, GridState

TAKEN = 1.0
"""Reward for taking a coin."""
LOST = -2.0
"""Reward to a coin's owner for each other player who takes it."""

EVENTS = (
    Event("own_coins", "takes coin of own colour", "+1"),
    Event("other_coins", "takes coin of other colour", "+1, its owner -2"),
)


class CoinState(GridState):
    """An episode. ``things`` are the coins, in the order of the seats that own them."""

    def __init__(self, seed: int, seats: int = 2) -> None:
        super().__init__(seed, seats=seats, things=seats, events=EVENTS)

    def _resolve(self, rewards: list[float]) -> None:
        takers = {owner: self.on(coin) for owner, coin in enumerate(self.things)}
        for owner, seats in takers.items():
            for taker in seats:
                rewards[taker] += TAKEN
                if taker == owner:
                    self.count("own_coins", taker)
                else:
                    rewards[owner] += LOST
                    self.count("other_coins", taker)
        for owner, seats in takers.items():
            if seats:
                self.respawn_thing(owner)
