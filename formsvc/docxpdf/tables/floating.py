"""Floating tables (`w:tblpPr`)."""

from __future__ import annotations

import math
from dataclasses import dataclass

from formsvc.docxpdf.context import ContainingBlock, LayoutContext
from formsvc.docxpdf.html_tree import Node, node, pt
from formsvc.docxpdf.opc.xml import Element, attribute, points
from formsvc.docxpdf.page_flow import MIN_WRAP_WIDTH, Exclusion, PendingFloat
from formsvc.i18n.messages import msg

_NEAR = 2.0
# points that a line of text needs at least
_LINE = 12.0


@dataclass(frozen=True)
class TablePosition:
    """Position of a floating table, in points.

    `x` counts from the left of the text; `y` from the paragraph, or from the text area if `on_page`. `keeps` are the
    distances of the text: left, top, right, bottom.
    """

    x: float
    y: float
    on_page: bool
    at_page_foot: bool
    keeps: tuple[float, float, float, float]


def read_position(
    ctx: LayoutContext,
    container: ContainingBlock,
    properties: Element,
    size: tuple[float, float],
    outdent: float,
) -> TablePosition:
    """Read a `w:tblpPr`; the table starts `outdent` left of the text."""
    width, height = size
    page, vertical = ctx.page, attribute(properties, "vertAnchor", "text")
    left, span = (
        (-page.left, page.width) if attribute(properties, "horzAnchor") == "page" else (0.0, container.width)
    )
    top, area_height = {"page": (-page.top, page.height), "margin": page.margin_area}.get(
        vertical, (0.0, 0.0)
    )
    x_align, y_align = attribute(properties, "tblpXSpec"), attribute(properties, "tblpYSpec")
    x = (
        left + _aligned(container, x_align, span, width)
        if x_align
        else left + points(attribute(properties, "tblpX")) - outdent
    )
    y = top + points(attribute(properties, "tblpY"))
    if y_align in ("center", "bottom", "outside") and vertical != "text":
        y = top + (area_height - height) / (2 if y_align == "center" else 1)
    elif y_align in ("top", "inside"):
        y = top
    sides = tuple(
        points(attribute(properties, f"{side}FromText")) for side in ("left", "top", "right", "bottom")
    )
    at_page_foot = y_align == "bottom" and vertical != "page"
    return TablePosition(x, y, vertical != "text", at_page_foot, (sides[0], sides[1], sides[2], sides[3]))


def _aligned(container: ContainingBlock, word: str, span: float, width: float) -> float:
    is_far = {
        "outside": container.running_variant != "even",
        "inside": container.running_variant == "even",
        "right": True,
    }.get(word, False)
    return (span - width) / 2 if word == "center" else span - width if is_far else 0.0


def float_table(
    ctx: LayoutContext,
    container: ContainingBlock,
    table: Node,
    position: TablePosition,
    size: tuple[float, float],
    line_behind: float | None,
) -> list[Node]:
    """Return the nodes of a floating table; [] if it is written later.

    `line_behind`: points that the line of the empty paragraph behind it takes at least, None if that has text.
    """
    width, height = size
    if position.at_page_foot and not container.is_inside:
        # this class floats to the footnote area, see the style sheet of document_layout; where there is no room,
        # Word moves the paragraph that the table hangs on, and what is kept with it, to the next page
        style = f"width:{pt(container.width)};footnote-policy:block"
        return [node("div", table, class_="foot", style=style)]
    if container.is_inside:
        return [table]
    flow = ctx.flow
    top = position.y if position.on_page else flow.paragraph_top(0.0) + position.y
    exclusion = Exclusion(
        top - position.keeps[1],
        top + height + position.keeps[3],
        position.x - position.keeps[0],
        position.x + width + position.keeps[2],
    )
    fits_next_to_text = max(exclusion.left, container.width - exclusion.right) >= MIN_WRAP_WIDTH
    in_margin = position.on_page and (top + height <= 0 or top >= ctx.page.text_height)
    # a form as large as its page: Word keeps the empty paragraph that must follow on the page, under the table
    room = max(_LINE, line_behind or 0.0)
    fills_page = position.on_page and top <= flow.y + _LINE and top + height > flow.page_height - room
    if fills_page and line_behind is not None and top + height <= ctx.page.text_height + ctx.page.bottom:
        return [_position_absolutely(table, position)]
    # in the margins, or with enough space next to it, the table takes no height from the flow
    if in_margin or (fits_next_to_text and top + height <= flow.page_height and top > flow.y - _NEAR):
        flow.exclusions += [] if in_margin else [exclusion]
        return [_position_absolutely(table, position)]
    if not position.on_page:
        flow.add_space(max(0.0, position.y))
        flow.add_block(height)
        return [_spacer(max(0.0, position.y)), table]
    if top < flow.y - _NEAR or math.isinf(flow.page_height):
        ctx.log.warn(msg("浮动表格的位置上已有前文，按正文顺序排出。"))
        flow.add_block(height)
        return [table]
    flow.pending.append(PendingFloat(top, table, height, position.keeps[3]))
    return []


def _position_absolutely(table: Node, position: TablePosition) -> Node:
    """Return the table in a box that takes no space in the flow."""
    box = node("div", table, style=f"position:absolute;left:0;top:{pt(position.y)}")
    return box if position.on_page else node("div", box, style="position:relative;height:0;break-after:avoid")


def _spacer(height: float) -> Node:
    return node("div", style=f"height:{pt(height)}")


def flush_pending(ctx: LayoutContext, start: float, *, last: bool = False) -> list[Node]:
    """Return the tables whose position the flow has passed.

    `start` is the top of the block that follows them.
    """
    flow, nodes = ctx.flow, []
    while flow.pending and (last or flow.page_started or flow.y > flow.pending[0].top):
        pending = flow.pending.pop(0)
        above = max(0.0, pending.top - start)
        below = pending.height + pending.space_below
        nodes += [_spacer(above), pending.node, _spacer(pending.space_below)]
        flow.y += above + below if not flow.page_started else 0.0
        start += above + below
    flow.page_started = False
    return nodes
