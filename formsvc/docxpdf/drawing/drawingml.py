"""DrawingML (`w:drawing`): pictures, shapes, groups; inline or anchored."""

from __future__ import annotations

from formsvc.docxpdf.context import ContainingBlock, LayoutContext
from formsvc.docxpdf.drawing.anchor_position import read_anchor
from formsvc.docxpdf.drawing.diagrams import chart_title, draw_chart_words, draw_diagram
from formsvc.docxpdf.drawing.geometry import frame_rotated
from formsvc.docxpdf.drawing.images import image_node
from formsvc.docxpdf.drawing.labels import placeholder
from formsvc.docxpdf.drawing.shapes import fits_to_text, shape_node
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
    """Return the items of a `w:drawing`."""
    items: list[BoxItem | AnchoredItem] = []
    for kind, element in children(drawing):
        if _is_hidden(element):
            continue
        extent = child(element, "wp:extent")
        width, height = (emu(extent.get("cx")), emu(extent.get("cy"))) if extent is not None else (0.0, 0.0)
        width, height = _unturned_size(element, (width, height))
        graphic = _draw_content(ctx, container, element, width, height)
        if graphic is None:
            named = _label(ctx, element)
            ctx.log.warn(
                msg("图形“{name}”（{kind}）不能排出，原处留有它的文字。", name=named, kind=_kind(element))
                if width and height
                else msg("图形“{name}”（{kind}）不能排出。", name=named, kind=_kind(element))
            )
            if not (width and height):
                continue
            # the text around it stays where it was
            graphic = _frame_of_words(ctx, container, element, named, (width, height))
        degrees = _rotation(_transform(element))
        graphic, (width, height) = frame_rotated(graphic, degrees, (width, height), in_line=kind == "inline")
        if kind == "inline":
            items.append(inline_box(graphic, width, height))
        else:
            shape = child(element, "a:graphic/a:graphicData/wps:wsp")
            fits_text = shape is not None and fits_to_text(shape)
            items.append(read_anchor(ctx, container, element, graphic, (width, height), fits_text=fits_text))
    return items


def _unturned_size(element: Element, extent: tuple[float, float]) -> tuple[float, float]:
    """Return the size of a drawing before it is rotated."""
    transform = _transform(element)
    size = child(transform, "a:ext")
    if size is None or not _rotation(transform) % 180:
        return extent
    # some programs write the room of the rotated drawing as its extent
    return emu(size.get("cx")) or extent[0], emu(size.get("cy")) or extent[1]


def _transform(element: Element) -> Element | None:
    """Return the ``a:xfrm`` of a drawing's only picture or shape."""
    picture = child(element, "a:graphic/a:graphicData/pic:pic/pic:spPr/a:xfrm")
    return (
        picture if picture is not None else child(element, "a:graphic/a:graphicData/wps:wsp/wps:spPr/a:xfrm")
    )


def _rotation(transform: Element | None) -> float:
    """Return degrees; ``a:xfrm`` counts 60,000ths of them."""
    return number(transform.get("rot")) / _ROTATION if transform is not None else 0.0


def _is_hidden(element: Element) -> bool:
    doc_properties = child(element, "wp:docPr")
    return doc_properties is not None and doc_properties.get("hidden") in ("1", "true")


def _name(element: Element) -> str:
    doc_properties = child(element, "wp:docPr")
    return doc_properties.get("name", "") if doc_properties is not None else ""


def _frame_of_words(
    ctx: LayoutContext, container: ContainingBlock, element: Element, named: str, size: tuple[float, float]
) -> Node:
    chart = child(element, "a:graphic/a:graphicData")
    for kind, content in children(chart):
        words = draw_chart_words(ctx, container, content, *size) if kind == "chart" else None
        if words is not None:
            return words
    return placeholder(ctx, named, *size)


def _label(ctx: LayoutContext, element: Element) -> str:
    for kind, content in children(child(element, "a:graphic/a:graphicData")):
        title = chart_title(ctx, content) if kind == "chart" else ""
        if title:
            return f"{_name(element)} {title}".strip()
    return _name(element)


def _kind(element: Element) -> str:
    graphic = child(element, "a:graphic/a:graphicData")
    uri = graphic.get("uri", "") if graphic is not None else ""
    word = uri.rstrip("/").rpartition("/")[2]
    return {"chart": msg("图表"), "diagram": msg("SmartArt 图示"), "lockedCanvas": msg("画布")}.get(
        word, word or msg("没有内容")
    )


