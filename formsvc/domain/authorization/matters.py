"""Scope of an entrusted matter: violations and act types."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from formsvc.domain import laws
from formsvc.domain.authorities import Matter
from formsvc.domain.chinese import NUMERAL, parse_chinese_number
from formsvc.domain.json_types import JSON
from formsvc.i18n.messages import msg

# Article, paragraph and item of the Fire Protection Law (消防法): (60, 1, 3) is 第六十条第一款第三项.
Provision = tuple[int, ...]

_LAW = re.compile(r"《([^》]*)》")
_PROVISION = re.compile(rf"第({NUMERAL})条|第({NUMERAL})款|第({NUMERAL})项|[（(]({NUMERAL})[）)]项?")
# Chapter 6 of the law (法律责任): articles that say how a violation is punished, not what is one.
_PENALTY_ARTICLES = range(58, 72)
_TYPE_WORDS = {
    "inspect": ("检查",),
    "order": ("责令", "改正"),
    "penalty": ("处罚", "罚款", "警告"),
}
# 行政处罚法 28: a body that punishes also orders the violation to be corrected.
_IMPLIED_TYPES = {"penalty": "order"}
# 消防法 60: the second paragraph punishes persons for what these items of the first punish units for.
_PERSONS_PARAGRAPH: Provision = (60, 2)
_PERSONS_ITEMS: tuple[Provision, ...] = ((60, 1, 2), (60, 1, 3), (60, 1, 4), (60, 1, 5))
_UNITS_PARAGRAPH: Provision = (60, 1)
_PERSONS, _UNITS = "个人", "单位"
_FORBIDDEN = (
    (
        ("查封", "扣押", "冻结", "强制"),
        msg("行政强制措施权不得委托"),
        laws.COERCION_ARTICLE,
    ),
    (
        ("拘留", "限制人身自由"),
        msg("限制人身自由的行政处罚权只能由公安机关等法定机关行使，不得委托"),
        laws.PUBLIC_SECURITY_ARTICLE,
    ),
    (("许可",), msg("行政处罚委托不包括行政许可"), laws.ENTRUSTMENT_ARTICLE),
)
# A clause such as 不得实施查封 forbids the measure instead of entrusting it.
_NEGATIONS = ("不得", "不包括", "不含", "除外", "禁止", "不实施")


def provisions_of(text: str) -> frozenset[Provision]:
    """Return the provisions of the Fire Protection Law that a text names.

    第六十条第一款第一、三项 shares its article and paragraph. Titles of other laws end the search until 消防法 is
    named again; a text without any title is taken to mean it.
    """
    return frozenset(_provisions(text))


def _provisions(text: str) -> Iterator[Provision]:
    ends = [m.start() for m in _LAW.finditer(text)][1:] + [len(text)]
    starts = [(m.end(), m.group(1)) for m in _LAW.finditer(text)] or [(0, "消防法")]
    for (start, law), end in zip(starts, ends, strict=True):
        if law.endswith("消防法"):
            yield from _provisions_in_clause(text[start:end])


def _provisions_of_other_laws(text: str) -> frozenset[tuple[str | int, ...]]:
    """Return the provisions of other laws that a text names, with titles."""
    titles = [*_LAW.finditer(text)]
    ends = [*(title.start() for title in titles[1:]), len(text)][: len(titles)]
    return frozenset(
        (title.group(1), *provision)
        for title, end in zip(titles, ends, strict=True)
        if not title.group(1).endswith("消防法")
        for provision in _provisions_in_clause(text[title.end() : end])
    )


def _provisions_in_clause(text: str) -> Iterator[Provision]:
    current: Provision = ()
    for match in _PROVISION.finditer(text):
        # group 4 is an item in parentheses, as （三）
        level = 3 if match.lastindex == 4 else (match.lastindex or 1)
        number = parse_chinese_number(match.group(match.lastindex or 1))
        if level == 1:
            following: Provision = (number,)
        elif not current:
            continue
        elif level == 2:
            following = (current[0], number)
        else:
            # An item right after its article belongs to the first paragraph.
            following = (*current[:2], *([1] if len(current) == 1 else []), number)
        if current and following[: len(current)] != current:
            yield current
        current = following
    if current:
        yield current


def _covers(wide: Iterable[tuple[str | int, ...]], narrow: tuple[str | int, ...]) -> bool:
    return any(narrow[: len(provision)] == provision for provision in wide)


def violations_of(matter: Matter, violations: Iterable[Mapping[str, JSON]]) -> frozenset[str]:
    """Return the codes of lookup ``violations`` that a matter covers.

    Without codes of its own they follow from the penalty clause and the article violated.
    """
    if matter.v_codes:
        return frozenset(matter.v_codes)
    others = _provisions_of_other_laws(matter.law)
    provisions = provisions_of(matter.law)
    penalties = {p for p in provisions if p[0] in _PENALTY_ARTICLES}
    if _PERSONS_PARAGRAPH in penalties and not any(p[:2] == _UNITS_PARAGRAPH for p in penalties):
        penalties |= set(_PERSONS_ITEMS)
    violated = provisions - penalties
    return frozenset(
        str(v["code"])
        for v in violations
        if (
            any(_covers(penalties, tuple(p)) for p in v.get("penalty_provisions", ()))
            and (not violated or any(_covers(violated, tuple(p)) for p in v.get("provisions", ())))
        )
        or any(_covers(others, tuple(p)) for p in v.get("other_penalties") or v.get("other_provisions") or ())
    )


def act_types_of(matter: Matter) -> frozenset[str]:
    """Return a matter's act types, else those its name and penalty mention."""
    types = matter.act_types or tuple(act_types_in(f"{matter.name}{matter.penalty}"))
    return with_implied_types(types)


def with_implied_types(types: Iterable[str]) -> frozenset[str]:
    """Return act types with those that they bring with them."""
    given = frozenset(types)
    return given | {_IMPLIED_TYPES[act_type] for act_type in given if act_type in _IMPLIED_TYPES}


def applies_to(matter: Matter, *, person: bool) -> bool:
    """Return whether a matter is entrusted against persons, or against units.

    Where it does not say so, the paragraph of its penalty clause decides (消防法 60).
    """
    if matter.against:
        return (_PERSONS if person else _UNITS) in matter.against
    named = {p for p in provisions_of(matter.law) if p[0] == _PERSONS_PARAGRAPH[0]}
    if not named or (60,) in named:
        return True
    return any(p[:2] == (_PERSONS_PARAGRAPH if person else _UNITS_PARAGRAPH) for p in named)


def act_types_in(text: str) -> Iterator[str]:
    for act_type, words in _TYPE_WORDS.items():
        if any(word in text for word in words):
            yield act_type


def not_entrustable_in(text: str) -> tuple[str, str, str] | None:
    """Return a word that must not be entrusted, reason and article, or None."""
    for clause in re.split(r"[，,。；;、]", text):
        if any(word in clause for word in _NEGATIONS):
            continue
        for words, reason, law in _FORBIDDEN:
            word = next((word for word in words if word in clause), None)
            if word:
                return word, reason, law
    return None
