"""Contents around a control tag that would vanish with it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from formsvc.documents.templates.tags import TemplateParagraph, TemplateTag
from formsvc.i18n.messages import msg

_OBJECT_NAMES = {
    "br": msg("分页符或者分栏符"),
    "pageBreakBefore": msg("“段前分页”的设置"),
    "sectPr": msg("分节符"),
    "drawing": msg("图片、图形或者文本框"),
    "pict": msg("图片、图形或者文本框"),
    "object": msg("嵌入的对象"),
    "footnoteReference": msg("脚注"),
    "endnoteReference": msg("尾注"),
}
_NOTES = frozenset({"footnoteReference", "endnoteReference"})
SurroundingFault = tuple[TemplateParagraph, str]


def surrounding_faults(paragraphs: Sequence[TemplateParagraph]) -> Iterator[SurroundingFault]:
    """Yield a sentence for each content that vanishes or is repeated."""
    for paragraph in paragraphs:
        tag = next((tag for tag in paragraph.tags if tag.scope in ("p", "tr", "tc")), None)
        if tag is None:
            continue
        if paragraph.objects:
            yield paragraph, _vanishing_sentence(tag, paragraph.objects)
        if tag.scope == "tr" and (words := _other_words(paragraph, paragraphs)):
            yield (
                paragraph,
                msg(
                    "“{source}”所在的一行里还有“{words}”，会被一起去掉。请让它单独占一行。",
                    source=tag.source,
                    words=words,
                ),
            )
    yield from _repeated_notes(paragraphs)


def _vanishing_sentence(tag: TemplateTag, objects: frozenset[str]) -> str:
    what = next(name for key, name in _OBJECT_NAMES.items() if key in objects)
    return msg(
        "“{source}”所在的一段里有{what}，会被一起去掉。请把{what}移到另一段。", source=tag.source, what=what
    )


def _other_words(paragraph: TemplateParagraph, paragraphs: Sequence[TemplateParagraph]) -> str:
    """Return the first words of other paragraphs in the row of a tag."""
    row = (paragraph.place.table, paragraph.place.row)
    others = (
        other.text.strip()
        for other in paragraphs
        if other is not paragraph and (other.place.table, other.place.row) == row
    )
    return next((text[:12] for text in others if text), "")


def _repeated_notes(paragraphs: Sequence[TemplateParagraph]) -> Iterator[SurroundingFault]:
    loops: list[TemplateTag] = []
    for paragraph in paragraphs:
        for tag in paragraph.tags:
            word = tag.inner.partition(" ")[0] if tag.kind == "%" else ""
            if word == "for":
                loops.append(tag)
            elif word == "endfor" and loops:
                loops.pop()
        if loops and paragraph.objects & _NOTES:
            what = next(name for key, name in _OBJECT_NAMES.items() if key in paragraph.objects & _NOTES)
            yield (
                paragraph,
                msg(
                    "{what}在“{source}”的循环里，会重复出现，Word 打不开这样的文件。请把{what}移到循环外面。",
                    what=what,
                    source=loops[-1].source,
                ),
            )
