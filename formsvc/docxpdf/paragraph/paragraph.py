"""A paragraph (``w:p``) read, numbered, measured and broken into lines."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from formsvc.docxpdf.characters.classes import LIBREOFFICE_KINSOKU, kinsoku_marks
from formsvc.docxpdf.context import ContainingBlock, LayoutContext
from formsvc.docxpdf.opc.xml import Element, W, attribute, child, switched_on, whole
from formsvc.docxpdf.paragraph.anchored_objects import find_anchored, resolve_positions
from formsvc.docxpdf.paragraph.inline_reader import InlineReader
from formsvc.docxpdf.paragraph.metrics import ParagraphMetrics, line_box, metrics_of, tab_stops
from formsvc.docxpdf.paragraph.ruby import compose_rubies
from formsvc.docxpdf.paragraph.text_wrap import add_exclusions, advance_flow, break_lines_in_flow
from formsvc.docxpdf.text.bidi import has_rtl_text, reorder_rtl_line, reorder_rtl_phrases
from formsvc.docxpdf.text.break_rules import LineBreakOptions
from formsvc.docxpdf.text.clusters import CHAR, TAB, CharacterSpacing, Cluster, ClusterBuilder
from formsvc.docxpdf.text.inline_items import AnchoredItem, InlineItem, TabItem, TextItem
from formsvc.docxpdf.text.line_breaker import Line, Measure, TabStop
from formsvc.docxpdf.wordml.numbering import ListLabel
from formsvc.docxpdf.wordml.properties import Properties, is_on
from formsvc.docxpdf.wordml.styles import RunFormat
from formsvc.i18n.messages import msg, quote_characters


@dataclass(frozen=True)
class AdjacentParagraphs:
    """Paragraphs directly above and below; None where there is none."""

    above: Element | None = None
    below: Element | None = None


@dataclass
class MeasuredParagraph:
    """Paragraph with its lines, before it is written.

    ``mark`` is the format of its paragraph mark.
    """

    properties: Properties
    style: str
    mark: RunFormat
    metrics: ParagraphMetrics
    lines: list[Line]
    anchored: list[AnchoredItem]
    char_space: float
    # it follows other text of its section, so that only a full page brings it to the top of one
    continues: bool = False
    # from the first line up to where Word measures anchored objects: above the space before
    lift: float = 0.0


def place_paragraph(
    ctx: LayoutContext, container: ContainingBlock, element: Element, adjacent: AdjacentParagraphs
) -> MeasuredParagraph:
    """Read and break a ``w:p``, and advance the flow past it."""
    paragraph = read_paragraph(ctx, container, element)
    paragraph.metrics = _contextual_spacing(ctx, paragraph, adjacent)
    paragraph.metrics = _automatic_spacing(ctx, paragraph, element, adjacent)
    paragraph.continues = _continues_section(element)
    breaks = is_on(paragraph.properties, "pageBreakBefore")
    advance_flow(ctx, paragraph.metrics, paragraph.mark, paragraph.lines, breaks_before=breaks)
    return paragraph


def read_paragraph(ctx: LayoutContext, container: ContainingBlock, element: Element) -> MeasuredParagraph:
    """Format and number a ``w:p``, and break it into lines.

    The flow gains its exclusions but does not advance.
    """
    own = child(element, "w:pPr")
    style = ctx.styles.paragraph_style_id(own)
    label = _next_label(ctx, own, style)
    numbering = label.paragraph_properties if label else {}
    properties = ctx.styles.paragraph_properties(own, numbering, container.table_paragraph)
    mark = ctx.styles.run_format(style, child(own, "w:rPr"), container.table_run)
    items = InlineReader(ctx, container, style).read(element)
    leading = next((item.format for item in items if isinstance(item, TextItem)), mark)
    if label:
        items = _label_items(ctx, label, mark) + items
    metrics = _frame_aligned(_metrics(ctx, container, properties, leading), container)
    spacing = _character_spacing(ctx, container, properties)
    items = compose_rubies(ctx, items, spacing)
    clusters = _build_clusters(ctx, items, spacing)
    anchored = find_anchored(
        items, lambda some: len(ClusterBuilder(ctx.fonts, ctx.profile, spacing).build(some))
    )
    # Word lets the space before overlap the space after the paragraph above
    lift = max(0.0, metrics.before - ctx.flow.space_after)
    add_exclusions(ctx.flow, container, metrics.before, [item for item, _ in anchored])
    # a hanging indent is a tab stop as well
    hangs = metrics.first < 0 and any(c.kind == TAB for c in clusters)
    measure = _shared_measure(ctx, container, properties, metrics, hangs=hangs)
    lines = break_lines_in_flow(ctx, element, metrics, mark, clusters, measure)
    heights = [line_box(ctx, metrics, line.clusters, mark).total_height for line in lines] if anchored else []
    placed = resolve_positions(anchored, clusters, lines, heights, metrics.left) if anchored else []
    lines = _visual_order(lines, properties, ctx.texts[-1])
    return MeasuredParagraph(properties, style, mark, metrics, lines, placed, spacing.grid, lift=lift)


def _metrics(
    ctx: LayoutContext, container: ContainingBlock, properties: Properties, leading: RunFormat
) -> ParagraphMetrics:
    """Return the metrics of a paragraph, one object for equal ones."""
    # the objects themselves stand behind their ids, so that no other object can take these
    key = id(properties), id(leading), id(ctx.page), container.on_grid, container.lines_on_grid
    if key not in ctx.metrics:
        ctx.metrics[key] = (
            metrics_of(ctx, container, properties, leading),
            (properties, leading, ctx.page),
        )
    metrics: ParagraphMetrics = ctx.metrics[key][0]
    return metrics


def _build_clusters(ctx: LayoutContext, items: list[InlineItem], spacing: CharacterSpacing) -> list[Cluster]:
    """Return the clusters; record their text and warn of missing fonts."""
    builder = ClusterBuilder(ctx.fonts, ctx.profile, spacing)
    clusters = builder.build(items)
    for name, family in builder.unknown_fonts.items():
        ctx.log.warn(msg("没有字体“{name}”，以 {family} 代替。", name=name, family=family), once=True)
    for char in dict.fromkeys(builder.missing_characters):
        ctx.log.warn(
            msg("{character}没有字体能显示，以〓代替。", character=quote_characters([char])), once=True
        )
        ctx.log.missing[char] = None
    ctx.texts.append("".join(c.text if c.kind == CHAR else " " for c in clusters))
    return clusters


def _visual_order(lines: list[Line], properties: Properties, text: str) -> list[Line]:
    if is_on(properties, "bidi"):
        return [reorder_rtl_line(line) for line in lines]
    return [reorder_rtl_phrases(line) for line in lines] if has_rtl_text(text) else lines


def _character_spacing(
    ctx: LayoutContext, container: ContainingBlock, properties: Properties
) -> CharacterSpacing:
    on_grid = container.on_grid and is_on(properties, "snapToGrid", default=True)
    return CharacterSpacing(
        grid=ctx.page.char_space if on_grid else 0.0,
        letters=is_on(properties, "autoSpaceDE", default=True),
        digits=is_on(properties, "autoSpaceDN", default=True),
        # on a character grid every mark keeps its cell
        compress=ctx.settings.compress_punctuation and not ctx.page.char_space,
    )


def _next_label(ctx: LayoutContext, own: Element | None, style: str) -> ListLabel | None:
    numbering = ctx.styles.paragraph_properties(own, {}, {}).get("numPr", {})
    # numId 0 takes a paragraph out of its style's list
    if numbering.get("numId", "0") == "0":
        return None
    label = ctx.numbering.next_label(numbering["numId"], whole(numbering.get("ilvl")))
    for number_format in sorted(ctx.numbering.unsupported_formats):
        ctx.log.warn(msg("编号格式“{shape}”按阿拉伯数字排出。", shape=number_format), once=True)
    return label


def _label_items(ctx: LayoutContext, label: ListLabel, mark: RunFormat) -> list[InlineItem]:
    # a number looks like the paragraph mark, but Word does not underline it
    style = ctx.styles.label_format(replace(mark, underline="", hidden=False), label.run_properties)
    items: list[InlineItem] = [TextItem(label.text, style)] if label.text else []
    if label.suffix == "tab" and label.text:
        items.append(TabItem(style))
    elif label.suffix == "space":
        items.append(TextItem(" ", style))
    return items


def _frame_aligned(metrics: ParagraphMetrics, container: ContainingBlock) -> ParagraphMetrics:
    # a frame as wide as its text (page numbers are often in one) aligns its lines as it is aligned itself
    if not container.frame_align:
        return metrics
    return replace(metrics, align=container.frame_align, left=0.0, right=0.0, first=0.0)


def _shared_measure(
    ctx: LayoutContext,
    container: ContainingBlock,
    properties: Properties,
    metrics: ParagraphMetrics,
    *,
    hangs: bool,
) -> Measure:
    """Return the measure of a paragraph, one object for equal ones."""
    key = (
        id(properties),
        id(metrics),
        id(ctx.page),
        container.width,
        container.on_grid,
        container.in_cell,
        hangs,
    )
    if key not in ctx.measures:
        measure = _measure(ctx, container, properties, metrics, hangs=hangs)
        ctx.measures[key] = measure, (properties, metrics, ctx.page)
    return ctx.measures[key][0]


def _measure(
    ctx: LayoutContext,
    container: ContainingBlock,
    properties: Properties,
    metrics: ParagraphMetrics,
    *,
    hangs: bool,
) -> Measure:
    width = _grid_width(ctx, container, properties)
    stops = tab_stops(properties)
    if hangs:
        stops = tuple(sorted((*stops, TabStop(metrics.left, "left", "none")), key=lambda s: s.position))
    compress = ctx.profile.compress_to_fit and ctx.settings.compress_punctuation and not ctx.page.char_space
    return Measure(
        width=max(1.0, width - metrics.left - metrics.right),
        first=metrics.first,
        left=metrics.left,
        align=metrics.align,
        break_options=_break_options(ctx, container, properties),
        libreoffice=ctx.profile.libreoffice_breaks,
        compress_to_fit=compress,
        justification_step=ctx.profile.justification_step,
        justify_broken_lines=ctx.settings.justify_broken_lines,
        margin_width=width,
        stops=stops,
        default_tab=ctx.settings.default_tab,
    )


def _grid_width(ctx: LayoutContext, container: ContainingBlock, properties: Properties) -> float:
    """Return the width of the text: whole cells on a character grid."""
    adjusts = is_on(properties, "adjustRightInd", default=True)
    if not (ctx.page.char_space and container.on_grid and adjusts) or container.in_cell:
        return container.width
    default_size = ctx.styles.run_format(ctx.styles.default_style("paragraph"), None).nominal_size
    cell = default_size + ctx.page.char_space
    # the width is often a multiple of the cell to the third decimal only
    return math.floor(container.width / cell + 1e-3) * cell


def _break_options(
    ctx: LayoutContext, container: ContainingBlock, properties: Properties
) -> LineBreakOptions:
    standard = LIBREOFFICE_KINSOKU if ctx.profile.libreoffice_breaks else kinsoku_marks(ctx.settings.language)
    hangs = is_on(properties, "overflowPunct", default=True)
    return LineBreakOptions(
        marks=ctx.settings.kinsoku_marks(standard),
        hanging_punctuation=hangs and (ctx.profile.cell_hanging or not container.in_cell),
        kinsoku=is_on(properties, "kinsoku", default=True),
        keep_words=is_on(properties, "wordWrap", default=True),
    )


def _contextual_spacing(
    ctx: LayoutContext, paragraph: MeasuredParagraph, adjacent: AdjacentParagraphs
) -> ParagraphMetrics:
    """Drop space between paragraphs of one style (``w:contextualSpacing``)."""
    if not is_on(paragraph.properties, "contextualSpacing"):
        return paragraph.metrics
    above, below = (
        ctx.styles.paragraph_style_id(child(n, "w:pPr")) if n is not None else None
        for n in (adjacent.above, adjacent.below)
    )
    metrics = paragraph.metrics
    return replace(
        metrics,
        before=0.0 if above == paragraph.style else metrics.before,
        after=0.0 if below == paragraph.style else metrics.after,
    )


def _automatic_spacing(
    ctx: LayoutContext, paragraph: MeasuredParagraph, element: Element, adjacent: AdjacentParagraphs
) -> ParagraphMetrics:
    """Drop automatic space between items of a list, and above the first text."""
    spacing = paragraph.properties.get("spacing", {})
    number = paragraph.properties.get("numPr", {}).get("numId", "0")
    if not spacing.keys() & {"beforeAutospacing", "afterAutospacing"}:
        return paragraph.metrics
    above, below = (
        n is not None
        and number != "0"
        and ctx.styles.paragraph_properties(child(n, "w:pPr"), {}, {}).get("numPr", {}).get("numId") == number
        for n in (adjacent.above, adjacent.below)
    )
    # as a browser does for the first block of its container
    above = above or next(element.itersiblings(f"{W}p", f"{W}tbl", preceding=True), None) is None
    return replace(
        paragraph.metrics,
        before=0.0 if above and switched_on(spacing.get("beforeAutospacing")) else paragraph.metrics.before,
        after=0.0 if below and switched_on(spacing.get("afterAutospacing")) else paragraph.metrics.after,
    )


def _continues_section(element: Element) -> bool:
    """Return whether a block precedes without a section or page break."""
    before = element.getprevious()
    if before is None:
        return False
    breaks = any(attribute(b, "type") == "page" for b in before.iter(f"{W}br"))
    return not breaks and child(before, "w:pPr/w:sectPr") is None
