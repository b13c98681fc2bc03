"""Render an episode as one self-contained HTML file."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import jinja2

from vsbench.errors import UsageError
from vsbench.messages import Image, Message
from vsbench.protocols import standing_of
from vsbench.reconstruction.episode import Episode, Moment, SeatMoment, open_episode
from vsbench.reconstruction.exchanges import Exchange
from vsbench.reconstruction.findings import MismatchError
from vsbench.records.files import UnitKey
from vsbench.records.journal import Fault
from vsbench.records.manifest import Manifest
from vsbench_envs.spec import EpisodeSummary

TEMPLATES = Path(__file__).with_name("page")

OUTCOMES = {
    "ok": "the model's answer was played",
    "illegal": "the answer named an illegal action",
    "unparsable": "no action could be parsed",
    "refused": "the model declined to answer",
    "truncated": "the answer was cut off",
    "bot": "a bot's move",
}
"""Outcomes of decisions, for the legend."""

Data = dict[str, Any]
"""JSON types only."""


def html(directory: str | Path, key: UnitKey, *, trust_prompts: bool = False) -> str:
    """Render an episode as a page to step through; ``#step=12`` opens it at a step.

    Models' output is shown as text and cannot become markup; the page's Content-Security-Policy
    allows no other script and loads nothing.

    Raises:
        UsageError: the episode has not begun, or its journal is damaged.
        UnknownNameError, MissingExtraError: its game is not installed.
    """
    episode = open_episode(directory, key, trust_prompts=trust_prompts)
    try:
        return render_page(episode)
    finally:
        episode.pack.close()


def render_page(episode: Episode) -> str:
    """Render the page of an opened episode. Raises UsageError at an illegal recorded move."""
    try:
        data = EpisodeData(episode).data
    except MismatchError as error:
        raise UsageError(f"the episode cannot be replayed: {error}") from None
    style, program = source("page.css"), source("page.js")
    return (
        templates()
        .get_template("page.html.j2")
        .render(
            spec=episode.game.spec,
            key=episode.key,
            model=episode.manifest.model,
            measured=episode.transcript.opened.measured,
            players=episode.plan.seats,
            facts=facts_of(episode.manifest, {"Episode seed": str(episode.transcript.opened.seed)}),
            score=_score(episode),
            outcomes=OUTCOMES,
            data=data,
            style=style,
            program=program,
            policy=(
                "default-src 'none'; img-src data:; base-uri 'none'; form-action 'none'; "
                f"style-src '{fingerprint(style)}'; script-src '{fingerprint(program)}'"
            ),
        )
    )


def _score(episode: Episode) -> float | None:
    """The normalised score; None while the episode is unfinished."""
    closed = episode.transcript.closed
    if closed is None:
        return None
    summary = EpisodeSummary(closed.returns, closed.length, closed.events)
    return episode.game.spec.score(summary, episode.transcript.opened.measured)


def facts_of(manifest: Manifest, of_unit: Mapping[str, str]) -> dict[str, str]:
    """Settings of a run, and facts about an episode or sample, by label."""
    settings = manifest.model_settings
    facts = {
        "Run started": f"{manifest.created:%Y-%m-%d %H:%M} UTC",
        "Run seed": str(manifest.seed),
        **of_unit,
        "Protocol": standing_of(manifest).summary,
        "State given as": {"image": "image", "text": "text", "both": "image and text"}[
            settings.modality
        ],
        "Prompting": {"io": "direct answer", "cot": "reasoning, then answer"}[settings.style],
        "Persona": (settings.persona or "none").replace("_", " "),
        "Attempts": f"up to {settings.attempts} per decision"
        + (", with feedback" if settings.feedback else ""),
        **{f"Settings of {name}": each.summary for name, each in manifest.models.items()},
        "Temperature": (
            "provider's default" if settings.temperature is None else f"{settings.temperature:g}"
        ),
        "Prompts": f"{manifest.prompts_version} ({manifest.prompts_sha256[:12]})",
    }
    return facts | manifest.versions


class EpisodeData:
    """The moments of an episode as data for the page.

    Each distinct picture and text is stored once, and referred to by its index.
    """

    def __init__(self, episode: Episode) -> None:
        self._pictures: dict[str, int] = {}
        self._texts: dict[str, int] = {}
        self._moments = [self._moment(moment) for moment in episode.moments()]
        self._episode = episode

    @property
    def data(self) -> Data:
        """Everything that the page's program needs."""
        episode, spec = self._episode, self._episode.game.spec
        return {
            "roles": spec.roles,
            "players": episode.plan.seats,
            "measured": episode.plan.measured,
            "events": dict(spec.events),
            "finished": episode.transcript.closed is not None,
            "moments": self._moments,
            "pictures": list(self._pictures),
            "texts": list(self._texts),
        }

    def _moment(self, moment: Moment) -> Data:
        after = moment.after if moment.played else moment.before
        return {
            "seats": [self._seat(seat) for seat in moment.seats],
            "rewards": after.rewards if moment.played else None,
            "returns": after.returns,
            "events": after.events,
        }

    def _seat(self, seat: SeatMoment) -> Data:
        bot_outcome = "bot" if seat.bot and seat.move else None
        return {
            "acting": seat.acting,
            "pictures": [self._picture(png) for png in seat.pictures],
            "text": self._text(seat.text),
            "legal": seat.legal,
            "move": seat.move or (seat.decision.action if seat.decision else None),
            "outcome": seat.decision.outcome if seat.decision else bot_outcome,
            "exchanges": [self._exchange(exchange) for exchange in seat.exchanges()],
            "faults": [_fault(fault) for fault in seat.faults],
        }

    def _exchange(self, exchange: Exchange) -> Data:
        attempt = exchange.attempt
        return {
            "attempt": attempt.attempt,
            "sent_before": exchange.sent_before,
            "messages": [self._message(message) for message in exchange.messages],
            "reply": self._text(attempt.reply),
            "reasoning": self._text(attempt.reasoning),
            "outcome": attempt.outcome,
            "answer": attempt.answer,
            "stop": attempt.stop,
            "tokens": attempt.usage.model_dump(),
            "max_tokens": attempt.max_tokens,
            "cost": attempt.cost,
            "latency": attempt.latency,
            "served_model": attempt.served_model,
        }

    def _message(self, message: Message) -> Data:
        parts = [
            {"picture": self._picture(part.png)}
            if isinstance(part, Image)
            else {"text": self._text(part.text)}
            for part in message.parts
        ]
        return {"role": message.role, "parts": parts}

    def _picture(self, png: bytes) -> int:
        url = f"data:image/png;base64,{b64encode(png).decode()}"
        return self._pictures.setdefault(url, len(self._pictures))

    def _text(self, text: str) -> int:
        return self._texts.setdefault(text, len(self._texts))


def _fault(fault: Fault) -> Data:
    return {
        "attempt": fault.attempt,
        "kind": fault.kind,
        "message": fault.message,
        "wait": fault.wait,
    }


@cache
def templates() -> jinja2.Environment:
    """The templates of pages."""
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def source(name: str) -> str:
    """Read a style or script of the pages."""
    return (TEMPLATES / name).read_text(encoding="utf-8")


def fingerprint(source: str) -> str:
    """The source of an inline style or script, as a Content-Security-Policy names it."""
    return f"sha256-{b64encode(sha256(source.encode()).digest()).decode()}"
