"""The conformance suite of vsbench, each check as a test."""

from vsbench.testing import GameSuite


class TestNim(GameSuite):
    """Every check passes."""

    game = "nim"
