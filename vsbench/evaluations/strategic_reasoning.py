"""Strategic reasoning: predict what another player does next.

Questions are about recorded states, or rows of a published set with their own text and pictures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from vsbench.answers.parsing import ParsedAnswer, parse_action, parse_choice
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
from vsbench_envs import registry
from vsbench_envs.game import State, Turn
from vsbench_envs.replay import Playthrough
from vsbench_envs.seeding import stream
from vsbench_prompts import SHARED

PUBLISHED_TEMPLATE = "published"


@dataclass(frozen=True)
class PredictionQuestion(PerceptQuestion):
    """Ask which action the target takes."""

    target: int
    legal: tuple[str, ...]
    """The target's actions, as far as the asked seat can know."""

    template = "prediction"
    purpose = "prediction"

    @classmethod
    def at(
        cls,
        env: str,
        state: State[Any],
        seat: int,
        target: int,
        *,
        number: int = 0,
        run_seed: int = 0,
    ) -> PredictionQuestion:
        """The question to a seat about another seat's next action."""
        return cls(
            env=env,
            number=number,
            run_seed=run_seed,
            step=state.step,
            seat=seat,
            percept=state.percept(seat),
            target=target,
            legal=options_at(registry.get(env), state, seat, target),
        )

    @property
    def seat_name(self) -> str:
        """The role of the predicting seat; in a game of one seat, of the built-in opponent."""
        return self.game.spec.predictor or super().seat_name

    def read(self, text: str) -> ParsedAnswer:
        """Parse the action that a reply predicts."""
        return parse_action(text, self.legal, self.game.spec.actions, key="prediction")

    @property
    def variables(self) -> dict[str, Any]:
        """The target and its options. Predictions are asked without a persona."""
        return {
            "persona": None,
            "target": self.target,
            "target_name": self.game.spec.roles[self.target],
            "legal": self.legal,
        }


class PredictionSample(RecordedSample):
    """Asks a player to predict the action of a sample's target."""

    evaluation: ClassVar[Evaluation] = "reasoning"

    def question_at(self, state: State[Any]) -> PredictionQuestion:
        """The question in this state."""
        sample = self.sample
        return PredictionQuestion.at(
            self.env,
            state,
            sample.seat,
            sample.target,
            number=self.number,
            run_seed=self.run_seed,
        )

    def judge(self, attempt: Attempt) -> Verdict:
        """Right or wrong; an answer that cannot be parsed is wrong."""
        return self._verdict(attempt.outcome, attempt.answer)

    async def bot_verdict(self) -> Verdict:
        """Let a bot decide in the target's place, with a separate random stream."""
        bot = bot_name(self.player) or ""
        game, sample = self.dataset.game, self.sample
        turn = target_turn(self.dataset, sample, bot, self.run_seed)
        action = await decide(game.spec.id, bot, turn)
        return self._verdict("ok", game.spec.actions[action])

    def _verdict(self, outcome: Outcome, answer: str | None) -> Verdict:
        sample = self.sample
        options = options_at(self.dataset.game, self.state, sample.seat, sample.target)
        return verdict(outcome, answer, sample.answers, options)


def verdict(
    outcome: Outcome, answer: str | None, right: tuple[str, ...], options: Sequence[str]
) -> Verdict:
    """Judge a prediction among ``options``, of which several may be right."""
    return Verdict(
        outcome=outcome,
        answer=answer if outcome == "ok" else None,
        right=right,
        credit=float(outcome == "ok" and answer in right),
        chance=len(set(right) & set(options)) / len(options),
    )


def target_turn(dataset: Dataset, sample: Sample, bot: str, run_seed: int) -> Turn[Any]:
    """The turn of a bot in the place of a sample's target, memory included."""
    game, episode = dataset.game, dataset.episodes[sample.episode]
    playthrough = Playthrough(game, game.new(episode.seed), [sample.target])
    for joint in episode.moves[: sample.step]:
        playthrough.apply(joint)
    rng = stream(run_seed, game.spec.id, sample.episode, sample.step, sample.seat, "predictor")
    return playthrough.turn(sample.target, bot, rng)


@dataclass(frozen=True)
class PublishedQuestion(Question):
    """A row of a published set. Its text says how to answer, as a rule ``{"action": ...}``."""

    row: PublishedSample = field(repr=False)

    template = "action"
    purpose = "prediction"

    def first(self, pack: PromptPack, settings: ModelSettings) -> tuple[Message, ...]:
        """Render the row's texts and pictures, with the style of prompting."""
        row = self.row
        pictures = row.pictures if settings.modality != "text" else ()
        context = {
            "system": row.system,
            "observation": row.observation,
            "action": row.action,
            "style": settings.style,
            "images": len(pictures),
        }
        return pack.render(pack.name(SHARED, PUBLISHED_TEMPLATE), context, pictures)

    def read(self, text: str) -> ParsedAnswer:
        """Parse the action that a reply predicts."""
        return parse_choice(text, tuple(self.row.options.values()), ("action", "prediction"))

    @property
    def variables(self) -> dict[str, Any]:
        """The options, for further attempts."""
        return {"legal": tuple(self.row.options.values())}


@dataclass(frozen=True)
class PublishedPrediction(AskedSample):
    """Asks a player about a row of a published set."""

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
        """The question to a model."""
        return PublishedQuestion(
            env=self.env,
            number=self.number,
            run_seed=self.run_seed,
            step=0,
            seat=0,
            row=self.dataset.sample(self.number),
        )

    def judge(self, attempt: Attempt) -> Verdict:
        """Right or wrong; an answer that cannot be parsed is wrong."""
        return self._verdict(attempt.outcome, attempt.answer)

    async def bot_verdict(self) -> Verdict:
        """Guess: a row has no state that a bot could decide in."""
        rng = stream(self.run_seed, self.env, self.number, "guess")
        return self._verdict("ok", rng.choice(tuple(self.row.options.values())))

    def _verdict(self, outcome: Outcome, answer: str | None) -> Verdict:
        return verdict(outcome, answer, self.row.answers, tuple(self.row.options.values()))
