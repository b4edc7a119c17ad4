"""Drawings: pictures, lines, boxes with text, groups — in the line or anchored to paragraph and page."""

from __future__ import annotations

from dataclasses import dataclass

from formsvc.documents.ooxml.desk import Desk, Frame
from formsvc.documents.ooxml.markup import SVG, Node, css_number, joined, node, pt
from formsvc.documents.ooxml.names import Element, R, child, children, emu, local, number
from formsvc.documents.ooxml.pictures import picture_node
from formsvc.documents.ooxml.styles import hex_color
from formsvc.sentences import say

_LINES = frozenset({"line", "straightConnector1"})
_BOXES = frozenset({"rect", "flowChartProcess", "snip1Rect"})
_ROUNDED = {"roundRect": "10%", "ellipse": "50%", "flowChartTerminator": "40%"}
_FLOATING = ("wrapSquare", "wrapTight", "wrapThrough")
_PERCENT = 100_000
_ROTATION = 60_000


@dataclass(frozen=True, slots=True)
class BoxPiece:
    """A thing that stands in the line like a letter."""

    node: Node
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class AnchoredPiece:
    """A thing placed from its paragraph (``on_page`` false) or from the page's text area."""

    node: Node
    x: float
    y: float
    width: float
    height: float
    on_page: bool
    behind: bool
    reserves: bool = False
    align: str = ""
    """For a box as wide as its text: where it stands in ``width``."""


def read_drawing(desk: Desk, frame: Frame, drawing: Element) -> list[BoxPiece | AnchoredPiece]:
    """The pieces of a ``w:drawing``."""
    pieces: list[BoxPiece | AnchoredPiece] = []
    for kind, element in children(drawing):
        extent = child(element, "wp:extent")
        width, height = (emu(extent.get("cx")), emu(extent.get("cy"))) if extent is not None else (0.0, 0.0)
        drawn = _content(desk, frame, element, width, height)
        if drawn is None:
            desk.journal.note(say("图形“{name}”的类型不能排出。", name=_name(element)))
        elif kind == "inline":
            style = f"display:inline-block;vertical-align:baseline;width:{pt(width)};height:{pt(height)}"
            pieces.append(BoxPiece(node("span", drawn, style=style), width, height))
        else:
            pieces.append(_anchored(desk, frame, element, drawn, width, height))
    return pieces


def _name(element: Element) -> str:
    described = child(element, "wp:docPr")
    return described.get("name", "") if described is not None else ""


def _content(desk: Desk, frame: Frame, element: Element, width: float, height: float) -> Node | None:
    graphic = child(element, "a:graphic/a:graphicData")
    described = child(element, "wp:docPr")
    alt = described.get("descr", "") or described.get("name", "") if described is not None else ""
    for name, content in children(graphic):
        if name == "pic":
            return _picture(desk, content, width, height, alt)
        if name == "wsp":
            return _shape(desk, frame, content, width, height)
        if name in ("wgp", "wpc"):
            return _group(desk, frame, content, width, height)
    return None


def _picture(desk: Desk, element: Element, width: float, height: float, alt: str) -> Node | None:
    blip = child(element, "pic:blipFill/a:blip")
    cut = child(element, "pic:blipFill/a:srcRect")
    crop = tuple(number(cut.get(side)) / _PERCENT for side in "ltrb") if cut is not None else ()
    drawn = (
        picture_node(desk, blip.get(R + "embed", ""), width, height, crop, alt) if blip is not None else None
    )
    return _turned(drawn, child(element, "pic:spPr/a:xfrm")) if drawn is not None else None


def _turned(drawn: Node, transform: Element | None) -> Node:
    angle = number(transform.get("rot")) / _ROTATION if transform is not None else 0.0
    mirrored = transform is not None and transform.get("flipH") in ("1", "true")
    steps = ([f"rotate({css_number(angle)}deg)"] if angle else []) + (["scaleX(-1)"] if mirrored else [])
    return node("div", drawn, style="transform:" + " ".join(steps)) if steps else drawn


@dataclass(frozen=True)
class _Outline:
    color: str
    width: float
    dash: str


def _outline(shape: Element) -> _Outline | None:
    """The line of a shape; None where it has none."""
    line = child(shape, "wps:spPr/a:ln")
    if line is None:
        reference = child(shape, "wps:style/a:lnRef")
        return (
            _Outline("000000", 0.75, "solid")
            if reference is not None and reference.get("idx") != "0"
            else None
        )
    if child(line, "a:noFill") is not None:
        return None
    dash = child(line, "a:prstDash")
    style = (
        "solid"
        if dash is None or dash.get("val") == "solid"
        else "dotted"
        if "ot" in dash.get("val", "")
        else "dashed"
    )
    return _Outline(_color(child(line, "a:solidFill")), emu(line.get("w"), 0.75), style)


