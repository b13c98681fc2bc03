"""Split thinking from the text of a reply.

Servers without a reasoning parser, and models with marks of their own, leave thinking in the text.
It is not part of the answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

TAG_NAMES = (
    "think",
    "thinking",
    "thought",
    "thoughts",
    "thought_process",
    "reason",
    "reasoning",
    "reflection",
    "analysis",
    "scratchpad",
    "cot",
    "chain_of_thought",
    "inner_monologue",
    "internal_monologue",
    "seed:think",
    "antml:thinking",
)
"""Names of tags that hold thinking, as in ``<think>`` or ``[THINK]``."""

MARKS = (
    ("◁think▷", "◁/think▷"),
    ("<|begin_of_thought|>", "<|end_of_thought|>"),
    ("<|START_THINKING|>", "<|END_THINKING|>"),
    ("<|thinking|>", "<|/thinking|>"),
    ("<|channel>thought", "<channel|>"),
    ("<unused94>thought", "<unused95>"),
    ("", "[BEGIN FINAL RESPONSE]"),
)
"""Other marks that open and close thinking; some models only mark its end."""

_ANY_NAME = "|".join(map(re.escape, TAG_NAMES))
_IN_BRACKETS = "think|thinking|thought"
_OPENING = "|".join(re.escape(begin) for begin, _ in MARKS if begin)
_CLOSING = "|".join(re.escape(end) for _, end in MARKS)

_MARK = re.compile(
    r"(?=[<\[◁])"  # for speed
    rf"(?:(?P<open><(?:{_ANY_NAME})\s{{0,4}}>|\[(?:{_IN_BRACKETS})\]|{_OPENING})"
    rf"|(?P<close></(?:{_ANY_NAME})\s{{0,4}}>|\[/(?:{_IN_BRACKETS})\]|{_CLOSING}))",
    re.IGNORECASE,
)

_CHANNEL = re.compile(
    r"<\|channel\|>\s{0,4}(?P<name>\w{1,20})[^<]{0,80}(?:<\|constrain\|>[^<]{0,20})?<\|message\|>"
    r"|<\|(?:start|end|return|call)\|>(?P<role>assistant(?=<\|))?"
)
"""OpenAI's harmony format: ``<|channel|>analysis<|message|>...<|end|>``."""

_BARE_ANALYSIS = re.compile(r"\s{0,8}analysis(?=[A-Z0-9\"'{(])")
_BARE_FINAL = "assistantfinal"
"""Harmony with its special tokens left out: ``analysisThe coin ...assistantfinal{...}``."""

SPECIAL_TOKENS = re.compile(
    r"<\|(?:im_end|im_start|eot_id|end_of_text|endoftext|eom_id|return|end|start"
    r"|begin_of_solution|end_of_solution|START_RESPONSE|END_RESPONSE)\|>"
    r"|<end_of_turn>|</s>|\[END FINAL RESPONSE\]"
)
"""Special tokens that a server should have removed."""


@dataclass(frozen=True)
class SplitReply:
    """A reply, split into text and thinking."""

    text: str
    """The text without thinking; empty if the thinking never ended."""
    thinking: str
    """The thinking, without its marks."""


def split_thinking(text: str) -> SplitReply:
    """Split a reply into text and thinking.

    Thinking lasts from an opening mark to the last closing one before the next opening one, so
    closing marks that are quoted in it do not end it. Without an opening mark it starts where the
    text does; without a closing one it lasts to the end of the text. Text without thinking is
    returned as it is.
    """
    pieces = [(said, piece) for said, piece in _pieces(text)]
    if all(said for said, _ in pieces):
        return SplitReply(text, "")
    said = "".join(piece for spoken, piece in pieces if spoken)
    thought = "\n\n".join(piece.strip() for spoken, piece in pieces if not spoken)
    return SplitReply(SPECIAL_TOKENS.sub("", said).strip(), thought.strip())


def _pieces(text: str) -> Iterator[tuple[bool, str]]:
    """Pieces of the text, and whether each is spoken rather than thought."""
    if "<|channel|>" in text:
        yield from _channels(text)
    elif bare := _BARE_ANALYSIS.match(text):
        thought, final, said = text[bare.end() :].rpartition(_BARE_FINAL)
        yield False, thought if final else said
        if final:
            yield from _marked(said)
    else:
        yield from _marked(text)


def _channels(text: str) -> Iterator[tuple[bool, str]]:
    """Pieces by the channel that they stand in. Text before the first one is said."""
    at, said = 0, True
    for mark in _CHANNEL.finditer(text):
        yield from _piece(text[at : mark.start()], said)
        at = mark.end()
        if name := mark["name"]:
            said = name.lower() != "analysis"
    yield from _piece(text[at:], said)


def _piece(text: str, said: bool) -> Iterator[tuple[bool, str]]:
    if not said:
        yield False, text
    else:
        yield from _marked(text)


def _marked(text: str) -> Iterator[tuple[bool, str]]:
    """Pieces by the marks around them."""
    spoken_from = 0
    begun: int | None = None
    ended: re.Match[str] | None = None
    for mark in _MARK.finditer(text):
        if mark["close"]:
            if begun is None:
                # The opening mark was in the prompt: everything so far is thinking.
                begun = spoken_from
            ended = mark
        elif begun is None or ended is not None:
            if begun is not None and ended is not None:
                yield False, text[begun : ended.start()]
                spoken_from = ended.end()
            yield True, text[spoken_from : mark.start()]
            begun, ended = mark.end(), None
    if begun is None:
        yield True, text[spoken_from:]
    elif ended is None:
        yield False, text[begun:]
    else:
        yield False, text[begun : ended.start()]
        yield True, text[ended.end() :]
