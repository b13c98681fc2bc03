"""An episode as plain data for a page: every distinct picture and text is told once."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from vsbench.messages import Image, Message
from vsbench.records.journal import Fault
from vsbench.replay.exchanges import Exchange
from vsbench.replay.moments import Episode, Moment, SeatMoment

Data = dict[str, Any]


class Script:
    """The moments of an episode, pictures and long texts by their numbers in two tables."""

    def __init__(self, episode: Episode) -> None:
        self._pictures: dict[str, int] = {}
        self._texts: dict[str, int] = {}
        self._moments = [self._moment(moment) for moment in episode.moments()]
        self._episode = episode

    @property
    def data(self) -> Data:
        """Everything that changes from moment to moment; JSON types only."""
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
        played_by_script = "scripted" if seat.scripted and seat.move else None
        return {
            "acting": seat.acting,
            "pictures": [self._picture(png) for png in seat.pictures],
            "told": self._text(seat.told),
            "legal": seat.legal,
            "move": seat.move or (seat.decision.action if seat.decision else None),
            "outcome": seat.decision.outcome if seat.decision else played_by_script,
            "exchanges": [self._exchange(exchange) for exchange in seat.exchanges()],
            "faults": [_fault(fault) for fault in seat.faults],
        }

    def _exchange(self, exchange: Exchange) -> Data:
        attempt = exchange.attempt
        return {
            "attempt": attempt.attempt,
            "known": exchange.known,
            "messages": [self._message(message) for message in exchange.messages],
            "reply": self._text(attempt.reply),
            "reasoning": self._text(attempt.reasoning),
            "outcome": attempt.outcome,
            "answer": attempt.answer,
            "stop": attempt.stop,
            "tokens": attempt.usage.model_dump(),
            "limit": attempt.max_tokens,
            "cost": attempt.cost,
            "latency": attempt.latency,
            "served": attempt.served_model,
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
