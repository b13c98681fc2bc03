"""Strategic reasoning by the questions of a published set, in its own words and pictures."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from vsbench.answers.reading import Reading, parse_choice
from vsbench.datasets.official import OfficialSample
from vsbench.datasets.official_set import OfficialSet
from vsbench.evaluations.samples import AskedSample
from vsbench.evaluations.strategic_reasoning import verdict
from vsbench.messages import Message
from vsbench.players.questions import Question
from vsbench.prompts import PromptPack
from vsbench.records.journal import Attempt, SampleOpened, Verdict
from vsbench.records.manifest import ModelSettings
from vsbench.settings import Evaluation
from vsbench_envs.seeding import stream
from vsbench_prompts import SHARED, VERSION

TEMPLATE = f"{SHARED}/{VERSION}/published.j2"


@dataclass(frozen=True)
class PublishedQuestion(Question):
    """A row of a published set. Its text says how to answer, as a rule ``{"action": ...}``."""

    row: OfficialSample = field(repr=False)

    template = "action"
    purpose = "prediction"

    def first(self, pack: PromptPack, asking: ModelSettings) -> tuple[Message, ...]:
        """The row's texts and pictures, and whether to think aloud."""
        row = self.row
        pictures = row.pictures if asking.modality != "text" else ()
        context = {
            "system": row.system,
            "observation": row.observation,
            "action": row.action,
            "style": asking.style,
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

    dataset: OfficialSet

    evaluation: ClassVar[Evaluation] = "reasoning"

    @property
    def row(self) -> OfficialSample:
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

    async def scripted(self) -> Verdict:
        """A guess: there is no state that another player could play from."""
        row = self.row
        luck = stream(self.run_seed, self.env, self.number, "guess")
        options = tuple(row.options.values())
        return verdict("ok", luck.choice(options), row.answers, options)
