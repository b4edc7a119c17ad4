"""A paragraph: read, numbered, broken into lines, and written with its baseline where Word puts it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from formsvc.docxpdf.characters.classes import LIBREOFFICE_KINSOKU, kinsoku_marks
from formsvc.docxpdf.context import ContainingBlock, LayoutContext
from formsvc.docxpdf.html_tree import Node, join_css, node, pt
from formsvc.docxpdf.opc.xml import Element, W, attribute, child, whole
from formsvc.docxpdf.paragraph.anchored_objects import (
    compose_beside_paragraph,
    find_anchored,
    on_page,
    resolve_positions,
)
from formsvc.docxpdf.paragraph.inline_reader import InlineReader
from formsvc.docxpdf.paragraph.line_spans import SpanBuilder
from formsvc.docxpdf.paragraph.metrics import LineBox, ParagraphMetrics, line_box, metrics_of, tab_stops
from formsvc.docxpdf.paragraph.ruby import compose_rubies
from formsvc.docxpdf.paragraph.text_wrap import PAGE_BREAKS, add_exclusions, break_lines_in_flow, follow
from formsvc.docxpdf.text.bidi import has_rtl_text, reorder_rtl_line, reorder_rtl_phrases
from formsvc.docxpdf.text.break_rules import LineBreakOptions
from formsvc.docxpdf.text.clusters import CHAR, TAB, CharacterSpacing, Cluster, ClusterBuilder
from formsvc.docxpdf.text.inline_items import AnchoredItem, InlineItem, TabItem, TextItem
from formsvc.docxpdf.text.line_breaker import Line, Measure, TabStop
from formsvc.docxpdf.wordml.borders import has_border, have_same_border, paragraph_borders
from formsvc.docxpdf.wordml.numbering import ListLabel
from formsvc.docxpdf.wordml.properties import Properties, is_on
from formsvc.docxpdf.wordml.structure_roles import heading_role, mark_role
from formsvc.docxpdf.wordml.styles import RunFormat
from formsvc.i18n.messages import msg, quote_characters

_SEEN = 0.05
_CSS_ALIGN = frozenset({"center", "right"})


@dataclass(frozen=True)
class AdjacentParagraphs:
    """The paragraphs directly above and below."""

    above: Element | None = None
    below: Element | None = None


@dataclass
class MeasuredParagraph:
    """A paragraph read and measured, before it is written."""

    properties: Properties
    style: str
    mark: RunFormat
    shape: ParagraphMetrics
    lines: list[Line]
    anchored: list[AnchoredItem]
    char_space: float
    flows: bool = False
    """Follows other text of its section, so that only a full page brings it to the top of one."""
    lift: float = 0.0
    """From the first line up to where Word measures what is anchored to the paragraph: before its space before."""


def compose_paragraph(
    ctx: LayoutContext, container: ContainingBlock, element: Element, beside: AdjacentParagraphs
) -> list[Node]:
    """The nodes of a ``w:p``."""
    paragraph = place_paragraph(ctx, container, element, beside)
    nodes = _written(ctx, container, paragraph, beside)
    return on_page(ctx, container, paragraph.anchored) + nodes


def place_paragraph(
    ctx: LayoutContext, container: ContainingBlock, element: Element, beside: AdjacentParagraphs
) -> MeasuredParagraph:
    """Read and break a ``w:p``, and advance the flow past it."""
    paragraph = read_paragraph(ctx, container, element)
    paragraph.shape = _beside_its_like(ctx, paragraph, beside)
    paragraph.flows = _flows(element)
    breaks = is_on(paragraph.properties, "pageBreakBefore")
    follow(ctx, paragraph.shape, paragraph.mark, paragraph.lines, breaks_before=breaks)
    return paragraph


def read_paragraph(ctx: LayoutContext, container: ContainingBlock, element: Element) -> MeasuredParagraph:
    """Format, number and break a ``w:p``."""
    own = child(element, "w:pPr")
    style = ctx.styles.paragraph_style_id(own)
    label = _label(ctx, own, style)
    properties = ctx.styles.paragraph_properties(
        own, label.paragraph_properties if label else {}, container.table_paragraph
    )
    mark = ctx.styles.run_format(style, child(own, "w:rPr"), container.table_run)
    items = InlineReader(ctx, container, style).read(element)
    leading = next((p.format for p in items if isinstance(p, TextItem)), mark)
    if label:
        items = _numbered(ctx, label, leading) + items
    shape = metrics_of(ctx, container, properties, leading)
    spacing = _spacing(ctx, container, properties)
    items = compose_rubies(ctx, items, spacing)
    cutter = ClusterBuilder(ctx.fonts, ctx.profile, spacing)
    clusters = cutter.build(items)
    _note_fonts(ctx, cutter)
    text = "".join(a.text if a.kind == CHAR else " " for a in clusters)
    ctx.texts.append(text)
    shape = _aligned_by_frame(shape, container)
    measure = _measure(ctx, container, properties, shape, clusters)
    found = find_anchored(
        items, lambda some: len(ClusterBuilder(ctx.fonts, ctx.profile, spacing).build(some))
    )
    lift = max(0.0, shape.before - ctx.flow.space_after)
    add_exclusions(ctx.flow, container, shape.before, [item for item, _ in found])
    lines = break_lines_in_flow(ctx, element, shape, mark, clusters, measure)
    heights = [line_box(ctx, shape, line.clusters, mark).total_height for line in lines] if found else []
    anchored = resolve_positions(found, clusters, lines, heights, shape.left) if found else []
    if is_on(properties, "bidi"):
        lines = [reorder_rtl_line(line) for line in lines]
    elif has_rtl_text(text):
        lines = [reorder_rtl_phrases(line) for line in lines]
    space = _char_space(ctx, container, properties)
    return MeasuredParagraph(properties, style, mark, shape, lines, anchored, space, lift=lift)


def _spacing(ctx: LayoutContext, container: ContainingBlock, properties: Properties) -> CharacterSpacing:
    return CharacterSpacing(
        grid=_char_space(ctx, container, properties),
        letters=is_on(properties, "autoSpaceDE", default=True),
        digits=is_on(properties, "autoSpaceDN", default=True),
        compress=ctx.settings.compress_punctuation and not ctx.page.char_space,
    )


def _char_space(ctx: LayoutContext, container: ContainingBlock, properties: Properties) -> float:
    return ctx.page.char_space if container.on_grid and is_on(properties, "snapToGrid", default=True) else 0.0


def _note_fonts(ctx: LayoutContext, cutter: ClusterBuilder) -> None:
    for name, family in cutter.unknown_fonts.items():
        ctx.log.warn(msg("没有字体“{name}”，以 {family} 代替。", name=name, family=family), once=True)
    for char in dict.fromkeys(cutter.missing_characters):
        ctx.log.warn(
            msg("{character}没有字体能显示，以〓代替。", character=quote_characters([char])), once=True
        )
        ctx.log.missing[char] = None


def _label(ctx: LayoutContext, own: Element | None, style: str) -> ListLabel | None:
    numbered = ctx.styles.paragraph_properties(own, {}, {}).get("numPr", {})
    if numbered.get("numId", "0") == "0":
        return None
    label = ctx.numbering.next_label(numbered["numId"], whole(numbered.get("ilvl")))
    for shape in sorted(ctx.numbering.unsupported_formats):
        ctx.log.warn(msg("编号格式“{shape}”按阿拉伯数字排出。", shape=shape), once=True)
    return label


def _numbered(ctx: LayoutContext, label: ListLabel, leading: RunFormat) -> list[InlineItem]:
    style = ctx.styles.label_format(leading, label.run_properties)
    items: list[InlineItem] = [TextItem(label.text, style)] if label.text else []
    if label.suffix == "tab" and label.text:
        items.append(TabItem(style))
    elif label.suffix == "space":
        items.append(TextItem(" ", style))
    return items


def _aligned_by_frame(shape: ParagraphMetrics, container: ContainingBlock) -> ParagraphMetrics:
    """A positioned frame as wide as its text (page numbers often stand in one) puts its lines where it stands itself."""
    if not container.frame_align:
        return shape
    return replace(shape, align=container.frame_align, left=0.0, right=0.0, first=0.0)


def _measure(
    ctx: LayoutContext,
    container: ContainingBlock,
    properties: Properties,
    shape: ParagraphMetrics,
    clusters: list[Cluster],
) -> Measure:
    width = container.width
    fits_cells = is_on(properties, "adjustRightInd", default=True)
    if ctx.page.char_space and container.on_grid and not container.in_cell and fits_cells:
        cell = _default_size(ctx) + ctx.page.char_space
        width = math.floor(width / cell + 1e-3) * cell
    stops = tab_stops(properties)
    if shape.first < 0 and any(a.kind == TAB for a in clusters):
        stops = tuple(sorted((*stops, TabStop(shape.left, "left", "none")), key=lambda s: s.position))
    return Measure(
        width=max(1.0, width - shape.left - shape.right),
        first=shape.first,
        left=shape.left,
        align=shape.align,
        break_options=_habits(ctx, container, properties),
        libreoffice=ctx.profile.libreoffice_breaks,
        compress_to_fit=ctx.profile.compress_to_fit
        and ctx.settings.compress_punctuation
        and not ctx.page.char_space,
        justification_step=ctx.profile.justification_step,
        justify_broken_lines=ctx.settings.justify_broken_lines,
        margin_width=width,
        stops=stops,
        default_tab=ctx.settings.default_tab,
    )


def _habits(ctx: LayoutContext, container: ContainingBlock, properties: Properties) -> LineBreakOptions:
    standard = LIBREOFFICE_KINSOKU if ctx.profile.libreoffice_breaks else kinsoku_marks(ctx.settings.language)
    return LineBreakOptions(
        marks=ctx.settings.kinsoku_marks(standard),
        hanging_punctuation=is_on(properties, "overflowPunct", default=True)
        and (ctx.profile.cell_hanging or not container.in_cell),
        kinsoku=is_on(properties, "kinsoku", default=True),
        keep_words=is_on(properties, "wordWrap", default=True),
    )


def _default_size(ctx: LayoutContext) -> float:
    return ctx.styles.run_format(ctx.styles.default_style("paragraph"), None).nominal_size


def _beside_its_like(
    ctx: LayoutContext, paragraph: MeasuredParagraph, beside: AdjacentParagraphs
) -> ParagraphMetrics:
    """No space between paragraphs of one style where the style says so."""
    if not is_on(paragraph.properties, "contextualSpacing"):
        return paragraph.shape
    above, below = (
        ctx.styles.paragraph_style_id(child(n, "w:pPr")) if n is not None else None
        for n in (beside.above, beside.below)
    )
    shape = paragraph.shape
    return replace(
        shape,
        before=0.0 if above == paragraph.style else shape.before,
        after=0.0 if below == paragraph.style else shape.after,
    )


def _flows(element: Element) -> bool:
    """Whether neither a section nor a page break stands before a paragraph."""
    before = element.getprevious()
    if before is None:
        return False
    breaks = any(attribute(b, "type") == "page" for b in before.iter(f"{W}br"))
    return not breaks and child(before, "w:pPr/w:sectPr") is None


def _written(
    ctx: LayoutContext, container: ContainingBlock, paragraph: MeasuredParagraph, beside: AdjacentParagraphs
) -> list[Node]:
    """Blocks of lines of one height; a page break in the text begins a new block."""
    writer = SpanBuilder(ctx, paragraph.char_space)
    blocks: list[tuple[LineBox, list[Line]]] = []
    for place, line in enumerate(paragraph.lines):
        last = place == len(paragraph.lines) - 1
        box = line_box(ctx, paragraph.shape, line.clusters, paragraph.mark, last=last)
        if blocks and _goes_on(blocks[-1], box, line):
            blocks[-1][1].append(line)
        else:
            blocks.append((box, [line]))
    ctx.reach += (
        paragraph.shape.before + paragraph.shape.after + sum(b.total_height * len(x) for b, x in blocks)
    )
    nodes = []
    for index, (box, lines) in enumerate(blocks):
        css = _block_css(ctx, paragraph, box, first=index == 0, last=index == len(blocks) - 1)
        if box.below and index in (1, len(blocks) - 1) and is_on(paragraph.properties, "widowControl", True):
            css += ";break-before:avoid" if index else ""
        forced = blocks[index - 1][1][-1].break_kind if index else ""
        if forced in PAGE_BREAKS:
            css += f";break-before:{forced}"
        if lines[0].space_above:
            css += f";padding-top:{pt(lines[0].space_above)}"
        made = node("p", class_=ctx.stylesheet.class_name(css))
        _fill(made, [writer.build_line(line) for line in lines], lines)
        nodes.append(made)
    mark_role(nodes, _heading(paragraph))
    anchors = compose_beside_paragraph(paragraph.anchored, paragraph.lift)
    if has_border(paragraph.properties) or anchors:
        nodes = [_wrapped(ctx, container, paragraph, anchors + nodes, beside)]
    if paragraph.lines[-1].break_kind in PAGE_BREAKS:
        nodes.append(node("div", style=f"break-after:{paragraph.lines[-1].break_kind}"))
    return nodes


def _goes_on(block: tuple[LineBox, list[Line]], box: LineBox, line: Line) -> bool:
    """Whether a line stands in one block with those before it."""
    alike = block[0] == box and not box.below and not line.space_above
    return alike and block[1][-1].break_kind not in PAGE_BREAKS


def _heading(paragraph: MeasuredParagraph) -> str:
    clusters = [cluster for line in paragraph.lines for cluster in line.clusters if cluster.kind == CHAR]
    leading = clusters[0].format if clusters else paragraph.mark
    text = "".join(cluster.text for cluster in clusters)
    return heading_role(paragraph.properties, paragraph.shape.align, text, leading)


def _wrapped(
    ctx: LayoutContext,
    container: ContainingBlock,
    paragraph: MeasuredParagraph,
    nodes: list[Node],
    beside: AdjacentParagraphs,
) -> Node:
    """A box around the paragraph that carries its space before and after, its borders and what is anchored to it."""
    shape, properties = paragraph.shape, paragraph.properties
    edges = ""
    if has_border(properties):
        styles = [
            ctx.styles.paragraph_properties(child(n, "w:pPr"), {}, container.table_paragraph)
            if n is not None
            else None
            for n in (beside.above, beside.below)
        ]
        edges = paragraph_borders(
            properties, *(s is not None and have_same_border(s, properties) for s in styles)
        )
    css = (
        f"margin:{pt(shape.before)} 0 {pt(shape.after)}",
        edges,
        *_at_page_top(paragraph, first=False),
        "break-after:avoid" if is_on(properties, "keepNext") else "",
    )
    return node("div", *nodes, style=join_css(css))


def _fill(made: Node, written: list[list[Node]], lines: list[Line]) -> None:
    for index, (nodes, line) in enumerate(zip(written, lines, strict=True)):
        if index:
            made.append(node("br"))
        if index and not nodes and index == len(lines) - 1:
            # A last line without content would take no room
            made.append(node("span", style="display:inline-block;width:0pt"))
        if abs(line.indent) > 0.01:
            made.append(node("span", style=f"margin-left:{pt(line.indent)}"))
        made.extend(nodes)
        if line.right_inset:
            made.append(node("span", style=f"margin-right:{pt(line.right_inset)}"))


def _block_css(
    ctx: LayoutContext, paragraph: MeasuredParagraph, box: LineBox, *, first: bool, last: bool
) -> str:
    shape, properties = paragraph.shape, paragraph.properties
    metrics = ctx.fonts.strut.metrics
    below_middle = box.baseline - box.height / 2
    strut = max(0.1, 2 * below_middle / (metrics.ascent - metrics.descent))
    wrapped = has_border(properties) or any(not p.on_page for p in paragraph.anchored)
    before = shape.before if first and not wrapped else 0.0
    after = (shape.after if last and not wrapped else 0.0) + box.below
    keeps_lines = is_on(properties, "keepLines") or (
        ctx.profile.keep_next_unsplit and is_on(properties, "keepNext")
    )
    widows = is_on(properties, "widowControl", default=True)
    return join_css(
        (
            f"line-height:{pt(box.height)};min-height:{pt(box.height)};font-size:{pt(strut)}",
            f"margin:{pt(before)} {pt(shape.right)} {pt(after)} {pt(shape.left)}",
            f"text-align:{shape.align}" if shape.align in _CSS_ALIGN else "",
            f"position:relative;top:{pt(below_middle)}" if below_middle < -_SEEN else "",
            *_at_page_top(paragraph, first=first),
            "break-after:avoid"
            if (last and is_on(properties, "keepNext")) or (not last and keeps_lines)
            else "",
            "break-inside:avoid" if keeps_lines else "",
            "orphans:2;widows:2" if widows else "",
        )
    )


def _at_page_top(paragraph: MeasuredParagraph, *, first: bool) -> tuple[str, ...]:
    """A break before the paragraph; space before it is left out where a full page brings it to the next one."""
    if first and is_on(paragraph.properties, "pageBreakBefore"):
        return ("break-before:page",)
    return ("margin-break:discard",) if paragraph.flows and paragraph.shape.before else ()
