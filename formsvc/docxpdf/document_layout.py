"""A Word file into markup for the page engine."""

from __future__ import annotations

import re
from collections.abc import Iterable

from formsvc.docxpdf.context import ContainingBlock, LayoutContext
from formsvc.docxpdf.fonts.catalog import FontCatalog
from formsvc.docxpdf.html_tree import HtmlDocument, Node, css_string, node
from formsvc.docxpdf.opc.package import Package
from formsvc.docxpdf.opc.xml import Element, child, chosen_branch, local
from formsvc.docxpdf.page.section_layout import SectionWriter
from formsvc.docxpdf.page.section_properties import split_sections
from formsvc.docxpdf.page.text_frames import compose_frame, frame_properties
from formsvc.docxpdf.page.vertical_text import vertical_length, vertical_text
from formsvc.docxpdf.page_flow import ColumnFlow
from formsvc.docxpdf.paragraph.paragraph import Neighbours, compose_paragraph
from formsvc.docxpdf.tables.floating import flush_pending
from formsvc.docxpdf.tables.table import compose_table
from formsvc.docxpdf.text.compatibility import WORD, CompatibilityProfile
from formsvc.docxpdf.text.phrase_spacing import PhraseProtector
from formsvc.docxpdf.wordml.colors import palette_of
from formsvc.docxpdf.wordml.numbering import Numbering
from formsvc.docxpdf.wordml.properties import Attributes
from formsvc.docxpdf.wordml.settings import read_settings
from formsvc.docxpdf.wordml.styles import Styles
from formsvc.docxpdf.wordml.tracked_changes import accept_tracked_changes
from formsvc.errors import RenderingFailed
from formsvc.i18n.messages import msg

_PASSED_OVER = frozenset(
    {"pPr", "tcPr", "sectPr", "bookmarkStart", "bookmarkEnd", "proofErr", "permStart", "permEnd", "sdtPr", "sdtEndPr",
     "commentRangeStart", "commentRangeEnd", "moveFromRangeStart", "moveFromRangeEnd", "moveToRangeStart", "moveToRangeEnd"}
)  # fmt: skip
_KANA = re.compile("[\u3041-\u30ff]")
_BASE = """
html{font-family:"%s";font-kerning:none;font-variant-ligatures:none}body{margin:0}
p{margin:0;white-space:pre;orphans:1;widows:1}p span,p a{line-height:0}p .anchored{line-height:normal;white-space:normal}
a{color:inherit;text-decoration:none}
.foot{float:footnote;display:block}.foot::footnote-call{content:none}.foot::footnote-marker{content:none}
@page{@footnote{margin:0;padding:0;border:none}}
"""


def lay_out(
    content: bytes,
    fonts: FontCatalog,
    profile: CompatibilityProfile = WORD,
    protector: PhraseProtector | None = None,
) -> HtmlDocument:
    """Everything of a Word file that can be placed, and notes of what cannot."""
    package = Package(content)
    if protector:
        protector.package = package
    fonts = fonts if profile.stand_ins else fonts.without_latin_substitutes()
    ctx = LayoutContext(
        package,
        Styles(package),
        Numbering(package),
        read_settings(package),
        palette_of(package.related(package.document, "theme")),
        fonts,
        profile,
        part=package.document,
        protector=protector,
    )
    composer = Composer(ctx)
    ctx.blocks, ctx.following = composer.blocks, composer.following
    ctx.vertical, ctx.vertical_length = vertical_text, vertical_length
    body = child(package.part(package.document), "w:body")
    if body is None:
        raise RenderingFailed(msg("Word 文档没有正文。"), msg("请用 Word 或 WPS 另存为 .docx 后重试。"))
    sections = split_sections(body)
    writer = SectionWriter(ctx)
    pages = [
        writer.write(section, index, following)
        for index, (section, following) in enumerate(zip(sections, [*sections[1:], None], strict=True))
    ]
    root = node("html", node("head"), node("body", *writer.running, *pages), lang="zh-CN")
    style = _BASE % css_string(fonts.strut.family) + ctx.stylesheet.css()
    log, text = ctx.log, "\n".join(ctx.texts)
    if ctx.settings.compress_kana and _KANA.search(text):
        log.warn(msg("假名的压缩未执行，只压缩了标点。"))
    return HtmlDocument(root, style, ctx.pictures, tuple(log.warnings), text, tuple(log.missing))


