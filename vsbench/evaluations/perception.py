"""Perception: what is in the picture?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from vsbench.answers.reading import Reading, parse_elements
from vsbench.errors import UsageError
from vsbench.evaluations.units import RecordedSample
from vsbench.players.questions import PerceptQuestion
from vsbench.records.journal import Attempt, Verdict
from vsbench.settings import Evaluation
from vsbench_envs.game import State
from vsbench_envs.pictures import pngs


@dataclass(frozen=True)
class PerceptionQuestion(PerceptQuestion):
    """What is each of these elements?"""

    elements: tuple[str, ...]

    template = "perception"
    purpose = "perception"

    def read(self, text: str) -> Reading:
        """Whether a reply names elements; which, :func:`parse_elements` reads again."""
        return Reading("unparsable" if parse_elements(text) is None else "ok", None)

    def pictures(self) -> tuple[bytes, ...]:
        """The pictures whose elements are to be named, as PNGs."""
        return pngs(self.env, self.percept, for_perception=True)

    @property
    def variables(self) -> dict[str, Any]:
        """The elements' names. Nothing is told: the pictures alone are to be read."""
        return {"persona": None, "told": False, "facts": (), "elements": self.elements}


class PerceptionSample(RecordedSample):
    """A sample whose picture is to be described."""

    evaluation: ClassVar[Evaluation] = "perception"

    def question_at(self, state: State[Any]) -> PerceptionQuestion:
        """What a model is asked in this state."""
        sample = self.sample
        percept = state.percept(sample.seat)
        return PerceptionQuestion(
            env=self.env,
            episode=self.number,
            run_seed=self.run_seed,
            step=sample.step,
            seat=sample.seat,
            percept=percept,
            elements=tuple(self.dataset.game.view.labels(percept)),
        )

    def judge(self, attempt: Attempt) -> Verdict:
        """The share of elements named rightly, by the game's weights."""
        view = self.dataset.game.view
        truth = view.labels(self.state.percept(self.sample.seat))
        read = attempt.outcome == "ok"
        said = (parse_elements(attempt.reply) or {}) if read else {}
        credit = {name: view.credit(name, truth[name], said.get(name, "")) for name in truth}
        weights = {name: view.weight(name) for name in truth}
        return Verdict(
            outcome=attempt.outcome,
            answer=None,
            credit=sum(weights[name] * credit[name] for name in truth) / sum(weights.values()),
            misread={
                name: (truth[name], said.get(name, ""))
                for name in truth
                if read and credit[name] < 1
            },
        )

    async def bot_verdict(self) -> Verdict:
        """Bots look at no picture."""
        raise UsageError(f"{self.player} is a bot and sees no pictures: perception needs a model")
