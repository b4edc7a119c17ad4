"""Paragraphs in a frame (``w:framePr``): page numbers, drop caps, blocks that stand beside the text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from formsvc.docxpdf.context import ContainingBlock, LayoutContext
from formsvc.docxpdf.drawing.anchor_position import outer_side
from formsvc.docxpdf.html_tree import Node, join_css, node, pt
from formsvc.docxpdf.opc.xml import Element, attributes_of, child, number, points
from formsvc.docxpdf.page_flow import Exclusion
from formsvc.docxpdf.tables.autofit import paragraph_wish
from formsvc.docxpdf.wordml.properties import Attributes

_DROPPED = frozenset({"drop", "margin"})


@dataclass(frozen=True)
class _Box:
    """A frame measured: where it stands, how large it is, whether ``y`` counts from the page's text area."""

    x: float
    y: float
    width: float
    height: float
    text_height: float
    on_page: bool
    loose: bool
    """Without a width of its own: as wide as its text, which its paragraphs place within the whole width."""


def frame_of(ctx: LayoutContext, container: ContainingBlock, element: Element) -> Attributes:
    """The frame a paragraph stands in, empty where it stands in none."""
    own = child(element, "w:pPr")
    styled = ctx.styles.style_properties(ctx.styles.paragraph_style_id(own), "pPr").get("framePr", {})
    said = child(own, "w:framePr")
    if container.in_frame or (said is None and not styled):
        return {}
    return attributes_of(said) if said is not None else styled


def compose_frame(
    ctx: LayoutContext, container: ContainingBlock, paragraphs: Sequence[Element], said: Attributes
) -> list[Node]:
    """Paragraphs that stand in one frame; they take no room in the text but what it leaves free for them."""
    own = points(said.get("w"))
    aligned = outer_side(said.get("xAlign", ""), container)
    wide = min(container.width, max(paragraph_wish(ctx, p).most for p in paragraphs) + 1)
    dropped = said.get("dropCap") in _DROPPED
    loose = not own and not dropped and said.get("hAnchor", "text") != "page"
    inner = replace(
        container,
        width=own or (container.width if loose else wide),
        in_frame=True,
        frame_align=aligned if loose else "",
    )
    content = ctx.block_layout.compose(ctx, paragraphs, inner)
    if loose and not aligned:
        wide = container.width
    box = _measured(ctx, container, said, aligned, (own or wide, content.height), loose=loose)
    if said.get("wrap", "around") != "through":
        _keep_clear(ctx, container, said, box)
    width = container.width if loose else box.width
    css = join_css(
        (
            f"position:absolute;top:{pt(box.y)};width:{pt(width)}",
            f"left:{pt(0.0 if loose and aligned else box.x)}",
        )
    )
    placed = node("div", *content.nodes, style=css)
    if box.on_page and not container.is_inside:
        return [placed]
    return [node("div", placed, style="position:relative;height:0;break-after:avoid")]


def _measured(
    ctx: LayoutContext,
    container: ContainingBlock,
    said: Attributes,
    aligned: str,
    size: tuple[float, float],
    *,
    loose: bool,
) -> _Box:
    page, (width, text_height) = ctx.page, size
    asked = points(said.get("h"))
    height = asked if said.get("hRule") == "exact" and asked else max(asked, text_height)
    across = said.get("hAnchor", "text")
    start, span = (-page.left, page.width) if across == "page" else (0.0, container.width)
    x = start + {"center": (span - width) / 2, "right": span - width}.get(
        aligned, 0.0 if aligned else points(said.get("x"))
    )
    if said.get("dropCap") == "margin":
        x = -width
    down = said.get("vAnchor", "text")
    if down == "text" or container.is_inside:
        return _Box(
            x, points(said.get("y")) if down == "text" else 0.0, width, height, text_height, False, loose
        )
    top, tall = (-page.top, page.height) if down == "page" else page.margin_area
    kept = {
        "center": (tall - height) / 2,
        "bottom": tall - height,
        "top": 0.0,
        "inside": 0.0,
        "outside": tall - height,
    }
    y = top + kept.get(said.get("yAlign", ""), points(said.get("y")))
    return _Box(x, y, width, height, text_height, True, loose)


def _keep_clear(ctx: LayoutContext, container: ContainingBlock, said: Attributes, box: _Box) -> None:
    """Have the text go around the frame."""
    if box.on_page and container.is_inside or container.running_variant:
        return
    top = box.y + (0.0 if box.on_page else ctx.flow.paragraph_top(0.0))
    across, down = points(said.get("hSpace")), points(said.get("vSpace"))
    height = box.height
    if said.get("dropCap") in _DROPPED:
        height = min(height, box.text_height * max(1.0, number(said.get("lines"), 3)))
    left, right = box.x - across, box.x + box.width + across
    if said.get("wrap") in ("none", "notBeside"):
        left, right = -ctx.page.left, ctx.page.width
    ctx.flow.exclusions.append(Exclusion(top - down, top + height + down, left, right))
