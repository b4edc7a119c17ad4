"""Tags of a Word template and their place in words (表2 第3行第1格)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from lxml import etree

from formsvc.documents.templates.docx_file import WordFile, parse_part
from formsvc.docxpdf.opc.xml import W
from formsvc.i18n.messages import join_messages, msg

_OPENING = re.compile(r"\{[\{%#]")
_CLOSING = re.compile(r"\}\}|%\}|#\}")
CLOSING_OF = {"{{": "}}", "{%": "%}", "{#": "#}"}
# stands for a tag in the text around it; no template can hold this noncharacter
TAG_MARK = "\ufdd2"
_WIDE = re.compile(r"｛\s*[｛{%％]|[{%]\s*｛|｝\s*[｝}]|[%％]\s*｝|\{\s*％|％\s*\}|\{ +[{%]|[%}] +\}")
_SMART_QUOTES = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'"})
_MARK = re.compile(r"^\{[\{%#](-?)(?:(tr|tc|p|r)\s)?")
# a copy of a shape for readers before Word 2010: its tags would be counted twice
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_CONTAINERS = tuple(W + name for name in ("tc", "txbxContent", "footnote", "endnote"))
_OBJECTS = ("drawing", "pict", "object", "footnoteReference", "endnoteReference")
_SHOWN_WORDS = 12
_SHOWN_OPENING = 24


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
    # number of the innermost cell, text box or note in its part; 0 for the part itself
    container: int = 0
    # first words of the paragraph before: Word shows no numbers, and a paragraph of tags has no words of its own
    after: str = ""

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
        if self.after and not self.words.strip("…"):
            words = msg("（“{words}”之后）", words=self.after)
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
    # what stands in it besides text, by the names of WordprocessingML
    objects: frozenset[str] = frozenset()

    @cached_property
    def scan(self) -> TagScan:
        return scan_tags(self.text)

    @cached_property
    def tags(self) -> tuple[TemplateTag, ...]:
        found = self.scan.tags
        alone = len(found) == 1 and not self.scan.plain.replace(TAG_MARK, "").strip()
        return tuple(TemplateTag(source, self.place, alone) for source in found)

    def stray_braces(self) -> tuple[str, str]:
        """Return the first opening left of incomplete tags, and the first closing."""
        starts, end = self.scan.openings, self.scan.closing
        return (starts[0] if starts else ""), ("" if starts else end)

    def fullwidth_braces(self) -> str:
        rest = self.scan.plain
        found = _WIDE.search(rest)
        return rest[found.start() : found.start() + 20].replace(TAG_MARK, "…") if found else ""


@dataclass(frozen=True)
class TagScan:
    """Tags of a text, and what is left of it.

    ``plain``: the text with a mark for each tag. ``openings``: the beginnings of tags that are not finished, ``closing``:
    the first end without a beginning.
    """

    tags: tuple[str, ...]
    plain: str
    openings: tuple[str, ...]
    closing: str


def scan_tags(text: str) -> TagScan:
    """Find the tags; one does not reach over the beginning of the next."""
    tags, openings, pieces = [], [], []
    position = 0
    while (opening := _OPENING.search(text, position)) is not None:
        start = opening.start()
        pieces.append(text[position:start])
        end = text.find(CLOSING_OF[opening[0]], opening.end())
        following = _next_opening(text, opening) if opening[0] != "{#" else -1
        if end >= 0 and not 0 <= following < end:
            tags.append(text[start : end + 2])
            pieces.append(TAG_MARK)
            position = end + 2
            continue
        position = following if following >= 0 else len(text)
        unfinished = text[start:position]
        openings.append(unfinished[:_SHOWN_OPENING])
        pieces.append(unfinished)
    pieces.append(text[position:])
    plain = "".join(pieces)
    closing = _CLOSING.search(plain)
    shown = plain[max(closing.start() - 16, 0) : closing.end()].replace(TAG_MARK, "") if closing else ""
    return TagScan(tuple(tags), plain, tuple(openings), shown)


def _next_opening(text: str, opening: re.Match[str]) -> int:
    """Return the place of the next tag's beginning, -1 if there is none.

    One within quotes is a text of this tag.
    """
    for following in _OPENING.finditer(text, opening.end()):
        before = text[opening.end() : following.start()].translate(_SMART_QUOTES)
        if before.count('"') % 2 == 0 and before.count("'") % 2 == 0:
            return following.start()
    return -1


@dataclass
class _Counters:
    """Running numbers while a part is walked."""

    paragraph: int = 0
    table: int = 0
    words: str = ""
    tables: dict[etree._Element, int] = field(default_factory=dict)
    containers: dict[etree._Element, int] = field(default_factory=dict)


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
            yield TemplateParagraph(text, _place(element, text, label, count), name, _objects(element))


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


def _objects(paragraph: etree._Element) -> frozenset[str]:
    """Return the names of what would vanish with a paragraph besides its text."""
    found = {name for name in _OBJECTS if next(paragraph.iter(W + name), None) is not None}
    if any(br.get(f"{W}type") in ("page", "column") for br in paragraph.iter(f"{W}br")):
        found.add("br")
    properties = paragraph.find(f"{W}pPr")
    for name in ("pageBreakBefore", "sectPr"):
        own = properties.find(W + name) if properties is not None else None
        if own is not None and own.get(f"{W}val") not in ("0", "false", "off"):
            found.add(name)
    return frozenset(found)


def _place(paragraph: etree._Element, text: str, label: str, count: _Counters) -> ParagraphPlace:
    table = row = cell = 0
    boxed = False
    holder = next(paragraph.iterancestors(*_CONTAINERS), None)
    container = count.containers.setdefault(holder, 1 + len(count.containers)) if holder is not None else 0
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
    plain = " ".join(scan_tags(text).plain.replace(TAG_MARK, "…").split())
    words = plain[:_SHOWN_WORDS] + ("…" if len(plain) > _SHOWN_WORDS else "")
    after, count.words = count.words, words if len(words.strip("…")) > 1 else count.words
    return ParagraphPlace(label, table, row, cell, count.paragraph, words, boxed, container, after)


@dataclass(frozen=True)
class TagIndex:
    """Index from a piece of the prepared template to the tag in Word."""

    tags: tuple[TemplateTag, ...]

    @classmethod
    def from_part(cls, word: WordFile, part: str) -> TagIndex:
        labels = dict(word.text_parts())
        found = paragraphs_in_part(parse_part(word.parts[part]), part, labels[part])
        return cls(tuple(tag for paragraph in found for tag in paragraph.tags))

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
