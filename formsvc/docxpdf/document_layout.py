"""Layout of a Word file as an HTML document for the page engine."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

from formsvc.docxpdf.characters.unbreakable_phrases import PhraseFinder
from formsvc.docxpdf.context import BlockLayout, ComposedBlocks, ContainingBlock, LayoutContext
from formsvc.docxpdf.fonts.catalog import FontCatalog
from formsvc.docxpdf.html_tree import HtmlDocument, Node, css_string, node, quote_beginning
from formsvc.docxpdf.opc.package import Package
from formsvc.docxpdf.opc.xml import Element, W, child, chosen_branch, local, number
from formsvc.docxpdf.page.section_layout import SectionWriter
from formsvc.docxpdf.page.section_properties import split_sections
from formsvc.docxpdf.page.text_frames import compose_frame, frame_properties
from formsvc.docxpdf.page.vertical_text import compose_vertical_text, measure_vertical_text
from formsvc.docxpdf.page_flow import ColumnFlow
from formsvc.docxpdf.paragraph.paragraph import AdjacentParagraphs, place_paragraph
from formsvc.docxpdf.paragraph.paragraph_writer import compose_paragraph
from formsvc.docxpdf.tables.floating import flush_pending
from formsvc.docxpdf.tables.table import compose_table
from formsvc.docxpdf.text.compatibility import WORD, CompatibilityProfile
from formsvc.docxpdf.text.line_breaker import LineBreaking, PlainLineBreaking
from formsvc.docxpdf.text.phrase_spacing import PhraseProtector, SpacedParagraph
from formsvc.docxpdf.wordml.colors import read_palette
from formsvc.docxpdf.wordml.numbering import ListNumbering
from formsvc.docxpdf.wordml.properties import Attributes, Properties
from formsvc.docxpdf.wordml.settings import read_document_settings
from formsvc.docxpdf.wordml.styles import Styles
from formsvc.docxpdf.wordml.tracked_changes import accept_tracked_changes
from formsvc.errors import RenderingFailed
from formsvc.i18n.messages import msg

_IGNORED = frozenset(
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


@dataclass(frozen=True, slots=True)
class LaidOutBlock:
    """Paragraph or table of the body, with its nodes and its estimated place.

    ``lines`` counts its lines or rows; ``page`` and ``bottom`` say where its flow stood after it, in pages begun
    and points.
    """

    element: Element
    properties: Properties
    letter_size: float
    nodes: list[Node]
    flow: ColumnFlow
    lines: int
    page: int
    bottom: float

    @property
    def text(self) -> str:
        return _words_of(self.element)

    @property
    def exact_line(self) -> int:
        """Return its exact line height in twips, or 0 if it has none."""
        spacing = self.properties.get("spacing", {})
        return round(number(spacing.get("line"))) if spacing.get("lineRule") == "exact" else 0


@dataclass(frozen=True)
class PhraseSpacing:
    """Paragraphs of a package that need letter spacing to keep phrases whole.

    ``blocks`` are those of the body, with the places that their heights give.
    """

    package: Package
    paragraphs: dict[Element, SpacedParagraph]
    blocks: list[LaidOutBlock]


@dataclass(frozen=True)
class DocumentLayout:
    """A Word file laid out for the page engine, and the blocks of its body."""

    html: HtmlDocument
    package: Package
    blocks: list[LaidOutBlock]


def lay_out_document(docx: bytes, fonts: FontCatalog, profile: CompatibilityProfile = WORD) -> HtmlDocument:
    """Lay out a Word file, with a warning for each thing it cannot place.

    Raise FormsvcError if the file is no Word document or is unsafe to open.
    """
    return lay_out_blocks(docx, fonts, profile).html


def lay_out_blocks(docx: bytes, fonts: FontCatalog, profile: CompatibilityProfile = WORD) -> DocumentLayout:
    """Lay out a Word file like ``lay_out_document``, and keep its blocks."""
    composer, package = BlockComposer(), Package(docx)
    ctx = _context(package, fonts, profile, composer, PlainLineBreaking())
    root = _compose_document(ctx)
    style = _BASE % css_string(ctx.fonts.strut.family) + ctx.stylesheet.css()
    text = "\n".join(ctx.texts)
    if ctx.settings.compress_kana and _KANA.search(text):
        ctx.log.warn(msg("假名的压缩未执行，只压缩了标点。"))
    log = ctx.log
    html = HtmlDocument(
        root, style, ctx.pictures, tuple(log.warnings), text, tuple(log.missing), tuple(log.cut)
    )
    return DocumentLayout(html, package, composer.blocks)


def measure_phrases(docx: bytes, fonts: FontCatalog, finder: PhraseFinder) -> PhraseSpacing:
    """Return the letter spacing that keeps phrases whole.

    Lines are broken but not written. Raise FormsvcError if the file cannot be laid out.
    """
    package = Package(docx)
    protector = PhraseProtector(finder)
    measurer = LineMeasurer()
    _compose_document(_context(package, fonts, WORD, measurer, protector))
    return PhraseSpacing(package, protector.spaced, measurer.blocks)


def _context(
    package: Package,
    fonts: FontCatalog,
    profile: CompatibilityProfile,
    block_layout: BlockLayout,
    line_breaking: LineBreaking,
) -> LayoutContext:
    return LayoutContext(
        package,
        Styles(package),
        ListNumbering(package),
        read_document_settings(package),
        read_palette(package.related(package.document, "theme")),
        fonts if profile.substitute_latin else fonts.without_latin_substitutes(),
        profile,
        block_layout,
        line_breaking,
        part=package.document,
    )


def _compose_document(ctx: LayoutContext) -> Node:
    body = child(ctx.package.part(ctx.package.document), "w:body")
    if body is None:
        raise RenderingFailed(msg("Word 文档没有正文。"), msg("请用 Word 或 WPS 另存为 .docx 后重试。"))
    sections = split_sections(body)
    writer = SectionWriter(ctx)
    pages = [
        writer.write(section, index, following)
        for index, (section, following) in enumerate(zip(sections, [*sections[1:], None], strict=True))
    ]
    return node("html", node("head"), node("body", *writer.running, *pages), lang="zh-CN")


class BlockComposer:
    """Block layout that writes blocks and numbers them for the warnings."""

    def __init__(self) -> None:
        self.blocks: list[LaidOutBlock] = []
        self._tables = 0
        self._paragraphs = 0
        self._depth = 0

    def compose(
        self, ctx: LayoutContext, elements: Iterable[Element], container: ContainingBlock
    ) -> ComposedBlocks:
        outer, ctx.flow = ctx.flow, ColumnFlow()
        self._depth += 1
        nodes = self.compose_following(ctx, elements, container)
        self._depth -= 1
        height, text_height = ctx.flow.y + ctx.flow.space_after, ctx.flow.text_bottom
        ctx.flow = outer
        return ComposedBlocks(nodes, height, text_height)

    def compose_following(
        self, ctx: LayoutContext, elements: Iterable[Element], container: ContainingBlock
    ) -> list[Node]:
        nodes: list[Node] = []
        blocks, framed = accept_tracked_changes(elements), set[Element]()
        for index, element in enumerate(blocks):
            if element in framed:
                continue
            frame = frame_properties(ctx, container, element) if local(element) == "p" else {}
            if frame:
                members = _members_of_frame(ctx, container, blocks[index:], frame)
                framed.update(members)
                nodes += compose_frame(ctx, container, members, frame)
                continue
            start = ctx.flow.y
            adjacent = AdjacentParagraphs(_paragraph_at(blocks, index - 1), _paragraph_at(blocks, index + 1))
            words, lines = len(ctx.texts), ctx.flow.lines
            composed = self._block(ctx, element, container, adjacent)
            if not self._depth and local(element) in ("p", "tbl"):
                self._record(ctx, element, container, composed, ctx.flow.lines - lines)
            if local(element) != "p" or any(text.strip() for text in ctx.texts[words:]):
                ctx.flow.text_bottom = ctx.flow.y
            # floating tables go in front of the block that reached their place
            nodes += flush_pending(ctx, start)
            nodes += composed
        return nodes

    def compose_vertical(
        self,
        ctx: LayoutContext,
        container: ContainingBlock,
        content: Element,
        size: tuple[float, float],
        direction: str,
        anchor: str,
    ) -> Node:
        return compose_vertical_text(ctx, container, content, size, direction, anchor)

    def vertical_length(self, ctx: LayoutContext, container: ContainingBlock, content: Element) -> float:
        return measure_vertical_text(ctx, container, content)

    def _block(
        self, ctx: LayoutContext, element: Element, container: ContainingBlock, adjacent: AdjacentParagraphs
    ) -> list[Node]:
        name = local(element)
        if name == "p":
            return self._numbered_paragraph(ctx, element, container, adjacent)
        if name == "tbl":
            return self._numbered_table(ctx, element, container)
        if name in ("sdt", "customXml", "ins", "moveTo"):
            content = child(element, "w:sdtContent")
            return self.compose_following(ctx, content if content is not None else element, container)
        if name == "AlternateContent":
            branch = chosen_branch(element)
            return self.compose_following(ctx, branch, container) if branch is not None else []
        if name == "altChunk":
            ctx.log.warn(msg("嵌入的其他格式内容未排出。"))
        elif name and name not in _IGNORED:
            ctx.log.warn(msg("内容“{name}”未排出。", name=name))
        return []

    def _record(
        self, ctx: LayoutContext, element: Element, container: ContainingBlock, nodes: list[Node], lines: int
    ) -> None:
        properties: Properties = {}
        size = 0.0
        if local(element) == "p":
            own = child(element, "w:pPr")
            properties = ctx.styles.paragraph_properties(own, {}, container.table_paragraph)
            size = ctx.styles.run_format(ctx.styles.paragraph_style_id(own), None).nominal_size
        flow = ctx.flow
        self.blocks.append(LaidOutBlock(element, properties, size, nodes, flow, lines, flow.pages, flow.y))

    def _numbered_paragraph(
        self, ctx: LayoutContext, element: Element, container: ContainingBlock, adjacent: AdjacentParagraphs
    ) -> list[Node]:
        # paragraphs in cells, boxes and notes are not numbered: their warnings name the table or note instead
        if self._depth:
            return self._paragraph(ctx, element, container, adjacent)
        self._paragraphs += 1
        ctx.log.push(partial(_paragraph_place, self._paragraphs, element))
        nodes = self._paragraph(ctx, element, container, adjacent)
        ctx.log.pop()
        return nodes

    def _paragraph(
        self, ctx: LayoutContext, element: Element, container: ContainingBlock, adjacent: AdjacentParagraphs
    ) -> list[Node]:
        return compose_paragraph(ctx, container, element, adjacent)

    def _numbered_table(self, ctx: LayoutContext, element: Element, container: ContainingBlock) -> list[Node]:
        self._tables += 1
        ctx.log.push(msg("表{n}", n=self._tables))
        nodes = compose_table(ctx, container, element)
        ctx.log.pop()
        return nodes


class LineMeasurer(BlockComposer):
    """Block layout that breaks paragraphs into lines without writing them."""

    def _paragraph(
        self, ctx: LayoutContext, element: Element, container: ContainingBlock, adjacent: AdjacentParagraphs
    ) -> list[Node]:
        place_paragraph(ctx, container, element, adjacent)
        return []


def _paragraph_place(number: int, element: Element) -> str:
    """Return a paragraph's number with its words: Word shows no numbers.

    One without words has those of the last paragraph before it that has some.
    """
    words = _words_of(element)
    if words:
        return msg("第{n}段{words}", n=number, words=quote_beginning([words]))
    before = next((w for e in element.itersiblings(preceding=True) if (w := _words_of(e))), "")
    if before:
        return msg("第{n}段（{words}之后）", n=number, words=quote_beginning([before]))
    return msg("第{n}段", n=number)


def _words_of(element: Element) -> str:
    return "".join("".join(str(text) for text in element.itertext(f"{W}t")).split())


def _members_of_frame(
    ctx: LayoutContext, container: ContainingBlock, blocks: list[Element], frame: Attributes
) -> list[Element]:
    """Return the paragraphs at the start of ``blocks`` that share one frame.

    Adjacent paragraphs with equal frame properties share a frame.
    """
    members: list[Element] = []
    for element in blocks:
        if local(element) != "p" or frame_properties(ctx, container, element) != frame:
            break
        members.append(element)
    return members


def _paragraph_at(blocks: list[Element], index: int) -> Element | None:
    return blocks[index] if 0 <= index < len(blocks) and local(blocks[index]) == "p" else None
