"""What a matter of an entrustment covers: violations by the articles it names, kinds of act by its words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from formsvc.domain.authorities import Matter
from formsvc.domain.json_types import JSON
from formsvc.i18n.messages import msg

Provision = tuple[int, ...]
"""Article, paragraph and item of the Fire Protection Law: 60, 1, 3."""

_NUMERAL = r"(?:[〇零一二三四五六七八九十百]+|\d+)"
_LAW = re.compile(r"《([^》]*)》")
_PROVISION = re.compile(rf"第({_NUMERAL})条|第({_NUMERAL})款|第({_NUMERAL})项|[（(]({_NUMERAL})[）)]项?")
_PENALTY_ARTICLES = range(58, 72)
_DIGITS = {digit: value for value, digit in enumerate("〇一二三四五六七八九")} | {"零": 0}
_TYPE_WORDS = {"inspect": ("检查",), "order": ("责令", "处罚", "罚款", "警告", "改正")}
_FORBIDDEN = (
    (
        ("查封", "扣押", "冻结", "强制"),
        msg("行政强制措施权不得委托"),
        "《中华人民共和国行政强制法》第十七条",
    ),
    (
        ("拘留", "限制人身自由"),
        msg("限制人身自由的行政处罚权只能由公安机关等法定机关行使，不得委托"),
        "《中华人民共和国行政处罚法》第十八条第三款",
    ),
    (("许可",), msg("行政处罚委托不包括行政许可"), "《中华人民共和国行政处罚法》第二十条"),
)
_NEGATIONS = ("不得", "不包括", "不含", "除外", "禁止", "不实施")


def provisions_of(text: str) -> frozenset[Provision]:
    """The provisions of the Fire Protection Law that a text names; 条, 款 and 项 may be shared by 、."""
    return frozenset(_provisions(text))


def _provisions(text: str) -> Iterator[Provision]:
    ends = [m.start() for m in _LAW.finditer(text)][1:] + [len(text)]
    starts = [(m.end(), m.group(1)) for m in _LAW.finditer(text)] or [(0, "消防法")]
    for (start, law), end in zip(starts, ends, strict=True):
        if law.endswith("消防法"):
            yield from _articles(text[start:end])


def _articles(text: str) -> Iterator[Provision]:
    current: Provision = ()
    for found in _PROVISION.finditer(text):
        level = 3 if found.lastindex == 4 else (found.lastindex or 1)
        number = numeral(found.group(found.lastindex or 1))
        if level == 1:
            following: Provision = (number,)
        elif not current:
            continue
        elif level == 2:
            following = (current[0], number)
        else:
            following = (*current[:2], *([1] if len(current) == 1 else []), number)
        if current and following[: len(current)] != current:
            yield current
        current = following
    if current:
        yield current


def numeral(text: str) -> int:
    """The value of a Chinese numeral below a thousand."""
    if text.isdigit() and text.isascii():
        return int(text)
    total = digit = 0
    for mark in text:
        if mark in ("十", "百"):
            total += (digit or 1) * (10 if mark == "十" else 100)
            digit = 0
        else:
            digit = _DIGITS[mark]
    return total + digit


def _covers(wide: Iterable[Provision], narrow: Provision) -> bool:
    return any(narrow[: len(provision)] == provision for provision in wide)


def violations_of(matter: Matter, violations: Iterable[Mapping[str, JSON]]) -> frozenset[str]:
    """The codes V01–V20 that a matter covers: as told, else by its penalty clause and the article violated."""
    if matter.v_codes:
        return frozenset(matter.v_codes)
    named = provisions_of(matter.law)
    penalties = {p for p in named if p[0] in _PENALTY_ARTICLES}
    violated = named - penalties
    return frozenset(
        str(v["code"])
        for v in violations
        if any(_covers(penalties, tuple(p)) for p in v.get("penalty_provisions", ()))
        and (not violated or any(_covers(violated, tuple(p)) for p in v.get("provisions", ())))
    )


def act_types_of(matter: Matter) -> frozenset[str]:
    """The kinds of act a matter covers: as told, else by the words of its name and penalty."""
    if matter.act_types:
        return frozenset(matter.act_types)
    return frozenset(types_in(f"{matter.name}{matter.penalty}"))


def types_in(text: str) -> Iterator[str]:
    """The kinds of act that a text speaks of."""
    for act_type, words in _TYPE_WORDS.items():
        if any(word in text for word in words):
            yield act_type


def forbidden_in(text: str) -> tuple[str, str, str] | None:
    """What in a text may not be entrusted: the word, why, and the article; None when nothing."""
    for clause in re.split(r"[，,。；;、]", text):
        if any(word in clause for word in _NEGATIONS):
            continue
        for words, reason, law in _FORBIDDEN:
            word = next((word for word in words if word in clause), None)
            if word:
                return word, reason, law
    return None
