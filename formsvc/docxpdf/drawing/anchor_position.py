"""Position of anchored drawings (ECMA-376 part 1, 20.4)."""

from __future__ import annotations

from formsvc.docxpdf.context import ContainingBlock, LayoutContext
from formsvc.docxpdf.html_tree import Node
from formsvc.docxpdf.opc.xml import Element, child, emu, number
from formsvc.docxpdf.text.inline_items import AnchoredItem, Insets

_FLOATING = ("wrapSquare", "wrapTight", "wrapThrough")
_PER_CENT = 100_000


def read_anchor(
    ctx: LayoutContext,
    container: ContainingBlock,
    anchor: Element,
    graphic: Node,
    size: tuple[float, float],
    *,
    fits_text: bool,
) -> AnchoredItem:
    """Return the item of a `wp:anchor`.

    `fits_text`: the box is as wide as its text.
    """
    width, height = size
    across, down = (_axis_position(anchor, axis) for axis in "HV")
    x, align = _horizontal(ctx, container, across, width), ""
    if fits_text and child(across, "wp:align") is not None:
        # the text's width is known only after layout, so the area is kept and aligned in CSS
        (x, width), align = (
            _reference_area(ctx, container, across),
            alignment_of(child(across, "wp:align"), container),
        )
    y, on_page = _vertical(ctx, down, height)
    simple = child(anchor, "wp:simplePos")
    if anchor.get("simplePos") in ("1", "true") and simple is not None:
        x, y, on_page = emu(simple.get("x")) - ctx.page.left, emu(simple.get("y")) - ctx.page.top, True
    return AnchoredItem(
        node=graphic,
        x=x,
        y=y,
        width=width,
        height=height,
        on_page=on_page,
        behind=anchor.get("behindDoc") in ("1", "true"),
        wrap=_wrap(anchor),
        wrap_distances=_text_distances(anchor),
        align=align,
        from_character=_relative_from(across, "column") == "character",
        from_line=_relative_from(down, "paragraph") == "line",
    )


def _axis_position(anchor: Element, axis: str) -> Element | None:
    """Return the `wp:positionH` or `wp:positionV`."""
    # percentages are written as an alternative to a plain position for older readers
    for path in (f"wp:position{axis}", f"mc:AlternateContent/mc:Choice/wp:position{axis}"):
        position = child(anchor, path)
        if position is not None:
            return position
    return None


def _relative_from(position: Element | None, default: str) -> str:
    return position.get("relativeFrom", default) if position is not None else default


def _wrap(anchor: Element) -> str:
    if child(anchor, "wp:wrapTopAndBottom") is not None:
        return "topAndBottom"
    return "square" if any(child(anchor, f"wp:{wrap}") is not None for wrap in _FLOATING) else ""


def _text_distances(anchor: Element) -> Insets:
    left, above, right, below = (emu(anchor.get("dist" + side)) for side in "LTRB")
    return left, above, right, below


def alignment_of(align: Element | None, container: ContainingBlock) -> str:
    return resolve_side((align.text or "") if align is not None else "", container)


def resolve_side(word: str, container: ContainingBlock) -> str:
    """Return left or right for inside and outside; others unchanged."""
    # even pages have their outer side on the left
    outer, inner = ("left", "right") if container.running_variant == "even" else ("right", "left")
    return {"outside": outer, "inside": inner}.get(word, word)


def _axis_offset(position: Element | None, span: float) -> float | None:
    offset = child(position, "wp:posOffset")
    if offset is not None:
        return emu(offset.text)
    for axis in "HV":
        share = child(position, f"wp14:pctPos{axis}Offset")
        if share is not None:
            return number(share.text) / _PER_CENT * span
    return None


def _align_offset(position: Element | None, span: float, size: float, side: str = "") -> float:
    align = child(position, "wp:align")
    word = side or ((align.text or "") if align is not None else "")
    remaining = span - size
    return {"center": remaining / 2, "right": remaining, "bottom": remaining, "outside": remaining}.get(
        word, 0.0
    )


def _reference_area(
    ctx: LayoutContext, container: ContainingBlock, position: Element | None
) -> tuple[float, float]:
    """Return start and width of the area the position refers to.

    The start counts from the left of the text.
    """
    page = ctx.page
    return {
        "page": (-page.left, page.width),
        "margin": (0.0, container.width if container.is_inside else page.text_width),
        "leftMargin": (-page.left, page.left),
        "insideMargin": (-page.left, page.left),
        "rightMargin": (page.text_width, page.right),
        "outsideMargin": (page.text_width, page.right),
    }.get(_relative_from(position, "column"), (0.0, container.width))


def _horizontal(
    ctx: LayoutContext, container: ContainingBlock, position: Element | None, width: float
) -> float:
    """Return the distance from the left of the text."""
    start, span = _reference_area(ctx, container, position)
    offset = _axis_offset(position, span)
    if offset is not None:
        return start + offset
    return start + _align_offset(position, span, width, alignment_of(child(position, "wp:align"), container))


def _vertical(ctx: LayoutContext, position: Element | None, height: float) -> tuple[float, bool]:
    """Return the distance from the top of the paragraph or the text area.

    The second value is True for the text area.
    """
    page = ctx.page
    relative = _relative_from(position, "paragraph")
    if relative in ("paragraph", "line"):
        return _axis_offset(position, 0.0) or 0.0, False
    start, span = {
        "page": (-page.top, page.height),
        "topMargin": (-page.top, page.top),
        "insideMargin": (-page.top, page.top),
        "bottomMargin": (page.text_height, page.bottom),
        "outsideMargin": (page.text_height, page.bottom),
    }.get(relative, page.margin_area)
    offset = _axis_offset(position, span)
    return start + (offset if offset is not None else _align_offset(position, span, height)), True