def _color(fill: Element | None, default: str = "000000") -> str:
    solid = child(fill, "a:srgbClr")
    if solid is not None:
        return hex_color(solid.get("val", ""), default)
    scheme = child(fill, "a:schemeClr")
    return (
        {"bg1": "FFFFFF", "lt1": "FFFFFF"}.get(scheme.get("val", ""), default)
        if scheme is not None
        else default
    )


def _shape(desk: Desk, frame: Frame, shape: Element, width: float, height: float) -> Node:
    geometry = child(shape, "wps:spPr/a:prstGeom")
    preset = geometry.get("prst", "rect") if geometry is not None else "rect"
    outline = _outline(shape)
    if preset in _LINES or preset.endswith(("Connector2", "Connector3")):
        return _line(
            width, height, outline or _Outline("000000", 0.75, "solid"), child(shape, "wps:spPr/a:xfrm")
        )
    if preset not in _BOXES and preset not in _ROUNDED:
        desk.journal.note(say("形状“{preset}”按矩形排出。", preset=preset))
    fill = child(shape, "wps:spPr/a:solidFill")
    edge = outline.width if outline is not None else 0.0
    style = [
        "box-sizing:border-box",
        "display:inline-block;text-align:left" if _is_as_wide_as_its_text(shape) else f"width:{pt(width)}",
        f"{'min-height' if child(shape, 'wps:bodyPr/a:spAutoFit') is not None else 'height'}:{pt(height)}",
        f"border:{pt(edge)} {outline.dash} #{outline.color}" if outline is not None else "",
        f"background:#{_color(fill, 'FFFFFF')}" if fill is not None else "",
        f"border-radius:{_ROUNDED[preset]}" if preset in _ROUNDED else "",
    ]
    return _boxed(desk, frame, shape, style, width - 2 * edge)


def _is_as_wide_as_its_text(shape: Element) -> bool:
    body = child(shape, "wps:bodyPr")
    return body is not None and body.get("wrap") == "none" and child(body, "a:spAutoFit") is not None


def _boxed(desk: Desk, frame: Frame, shape: Element, style: list[str], width: float) -> Node:
    body = child(shape, "wps:bodyPr")
    sides = {"l": 7.2, "t": 3.6, "r": 7.2, "b": 3.6}
    inset = {
        side: emu(body.get(f"{side}Ins"), default) if body is not None else default
        for side, default in sides.items()
    }
    text = child(shape, "wps:txbx/w:txbxContent")
    content = (
        desk.blocks(text, frame.narrowed(max(1.0, width - inset["l"] - inset["r"])))
        if text is not None
        else []
    )
    anchor = body.get("anchor", "t") if body is not None else "t"
    if content and anchor in ("ctr", "b"):
        cell = node(
            "div",
            *content,
            style=f"display:table-cell;vertical-align:{'middle' if anchor == 'ctr' else 'bottom'}",
        )
        content = [node("div", cell, style="display:table;width:100%;height:100%")]
    style.append(
        f"padding:{pt(inset['t'])} {pt(inset['r'])} {pt(inset['b'])} {pt(inset['l'])}"
        if text is not None
        else ""
    )
    return _turned(node("div", *content, style=joined(style)), child(shape, "wps:spPr/a:xfrm"))


def _line(width: float, height: float, outline: _Outline, transform: Element | None) -> Node:
    if height < 0.01:
        style = f"width:{pt(width)};margin-top:{pt(-outline.width / 2)};border-top:{pt(outline.width)} {outline.dash} #{outline.color}"
        return node("div", style=style)
    if width < 0.01:
        style = f"height:{pt(height)};margin-left:{pt(-outline.width / 2)};border-left:{pt(outline.width)} {outline.dash} #{outline.color}"
        return node("div", style=style)
    flipped = transform is not None and (transform.get("flipV") == "1") != (transform.get("flipH") == "1")
    ends = {
        "y1": css_number(height if flipped else 0),
        "x2": css_number(width),
        "y2": css_number(0 if flipped else height),
    }
    stroke = {"stroke": f"#{outline.color}", "stroke-width": css_number(outline.width)}
    drawn = node(SVG + "line", x1="0", **ends, **stroke)
    box = f"0 0 {css_number(width)} {css_number(height)}"
    return node(
        SVG + "svg",
        drawn,
        viewBox=box,
        style=f"display:block;overflow:visible;width:{pt(width)};height:{pt(height)}",
    )


