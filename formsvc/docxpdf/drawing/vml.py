"""The older drawing language (VML) as WPS and old Word files still write it."""

from __future__ import annotations

from formsvc.docxpdf.context import ContainingBlock, LayoutContext
from formsvc.docxpdf.drawing.geometry import Outline, border, line
from formsvc.docxpdf.drawing.images import picture_node
from formsvc.docxpdf.drawing.shapes import raised
from formsvc.docxpdf.drawing.vml_styles import Style, Units, length, placed_shape, style_of
from formsvc.docxpdf.drawing.wordart import word_art
from formsvc.docxpdf.html_tree import Node, css_number, join_css, node, pt
from formsvc.docxpdf.opc.xml import Element, R, child, children, local, number
from formsvc.docxpdf.text.inline_items import AnchoredItem, BoxItem, inline_box
from formsvc.docxpdf.wordml.colors import parse_vml_color
from formsvc.i18n.messages import msg

_SHAPES = frozenset(
    {"shape", "rect", "roundrect", "line", "oval", "group", "polyline", "arc", "curve", "image"}
)
_PASSED = frozenset({"shapetype", "OLEObject", "control", "stroke", "fill", "path", "wrap", "lock"})
_OFF = frozenset({"f", "false"})
_LINE_TYPES = ("#_x0000_t32", "#_x0000_t20", "#_x0000_t34")
_TALL = ("vertical-ideographic", "vertical")


def read_vml(
    ctx: LayoutContext, container: ContainingBlock, element: Element
) -> list[BoxItem | AnchoredItem]:
    """The items of a ``w:pict`` or ``w:object``."""
    items: list[BoxItem | AnchoredItem] = []
    for name, shape in children(element):
        if name not in _SHAPES:
            if name not in _PASSED:
                ctx.log.warn(msg("旧格式的图形（VML {name}）不能排出。", name=name))
            continue
        style = style_of(shape)
        if style.hidden:
            continue
        width, height = style.size(Units())
        drawn = _turned(_drawn(ctx, container, name, shape, width, height), style)
        if drawn is None:
            ctx.log.warn(msg("旧格式的图形“{name}”不能排出。", name=_name(shape)))
        elif name == "line" or style.floats:
            items.append(placed_shape(ctx, container, shape, style, drawn, (width, height)))
        else:
            items.append(inline_box(drawn, width, height))
    if local(element) == "object" and not items:
        ctx.log.warn(msg("嵌入的对象（OLE）未排出。"))
    return items


def _name(shape: Element) -> str:
    return shape.get("alt") or shape.get("id") or shape.get("type") or ""


def _turned(drawn: Node | None, style: Style) -> Node | None:
    if drawn is None or not style.rotation:
        return drawn
    return node("div", drawn, style=f"transform:rotate({css_number(style.rotation)}deg)")


def _drawn(
    ctx: LayoutContext, container: ContainingBlock, name: str, shape: Element, width: float, height: float
) -> Node | None:
    if name == "group":
        return _group(ctx, container, shape, width, height)
    if name == "line":
        return _line(shape)
    image = child(shape, "v:imagedata")
    if image is not None:
        crop = tuple(_share(image.get(f"crop{side}")) for side in ("left", "top", "right", "bottom"))
        return picture_node(ctx, image.get(R + "id", ""), width, height, crop, shape.get("alt", ""))
    art = child(shape, "v:textpath")
    if art is not None and art.get("string"):
        return word_art(ctx, shape, art, width, height)
    if shape.get("type") in _LINE_TYPES:
        return line(width, height, _outline(shape) or Outline(), flipped="y" in style_of(shape).flip)
    if name in ("polyline", "arc", "curve"):
        ctx.log.warn(msg("旧格式的曲线按外框排出。"))
    return _box(ctx, container, name, shape, width, height)


def _share(text: str | None) -> float:
    """A share of a picture: a number, or 65536ths with an f behind."""
    if not text:
        return 0.0
    return number(text[:-1]) / 65_536 if text.endswith("f") else number(text)


def _outline(shape: Element) -> Outline | None:
    if shape.get("stroked") in _OFF:
        return None
    stroke = child(shape, "v:stroke")
    dash = stroke.get("dashstyle", "solid") if stroke is not None else "solid"
    ends = [stroke.get(f"{end}arrow", "none") if stroke is not None else "none" for end in ("start", "end")]
    return Outline(
        parse_vml_color(shape.get("strokecolor"), "000000"),
        length(shape.get("strokeweight")) or 0.75,
        "solid" if dash == "solid" else "dotted" if dash in ("dot", "1 1") else "dashed",
        (ends[0] != "none", ends[1] != "none"),
    )


def _line(shape: Element) -> Node:
    """A line between two points, drawn from the upper left of the box around them."""
    (x1, y1), (x2, y2) = ends_of(shape)
    outline = _outline(shape) or Outline()
    if x1 > x2:
        outline = Outline(outline.color, outline.width, outline.dash, (outline.arrows[1], outline.arrows[0]))
    return line(abs(x2 - x1), abs(y2 - y1), outline, flipped=(x2 - x1) * (y2 - y1) < 0)


