"""VML, the drawing language of WPS and of Word before 2010."""

from __future__ import annotations

from formsvc.docxpdf.context import ContainingBlock, LayoutContext
from formsvc.docxpdf.drawing.geometry import TEXT_INSETS, Outline, draw_line, frame_rotated, outline_css
from formsvc.docxpdf.drawing.images import image_node
from formsvc.docxpdf.drawing.labels import text_spans
from formsvc.docxpdf.drawing.shapes import align_vertically, warn_of_overflow
from formsvc.docxpdf.drawing.vml_styles import GroupCoordinates, VmlStyle, anchor_shape, vml_length, vml_style
from formsvc.docxpdf.html_tree import Node, css_number, join_css, node, pt
from formsvc.docxpdf.opc.xml import Element, R, child, children, local, number
from formsvc.docxpdf.text.inline_items import AnchoredItem, BoxItem, inline_box
from formsvc.docxpdf.wordml.colors import parse_vml_color
from formsvc.i18n.messages import msg

_SHAPES = frozenset(
    {"shape", "rect", "roundrect", "line", "oval", "group", "polyline", "arc", "curve", "image"}
)
_IGNORED = frozenset({"shapetype", "OLEObject", "control", "stroke", "fill", "path", "wrap", "lock"})
_OFF = frozenset({"f", "false"})
_LINE_TYPES = ("#_x0000_t32", "#_x0000_t20", "#_x0000_t34")
_VERTICAL_FLOWS = ("vertical-ideographic", "vertical")
# WordArt is set at this size and height, then stretched to its box
_WORDART_SIZE = 100.0
_WORDART_LINE_HEIGHT = 1.0


def read_vml(
    ctx: LayoutContext, container: ContainingBlock, element: Element
) -> list[BoxItem | AnchoredItem]:
    """Return the items of a `w:pict` or `w:object`."""
    items: list[BoxItem | AnchoredItem] = []
    for name, shape in children(element):
        if name not in _SHAPES:
            if name not in _IGNORED:
                ctx.log.warn(msg("旧格式的图形（VML {name}）不能排出。", name=name))
            continue
        style = vml_style(shape)
        if style.is_hidden:
            continue
        width, height = style.size(GroupCoordinates())
        graphic = _rotate(_draw_shape(ctx, container, name, shape, width, height), style)
        if graphic is None:
            ctx.log.warn(msg("旧格式的图形“{name}”不能排出。", name=_name(shape)))
        elif name == "line" or style.is_floating:
            items.append(anchor_shape(ctx, container, shape, style, graphic, (width, height)))
        else:
            drawn, room = frame_rotated(graphic, style.rotation, (width, height), in_line=True)
            items.append(inline_box(drawn, *room))
    if local(element) == "object" and not items:
        ctx.log.warn(msg("嵌入的对象（OLE）未排出。"))
    return items


def _name(shape: Element) -> str:
    return shape.get("alt") or shape.get("id") or shape.get("type") or ""


def _rotate(graphic: Node | None, style: VmlStyle) -> Node | None:
    if graphic is None or not style.rotation:
        return graphic
    return node("div", graphic, style=f"transform:rotate({css_number(style.rotation)}deg)")


def _draw_shape(
    ctx: LayoutContext, container: ContainingBlock, name: str, shape: Element, width: float, height: float
) -> Node | None:
    if name == "group":
        return _group(ctx, container, shape, width, height)
    if name == "line":
        return _line(shape)
    image = child(shape, "v:imagedata")
    # WPS writes an empty one into text boxes
    if image is not None and image.get(R + "id"):
        crop = tuple(_fraction(image.get(f"crop{side}")) for side in ("left", "top", "right", "bottom"))
        return image_node(ctx, image.get(R + "id", ""), width, height, crop, shape.get("alt", ""))
    textpath = child(shape, "v:textpath")
    if textpath is not None and textpath.get("string"):
        return _draw_wordart(ctx, shape, textpath, width, height)
    if shape.get("type") in _LINE_TYPES:
        return draw_line(width, height, _outline(shape) or Outline(), flipped="y" in vml_style(shape).flip)
    if name in ("polyline", "arc", "curve"):
        ctx.log.warn(msg("旧格式的曲线按外框排出。"))
    return _box(ctx, container, name, shape, width, height)


def _fraction(text: str | None) -> float:
    """Return a share; VML writes a number, or 65536ths with a trailing f."""
    if not text:
        return 0.0
    return number(text[:-1]) / 65_536 if text.endswith("f") else number(text)


