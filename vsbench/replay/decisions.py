"""Checking a model's decision: would these replies have led to this move?"""

from __future__ import annotations

from vsbench.records.journal import Decision
from vsbench.replay.exchanges import ExchangeCheck
from vsbench.replay.moments import SeatMoment
from vsbench.replay.prompts import PromptTally


def check_decision(seat: SeatMoment, prompts: PromptTally | None) -> None:
    """Go through the lines of a model's seat in their order.

    Raises:
        DiffersError: at the first that differs.
        PromptError: a question cannot be rendered again.
    """
    check = ExchangeCheck(seat.asked, seat.attempts, seat.place, prompts)
    decided = None
    for line in seat.lines:
        if decided is not None:
            raise seat.place.differs("order", "after the decision", line.type, None)
        if isinstance(line, Decision):
            decided = _decided(seat, check)
            seat.place.expect_line("decision", line, decided)
        else:
            check.call(line)
    if seat.moment.played is not None:
        if decided is None:
            raise seat.place.differs("decision", "the decision", None, "one before the move")
        seat.place.expect("move", "the move", seat.move, decided.action)


def _decided(seat: SeatMoment, check: ExchangeCheck) -> Decision:
    """What the replies amount to. Raises DiffersError if they leave it open."""
    reply = check.settled
    if reply is None:
        raise seat.place.differs("decision", "the decision", "a decision", "another question")
    action = reply.answer if reply.outcome == "ok" else None
    return Decision(
        step=seat.moment.step,
        seat=seat.seat,
        action=seat.situation.stand_in if action is None else action,
        outcome=reply.outcome,
        attempts=check.replies,
    )
