"""Tables that stand at a place of their own: beside the text, at a height of the page, at its foot."""

from __future__ import annotations

import math
from dataclasses import dataclass

from formsvc.docxpdf.context import ContainingBlock, LayoutContext
from formsvc.docxpdf.html_tree import Node, node, pt
from formsvc.docxpdf.opc.xml import Element, attribute, points
from formsvc.docxpdf.page_flow import MIN_WRAP_WIDTH, Exclusion, PendingFloat
from formsvc.i18n.messages import msg

_NEAR = 2.0


@dataclass(frozen=True)
class Placement:
    """Where a table stands: ``x`` from the text's left, ``y`` from its paragraph or, ``on_page``, from the text area's top."""

    x: float
    y: float
    on_page: bool
    foot: bool
    keeps: tuple[float, float, float, float]
    """How far text stays away: left, top, right, bottom."""


def placement(
    ctx: LayoutContext, container: ContainingBlock, placed: Element, size: tuple[float, float], outside: float
) -> Placement:
    """Read a ``w:tblpPr`` for a table of a width and height that reaches ``outside`` the text to its left."""
    width, height = size
    page, vertical = ctx.page, attribute(placed, "vertAnchor", "text")
    left, span = (
        (-page.left, page.width) if attribute(placed, "horzAnchor") == "page" else (0.0, container.width)
    )
    top, tall = {"page": (-page.top, page.height), "margin": page.margin_area}.get(vertical, (0.0, 0.0))
    across, down = attribute(placed, "tblpXSpec"), attribute(placed, "tblpYSpec")
    x = (
        left + _aligned(container, across, span, width)
        if across
        else left + points(attribute(placed, "tblpX")) - outside
    )
    y = top + points(attribute(placed, "tblpY"))
    if down in ("center", "bottom", "outside") and vertical != "text":
        y = top + (tall - height) / (2 if down == "center" else 1)
    elif down in ("top", "inside"):
        y = top
    sides = tuple(points(attribute(placed, f"{side}FromText")) for side in ("left", "top", "right", "bottom"))
    foot = down == "bottom" and vertical != "page"
    return Placement(x, y, vertical != "text", foot, (sides[0], sides[1], sides[2], sides[3]))


def _aligned(container: ContainingBlock, word: str, span: float, width: float) -> float:
    far = {
        "outside": container.running_variant != "even",
        "inside": container.running_variant == "even",
        "right": True,
    }.get(word, False)
    return (span - width) / 2 if word == "center" else span - width if far else 0.0


def float_table(
    ctx: LayoutContext, container: ContainingBlock, made: Node, place: Placement, size: tuple[float, float]
) -> list[Node]:
    """The nodes of a placed table; one that waits for its height on the page is written later."""
    width, height = size
    if place.foot and not container.is_inside:
        return [node("div", made, class_="foot", style=f"width:{pt(container.width)}")]
    if container.is_inside:
        return [made]
    flow = ctx.flow
    top = place.y if place.on_page else flow.paragraph_top(0.0) + place.y
    exclusion = Exclusion(
        top - place.keeps[1],
        top + height + place.keeps[3],
        place.x - place.keeps[0],
        place.x + width + place.keeps[2],
    )
    beside = max(exclusion.left, container.width - exclusion.right) >= MIN_WRAP_WIDTH
    in_margin = place.on_page and (top + height <= 0 or top >= ctx.page.text_height)
    if in_margin or (beside and top + height <= flow.page_height and top > flow.y - _NEAR):
        flow.exclusions += [] if in_margin else [exclusion]
        return [_absolute(made, place)]
    if not place.on_page:
        flow.add_space(max(0.0, place.y))
        flow.add_block(height)
        return [_spacer(max(0.0, place.y)), made]
    if top < flow.y - _NEAR or math.isinf(flow.page_height):
        ctx.log.warn(msg("浮动表格的位置上已有前文，按正文顺序排出。"))
        flow.add_block(height)
        return [made]
    flow.pending.append(PendingFloat(top, made, height, place.keeps[3]))
    return []


def _absolute(made: Node, place: Placement) -> Node:
    """The table's own left margin says where it stands; here only its height is set."""
    boxed = node("div", made, style=f"position:absolute;left:0;top:{pt(place.y)}")
    return (
        boxed if place.on_page else node("div", boxed, style="position:relative;height:0;break-after:avoid")
    )


def _spacer(height: float) -> Node:
    return node("div", style=f"height:{pt(height)}")


def write_waiting(ctx: LayoutContext, start: float, *, last: bool = False) -> list[Node]:
    """The tables whose place the block that began at ``start`` has passed, to be written before it."""
    flow, nodes = ctx.flow, []
    while flow.pending and (last or flow.page_started or flow.y > flow.pending[0].top):
        waiting = flow.pending.pop(0)
        above = max(0.0, waiting.top - start)
        below = waiting.height + waiting.space_below
        nodes += [_spacer(above), waiting.node, _spacer(waiting.space_below)]
        flow.y += above + below if not flow.page_started else 0.0
        start += above + below
    flow.page_started = False
    return nodes
