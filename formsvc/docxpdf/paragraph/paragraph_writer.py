"""Paragraph written as HTML: lines, borders, spacing, anchored objects."""

from __future__ import annotations

from formsvc.docxpdf.context import ContainingBlock, LayoutContext
from formsvc.docxpdf.html_tree import Node, join_css, node, pt, quote_beginning
from formsvc.docxpdf.opc.xml import Element, child
from formsvc.docxpdf.paragraph.anchored_objects import compose_on_page, compose_with_first_line
from formsvc.docxpdf.paragraph.line_spans import SpanBuilder
from formsvc.docxpdf.paragraph.metrics import LineBox, line_box
from formsvc.docxpdf.paragraph.paragraph import AdjacentParagraphs, MeasuredParagraph, place_paragraph
from formsvc.docxpdf.paragraph.text_wrap import PAGE_BREAKS
from formsvc.docxpdf.text.clusters import CHAR
from formsvc.docxpdf.text.line_breaker import Line
from formsvc.docxpdf.wordml.borders import has_border, have_same_border, paragraph_borders, shading_color
from formsvc.docxpdf.wordml.properties import is_on
from formsvc.docxpdf.wordml.structure_roles import heading_role, mark_role
from formsvc.i18n.messages import msg

# points a baseline must be above the middle of its line to be worth moving
_VISIBLE = 0.05
# margin of a cell at its sides by default, in points
_CELL_MARGIN = 5.4
# justified lines are spread by the line breaker; CSS only aligns
_CSS_ALIGN = frozenset({"center", "right"})


def compose_paragraph(
    ctx: LayoutContext, container: ContainingBlock, element: Element, adjacent: AdjacentParagraphs
) -> list[Node]:
    paragraph = place_paragraph(ctx, container, element, adjacent)
    blocks = _line_blocks(ctx, paragraph)
    heights = sum(box.total_height * len(lines) for box, lines in blocks)
    ctx.reach += paragraph.metrics.before + paragraph.metrics.after + heights
    nodes = [_block_node(ctx, paragraph, blocks, index) for index in range(len(blocks))]
    mark_role(nodes, _heading_role(paragraph))
    anchors = compose_with_first_line(paragraph.anchored, paragraph.lift)
    if has_border(paragraph.properties) or anchors:
        nodes = [_wrap(ctx, container, paragraph, anchors + nodes, adjacent)]
    if container.in_cell and paragraph.metrics.left + min(0.0, paragraph.metrics.first) < -_CELL_MARGIN:
        # Word does not print over the cell on the left
        words = quote_beginning("".join(c.text for c in line.clusters) for line in paragraph.lines)
        ctx.log.warn(msg("{words}的缩进伸到格子的左边以外，只印出格子里的部分。", words=words))
        nodes = [
            node(
                "div",
                *nodes,
                style=f"overflow:hidden;margin:0 {pt(-_CELL_MARGIN)};padding:0 {pt(_CELL_MARGIN)}",
            )
        ]
    if paragraph.lines[-1].break_kind in PAGE_BREAKS:
        nodes.append(node("div", style=f"break-after:{paragraph.lines[-1].break_kind}"))
    return compose_on_page(ctx, container, paragraph.anchored) + nodes


def _line_blocks(ctx: LayoutContext, paragraph: MeasuredParagraph) -> list[tuple[LineBox, list[Line]]]:
    """Return the lines in blocks of equal line height.

    A page or column break begins a new block.
    """
    blocks: list[tuple[LineBox, list[Line]]] = []
    for index, line in enumerate(paragraph.lines):
        last = index == len(paragraph.lines) - 1
        box = line_box(ctx, paragraph.metrics, line.clusters, paragraph.mark, last=last)
        if blocks and _continues_block(blocks[-1], box, line):
            blocks[-1][1].append(line)
        else:
            blocks.append((box, [line]))
    return blocks


def _continues_block(block: tuple[LineBox, list[Line]], box: LineBox, line: Line) -> bool:
    alike = block[0] == box and not box.below and not line.space_above
    return alike and block[1][-1].break_kind not in PAGE_BREAKS


def _block_node(
    ctx: LayoutContext, paragraph: MeasuredParagraph, blocks: list[tuple[LineBox, list[Line]]], index: int
) -> Node:
    box, lines = blocks[index]
    last = index == len(blocks) - 1
    css = _shared_block_css(ctx, paragraph, box, first=index == 0, last=last)
    if index:
        # widow control over blocks: CSS counts widows and orphans within one block only
        if box.below and (index == 1 or last) and is_on(paragraph.properties, "widowControl", True):
            css += ";break-before:avoid"
        break_kind = blocks[index - 1][1][-1].break_kind
        if break_kind in PAGE_BREAKS:
            css += f";break-before:{break_kind}"
    if lines[0].space_above:
        css += f";padding-top:{pt(lines[0].space_above)}"
    block = node("p", class_=ctx.stylesheet.class_name(css))
    _add_lines(block, SpanBuilder(ctx, paragraph.char_space), lines)
    return block


