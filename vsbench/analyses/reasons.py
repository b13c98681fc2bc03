"""What the reasoning of a reply settles on, to be held against the action that was taken."""

from __future__ import annotations

import re
from collections.abc import Iterator

from vsbench.answers.labels import TAKEN_BACK, actions_in
from vsbench.answers.objects import find_objects
from vsbench.answers.thinking import take_off_thinking
from vsbench.records.journal import Attempt

RESOLVE = re.compile(
    r"\b(?:will|shall|should|must|i'll|i’ll|let's|let’s|going to|choose|choosing|chose|decide\w*"
    r"|pick|best|therefore|thus|hence|so|conclusion|final|answer|action|move is|optimal)\b",
    re.IGNORECASE,
)
"""Words of a sentence that settles on something."""

_SENTENCE = re.compile(r"(?<=[.!?;])\s+|\n+")
_OPENER = re.compile(
    r"^(?:(?:no|wait|but|actually|instead|rather|hmm|ok(?:ay)?)\b[\s,.:;—–-]*)+", re.IGNORECASE
)
"""Words that a new thought begins with: what they take back was said before."""

_DECORATION = re.compile(r"[*_`]+")


def settled_on(attempt: Attempt, actions: tuple[str, ...]) -> tuple[str, str] | None:
    """The action that a reply's reasoning names last as the one to take, and the sentence.

    It counts only where a sentence settles on something, names one action and takes nothing back;
    so a missing answer says little, and one that is there deserves a look.
    """
    for sentence in reversed(list(sentences(attempt))):
        said = _OPENER.sub("", sentence)
        if RESOLVE.search(said) and not TAKEN_BACK.search(said):
            named = set(actions_in(said, actions))
            if len(named) == 1:
                return named.pop(), sentence
    return None


def sentences(attempt: Attempt) -> Iterator[str]:
    """The sentences of a reply's reasoning, in order, the declared answer left out."""
    parted = take_off_thinking(attempt.reply)
    said, at = [], 0
    for found in find_objects(parted.said):
        said.append(parted.said[at : found.start])
        at = found.end
    said.append(parted.said[at:])
    for text in (attempt.reasoning, parted.thinking, *said):
        for sentence in _SENTENCE.split(_DECORATION.sub("", text)):
            if sentence.strip():
                yield sentence.strip()
