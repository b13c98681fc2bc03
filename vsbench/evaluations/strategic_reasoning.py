"""Strategic reasoning: what does another player do next?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from vsbench.datasets.options import options_at
from vsbench.datasets.samples import Dataset, Sample
from vsbench.evaluations.samples import AskedSample
from vsbench.players.parse import Reading, parse_action
from vsbench.players.questions import Question
from vsbench.players.search import decide
from vsbench.players.seats import scripted_name
from vsbench.records.journal import Attempt, Outcome, Verdict
from vsbench.settings import Evaluation
from vsbench_envs.game import State
from vsbench_envs.replay import ScriptedSeat
from vsbench_envs.seeding import stream


@dataclass(frozen=True)
class PredictionQuestion(Question):
    """Which of these actions does the target take?"""

    target: int
    legal: tuple[str, ...]
    """What the target may do, as far as the seat that is asked can know."""

    template = "prediction"
    purpose = "prediction"

    def read(self, text: str) -> Reading:
        """The action that a reply predicts."""
        return parse_action(text, self.legal, self.game.spec.actions, key="prediction")

    @property
    def variables(self) -> dict[str, Any]:
        """The target and its options. Nobody plays a part when predicting."""
        return {
            "persona": None,
            "target": self.target,
            "target_name": self.game.spec.roles[self.target],
            "legal": self.legal,
        }


class Prediction(AskedSample):
    """A sample whose next action is to be predicted."""

    evaluation: ClassVar[Evaluation] = "reasoning"

    def question(self, state: State[Any]) -> PredictionQuestion:
        """What a model is asked."""
        sample = self.sample
        return PredictionQuestion(
            env=self.dataset.header.env,
            episode=self.number,
            run_seed=self.run_seed,
            step=sample.step,
            seat=sample.seat,
            percept=state.percept(sample.seat),
            target=sample.target,
            legal=self._options(state),
        )

    def _options(self, state: State[Any]) -> tuple[str, ...]:
        return options_at(self.dataset.game, state, self.sample.seat, self.sample.target)

    def judge(self, state: State[Any], attempt: Attempt) -> Verdict:
        """Right or wrong; what cannot be read is wrong."""
        return self._verdict(state, attempt.outcome, attempt.answer)

    async def scripted(self, state: State[Any]) -> Verdict:
        """A scripted player predicts what it would do in the target's place, with fresh luck."""
        name = scripted_name(self.player) or ""
        game, sample = self.dataset.game, self.sample
        action = await decide(
            game.spec.id, name, target_turn(self.dataset, sample, name, self.run_seed)
        )
        return self._verdict(state, "ok", game.spec.actions[action])

    def _verdict(self, state: State[Any], outcome: Outcome, answer: str | None) -> Verdict:
        right = self.sample.answers
        options = self._options(state)
        return Verdict(
            outcome=outcome,
            answer=answer if outcome == "ok" else None,
            right=right,
            credit=float(outcome == "ok" and answer in right),
            chance=len(set(right) & set(options)) / len(options),
        )


def target_turn(dataset: Dataset, sample: Sample, player: str, run_seed: int) -> Any:
    """The turn of the seat that a sample asks about, memory included, for a scripted player."""
    game, episode = dataset.game, dataset.episodes[sample.episode]
    seat = ScriptedSeat(game, sample.target, player)
    state = game.new(episode.seed)
    for actions in episode.moves[: sample.step]:
        seat.watch(state)
        state.apply(dict(zip(state.acting, actions, strict=True)))
    seat.watch(state)
    luck = stream(run_seed, game.spec.id, sample.episode, sample.step, sample.seat, "predictor")
    return seat.turn(state, luck)
