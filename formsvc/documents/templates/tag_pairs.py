"""Pairs of control tags in a template, on one level and in one place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from formsvc.documents.templates.tags import ParagraphPlace, TemplateTag
from formsvc.i18n.messages import msg

_ENDS = {
    "endif": "if",
    "endfor": "for",
    "endmacro": "macro",
    "endcall": "call",
    "endset": "set",
    "endfilter": "filter",
}
_BETWEEN = {"elif": ("if",), "else": ("if", "for")}
_OPENERS = frozenset(_ENDS.values())
PairFault = tuple[ParagraphPlace, str, str]


def pairing_faults(tags: Iterable[TemplateTag]) -> Iterator[PairFault]:
    """Yield place, sentence and level of each tag without its partner."""
    open_tags: list[TemplateTag] = []
    for tag in tags:
        if tag.kind != "%":
            continue
        word = tag.inner.partition(" ")[0]
        if word in _OPENERS and not _is_assignment(tag):
            open_tags.append(tag)
        elif word in _BETWEEN:
            yield from _between_faults(tag, word, open_tags)
        elif word in _ENDS:
            yield from _end_faults(tag, word, open_tags)
    for tag in open_tags:
        word = tag.inner.partition(" ")[0]
        yield (
            tag.place,
            msg(
                "“{source}”没有对应的结束标签“{written}”。请补上。",
                source=tag.source,
                written=_tag_text(tag.scope, "end" + word),
            ),
            "error",
        )


def _is_assignment(tag: TemplateTag) -> bool:
    return tag.inner.startswith("set ") and "=" in tag.inner


def _tag_text(scope: str, inner: str) -> str:
    return f"{{%{scope} {inner} %}}"


def _between_faults(tag: TemplateTag, word: str, open_tags: list[TemplateTag]) -> Iterator[PairFault]:
    opener = open_tags[-1] if open_tags else None
    if opener is None or opener.inner.partition(" ")[0] not in _BETWEEN[word]:
        yield (
            tag.place,
            msg("“{source}”前面没有对应的“if”。请检查次序，或者删去它。", source=tag.source),
            "error",
        )
    elif opener.scope != tag.scope:
        yield tag.place, _scope_sentence(opener, tag, word), "error"


def _end_faults(tag: TemplateTag, word: str, open_tags: list[TemplateTag]) -> Iterator[PairFault]:
    opener = open_tags[-1] if open_tags else None
    if opener is None:
        sentence = msg(
            "“{source}”前面没有对应的“{word}”。请补上开头，或者删去它。", source=tag.source, word=_ENDS[word]
        )
        yield tag.place, sentence, "error"
    elif opener.inner.partition(" ")[0] != _ENDS[word]:
        sentence = msg(
            "“{source}”与{place}的“{opener}”不成对。请检查嵌套的次序。",
            source=tag.source,
            place=opener.place,
            opener=opener.source,
        )
        # give up the tags inside its own opener, so that one slip is reported once
        if any(one.inner.partition(" ")[0] == _ENDS[word] for one in open_tags):
            while open_tags.pop().inner.partition(" ")[0] != _ENDS[word]:
                pass
        yield tag.place, sentence, "error"
    else:
        open_tags.pop()
        yield from _place_faults(tag, word, opener)


def _place_faults(tag: TemplateTag, word: str, opener: TemplateTag) -> Iterator[PairFault]:
    if opener.scope != tag.scope:
        yield tag.place, _scope_sentence(opener, tag, word), "error"
    elif _is_in_another_place(opener, tag):
        where = msg("张表格") if tag.scope == "tr" else msg("个单元格（或者都在正文里）")
        yield (
            tag.place,
            msg(
                "“{source}”与{place}的“{opener}”不在同一{where}。请移到一起。",
                source=tag.source,
                place=opener.place,
                opener=opener.source,
                where=where,
            ),
            "error",
        )
    elif not tag.scope and opener.place != tag.place:
        sentence = msg(
            "“{source}”与{place}的“{opener}”不在同一段，空白段落会留在文书里。",
            source=tag.source,
            place=opener.place,
            opener=opener.source,
        )
        yield tag.place, msg("{sentence}整段的取舍请用“{{%p … %}}”。", sentence=sentence), "notice"


def _scope_sentence(opener: TemplateTag, tag: TemplateTag, word: str) -> str:
    return msg(
        "“{source}”与{place}的“{opener}”写法不一致。请写成“{written}”。",
        source=tag.source,
        place=opener.place,
        opener=opener.source,
        written=_tag_text(opener.scope, tag.inner or word),
    )


def _is_in_another_place(opener: TemplateTag, tag: TemplateTag) -> bool:
    first, second = opener.place, tag.place
    if tag.scope == "tr":
        return first.table != second.table or not first.table
    if tag.scope in ("", "p"):
        return (first.part, first.container) != (second.part, second.container)
    return False