def _draw_content(
    ctx: LayoutContext, container: ContainingBlock, element: Element, width: float, height: float
) -> Node | None:
    doc_properties = child(element, "wp:docPr")
    alt = (
        doc_properties.get("descr", "") or doc_properties.get("name", "")
        if doc_properties is not None
        else ""
    )
    for name, content in children(child(element, "a:graphic/a:graphicData")):
        graphic = _draw_object(ctx, container, name, content, width, height, alt)
        if graphic is not None:
            return graphic
    return None


def _draw_object(
    ctx: LayoutContext,
    container: ContainingBlock,
    name: str,
    member: Element,
    width: float,
    height: float,
    alt: str = "",
) -> Node | None:
    if name == "wsp":
        graphic = shape_node(ctx, container, member, width, height)
        return rotate(graphic, child(member, "wps:spPr/a:xfrm"))
    if name == "pic":
        return _draw_picture(ctx, member, width, height, alt)
    if name == "relIds":
        return draw_diagram(ctx, container, member, width, height)
    return _draw_group(ctx, container, member, width, height) if name in _GROUPS else None


def _draw_picture(ctx: LayoutContext, element: Element, width: float, height: float, alt: str) -> Node | None:
    blip = child(element, "pic:blipFill/a:blip")
    source_rect = child(element, "pic:blipFill/a:srcRect")
    crop = (
        tuple(number(source_rect.get(side)) / _PERCENT for side in "ltrb") if source_rect is not None else ()
    )
    relation = blip.get(R + "embed", "") if blip is not None else ""
    graphic = image_node(ctx, relation, width, height, crop, alt) if relation else None
    return rotate(graphic, child(element, "pic:spPr/a:xfrm")) if graphic is not None else None


def rotate(graphic: Node, transform: Element | None) -> Node:
    """Return a drawing rotated and mirrored about its centre."""
    if transform is None:
        return graphic
    angle = _rotation(transform)
    mirrors = [
        f"scale{axis}(-1)"
        for axis, flip in (("X", "flipH"), ("Y", "flipV"))
        if transform.get(flip) in ("1", "true") and not _mirrors_itself(transform)
    ]
    steps = ([f"rotate({css_number(angle)}deg)"] if angle else []) + mirrors
    return node("div", graphic, style="transform:" + " ".join(steps)) if steps else graphic


def _mirrors_itself(transform: Element) -> bool:
    """Return whether the shape's own drawing takes care of the mirroring."""
    parent = transform.getparent()
    return (
        parent is not None
        and local(parent) == "spPr"
        and child(parent, "a:blip") is None
        and _belongs_to_shape(parent)
    )


def _belongs_to_shape(properties: Element) -> bool:
    owner = properties.getparent()
    return owner is not None and local(owner) == "wsp"


def _draw_group(
    ctx: LayoutContext, container: ContainingBlock, group: Element, width: float, height: float
) -> Node:
    """Members placed in the group's own coordinates, scaled to its size."""
    transform = child(group, "wpg:grpSpPr/a:xfrm")
    offset, extent = child(transform, "a:chOff"), child(transform, "a:chExt")
    left, top = (emu(offset.get("x")), emu(offset.get("y"))) if offset is not None else (0.0, 0.0)
    child_width = emu(extent.get("cx")) if extent is not None else width
    child_height = emu(extent.get("cy")) if extent is not None else height
    scale_x, scale_y = (
        (width / child_width if child_width else 1.0),
        (height / child_height if child_height else 1.0),
    )
    members = []
    for name, member in children(group):
        xfrm = _member_transform(name, member)
        off, ext = child(xfrm, "a:off"), child(xfrm, "a:ext")
        if off is None or ext is None:
            continue
        w, h = emu(ext.get("cx")) * scale_x, emu(ext.get("cy")) * scale_y
        graphic = _draw_object(ctx, container, name, member, w, h)
        if graphic is None:
            ctx.log.warn(msg("组合图形中的“{name}”不能排出。", name=local(member)))
            continue
        x, y = (emu(off.get("x")) - left) * scale_x, (emu(off.get("y")) - top) * scale_y
        members.append(node("div", graphic, style=f"position:absolute;left:{pt(x)};top:{pt(y)}"))
    group_node = node("div", *members, style=f"position:relative;width:{pt(width)};height:{pt(height)}")
    return rotate(group_node, transform)


def _member_transform(name: str, member: Element) -> Element | None:
    """Return the `xfrm` of a group's member."""
    # a nested group has its xfrm in its own properties, where a search would find its members' first
    path = {"wsp": "wps:spPr/a:xfrm", "pic": "pic:spPr/a:xfrm", "grpSp": "wpg:grpSpPr/a:xfrm"}.get(name)
    if path is not None:
        return child(member, path)
    return next(iter(find_all(member, "wpg:xfrm")), None) if name == "graphicFrame" else None
