"""Reading tokens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from vsbench.adapters.base import Reply, Usage
from vsbench.answers.thinking import take_off_thinking

MARKS = (("<think>", "</think>"), ("◁think▷", "◁/think▷"))
"""The tokens with which models begin and end their thinking; vocabularies have one pair at most."""


class ReplyReader:
    """Makes replies of tokens."""

    def __init__(self, tokenizer: Any, ends: frozenset[int], name: str) -> None:
        self._tokenizer = tokenizer
        self._ends = ends
        self._name = name
        vocabulary = tokenizer.get_vocab()
        self._marks = next(
            (
                (vocabulary[begin], vocabulary[end])
                for begin, end in MARKS
                if begin in vocabulary and end in vocabulary
            ),
            None,
        )

    def __call__(self, prompt: list[int], said: list[int], limit: int) -> Reply:
        """The reply to a prompt: what was said up to an end token, or to the limit."""
        said = said[:limit]
        end = next((at for at, token in enumerate(said) if token in self._ends), None)
        spoken = said if end is None else said[: end + 1]
        begin, after = self._thoughts(prompt, spoken)
        text = self._text(spoken[:begin] + spoken[after:])
        thought = after - begin
        # Other models write their marks as text.
        parted = take_off_thinking(text)
        if parted.thinking:
            thought += len(self._tokenizer.encode(parted.thinking, add_special_tokens=False))
        told = (self._text(spoken[begin:after]).strip(), parted.thinking)
        return Reply(
            text=parted.said.strip() if thought else parted.said,
            stop="length" if end is None else "stop",
            usage=Usage(input=len(prompt), output=len(spoken), reasoning=min(thought, len(spoken))),
            reasoning="\n\n".join(filter(None, told)),
            served_model=self._name,
        )

    def _thoughts(self, prompt: list[int], spoken: list[int]) -> tuple[int, int]:
        """Which tokens are thought, marks included.

        Some templates begin the thinking in the prompt; a reply that is cut off may not end it.
        """
        if self._marks is None:
            return 0, 0
        begin, end = self._marks
        after = spoken.index(end) + 1 if end in spoken else len(spoken)
        if begin in spoken[:after]:
            return spoken.index(begin), after
        begun = end in spoken or _last(prompt, begin) > _last(prompt, end)
        return 0, after if begun else 0

    def _text(self, tokens: Sequence[int]) -> str:
        kept = [token for token in tokens if token not in (self._marks or ())]
        return str(self._tokenizer.decode(kept, skip_special_tokens=True))


def _last(tokens: Sequence[int], token: int) -> int:
    """Where a token comes last; -1 if it does not come."""
    return max((at for at, other in enumerate(tokens) if other == token), default=-1)