def _outline(shape: Element) -> Outline | None:
    if shape.get("stroked") in _OFF:
        return None
    stroke = child(shape, "v:stroke")
    dash = stroke.get("dashstyle", "solid") if stroke is not None else "solid"
    arrow_ends = [
        stroke.get(f"{end}arrow", "none") if stroke is not None else "none" for end in ("start", "end")
    ]
    return Outline(
        parse_vml_color(shape.get("strokecolor"), "000000"),
        vml_length(shape.get("strokeweight")) or 0.75,
        "solid" if dash == "solid" else "dotted" if dash in ("dot", "1 1") else "dashed",
        (arrow_ends[0] != "none", arrow_ends[1] != "none"),
    )


def _line(shape: Element) -> Node:
    """Return a `v:line`, drawn from the upper left of its bounding box."""
    (x1, y1), (x2, y2) = line_ends(shape)
    outline = _outline(shape) or Outline()
    if x1 > x2:
        outline = Outline(outline.color, outline.width, outline.dash, (outline.arrows[1], outline.arrows[0]))
    return draw_line(abs(x2 - x1), abs(y2 - y1), outline, flipped=(x2 - x1) * (y2 - y1) < 0)


def line_ends(shape: Element) -> tuple[tuple[float, float], tuple[float, float]]:
    points = []
    for end in ("from", "to"):
        values = [vml_length(v) for v in (shape.get(end) or "0,0").split(",")[:2]]
        points.append((values[0], values[1] if len(values) > 1 else 0.0))
    return points[0], points[1]


def _fill(shape: Element) -> str:
    if shape.get("filled") in _OFF:
        return ""
    fill = child(shape, "v:fill")
    if fill is not None and fill.get("on") in _OFF:
        return ""
    return parse_vml_color(shape.get("fillcolor"), "FFFFFF")


def _box(
    ctx: LayoutContext, container: ContainingBlock, name: str, shape: Element, width: float, height: float
) -> Node:
    """Return a rectangle, rounded box or ellipse with its text."""
    textbox = child(shape, "v:textbox")
    text = child(textbox, "w:txbxContent")
    outline, fill = _outline(shape), _fill(shape)
    fits_text = "mso-wrap-style:none" in shape.get("style", "")
    grows = textbox is not None and "mso-fit-shape-to-text:t" in (textbox.get("style") or "")
    radius = {"oval": "50%", "roundrect": "10%"}.get(name, "")
    fill_element = child(shape, "v:fill")
    background = (
        image_node(ctx, fill_element.get(R + "id", ""), width, height)
        if fill_element is not None and fill_element.get(R + "id")
        else None
    )
    style = [
        "display:inline-block;text-align:left"
        if fits_text
        else f"box-sizing:border-box;width:{pt(width)};{'min-height' if grows else 'height'}:{pt(height)}",
        outline_css(outline),
        f"background:#{fill}"
        if fill and background is None and (text is None or shape.get("fillcolor"))
        else "",
        f"border-radius:{radius}" if radius else "",
    ]
    content = _lay_out_text(ctx, container, textbox, text, (width, height), style) if text is not None else []
    if background is not None:
        style.append("position:relative")
        content.insert(0, node("div", background, style="position:absolute;left:0;top:0;z-index:-1"))
    return node("div", *content, style=join_css(style))


def _lay_out_text(
    ctx: LayoutContext,
    container: ContainingBlock,
    textbox: Element | None,
    text: Element,
    size: tuple[float, float],
    style: list[str],
) -> list[Node]:
    left, top, right, bottom = _inner_margins(textbox)
    shape = textbox.getparent() if textbox is not None else None
    if shape is not None and local(shape) == "oval":
        left, right = (inset + TEXT_INSETS["ellipse"][0] * size[0] for inset in (left, right))
        top, bottom = (inset + TEXT_INSETS["ellipse"][1] * size[1] for inset in (top, bottom))
    style.append(f"padding:{pt(top)} {pt(right)} {pt(bottom)} {pt(left)}")
    inner_width, inner_height = max(1.0, size[0] - left - right), max(1.0, size[1] - top - bottom)
    text_style = (textbox.get("style") or "") if textbox is not None else ""
    anchor = vml_style(shape).anchor if shape is not None else "t"
    if any(f"layout-flow:{word}" in text_style for word in _VERTICAL_FLOWS):
        direction = "vert270" if "mso-layout-flow-alt:bottom-to-top" in text_style else "eaVert"
        return [
            ctx.block_layout.compose_vertical(
                ctx, container.inner_box(inner_width), text, (inner_width, inner_height), direction, anchor
            )
        ]
    first_text = len(ctx.texts)
    blocks = ctx.block_layout.compose(ctx, text, container.inner_box(inner_width))
    if "mso-fit-shape-to-text:t" not in text_style and size[1]:
        warn_of_overflow(ctx, blocks, inner_height, first_text)
    return align_vertically(blocks.nodes, anchor, inner_height, blocks.height)