class Composer:
    """Writes blocks in order, counting them for the notes."""

    def __init__(self, ctx: LayoutContext) -> None:
        self._ctx = ctx
        self._tables = 0
        self._paragraphs = 0
        self._depth = 0

    def blocks(self, elements: Iterable[Element], container: ContainingBlock) -> list[Node]:
        """The nodes of paragraphs, tables and content controls that stand in a column of their own."""
        outer, self._ctx.flow = self._ctx.flow, ColumnFlow()
        self._depth += 1
        nodes = self.following(elements, container)
        self._depth -= 1
        self._ctx.extent, self._ctx.flow = self._ctx.flow.y + self._ctx.flow.space_after, outer
        return nodes

    def following(self, elements: Iterable[Element], container: ContainingBlock) -> list[Node]:
        """The nodes of blocks that follow what is there already."""
        nodes: list[Node] = []
        row, framed = accept_tracked_changes(elements), set[Element]()
        for place, element in enumerate(row):
            if element in framed:
                continue
            said = frame_properties(self._ctx, container, element) if local(element) == "p" else {}
            if said:
                together = _framed_together(self._ctx, container, row[place:], said)
                framed.update(together)
                nodes += compose_frame(self._ctx, container, together, said)
                continue
            start = self._ctx.flow.y
            beside = Neighbours(_paragraph_at(row, place - 1), _paragraph_at(row, place + 1))
            made = self._block(element, container, beside)
            nodes += flush_pending(self._ctx, start)
            nodes += made
        return nodes

    def _block(self, element: Element, container: ContainingBlock, beside: Neighbours) -> list[Node]:
        name = local(element)
        if name == "p":
            return self._paragraph(element, container, beside)
        if name == "tbl":
            return self._table(element, container)
        if name in ("sdt", "customXml", "ins", "moveTo"):
            content = child(element, "w:sdtContent")
            return self.following(content if content is not None else element, container)
        if name == "AlternateContent":
            branch = chosen_branch(element)
            return self.following(branch, container) if branch is not None else []
        if name == "altChunk":
            self._ctx.log.warn(msg("嵌入的其他格式内容未排出。"))
        elif name and name not in _PASSED_OVER:
            self._ctx.log.warn(msg("内容“{name}”未排出。", name=name))
        return []

    def _paragraph(self, element: Element, container: ContainingBlock, beside: Neighbours) -> list[Node]:
        if self._depth:
            return compose_paragraph(self._ctx, container, element, beside)
        self._paragraphs += 1
        self._ctx.log.push(msg("第{n}段", n=self._paragraphs))
        nodes = compose_paragraph(self._ctx, container, element, beside)
        self._ctx.log.pop()
        return nodes

    def _table(self, element: Element, container: ContainingBlock) -> list[Node]:
        self._tables += 1
        self._ctx.log.push(msg("表{n}", n=self._tables))
        nodes = compose_table(self._ctx, container, element)
        self._ctx.log.pop()
        return nodes


def _framed_together(
    ctx: LayoutContext, container: ContainingBlock, row: list[Element], said: Attributes
) -> list[Element]:
    """Paragraphs one after another in the same frame."""
    together: list[Element] = []
    for element in row:
        if local(element) != "p" or frame_properties(ctx, container, element) != said:
            break
        together.append(element)
    return together


def _paragraph_at(row: list[Element], place: int) -> Element | None:
    return row[place] if 0 <= place < len(row) and local(row[place]) == "p" else None
