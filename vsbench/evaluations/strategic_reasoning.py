"""Strategic reasoning: what does another player do next?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from vsbench.answers.reading import Reading, parse_action, parse_choice
from vsbench.bots import bot_name, decide
from vsbench.datasets.published import PublishedSample, PublishedSet
from vsbench.datasets.samples import Dataset, Sample, options_at
from vsbench.evaluations.units import AskedSample, RecordedSample
from vsbench.messages import Message
from vsbench.players.questions import PerceptQuestion, Question
from vsbench.prompts import PromptPack
from vsbench.records.journal import Attempt, Outcome, SampleOpened, Verdict
from vsbench.records.manifest import ModelSettings
from vsbench.settings import Evaluation
from vsbench_envs.game import State
from vsbench_envs.replay import Playthrough
from vsbench_envs.seeding import stream
from vsbench_prompts import SHARED, VERSION


@dataclass(frozen=True)
class PredictionQuestion(PerceptQuestion):
    """Which of these actions does the target take?"""

    target: int
    legal: tuple[str, ...]
    """What the target may do, as far as the seat that is asked can know."""

    template = "prediction"
    purpose = "prediction"

    @property
    def seat_name(self) -> str:
        """Who predicts: the seat, or the built-in opponent of a game with a single seat."""
        return self.game.spec.predictor or super().seat_name

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


class Prediction(RecordedSample):
    """A sample whose next action is to be predicted."""

    evaluation: ClassVar[Evaluation] = "reasoning"

    def question_at(self, state: State[Any]) -> PredictionQuestion:
        """What a model is asked in this state."""
        sample = self.sample
        return PredictionQuestion(
            env=self.env,
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

    def judge(self, attempt: Attempt) -> Verdict:
        """Right or wrong; what cannot be read is wrong."""
        return self._verdict(attempt.outcome, attempt.answer)

    async def bot_verdict(self) -> Verdict:
        """A bot predicts what it would do in the target's place, with fresh luck."""
        name = bot_name(self.player) or ""
        game, sample = self.dataset.game, self.sample
        action = await decide(
            game.spec.id, name, target_turn(self.dataset, sample, name, self.run_seed)
        )
        return self._verdict("ok", game.spec.actions[action])

    def _verdict(self, outcome: Outcome, answer: str | None) -> Verdict:
        return verdict(outcome, answer, self.sample.answers, self._options(self.state))


def verdict(
    outcome: Outcome, answer: str | None, right: tuple[str, ...], options: Sequence[str]
) -> Verdict:
    """What a prediction among ``options`` is worth, where several may be right."""
    return Verdict(
        outcome=outcome,
        answer=answer if outcome == "ok" else None,
        right=right,
        credit=float(outcome == "ok" and answer in right),
        chance=len(set(right) & set(options)) / len(options),
    )


def target_turn(dataset: Dataset, sample: Sample, player: str, run_seed: int) -> Any:
    """The turn of the seat that a sample asks about, memory included, for a bot."""
    game, episode = dataset.game, dataset.episodes[sample.episode]
    playthrough = Playthrough(game, game.new(episode.seed), [sample.target])
    for joint in episode.moves[: sample.step]:
        playthrough.apply(joint)
    luck = stream(run_seed, game.spec.id, sample.episode, sample.step, sample.seat, "predictor")
    return playthrough.turn(sample.target, player, luck)


TEMPLATE = f"{SHARED}/{VERSION}/published.j2"


@dataclass(frozen=True)
class PublishedQuestion(Question):
    """A row of a published set. Its text says how to answer, as a rule ``{"action": ...}``."""

    row: PublishedSample = field(repr=False)

    template = "action"
    purpose = "prediction"

    def first(self, pack: PromptPack, settings: ModelSettings) -> tuple[Message, ...]:
        """The row's texts and pictures, and whether to think aloud."""
        row = self.row
        pictures = row.pictures if settings.modality != "text" else ()
        context = {
            "system": row.system,
            "observation": row.observation,
            "action": row.action,
            "style": settings.style,
            "images": len(pictures),
        }
        return pack.render(TEMPLATE, context, pictures)

    def read(self, text: str) -> Reading:
        """The action that a reply predicts."""
        return parse_choice(text, tuple(self.row.options.values()), ("action", "prediction"))

    @property
    def variables(self) -> dict[str, Any]:
        """The actions to choose from, should it have to be asked again."""
        return {"legal": tuple(self.row.options.values())}


@dataclass(frozen=True)
class PublishedPrediction(AskedSample):
    """A row of a published set, put to a player."""

    dataset: PublishedSet

    evaluation: ClassVar[Evaluation] = "reasoning"

    @property
    def row(self) -> PublishedSample:
        """The row, without its pictures."""
        return self.dataset.samples[self.number]

    @property
    def opening(self) -> SampleOpened:
        """The journal's first line."""
        return SampleOpened(
            env=self.env, sample=self.number, dataset=self.dataset.sha256, player=self.player
        )

    def question(self) -> PublishedQuestion:
        """What a model is asked."""
        return PublishedQuestion(
            env=self.env,
            episode=self.number,
            run_seed=self.run_seed,
            step=0,
            seat=0,
            row=self.dataset.sample(self.number),
        )

    def judge(self, attempt: Attempt) -> Verdict:
        """Right or wrong; what cannot be read is wrong."""
        row = self.row
        return verdict(attempt.outcome, attempt.answer, row.answers, tuple(row.options.values()))

    async def bot_verdict(self) -> Verdict:
        """A guess: there is no state that another player could play from."""
        row = self.row
        luck = stream(self.run_seed, self.env, self.number, "guess")
        options = tuple(row.options.values())
        return verdict("ok", luck.choice(options), row.answers, options)
