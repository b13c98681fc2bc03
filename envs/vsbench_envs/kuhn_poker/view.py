"""Pictures and text of Kuhn poker: a table with two cards, chips, the pot and the betting."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Any, cast

from vsbench_envs.kuhn_poker import art
from vsbench_envs.kuhn_poker.rules import CARDS, Card, KuhnPercept
from vsbench_envs.scene import Choice, Scene, SceneView, Slot

ROUNDS = 3
"""Longest possible betting, in moves."""

PAST = {"pass": "passed", "bet": "bet"}
PRESENT = {past: move for move, past in PAST.items()}

HOLDING = re.compile(r"You are the (first|second) player and hold the \w+ \(([JQK])\)")
BETTING = re.compile(r"[Tt]he (?:first|second) player (passed|bet)\b")


class KuhnView(SceneView[KuhnPercept]):
    """One picture: the opponent on top, the own card below, betting and pot in the middle."""

    def values(self, percept: KuhnPercept) -> dict[str, Any]:
        """Card, roles, chips of both players, the pot, and the moves with their players."""
        me, other = percept.seat, 1 - percept.seat
        values: dict[str, Any] = {
            "card": percept.card,
            "your role": me,
            "their role": other,
            "your chips": percept.chips[me],
            "their chips": percept.chips[other],
            "pot": sum(percept.chips),
        }
        padded = percept.history + ("",) * (ROUNDS - len(percept.history))
        for place, move in enumerate(padded):
            values[f"mover {place}"] = (place % 2 == me) if move else None
            values[f"move {place}"] = move
        return values

    def percept(self, values: Mapping[str, Any]) -> KuhnPercept:
        """Rebuild the percept from card, role and betting."""
        moves = (values[f"move {place}"] for place in range(ROUNDS))
        return KuhnPercept(values["your role"], values["card"], tuple(filter(None, moves)))

    def labels(self, percept: KuhnPercept) -> dict[str, str]:
        """Label both cards, the opponent's as ``unknown``, and both players' chips."""
        me, other = percept.seat, 1 - percept.seat
        return {
            f"card of seat {me}": percept.card,
            f"card of seat {other}": "unknown",
            f"chips of seat {me}": str(percept.chips[me]),
            f"chips of seat {other}": str(percept.chips[other]),
        }

    def facts(self, percept: KuhnPercept) -> dict[str, str]:
        """State the ante, and the betting in order."""
        return {"ante": "Each player has paid an ante of one chip.", "betting": _betting(percept)}

    def describe(self, percept: KuhnPercept) -> str:
        """Describe card, chips and pot, then the betting in the words of :meth:`facts`."""
        me, other = percept.seat, 1 - percept.seat
        first, second = _chips(percept.chips[me]), _chips(percept.chips[other])
        return (
            f"You are the {art.ORDINALS[me]} player and hold the {art.NAMES[percept.card]} "
            f"({percept.card}). The opponent's card lies face down. The pot holds "
            f"{_chips(sum(percept.chips))}: {first} from you and {second} from the opponent.\n"
            f"{_betting(percept)}"
        )

    def _read_text(self, text: str) -> KuhnPercept:
        holding = HOLDING.search(text)
        if holding is None:
            raise ValueError("the text names no card")
        betting = text[holding.end() :].split("\n")[1:2]
        history = tuple(PRESENT[past] for line in betting for past in BETTING.findall(line))
        card = cast(Card, holding[2])
        return KuhnPercept(art.ORDINALS.index(holding[1]), card, history)

    @cached_property
    def scene(self) -> Scene:
        """The table and its slots."""
        beside = art.BESIDE_CARD
        slots: dict[str, Slot] = {
            "card": Choice((art.LEFT, art.OWN_TOP), CARDS, art.card),
            "pot": Choice((art.POT_LEFT, art.BETTING_TOP + 24 + art.MOVER[1]), (2, 3, 4), art.pot),
        }
        for whose, top in (("their", art.OPPONENT_TOP), ("your", art.OWN_TOP)):
            slots[f"{whose} role"] = Choice((beside, top + 32), (0, 1), art.role)
            slots[f"{whose} chips"] = Choice((beside, top + 90), (1, 2), art.chips)
        for place in range(ROUNDS):
            left, top = art.LEFT + place * art.MOVE_PITCH, art.BETTING_TOP + 24
            slots[f"mover {place}"] = Choice((left, top), (None, False, True), art.mover)
            at = (left, top + art.MOVER[1])
            slots[f"move {place}"] = Choice(at, ("", "pass", "bet"), art.move)
        return Scene(art.table(), slots)


def _betting(percept: KuhnPercept) -> str:
    """Describe the moves so far in one sentence."""
    moves = [
        f"the {art.ORDINALS[place % 2]} player {PAST[move]}"
        for place, move in enumerate(percept.history)
    ]
    sentence = ", then ".join(moves) or "nobody has acted yet"
    return f"{sentence[0].upper()}{sentence[1:]}."


def _chips(count: int) -> str:
    return f"{count} chip{'s' if count > 1 else ''}"
