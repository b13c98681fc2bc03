"""The conformance suite of vsbench, each check as a test."""

from vsbench.testing import GameSuite


class TestMyGame(GameSuite):
    """Parts that are not written yet are expected failures, by name."""

    game = "my_game"