def _inner_margins(textbox: Element | None) -> tuple[float, float, float, float]:
    """Return left, top, right and bottom inset of a text box."""
    inset = (textbox.get("inset") or "") if textbox is not None else ""
    values = [vml_length(v) if v.strip() else None for v in inset.split(",")]
    left, top, right, bottom = (
        default if value is None else value
        for value, default in zip([*values, None, None, None, None], (7.2, 3.6, 7.2, 3.6), strict=False)
    )
    return left, top, right, bottom


def _group(
    ctx: LayoutContext, container: ContainingBlock, group: Element, width: float, height: float
) -> Node:
    """Place the members in the group's own coordinates, scaled to its size."""
    units = GroupCoordinates.of(group, width, height)
    members = []
    for name, member in children(group):
        if name not in _SHAPES:
            continue
        style = vml_style(member)
        if name == "line":
            (x1, y1), (x2, y2) = line_ends(member)
            ends = [
                ((x - units.left) * units.scale_x, (y - units.top) * units.scale_y)
                for x, y in ((x1, y1), (x2, y2))
            ]
            member_width, member_height = (
                abs(ends[1][0] - ends[0][0]),
                abs(ends[1][1] - ends[0][1]),
            )
            x, y = min(e[0] for e in ends), min(e[1] for e in ends)
            flipped = (ends[1][0] - ends[0][0]) * (ends[1][1] - ends[0][1]) < 0
            graphic: Node | None = draw_line(
                member_width, member_height, _outline(member) or Outline(), flipped=flipped
            )
        else:
            member_width, member_height = style.size(units)
            x, y = style.corner(units)
            graphic = _rotate(_draw_shape(ctx, container, name, member, member_width, member_height), style)
        if graphic is None:
            ctx.log.warn(msg("组合图形中的“{name}”不能排出。", name=_name(member)))
            continue
        members.append(node("div", graphic, style=f"position:absolute;left:{pt(x)};top:{pt(y)}"))
    return node("div", *members, style=f"position:relative;width:{pt(width)};height:{pt(height)}")


def _draw_wordart(ctx: LayoutContext, shape: Element, textpath: Element, width: float, height: float) -> Node:
    """Return the text of a `v:textpath` on one line, stretched to its box."""
    declarations = dict(part.partition(":")[::2] for part in (textpath.get("style") or "").split(";"))
    family = declarations.get("font-family", "宋体").strip("\"' ")
    text = (textpath.get("string") or "").replace("\n", " ")
    letters = text_spans(ctx, text, family, _WORDART_SIZE, bold="bold" in declarations.get("font-weight", ""))
    # the text counts as printed when missing characters are reported
    ctx.texts.append(text)
    text_width = letters.width
    scale_x, scale_y = width / (text_width or 1.0), height / (_WORDART_SIZE * _WORDART_LINE_HEIGHT)
    fill = child(shape, "v:fill")
    color = (
        "none" if shape.get("filled") in ("f", "false") else parse_vml_color(shape.get("fillcolor"), "C0C0C0")
    )
    css = (
        f"position:absolute;left:0;top:0;transform:scale({css_number(scale_x)},{css_number(scale_y)});transform-origin:0 0",
        f"font-size:{pt(_WORDART_SIZE)};line-height:{pt(_WORDART_SIZE * _WORDART_LINE_HEIGHT)};color:#{color if color != 'none' else 'C0C0C0'}",
        f"opacity:{css_number(_opacity(fill))}",
    )
    line = node("p", *letters.spans, style=join_css(css))
    return node("div", line, style=f"position:relative;width:{pt(width)};height:{pt(height)}")


def _opacity(fill: Element | None) -> float:
    text = fill.get("opacity", "1") if fill is not None else "1"
    share = number(text[:-1]) / 65_536 if text.endswith("f") else number(text, 1.0)
    return min(1.0, max(0.0, share))
