"""Faults in the writing of tags: braces, punctuation, foreign marks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from formsvc.documents.templates.foreign_tags import (
    FieldNames,
    Placeholder,
    find_placeholders,
    foreign_opening_sentence,
    foreign_tag_sentence,
)
from formsvc.documents.templates.tags import CLOSING_OF, TemplateParagraph, TemplateTag
from formsvc.i18n.messages import msg

_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'|“[^”]*”|‘[^’]*’")
_CHINESE_MARKS = re.compile(r"[，、。：；！？（）［］＝＜＞｜　．]")
_SMART_QUOTE = re.compile(r"[“”‘’]")
NO_NAMES = FieldNames()


@dataclass(frozen=True)
class LexicalFault:
    """A sentence and its level; ``tag`` is the one at fault, if there is one."""

    sentence: str
    level: str = "error"
    tag: TemplateTag | None = None


def lexical_faults(paragraph: TemplateParagraph, names: FieldNames = NO_NAMES) -> Iterator[LexicalFault]:
    """Yield the faults of a paragraph that can be seen without its context."""
    placeholders = list(find_placeholders(paragraph.scan.plain, names))
    yield from _brace_faults(paragraph, placeholders, names)
    for found in placeholders:
        yield LexicalFault(found.sentence, "error" if found.is_certain else "notice")
    for tag in paragraph.tags:
        yield from _tag_faults(tag, paragraph, names)


def _brace_faults(
    paragraph: TemplateParagraph, placeholders: list[Placeholder], names: FieldNames
) -> Iterator[LexicalFault]:
    wide = paragraph.fullwidth_braces()
    if wide:
        yield LexicalFault(
            msg(
                "“{wide}”用了全角的或者隔开的花括号，系统认不出标签。请改成英文半角的 {{{{ }}}} 或 {{% %}}。",
                wide=wide,
            )
        )
        return
    for start in paragraph.scan.openings:
        if any(start.startswith(found.source) for found in placeholders):
            continue
        if sentence := foreign_opening_sentence(start, names):
            yield LexicalFault(sentence)
            continue
        closing = CLOSING_OF[start[:2]]
        yield LexicalFault(
            msg("标签“{start}”没有写完，缺少“{closing}”。请在同一段里补全。", start=start, closing=closing)
        )
    _, end = paragraph.stray_braces()
    if end:
        yield LexicalFault(
            msg("“{end}”前面缺少标签的开头“{{{{”或“{{%”。请补全，或者删去多余的括号。", end=end)
        )


def _tag_faults(tag: TemplateTag, paragraph: TemplateParagraph, names: FieldNames) -> Iterator[LexicalFault]:
    if tag.kind == "#":
        return
    if sentence := foreign_tag_sentence(tag, names):
        yield LexicalFault(sentence, tag=tag)
        return
    yield from _punctuation_faults(tag)
    if tag.kind == "{" and tag.scope:
        sentence = msg(
            "“{source}”的写法只用于插入带格式的内容，本系统只填文字。请写成“{{{{ {inner} }}}}”。",
            source=tag.source,
            inner=tag.inner,
        )
        yield LexicalFault(sentence, tag=tag)
    elif tag.scope in ("p", "tr") and not tag.is_alone and not _row_is_bare(tag, paragraph):
        sentence = msg("“{source}”所在的一段还有别的文字，会被一起去掉。请让它单独成段。", source=tag.source)
        yield LexicalFault(sentence)


def _punctuation_faults(tag: TemplateTag) -> Iterator[LexicalFault]:
    mark = _CHINESE_MARKS.search(_QUOTED.sub("", tag.raw))
    if mark:
        sentence = msg(
            "标签“{source}”里有中文标点“{mark}”，请改成英文半角标点。", source=tag.source, mark=mark.group()
        )
        yield LexicalFault(sentence, tag=tag)
    if _SMART_QUOTE.search(tag.raw):
        sentence = msg(
            "标签“{source}”里用了中文引号，系统按英文引号理解。请改成英文半角引号，以免误解。",
            source=tag.source,
        )
        yield LexicalFault(sentence, "notice")


def _row_is_bare(tag: TemplateTag, paragraph: TemplateParagraph) -> bool:
    return tag.scope == "tr" and not paragraph.text.replace(tag.source, "").strip()
