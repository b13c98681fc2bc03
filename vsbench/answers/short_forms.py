"""Short forms that declare an answer without JSON: ``Action: up``, ``<answer>up</answer>``..."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from vsbench.answers.declarations import only_mentioned
from vsbench.answers.labels import (
    BARE_FILLERS,
    RETRACTION,
    match_declared,
    match_label,
    placeholder,
)

MAX_FORMS = 200
"""Short forms of a kind that are examined, counted from the last."""

WINDOW = 10_000
"""Characters at the end of a reply that are searched for short forms."""

ANSWER_WORDS = (
    "answer|choice|decision|solution|"
    "antwort|entscheidung|wahl|réponse|décision|choix|respuesta|decisión|elección|resposta|decisão"
    "|escolha|risposta|decisione|scelta|ответ|решение|выбор|答案|回答|选择|決定|决定|答え|選択|정답|답변|답|선택|الإجابة|الجواب"
)
ACTION_WORDS = (
    "action|move|aktion|zug|spielzug|coup|acción|accion|jugada|movimiento|ação|jogada|movimento|azione"
    "|mossa|действие|ход|动作|行动|操作|行動|アクション|행동"
)
_FINAL = (
    "final|finale|endgültige|letzte|définitive|finale|final|definitiva|окончательный|итоговый|最终|最終"
    "|최종"
)
_MODIFIERS = (
    r"my|the|our|chosen|selected|best|recommended|suggested|optimal|meine?|die|der|das|ma|mon|la|le|mi"
    r"|minha|лучший|мой|我的|我"
)
_OPENERS = (
    r"so|therefore|thus|hence|then|ok|okay|finally|in conclusion|conclusion|also|daher|因此|所以"
)
_MARKUP = r"[ \t*_`#>\"'“”({\[|~\-•]"


@dataclass(frozen=True)
class Form:
    """A position where a short form names something."""

    at: int
    label: str | None
    """None if it names no action."""
    final: bool
    """Whether it calls itself final."""


def declared_form(
    text: str, actions: tuple[str, ...], keys: Sequence[str], more: Sequence[Form] = ()
) -> str | None:
    """Return the action that short forms declare.

    Forms that call themselves final take precedence, and the last of them decides. All others
    have to agree.
    """
    start = max(0, len(text) - WINDOW)
    text = text[start:]
    forms = [replace(form, at=form.at - start) for form in more]
    forms += [*_lines(text, actions, tuple(keys)), *_tags(text, actions, tuple(keys))]
    forms += [*_sentences(text, actions), *_bare(text, actions, "prediction" in keys)]
    forms.sort(key=lambda form: form.at)
    final = [form for form in forms if form.final]
    if final:
        return final[-1].label
    if len({form.label for form in forms if form.label is not None}) != 1:
        return None
    return forms[-1].label


@lru_cache(maxsize=16)
def _words(keys: tuple[str, ...]) -> str:
    """A pattern of words for an answer."""
    own = "|".join(re.escape(key).replace("_", "[ _]") for key in keys)
    if "action" in keys:
        return f"{own}|{ACTION_WORDS}|{ANSWER_WORDS}"
    return rf"{own}|predicted (?:action|move)|{ANSWER_WORDS}"


@lru_cache(maxsize=16)
def _line_pattern(keys: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(
        rf"(?:^(?=.)|(?<=[.!?。！？])[ \t]){_MARKUP}{{0,12}}"
        rf"(?:\d{{1,2}}[.)][ \t])?{_MARKUP}{{0,12}}"
        rf"(?:(?:{_OPENERS})[,:：]?[ \t]{{0,4}})?(?:(?:{_MODIFIERS})[ \t]{{0,4}}){{0,3}}"
        rf"(?P<final>(?:{_FINAL})[ \t_]{{0,4}})?(?:(?:{_MODIFIERS})[ \t]{{1,4}})?(?:{_words(keys)})"
        rf"(?P<last>[ \t](?:finale?|definitiva))?"
        rf"(?:[ \t]\((?:final|mine|me|chosen)\))?[\"'“”*_`)\]]{{0,6}}[ \t]{{0,4}}"
        rf"(?:[:=：|]|[-=]>|→|⇒|[-–—](?=[ \t])|[是为]"
        rf"|(?:is|ist|est|es|é|è)(?:[ \t]{{0,4}}[:：]|(?=[\s*`\"'])))"
        rf"[:：]?(?P<value>[^\n]{{0,200}})$",
        re.IGNORECASE | re.MULTILINE,
    )


_NEXT_LINE = re.compile(r"\s*([^\n]{1,200})(?:\n|\Z)")


def _lines(text: str, actions: tuple[str, ...], keys: tuple[str, ...]) -> Iterator[Form]:
    """``Action: up``, on a line or at its end; the value may have the next line."""
    for found in list(_line_pattern(keys).finditer(text))[-MAX_FORMS:]:
        value, at = found["value"], found.start("value")
        if not re.search(r"[^\W_]|\0", value) and (below := _NEXT_LINE.match(text, found.end())):
            value, at = below[1], below.start(1)
        if not placeholder(value, actions):
            yield Form(at, match_declared(value, actions), bool(found["final"] or found["last"]))


_CALLS = (
    r"(?:\w{1,20}[._])?(?:act|action|answer|choose|decide|final_?answer|move|play|predict|respond"
    r"|select|step|submit)(?:_\w{1,20})?"
)
"""Functions that models call to act."""


@lru_cache(maxsize=16)
def _tag_pattern(keys: tuple[str, ...]) -> re.Pattern[str]:
    own = "|".join(map(re.escape, keys))
    return re.compile(
        r"<(?P<tag>final_?answer|answer|final)>(?P<a>[^<]{1,200})(?:</(?P=tag)>|\Z)"
        r"|\[(?P<square>answer)\](?P<b>[^\[]{1,200})\[/answer\]"
        r"|<\|begin_of_box\|>(?P<c>[^<]{1,200})<\|end_of_box\|>"
        r"|\\boxed[ ]?\{[ ]{0,4}(?:\\[a-z]{1,12}[ ]?\{)?(?P<d>[^{}\n]{1,200})\}"
        rf"|<(?P<key>{own}|move)>(?P<e>[^<]{{1,200}})</(?P=key)>"
        rf"|<parameter(?:=(?:{own})| name=[\"'](?:{own})[\"'])>(?P<f>[^<]{{1,200}})</parameter>"
        rf"|^[ \t`]{{0,8}}(?:{_CALLS})\([ ]?(?:(?:{own})[ ]?[=:][ ]?)?"
        rf"[\"'](?P<g>[^\"'\n]{{1,60}})[\"'][ ]?\)[`;. \t]{{0,8}}$",
        re.IGNORECASE | re.MULTILINE,
    )


def _tags(text: str, actions: tuple[str, ...], keys: tuple[str, ...]) -> Iterator[Form]:
    """``<answer>up</answer>``, ``\\boxed{up}``, ``act("up")`` and the parameters of tool calls."""
    for found in list(_tag_pattern(keys).finditer(text))[-MAX_FORMS:]:
        group = next(name for name in "abcdefg" if found[name] is not None)
        value = found[group].replace("\\ ", " ").replace("\\_", "_")
        if not placeholder(value, actions) and not only_mentioned(text, *found.span()):
            yield Form(found.start(), match_declared(value, actions), group in "abcd")


_SENTENCE = re.compile(
    r"(?:^|(?<=[.!?:])[ \t])(?:(?:so|therefore|thus|hence|then|ok|okay|now),?[ \t])?"
    r"(?:i|we)(?:['’]ll|['’]d| will| would| shall| should| must| am going to)?[ \t]"
    r"(?:choose|pick|select|play|take|go with|go|move|answer|opt for|decide on|do|predict)"
    r"(?:[ \t](?:the action|action|to|with|the move)){0,2}[ \t]?:?[ \t]?"
    r"(?P<mark>\*\*|__|`|\"|'|“|\*)(?P<value>[^\n*_`\"'”]{1,60})(?:\*\*|__|`|\"|'|”|\*)?"
    r"[.!*]{0,3}[ \t]*$",
    re.IGNORECASE | re.MULTILINE,
)


def _sentences(text: str, actions: tuple[str, ...]) -> Iterator[Form]:
    """``I choose **up**.``: a sentence that only says so, with the action marked as one."""
    for found in list(_SENTENCE.finditer(text))[-MAX_FORMS:]:
        if (label := match_label(found["value"], actions)) is not None:
            yield Form(found.start(), label, False)


_LAST_LINES = 2000
"""Characters at the end of a reply that are searched for bare lines."""

MAX_HEADING_WORDS = 4
"""Most words of a heading line without a full stop; a longer line is a wrapped sentence."""

_UNWANTED = re.compile(
    r"\b(?:worst|wrong|illegal|blocked|last|previous\w*|legal|options?|possible|example)\b", re.I
)
_OF_OTHERS = re.compile(r"\b(?:opponents?|others?|partner|enemy|predict\w*)\b", re.I)
_IDLE = re.compile(r"[\s`~*_#=\-]*(?:```\w*)?\s*")
_BULLET = re.compile(r"^\s*(?:[-*•+>–]|\d{1,2}[.)]|[a-zA-Z][.)])\s")


def _bare(text: str, actions: tuple[str, ...], of_others: bool) -> Iterator[Form]:
    """An action that is the whole text or its whole last line.

    A last line in a list, as the end of a sentence that was wrapped, or below another action on a
    line of its own, only lists them; the line above may say that it is not the answer, or what
    somebody else does, which is the answer if it was asked for.
    """
    start = max(0, len(text) - _LAST_LINES)
    lines = [line for line in text[start:].split("\n") if not _IDLE.fullmatch(line)]
    if not lines:
        return
    last = lines[-1]
    if len(lines) == 1:
        last = _BULLET.sub("", last, count=1)
    else:
        above = lines[-2].rstrip(" *_")[-200:]
        unfinished = above[-1:].isalnum() or above.endswith((":", "：", ","))
        wrapped = above[-1:].isalnum() and len(above.split()) > MAX_HEADING_WORDS
        if _BULLET.match(last) or wrapped or (unfinished and _denies(above, of_others)):
            return
    if "\0" in last or last.rstrip(" *_`").endswith((":", "：")):
        return
    label = match_label(last[:100], actions, fillers=BARE_FILLERS) if len(last) <= 100 else None
    if label is None:
        return
    others = {
        match_label(line, actions, fillers=BARE_FILLERS) for line in lines[:-1] if len(line) <= 100
    }
    if others <= {label, None}:
        yield Form(len(text), label, False)
    else:
        yield Form(len(text), None, False)


def _denies(above: str, of_others: bool) -> bool:
    """Whether the last clause of an unfinished line denies the line below."""
    above = re.split(r"[,;.!?]", above.rstrip(" ,:："))[-1]
    return bool(RETRACTION.search(above) or _UNWANTED.search(above)) or (
        not of_others and bool(_OF_OTHERS.search(above))
    )