def _group(desk: Desk, frame: Frame, group: Element, width: float, height: float) -> Node:
    """Members placed in the group's own coordinates, scaled to its size."""
    transform = child(group, "wpg:grpSpPr/a:xfrm")
    offset, extent = child(transform, "a:chOff"), child(transform, "a:chExt")
    left, top = (emu(offset.get("x")), emu(offset.get("y"))) if offset is not None else (0.0, 0.0)
    wide = emu(extent.get("cx")) if extent is not None else width
    high = emu(extent.get("cy")) if extent is not None else height
    across, down = (width / wide if wide else 1.0), (height / high if high else 1.0)
    members = []
    for name, member in children(group):
        place = next((t for t in member.iter("{*}xfrm")), None)
        off, ext = child(place, "a:off"), child(place, "a:ext")
        if off is None or ext is None:
            continue
        w, h = emu(ext.get("cx")) * across, emu(ext.get("cy")) * down
        drawn = _member(desk, frame, name, member, w, h)
        if drawn is None:
            desk.journal.note(say("组合图形中的“{name}”不能排出。", name=local(member)))
            continue
        x, y = (emu(off.get("x")) - left) * across, (emu(off.get("y")) - top) * down
        members.append(node("div", drawn, style=f"position:absolute;left:{pt(x)};top:{pt(y)}"))
    return node("div", *members, style=f"position:relative;width:{pt(width)};height:{pt(height)}")


def _member(desk: Desk, frame: Frame, name: str, member: Element, width: float, height: float) -> Node | None:
    if name == "wsp":
        return _shape(desk, frame, member, width, height)
    if name == "pic":
        return _picture(desk, member, width, height, "")
    return _group(desk, frame, member, width, height) if name == "grpSp" else None


def _anchored(
    desk: Desk, frame: Frame, anchor: Element, drawn: Node, width: float, height: float
) -> AnchoredPiece:
    if any(child(anchor, f"wp:{wrap}") is not None for wrap in _FLOATING):
        desk.journal.note(say("图形“{name}”的文字环绕不能排出，按浮于文字上方排出。", name=_name(anchor)))
    position = child(anchor, "wp:positionH")
    x, align = _horizontal(desk, frame, position, width), ""
    shape = child(anchor, "a:graphic/a:graphicData/wps:wsp")
    if shape is not None and _is_as_wide_as_its_text(shape) and child(position, "wp:align") is not None:
        (x, width), align = _span(desk, frame, position), side_of(child(position, "wp:align"), frame)
    y, on_page = _vertical(desk, child(anchor, "wp:positionV"), height)
    return AnchoredPiece(
        node=drawn,
        x=x,
        y=y,
        width=width,
        height=height,
        on_page=on_page,
        behind=anchor.get("behindDoc") in ("1", "true"),
        reserves=child(anchor, "wp:wrapTopAndBottom") is not None and not on_page,
        align=align,
    )


def _offset(position: Element | None) -> float | None:
    moved = child(position, "wp:posOffset")
    return emu(moved.text) if moved is not None else None


def side_of(kept: Element | None, frame: Frame) -> str:
    """Left, center or right; the outer side is left on even pages."""
    outer, inner = ("left", "right") if frame.running == "even" else ("right", "left")
    word = (kept.text or "") if kept is not None else ""
    return {"outside": outer, "inside": inner}.get(word, word)


def _aligned(position: Element | None, span: float, size: float, side: str = "") -> float:
    kept = child(position, "wp:align")
    word = side or ((kept.text or "") if kept is not None else "")
    return {
        "center": (span - size) / 2,
        "right": span - size,
        "bottom": span - size,
        "outside": span - size,
    }.get(word, 0.0)


def _span(desk: Desk, frame: Frame, position: Element | None) -> tuple[float, float]:
    """Start, from the left of the text area, and width of what a drawing is placed in."""
    page = desk.page
    relative = position.get("relativeFrom", "column") if position is not None else "column"
    return {
        "page": (-page.left, page.width),
        "leftMargin": (-page.left, page.left),
        "insideMargin": (-page.left, page.left),
        "rightMargin": (page.text_width, page.right),
        "outsideMargin": (page.text_width, page.right),
    }.get(relative, (0.0, frame.width))


def _horizontal(desk: Desk, frame: Frame, position: Element | None, width: float) -> float:
    """Distance from the left of the text area."""
    start, span = _span(desk, frame, position)
    offset = _offset(position)
    if offset is not None:
        return start + offset
    return start + _aligned(position, span, width, side_of(child(position, "wp:align"), frame))


def _vertical(desk: Desk, position: Element | None, height: float) -> tuple[float, bool]:
    """Distance from the top of the paragraph or, where true, of the page's text area."""
    page = desk.page
    relative = position.get("relativeFrom", "paragraph") if position is not None else "paragraph"
    offset = _offset(position)
    if relative in ("paragraph", "line"):
        return (offset if offset is not None else 0.0), False
    start, span = {
        "page": (-page.top, page.height),
        "topMargin": (-page.top, page.top),
        "insideMargin": (-page.top, page.top),
        "bottomMargin": (page.text_height, page.bottom),
        "outsideMargin": (page.text_height, page.bottom),
    }.get(relative, (0.0, page.text_height))
    return start + (offset if offset is not None else _aligned(position, span, height)), True
