"""Tags of a Word template and their place in words (表2 第3行第1格)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from formsvc.documents.templates.docx_file import WordFile, parse_part
from formsvc.docxpdf.opc.xml import W
from formsvc.i18n.messages import join_messages, msg

_TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_OPENING = re.compile(r"\{[\{%#]")
_CLOSING = re.compile(r"\}\}|%\}|#\}")
_WIDE = re.compile(r"｛\s*[｛{%％]|[{%]\s*｛|｝\s*[｝}]|[%％]\s*｝|\{\s*％|％\s*\}|\{ +[{%]|[%}] +\}")
_SMART_QUOTES = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'"})
_MARK = re.compile(r"^\{[\{%#](-?)(?:(tr|tc|p|r)\s)?")
# a copy of a shape for readers before Word 2010: its tags would be counted twice
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_SHOWN_WORDS = 12


@dataclass(frozen=True)
class ParagraphPlace:
    """Place of a paragraph: part and cell, or number and first words."""

    part: str
    table: int = 0
    row: int = 0
    cell: int = 0
    paragraph: int = 0
    words: str = ""
    boxed: bool = False

    def __str__(self) -> str:
        part = "" if self.part == "正文" else join_messages(self.part, " ")
        box = msg("文本框 ") if self.boxed else ""
        if self.table:
            return msg(
                "{part}{box}表{table} 第{row}行第{cell}格",
                part=part,
                box=box,
                table=self.table,
                row=self.row,
                cell=self.cell,
            )
        words = msg("“{words}”", words=self.words) if self.words else ""
        return msg(
            "{part}{box}第{paragraph}段{words}", part=part, box=box, paragraph=self.paragraph, words=words
        )


@dataclass(frozen=True)
class TemplateTag:
    """One tag as written; ``is_alone`` if its paragraph holds nothing else."""

    source: str
    place: ParagraphPlace
    is_alone: bool

    @property
    def kind(self) -> str:
        """``{`` prints, ``%`` controls, ``#`` is a comment."""
        return self.source[1]

    @property
    def scope(self) -> str:
        """Element that vanishes with the tag: p, tr, tc, r or none."""
        found = _MARK.match(self.source)
        return (found.group(2) if found else "") or ""

    @property
    def inner(self) -> str:
        """Text between the braces, in plain quotes and single blanks."""
        body = _MARK.sub("", self.source)[:-2].removesuffix("-")
        return " ".join(body.translate(_SMART_QUOTES).split())

    @property
    def raw(self) -> str:
        return _MARK.sub("", self.source)[:-2]


@dataclass(frozen=True)
class TemplateParagraph:
    """A paragraph of a template: its text, its place, and its part."""

    text: str
    place: ParagraphPlace
    part: str

    def tags(self) -> list[TemplateTag]:
        found = _TAG.findall(self.text)
        alone = not _TAG.sub("", self.text).strip()
        return [TemplateTag(source, self.place, alone and len(found) == 1) for source in found]

    def stray_braces(self) -> tuple[str, str]:
        """Return the first opening left of incomplete tags, and the first closing."""
        rest = _TAG.sub("", self.text)
        opening, closing = _OPENING.search(rest), _CLOSING.search(rest)
        start = rest[opening.start() : opening.start() + 24] if opening else ""
        end = rest[max(closing.start() - 16, 0) : closing.end()] if closing and not opening else ""
        return start, end

    def fullwidth_braces(self) -> str:
        rest = _TAG.sub("", self.text)
        found = _WIDE.search(rest)
        return rest[found.start() : found.start() + 20] if found else ""


@dataclass
class _Counters:
    """Running numbers while a part is walked."""

    paragraph: int = 0
    table: int = 0
    tables: dict[etree._Element, int] = field(default_factory=dict)


def read_paragraphs(word: WordFile, *, unfilled: bool = False) -> Iterator[TemplateParagraph]:
    """Yield the paragraphs of fillable (or unfilled) parts, main part first."""
    for name, label in word.unfilled_parts() if unfilled else word.text_parts():
        yield from paragraphs_in_part(parse_part(word.parts[name]), name, label)


def paragraphs_in_part(root: etree._Element, name: str, label: str) -> Iterator[TemplateParagraph]:
    count = _Counters()
    for element in _walk_visible(root):
        if element.tag == f"{W}tbl":
            count.table += 1
            count.tables[element] = count.table
        elif element.tag == f"{W}p":
            text = paragraph_text(element)
            yield TemplateParagraph(text, _place(element, text, label, count), name)


def _walk_visible(element: etree._Element) -> Iterator[etree._Element]:
    for child in element:
        if not isinstance(child.tag, str) or child.tag == _FALLBACK:
            continue
        yield child
        yield from _walk_visible(child)


def paragraph_text(paragraph: etree._Element) -> str:
    """Return the text of a paragraph without that of text boxes in it."""
    return "".join(_texts(paragraph))


def _texts(element: etree._Element) -> Iterator[str]:
    for child in element:
        # a nested paragraph is one of a text box and is visited on its own
        if child.tag in (f"{W}p", _FALLBACK, f"{W}del", f"{W}pPr"):
            continue
        if child.tag == f"{W}t":
            yield child.text or ""
        elif child.tag == f"{W}tab":
            yield "\t"
        elif child.tag in (f"{W}br", f"{W}cr"):
            yield "\n"
        else:
            yield from _texts(child)


def _place(paragraph: etree._Element, text: str, label: str, count: _Counters) -> ParagraphPlace:
    table = row = cell = 0
    boxed = False
    for ancestor in paragraph.iterancestors():
        if ancestor.tag == f"{W}txbxContent":
            boxed = True
        elif ancestor.tag == f"{W}tc" and not cell:
            cell = 1 + sum(1 for _ in ancestor.itersiblings(f"{W}tc", preceding=True))
        elif ancestor.tag == f"{W}tr" and not row:
            row = 1 + sum(1 for _ in ancestor.itersiblings(f"{W}tr", preceding=True))
        elif ancestor.tag == f"{W}tbl":
            table = count.tables[ancestor]
            break
    if not table:
        count.paragraph += 1
    plain = _TAG.sub("…", text).strip()
    words = plain[:_SHOWN_WORDS] + ("…" if len(plain) > _SHOWN_WORDS else "")
    return ParagraphPlace(label, table, row, cell, count.paragraph, words, boxed)


@dataclass(frozen=True)
class TagIndex:
    """Index from a piece of the prepared template to the tag in Word."""

    tags: tuple[TemplateTag, ...]

    @classmethod
    def from_part(cls, word: WordFile, part: str) -> TagIndex:
        labels = dict(word.text_parts())
        found = paragraphs_in_part(parse_part(word.parts[part]), part, labels[part])
        return cls(tuple(tag for paragraph in found for tag in paragraph.tags()))

    def match_tags(self, inners: list[str]) -> list[TemplateTag | None]:
        """Return the written tags of prepared ones: the k-th of a text each."""
        by_text: dict[str, list[TemplateTag]] = {}
        for tag in self.tags:
            by_text.setdefault(tag.inner, []).append(tag)
        seen: Counter[str] = Counter()
        answer: list[TemplateTag | None] = []
        for inner in inners:
            written = by_text.get(inner, [])
            answer.append(written[min(seen[inner], len(written) - 1)] if written else None)
            seen[inner] += 1
        return answer

    def first_using(self, name: str) -> TemplateTag | None:
        pattern = re.compile(rf"(?<![\w]){re.escape(name)}(?!\w)")
        return next((tag for tag in self.tags if pattern.search(tag.inner)), None)