def ends_of(shape: Element) -> tuple[tuple[float, float], tuple[float, float]]:
    """Start and end of a ``v:line``."""
    found = []
    for end in ("from", "to"):
        values = [length(v) for v in (shape.get(end) or "0,0").split(",")[:2]]
        found.append((values[0], values[1] if len(values) > 1 else 0.0))
    return found[0], found[1]


def _fill(shape: Element) -> str:
    if shape.get("filled") in _OFF:
        return ""
    described = child(shape, "v:fill")
    if described is not None and described.get("on") in _OFF:
        return ""
    return parse_vml_color(shape.get("fillcolor"), "FFFFFF")


def _box(
    ctx: LayoutContext, container: ContainingBlock, name: str, shape: Element, width: float, height: float
) -> Node:
    """A rectangle, rounded box or ellipse with what is written in it."""
    textbox = child(shape, "v:textbox")
    text = child(textbox, "w:txbxContent")
    outline, fill = _outline(shape), _fill(shape)
    loose = "mso-wrap-style:none" in shape.get("style", "")
    fits = textbox is not None and "mso-fit-shape-to-text:t" in (textbox.get("style") or "")
    radius = {"oval": "50%", "roundrect": "10%"}.get(name, "")
    picture = child(shape, "v:fill")
    behind = (
        picture_node(ctx, picture.get(R + "id", ""), width, height)
        if picture is not None and picture.get(R + "id")
        else None
    )
    style = [
        "display:inline-block;text-align:left"
        if loose
        else f"box-sizing:border-box;width:{pt(width)};{'min-height' if fits else 'height'}:{pt(height)}",
        border(outline),
        f"background:#{fill}" if fill and behind is None and (text is None or shape.get("fillcolor")) else "",
        f"border-radius:{radius}" if radius else "",
    ]
    content = _written(ctx, container, textbox, text, (width, height), style) if text is not None else []
    if behind is not None:
        style.append("position:relative")
        content.insert(0, node("div", behind, style="position:absolute;left:0;top:0;z-index:-1"))
    return node("div", *content, style=join_css(style))


def _written(
    ctx: LayoutContext,
    container: ContainingBlock,
    textbox: Element | None,
    text: Element,
    size: tuple[float, float],
    style: list[str],
) -> list[Node]:
    left, top, right, bottom = _inset(textbox)
    style.append(f"padding:{pt(top)} {pt(right)} {pt(bottom)} {pt(left)}")
    wide, high = max(1.0, size[0] - left - right), max(1.0, size[1] - top - bottom)
    said = (textbox.get("style") or "") if textbox is not None else ""
    owner = textbox.getparent() if textbox is not None else None
    anchor = style_of(owner).anchor if owner is not None else "t"
    if any(f"layout-flow:{word}" in said for word in _TALL):
        direction = "vert270" if "mso-layout-flow-alt:bottom-to-top" in said else "eaVert"
        return [
            ctx.block_layout.compose_vertical(
                ctx, container.inner_box(wide), text, (wide, high), direction, anchor
            )
        ]
    blocks = ctx.block_layout.compose(ctx, text, container.inner_box(wide))
    return raised(blocks.nodes, anchor, high, blocks.height)


def _inset(textbox: Element | None) -> tuple[float, float, float, float]:
    """The inner margins of a text box: left, top, right, bottom as VML writes them."""
    written = (textbox.get("inset") or "") if textbox is not None else ""
    given = [length(v) if v.strip() else None for v in written.split(",")]
    left, top, right, bottom = (
        default if value is None else value
        for value, default in zip([*given, None, None, None, None], (7.2, 3.6, 7.2, 3.6), strict=False)
    )
    return left, top, right, bottom


def _group(
    ctx: LayoutContext, container: ContainingBlock, group: Element, width: float, height: float
) -> Node:
    """Members placed in the group's own coordinates, scaled to its size."""
    units = Units.of(group, width, height)
    members = []
    for name, member in children(group):
        if name not in _SHAPES:
            continue
        style = style_of(member)
        if name == "line":
            (x1, y1), (x2, y2) = ends_of(member)
            ends = [
                ((x - units.left) * units.across, (y - units.top) * units.down)
                for x, y in ((x1, y1), (x2, y2))
            ]
            wide, high = abs(ends[1][0] - ends[0][0]), abs(ends[1][1] - ends[0][1])
            x, y = min(e[0] for e in ends), min(e[1] for e in ends)
            flipped = (ends[1][0] - ends[0][0]) * (ends[1][1] - ends[0][1]) < 0
            drawn: Node | None = line(wide, high, _outline(member) or Outline(), flipped=flipped)
        else:
            wide, high = style.size(units)
            x, y = style.corner(units)
            drawn = _turned(_drawn(ctx, container, name, member, wide, high), style)
        if drawn is None:
            ctx.log.warn(msg("组合图形中的“{name}”不能排出。", name=_name(member)))
            continue
        members.append(node("div", drawn, style=f"position:absolute;left:{pt(x)};top:{pt(y)}"))
    return node("div", *members, style=f"position:relative;width:{pt(width)};height:{pt(height)}")
