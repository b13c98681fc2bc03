"""Match what a model named to exactly one of a game's actions."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

FILLERS = frozenset(
    (
        *(
            "a",
            "an",
            "the",
            "my",
            "i",
            "we",
            "will",
            "card",
            "cards",
            "action",
            "move",
            "go",
            "step",
        ),
        *("walk", "head", "turn", "number", "color", "colour", "choose", "pick", "select", "take"),
        *("to", "press", "square", "tile", "cell", "direction", "button", "key"),
    )
)
"""Words without meaning in a declared action: "play card 1" is "play 1", "go left" is "left"."""

BARE_FILLERS = frozenset(("card", "move", "go", "color", "colour"))
"""Fillers that are allowed in an answer that consists only of an action."""

MAX_VALUE = 400
"""Characters of a value that are examined; no label is nearly as long."""

RETRACTION = re.compile(
    r"\b(?:no|not|nor|or|but|wait|instead|rather|actually|except|unless|maybe|perhaps|never"
    r"|if|then|alternatively|otherwise|avoid\w*|blocked|impossible|illegal|invalid|cannot|\w+n['’]t|nicht|oder|aber|sondern|pas|ou"
    r"|mais|pero|o|ou|mas)\b|不|没|或|ない|아니|\?|？",
    re.IGNORECASE,
)
"""Words after an action that may retract it."""

NUMBERS = {
    word: str(number)
    for number, word in enumerate(
        ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"], 1
    )
}
"""Numbers that may be written as words."""

_NUMBERED = re.compile(r"^\(?(?:\d{1,2}|[A-Za-z])[.)]\s+")
_NEGATED = re.compile(r"^\W*[~!¬≠✗✘❌🚫⛔✖]")
_QUESTION = re.compile(r"[?？]\W*$")
_MINUS = re.compile(r"(?<![^\W_])-\d")
_CHANGE_OF_SQUARE = re.compile(r"\b([a-z]\d+)\s*(?:x|to|takes|captures|[-–—→>=:]+)\s*([a-z]\d+)\b")
_GAP = re.compile(r"[\W_]+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z0-9])")
_BETWEEN_WORDS = re.compile(r"(?<!\d) | (?!\d)")
_REMARK = re.compile(
    r"\s*[(（\[]|[.;,:!。，；]\s|\s[-–—]+\s|\n|\s(?=because\b|since\b|as\b|to\b|for\b)"
)

_AMBIGUOUS = ""


def match_label(
    named: str, actions: tuple[str, ...], *, fillers: frozenset[str] = FILLERS
) -> str | None:
    """Find the one action that ``named`` means; None where it means none, or may mean several.

    Case, width, hyphens, underscores, spaces, quotes, brackets and punctuation around it make no
    difference, nor do ``fillers``. A question or a negation names nothing.
    """
    text = unicodedata.normalize("NFKC", named).strip()
    exact = _exact(actions).get(text)
    if exact is not None:
        return exact
    text = _NUMBERED.sub("", text)
    if not text or _NEGATED.search(text) or _QUESTION.search(text) or _MINUS.search(text):
        return None
    table = _table(actions)
    for form in _forms(text, fillers):
        if form in table:
            return table[form] or None
    return None


def match_declared(named: str, actions: tuple[str, ...]) -> str | None:
    """Find the one action that a declared value means, though a remark may follow it.

    ``up (towards the coin)`` is up; a remark that names another action or retracts the first one
    leaves nothing declared.
    """
    if len(named) > MAX_VALUE:
        return None
    found = match_label(named, actions)
    if found is None and (remark := _REMARK.search(named, 1)):
        rest = named[remark.start() :]
        others = set(actions_in(rest, actions))
        head = match_label(named[: remark.start()], actions)
        if head is not None and not RETRACTION.search(rest) and others <= {head}:
            return head
    return found


def actions_in(text: str, actions: tuple[str, ...]) -> Iterator[str]:
    """Yield the actions that occur in a text as whole words."""
    words = f" {_spaced(unicodedata.normalize('NFKC', text))} "
    for form, label in _table(actions).items():
        if f" {form} " in words:
            yield label


@lru_cache(maxsize=256)
def _exact(actions: tuple[str, ...]) -> dict[str, str]:
    return {unicodedata.normalize("NFKC", label).strip(): label for label in actions}


@lru_cache(maxsize=256)
def _table(actions: tuple[str, ...]) -> dict[str, str]:
    """Form -> the action with it; an empty string if there are several."""
    table: dict[str, str] = {}
    for label in actions:
        for form in set(_forms(label, FILLERS)):
            table[form] = label if table.get(form, label) == label else _AMBIGUOUS
    return table


def _forms(text: str, fillers: Iterable[str]) -> Iterator[str]:
    """Spellings of an action, the closest to the text first."""
    camel = _CAMEL.sub(" ", text)
    for spelled in dict.fromkeys((text, camel)):
        words = _spaced(spelled).split()
        kept = [word for word in words if word not in fillers]
        for form in (words, kept):
            if form:
                spaced = " ".join(form)
                yield spaced
                yield _BETWEEN_WORDS.sub("", spaced)


def _spaced(text: str) -> str:
    """Words in lower case with single spaces, and moves between squares joined."""
    joined = _CHANGE_OF_SQUARE.sub(r"\1\2", unicodedata.normalize("NFKC", text).casefold())
    return " ".join(NUMBERS.get(word, word) for word in _GAP.split(joined) if word)


def same_label(one: str, other: str) -> bool:
    """Whether two names mean the same, whether or not it is an action."""
    return _spaced(one) == _spaced(other)


def placeholder(named: str, actions: Sequence[str]) -> bool:
    """Whether a value only shows where an answer goes, as in ``<one of the legal actions>``."""
    text = named[:MAX_VALUE].strip()
    if match_label(text, tuple(actions)) is not None:
        return False
    if not re.search(r"[^\W_]", text):
        return True
    bracketed = text[0] + text[-1] in ("<>", "[]", "{}")
    if bracketed and len(re.findall(r"\w+", text)) > 1:
        return True
    return bool(_PLACEHOLDER.search(text)) or _lists_actions(text, tuple(actions))


_WORD_FOR_IT = r"(?:action|move|answer|choice|prediction|label|value|name|element|string|str|text)"
_PLACEHOLDER = re.compile(
    rf"^\W*(?:\$\w+|null|none|string|str|n/?a|undefined|{_WORD_FOR_IT})\W*$"
    r"|\bone of\b|\blegal actions?\b"
    r"|\b(?:your|chosen|selected|the) (?:\w+ )?(?:action|move|answer|choice|prediction)\b"
    rf"|\b{_WORD_FOR_IT}(?: goes)? here\b",
    re.IGNORECASE | re.DOTALL,
)


def _lists_actions(text: str, actions: tuple[str, ...]) -> bool:
    """Whether it lists actions to choose from: ``up|down|left``."""
    parts = text.split("|")
    return len(parts) > 1 and all(match_label(part, actions) for part in parts if part.strip())
