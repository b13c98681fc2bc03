"""Perception: name the elements of a picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from vsbench.answers.parsing import ParsedAnswer, parse_elements
from vsbench.errors import UsageError
from vsbench.evaluations.units import RecordedSample
from vsbench.players.questions import PerceptQuestion
from vsbench.records.journal import Attempt, Verdict
from vsbench.settings import Evaluation
from vsbench_envs import registry
from vsbench_envs.game import State
from vsbench_envs.pictures import pngs


@dataclass(frozen=True)
class PerceptionQuestion(PerceptQuestion):
    """Ask for the values of a picture's elements."""

    elements: tuple[str, ...]

    template = "perception"
    purpose = "perception"

    @classmethod
    def at(
        cls, env: str, state: State[Any], seat: int, *, number: int = 0, run_seed: int = 0
    ) -> PerceptionQuestion:
        """The question about what a seat sees in a state."""
        percept = state.percept(seat)
        return cls(
            env=env,
            number=number,
            run_seed=run_seed,
            step=state.step,
            seat=seat,
            percept=percept,
            elements=tuple(registry.get(env).view.labels(percept)),
        )

    def read(self, text: str) -> ParsedAnswer:
        """Check that a reply names elements; :func:`parse_elements` tells which."""
        return ParsedAnswer("unparsable" if parse_elements(text) is None else "ok", None)

    def pictures(self) -> tuple[bytes, ...]:
        """The pictures whose elements are to be named, as PNGs."""
        return pngs(self.env, self.percept, for_perception=True)

    @property
    def variables(self) -> dict[str, Any]:
        """The elements' names. The state is never given as text, nor is a persona."""
        return {"persona": None, "told": False, "facts": (), "elements": self.elements}


class PerceptionSample(RecordedSample):
    """Asks a player for the elements of a sample's picture."""

    evaluation: ClassVar[Evaluation] = "perception"

    def question_at(self, state: State[Any]) -> PerceptionQuestion:
        """The question in this state."""
        seat = self.sample.seat
        return PerceptionQuestion.at(
            self.env, state, seat, number=self.number, run_seed=self.run_seed
        )

    def judge(self, attempt: Attempt) -> Verdict:
        """The share of elements named correctly, by the game's weights."""
        view = self.dataset.game.view
        truth = view.labels(self.state.percept(self.sample.seat))
        parsed = attempt.outcome == "ok"
        named = (parse_elements(attempt.reply) or {}) if parsed else {}
        credit = {name: view.credit(name, truth[name], named.get(name, "")) for name in truth}
        weights = {name: view.weight(name) for name in truth}
        return Verdict(
            outcome=attempt.outcome,
            answer=None,
            credit=sum(weights[name] * credit[name] for name in truth) / sum(weights.values()),
            misread={
                name: (truth[name], named.get(name, ""))
                for name in truth
                if parsed and credit[name] < 1
            },
        )

    async def bot_verdict(self) -> Verdict:
        """Raise UsageError: bots see no pictures."""
        raise UsageError(f"{self.player} is a bot and sees no pictures: perception needs a model")