def _add_lines(block: Node, builder: SpanBuilder, lines: list[Line]) -> None:
    for index, line in enumerate(lines):
        nodes = builder.build_line(line)
        if index:
            block.append(node("br"))
        if index and not nodes and index == len(lines) - 1:
            # a last line without content would take no room
            block.append(node("span", style="display:inline-block;width:0pt"))
        if abs(line.indent) > 0.01:
            block.append(node("span", style=f"margin-left:{pt(line.indent)}"))
        block.extend(nodes)
        if line.right_inset:
            block.append(node("span", style=f"margin-right:{pt(line.right_inset)}"))


def _heading_role(paragraph: MeasuredParagraph) -> str:
    clusters = [cluster for line in paragraph.lines for cluster in line.clusters if cluster.kind == CHAR]
    leading = clusters[0].format if clusters else paragraph.mark
    text = "".join(cluster.text for cluster in clusters)
    return heading_role(paragraph.properties, paragraph.metrics.align, text, leading)


def _wrap(
    ctx: LayoutContext,
    container: ContainingBlock,
    paragraph: MeasuredParagraph,
    nodes: list[Node],
    adjacent: AdjacentParagraphs,
) -> Node:
    """Return a box around the blocks with spacing, borders and page breaks."""
    metrics, properties = paragraph.metrics, paragraph.properties
    borders = ""
    if has_border(properties):
        styles = [
            ctx.styles.paragraph_properties(child(n, "w:pPr"), {}, container.table_paragraph)
            if n is not None
            else None
            for n in (adjacent.above, adjacent.below)
        ]
        borders = paragraph_borders(
            properties, *(s is not None and have_same_border(s, properties) for s in styles)
        )
    fill = shading_color(properties.get("shd", {}))
    css = (
        f"margin:{pt(metrics.before)} 0 {pt(metrics.after)}",
        f"background:#{fill}" if fill else "",
        borders,
        *_break_before_css(paragraph, first=False),
        "break-after:avoid" if is_on(properties, "keepNext") else "",
    )
    return node("div", *nodes, style=join_css(css))


def _shared_block_css(
    ctx: LayoutContext, paragraph: MeasuredParagraph, box: LineBox, *, first: bool, last: bool
) -> str:
    """Return the CSS of a block, written once for equal paragraphs."""
    properties = paragraph.properties
    if paragraph.anchored:
        return _block_css(ctx, paragraph, box, first=first, last=last)
    key = id(properties), paragraph.metrics, box, paragraph.continues, first, last
    known = ctx.block_styles.get(key)
    if known is None:
        css = _block_css(ctx, paragraph, box, first=first, last=last)
        known = ctx.block_styles[key] = css, properties
    return known[0]


def _block_css(
    ctx: LayoutContext, paragraph: MeasuredParagraph, box: LineBox, *, first: bool, last: bool
) -> str:
    metrics, properties = paragraph.metrics, paragraph.properties
    strut = ctx.fonts.strut.metrics
    # CSS centres the strut's ascent and descent in the line: its size moves the baseline to where Word has it
    below_middle = box.baseline - box.height / 2
    strut_size = max(0.1, 2 * below_middle / (strut.ascent - strut.descent))
    wrapped = has_border(properties) or any(not item.on_page for item in paragraph.anchored)
    before = metrics.before if first and not wrapped else 0.0
    after = (metrics.after if last and not wrapped else 0.0) + box.below
    fill = "" if wrapped else shading_color(properties.get("shd", {}))
    # a hanging first line begins within the shaded area
    hanging = min(0.0, metrics.first) if fill else 0.0
    keep_next = is_on(properties, "keepNext")
    keep_lines = is_on(properties, "keepLines") or (ctx.profile.keep_next_unsplit and keep_next)
    widow_control = is_on(properties, "widowControl", default=True)
    return join_css(
        (
            f"line-height:{pt(box.height)};min-height:{pt(box.height)};font-size:{pt(strut_size)}",
            f"margin:{pt(before)} {pt(metrics.right)} {pt(after)} {pt(metrics.left + hanging)}",
            f"background:#{fill};padding-left:{pt(-hanging)}" if fill else "",
            f"text-align:{metrics.align}" if metrics.align in _CSS_ALIGN else "",
            # no strut has its baseline above the middle of the line; the block is moved instead
            f"position:relative;top:{pt(below_middle)}" if below_middle < -_VISIBLE else "",
            *_break_before_css(paragraph, first=first),
            "break-after:avoid" if (last and keep_next) or (not last and keep_lines) else "",
            "break-inside:avoid" if keep_lines else "",
            "orphans:2;widows:2" if widow_control else "",
        )
    )


def _break_before_css(paragraph: MeasuredParagraph, *, first: bool) -> tuple[str, ...]:
    if first and is_on(paragraph.properties, "pageBreakBefore"):
        return ("break-before:page",)
    # Word drops the space before a paragraph that a full page brings to the next one
    return ("margin-break:discard",) if paragraph.continues and paragraph.metrics.before else ()
