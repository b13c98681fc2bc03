"""Checking the answer about a sample: was this asked, and is the answer worth that?"""

from __future__ import annotations

from dataclasses import dataclass

from vsbench.bots import bot_name
from vsbench.evaluations.samples import AskedSample
from vsbench.prompts import PromptPack
from vsbench.records.manifest import Manifest
from vsbench.replay.checks import first_difference
from vsbench.replay.differences import Finding, Place
from vsbench.replay.exchanges import Asked, ExchangeCheck
from vsbench.replay.prompts import PromptTally
from vsbench.replay.transcript import Answer


@dataclass
class SampleCheck:
    """A sample's journal under examination."""

    sample: AskedSample
    answer: Answer
    pack: PromptPack
    manifest: Manifest
    prompts: PromptTally | None
    """Where to enter how its prompts compare; None to leave them alone."""
    judged: int = 0
    """1 when its verdict follows from what was answered."""

    async def run(self) -> Finding | None:
        """Examine it, and return the first thing that differs."""
        return await first_difference(Place(self.sample.key), self._follow())

    async def _follow(self) -> None:
        sample, place = self.sample, Place(self.sample.key)
        place.expect_line("opening", self.answer.opened, sample.opening)
        if bot_name(sample.player) is not None:
            if self.answer.calls:
                raise place.differs("order", "nobody asked", self.answer.calls[0].type, None)
            derived = await sample.scripted()
        else:
            asked = Asked(sample.question(), sample.player, self.pack, self.manifest)
            check = ExchangeCheck(asked, self.answer.attempts, place, self.prompts)
            for call in self.answer.calls:
                check.call(call)
            if check.settled is None:
                place.expect("verdict", "the verdict", self.answer.closed and "a verdict", None)
                return
            derived = sample.judge(check.settled)
        if self.answer.closed is not None:
            place.expect_line("verdict", self.answer.closed, derived)
            self.judged = 1
