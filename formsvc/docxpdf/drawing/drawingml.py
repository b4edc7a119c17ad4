"""Drawings: pictures, shapes, boxes with text, groups — in the line or anchored to paragraph and page."""

from __future__ import annotations

from formsvc.docxpdf.context import ContainingBlock, LayoutContext
from formsvc.docxpdf.drawing.anchor_position import anchored
from formsvc.docxpdf.drawing.images import picture_node
from formsvc.docxpdf.drawing.shapes import is_loose, shape_node
from formsvc.docxpdf.html_tree import Node, css_number, node, pt
from formsvc.docxpdf.opc.xml import Element, R, child, children, emu, find_all, local, number
from formsvc.docxpdf.text.inline_items import AnchoredItem, BoxItem, inline_box
from formsvc.i18n.messages import msg

_PERCENT = 100_000
_ROTATION = 60_000
_GROUPS = frozenset({"wgp", "wpc", "grpSp"})


def read_drawing(
    ctx: LayoutContext, container: ContainingBlock, drawing: Element
) -> list[BoxItem | AnchoredItem]:
    """The items of a ``w:drawing``."""
    items: list[BoxItem | AnchoredItem] = []
    for kind, element in children(drawing):
        if _is_hidden(element):
            continue
        extent = child(element, "wp:extent")
        width, height = (emu(extent.get("cx")), emu(extent.get("cy"))) if extent is not None else (0.0, 0.0)
        drawn = _content(ctx, container, element, width, height)
        if drawn is None:
            ctx.log.warn(msg("图形“{name}”（{kind}）不能排出。", name=_name(element), kind=_kind(element)))
        elif kind == "inline":
            items.append(inline_box(drawn, width, height))
        else:
            shape = child(element, "a:graphic/a:graphicData/wps:wsp")
            loose = shape is not None and is_loose(shape)
            items.append(anchored(ctx, container, element, drawn, (width, height), loose=loose))
    return items


def _is_hidden(element: Element) -> bool:
    described = child(element, "wp:docPr")
    return described is not None and described.get("hidden") in ("1", "true")


def _name(element: Element) -> str:
    described = child(element, "wp:docPr")
    return described.get("name", "") if described is not None else ""


def _kind(element: Element) -> str:
    graphic = child(element, "a:graphic/a:graphicData")
    uri = graphic.get("uri", "") if graphic is not None else ""
    word = uri.rstrip("/").rpartition("/")[2]
    return {"chart": msg("图表"), "diagram": msg("SmartArt 图示"), "lockedCanvas": msg("画布")}.get(
        word, word or msg("没有内容")
    )


def _content(
    ctx: LayoutContext, container: ContainingBlock, element: Element, width: float, height: float
) -> Node | None:
    described = child(element, "wp:docPr")
    alt = described.get("descr", "") or described.get("name", "") if described is not None else ""
    for name, content in children(child(element, "a:graphic/a:graphicData")):
        drawn = _member(ctx, container, name, content, width, height, alt)
        if drawn is not None:
            return drawn
    return None


def _member(
    ctx: LayoutContext,
    container: ContainingBlock,
    name: str,
    member: Element,
    width: float,
    height: float,
    alt: str = "",
) -> Node | None:
    if name == "wsp":
        drawn = shape_node(ctx, container, member, width, height)
        return turned(drawn, child(member, "wps:spPr/a:xfrm"))
    if name == "pic":
        return _picture(ctx, member, width, height, alt)
    return _group(ctx, container, member, width, height) if name in _GROUPS else None


def _picture(ctx: LayoutContext, element: Element, width: float, height: float, alt: str) -> Node | None:
    blip = child(element, "pic:blipFill/a:blip")
    cut = child(element, "pic:blipFill/a:srcRect")
    crop = tuple(number(cut.get(side)) / _PERCENT for side in "ltrb") if cut is not None else ()
    relation = blip.get(R + "embed", "") if blip is not None else ""
    drawn = picture_node(ctx, relation, width, height, crop, alt) if relation else None
    return turned(drawn, child(element, "pic:spPr/a:xfrm")) if drawn is not None else None


def turned(drawn: Node, transform: Element | None) -> Node:
    """A drawing rotated and mirrored about its middle."""
    if transform is None:
        return drawn
    angle = number(transform.get("rot")) / _ROTATION
    mirrored = [
        f"scale{axis}(-1)"
        for axis, flip in (("X", "flipH"), ("Y", "flipV"))
        if transform.get(flip) in ("1", "true") and not _is_line(transform)
    ]
    steps = ([f"rotate({css_number(angle)}deg)"] if angle else []) + mirrored
    return node("div", drawn, style="transform:" + " ".join(steps)) if steps else drawn


def _is_line(transform: Element) -> bool:
    """Lines and text boxes mirror themselves; their letters do not."""
    parent = transform.getparent()
    return (
        parent is not None
        and local(parent) == "spPr"
        and child(parent, "a:blip") is None
        and _of_shape(parent)
    )


def _of_shape(properties: Element) -> bool:
    owner = properties.getparent()
    return owner is not None and local(owner) == "wsp"


def _group(
    ctx: LayoutContext, container: ContainingBlock, group: Element, width: float, height: float
) -> Node:
    """Members placed in the group's own coordinates, scaled to its size."""
    transform = child(group, "wpg:grpSpPr/a:xfrm")
    offset, extent = child(transform, "a:chOff"), child(transform, "a:chExt")
    left, top = (emu(offset.get("x")), emu(offset.get("y"))) if offset is not None else (0.0, 0.0)
    wide = emu(extent.get("cx")) if extent is not None else width
    high = emu(extent.get("cy")) if extent is not None else height
    across, down = (width / wide if wide else 1.0), (height / high if high else 1.0)
    members = []
    for name, member in children(group):
        place = _place_of(name, member)
        off, ext = child(place, "a:off"), child(place, "a:ext")
        if off is None or ext is None:
            continue
        w, h = emu(ext.get("cx")) * across, emu(ext.get("cy")) * down
        drawn = _member(ctx, container, name, member, w, h)
        if drawn is None:
            ctx.log.warn(msg("组合图形中的“{name}”不能排出。", name=local(member)))
            continue
        x, y = (emu(off.get("x")) - left) * across, (emu(off.get("y")) - top) * down
        members.append(node("div", drawn, style=f"position:absolute;left:{pt(x)};top:{pt(y)}"))
    made = node("div", *members, style=f"position:relative;width:{pt(width)};height:{pt(height)}")
    return turned(made, transform)


def _place_of(name: str, member: Element) -> Element | None:
    """The ``xfrm`` of a group's member, which for a group within it is its own and not its members'."""
    path = {"wsp": "wps:spPr/a:xfrm", "pic": "pic:spPr/a:xfrm", "grpSp": "wpg:grpSpPr/a:xfrm"}.get(name)
    if path is not None:
        return child(member, path)
    return next(iter(find_all(member, "wpg:xfrm")), None) if name == "graphicFrame" else None
