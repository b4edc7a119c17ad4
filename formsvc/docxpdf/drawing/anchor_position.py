"""Where an anchored drawing stands: by page, margin, column, paragraph, line or character."""

from __future__ import annotations

from formsvc.docxpdf.context import ContainingBlock, LayoutContext
from formsvc.docxpdf.html_tree import Node
from formsvc.docxpdf.opc.xml import Element, child, emu, number
from formsvc.docxpdf.text.inline_items import AnchoredItem, Insets

_FLOATING = ("wrapSquare", "wrapTight", "wrapThrough")
_PER_CENT = 100_000


def anchored(
    ctx: LayoutContext,
    container: ContainingBlock,
    anchor: Element,
    drawn: Node,
    size: tuple[float, float],
    *,
    loose: bool,
) -> AnchoredItem:
    """A ``wp:anchor`` as a item; ``loose``: its box is as wide as its text."""
    width, height = size
    across, down = (_position(anchor, axis) for axis in "HV")
    x, align = _horizontal(ctx, container, across, width), ""
    if loose and child(across, "wp:align") is not None:
        (x, width), align = _span(ctx, container, across), side_of(child(across, "wp:align"), container)
    y, on_page = _vertical(ctx, down, height)
    simple = child(anchor, "wp:simplePos")
    if anchor.get("simplePos") in ("1", "true") and simple is not None:
        x, y, on_page = emu(simple.get("x")) - ctx.page.left, emu(simple.get("y")) - ctx.page.top, True
    return AnchoredItem(
        node=drawn,
        x=x,
        y=y,
        width=width,
        height=height,
        on_page=on_page,
        behind=anchor.get("behindDoc") in ("1", "true"),
        wrap=_wrap(anchor),
        wrap_distances=_keeps(anchor),
        align=align,
        from_character=_relative(across, "column") == "character",
        from_line=_relative(down, "paragraph") == "line",
    )


def _position(anchor: Element, axis: str) -> Element | None:
    """The position on one axis; newer files state it twice, once for older readers."""
    for path in (f"wp:position{axis}", f"mc:AlternateContent/mc:Choice/wp:position{axis}"):
        found = child(anchor, path)
        if found is not None:
            return found
    return None


def _relative(position: Element | None, default: str) -> str:
    return position.get("relativeFrom", default) if position is not None else default


def _wrap(anchor: Element) -> str:
    if child(anchor, "wp:wrapTopAndBottom") is not None:
        return "topAndBottom"
    return "square" if any(child(anchor, f"wp:{wrap}") is not None for wrap in _FLOATING) else ""


def _keeps(anchor: Element) -> Insets:
    left, above, right, below = (emu(anchor.get("dist" + side)) for side in "LTRB")
    return left, above, right, below


def side_of(kept: Element | None, container: ContainingBlock) -> str:
    """Left, center or right; the outer side is left on even pages."""
    return outer_side((kept.text or "") if kept is not None else "", container)


def outer_side(word: str, container: ContainingBlock) -> str:
    """A side by name, the outer and the inner one told by the page."""
    outer, inner = ("left", "right") if container.running_variant == "even" else ("right", "left")
    return {"outside": outer, "inside": inner}.get(word, word)


def _offset(position: Element | None, span: float) -> float | None:
    moved = child(position, "wp:posOffset")
    if moved is not None:
        return emu(moved.text)
    for axis in "HV":
        share = child(position, f"wp14:pctPos{axis}Offset")
        if share is not None:
            return number(share.text) / _PER_CENT * span
    return None


def _aligned(position: Element | None, span: float, size: float, side: str = "") -> float:
    kept = child(position, "wp:align")
    word = side or ((kept.text or "") if kept is not None else "")
    far = span - size
    return {"center": far / 2, "right": far, "bottom": far, "outside": far}.get(word, 0.0)


def _span(ctx: LayoutContext, container: ContainingBlock, position: Element | None) -> tuple[float, float]:
    """Start, from the left of the text, and width of what a drawing is placed in."""
    page = ctx.page
    return {
        "page": (-page.left, page.width),
        "margin": (0.0, container.width if container.is_inside else page.text_width),
        "leftMargin": (-page.left, page.left),
        "insideMargin": (-page.left, page.left),
        "rightMargin": (page.text_width, page.right),
        "outsideMargin": (page.text_width, page.right),
    }.get(_relative(position, "column"), (0.0, container.width))


def _horizontal(
    ctx: LayoutContext, container: ContainingBlock, position: Element | None, width: float
) -> float:
    """Distance from the left of the text."""
    start, span = _span(ctx, container, position)
    offset = _offset(position, span)
    if offset is not None:
        return start + offset
    return start + _aligned(position, span, width, side_of(child(position, "wp:align"), container))


def _vertical(ctx: LayoutContext, position: Element | None, height: float) -> tuple[float, bool]:
    """Distance from the top of the paragraph or, where true, of the page's text area."""
    page = ctx.page
    relative = _relative(position, "paragraph")
    if relative in ("paragraph", "line"):
        return _offset(position, 0.0) or 0.0, False
    start, span = {
        "page": (-page.top, page.height),
        "topMargin": (-page.top, page.top),
        "insideMargin": (-page.top, page.top),
        "bottomMargin": (page.text_height, page.bottom),
        "outsideMargin": (page.text_height, page.bottom),
    }.get(relative, page.margin_area)
    offset = _offset(position, span)
    return start + (offset if offset is not None else _aligned(position, span, height)), True
