"""DrawingML shapes (`wps:wsp`): outline, fill and text."""

from __future__ import annotations

from formsvc.docxpdf.context import VERTICAL, ComposedBlocks, ContainingBlock, LayoutContext
from formsvc.docxpdf.drawing.geometry import (
    CALLOUTS,
    POLYGONS,
    TEXT_INSETS,
    Outline,
    draw_callout,
    draw_custom_geometry,
    draw_line,
    draw_polygon,
    outline_css,
)
from formsvc.docxpdf.drawing.images import image_node
from formsvc.docxpdf.html_tree import Node, css_number, join_css, node, pt, quote_beginning
from formsvc.docxpdf.opc.xml import Element, R, child, emu, find_all, number
from formsvc.docxpdf.wordml.colors import drawing_color, opacity
from formsvc.i18n.messages import msg

_LINES = frozenset({"line", "straightConnector1"})
_BOXES = frozenset({"rect", "flowChartProcess", "snip1Rect", "bracketPair", "textNoShape"})
_ROUNDED = {"roundRect": "10%", "ellipse": "50%", "flowChartTerminator": "40%", "flowChartConnector": "50%"}
# default insets of a text box in points (ECMA-376 part 1, 21.1.2.1.1)
# 100 % in DrawingML
_WHOLE = 100_000
# lines may stand out of a box so far (points) without any glyph being cut
_OVERFLOW_TOLERANCE = 5.0
_INSETS = {"l": 7.2, "t": 3.6, "r": 7.2, "b": 3.6}


def fits_to_text(shape: Element) -> bool:
    """Return whether a box is as wide as its text."""
    body_properties = child(shape, "wps:bodyPr")
    return (
        body_properties is not None
        and body_properties.get("wrap") == "none"
        and child(body_properties, "a:spAutoFit") is not None
    )


def shape_node(
    ctx: LayoutContext, container: ContainingBlock, shape: Element, width: float, height: float
) -> Node:
    properties = child(shape, "wps:spPr")
    geometry = child(properties, "a:prstGeom")
    preset = geometry.get("prst", "rect") if geometry is not None else "rect"
    outline, fill = _outline(ctx, shape), _fill(ctx, shape)
    # elbow and curved connectors are drawn as straight lines
    if preset in _LINES or "Connector" in preset and preset not in _ROUNDED:
        return draw_line(
            width, height, outline or Outline(), flipped=_is_flipped(child(properties, "a:xfrm"))
        )
    graphic = _draw_geometry(properties, preset, width, height, outline, fill)
    if graphic is not None:
        text = _draw_text_box(ctx, container, shape, (width, height), None, "", "")
        layers = (node("div", layer, style="position:absolute;left:0;top:0") for layer in (graphic, text))
        return node("div", *layers, style=f"position:relative;width:{pt(width)};height:{pt(height)}")
    if preset not in _BOXES and preset not in _ROUNDED:
        ctx.log.warn(msg("形状“{preset}”按矩形排出。", preset=preset))
    return _draw_text_box(ctx, container, shape, (width, height), outline, fill, _ROUNDED.get(preset, ""))


def _is_flipped(transform: Element | None) -> bool:
    return transform is not None and (transform.get("flipV") in ("1", "true")) != (
        transform.get("flipH") in ("1", "true")
    )


def _draw_geometry(
    properties: Element | None, preset: str, width: float, height: float, outline: Outline | None, fill: str
) -> Node | None:
    custom = child(properties, "a:custGeom")
    if custom is not None:
        return draw_custom_geometry(custom, width, height, outline, fill)
    if preset in CALLOUTS:
        tip = _adjustments(child(properties, "a:prstGeom"), CALLOUTS[preset])
        return draw_callout(preset, (width, height), tip, outline, fill)
    return draw_polygon(preset, width, height, outline, fill) if preset in POLYGONS else None


def _adjustments(geometry: Element | None, default: tuple[float, float]) -> tuple[float, float]:
    """Return the first two adjustments of a preset as shares."""
    given = {guide.get("name"): guide.get("fmla", "") for guide in find_all(geometry, "a:avLst/a:gd")}
    one, two = (
        number(given[name].removeprefix("val ")) / _WHOLE if name in given else value
        for name, value in zip(("adj1", "adj2"), default, strict=True)
    )
    return one, two


def _outline(ctx: LayoutContext, shape: Element) -> Outline | None:
    """Return the shape's stroke, or None."""
    stroke, reference = child(shape, "wps:spPr/a:ln"), child(shape, "wps:style/a:lnRef")
    styled = reference is not None and reference.get("idx") != "0"
    if stroke is None:
        return Outline(drawing_color(ctx.palette, reference)) if styled else None
    if child(stroke, "a:noFill") is not None:
        return None
    fill = child(stroke, "a:solidFill")
    if fill is None and not styled and child(stroke, "a:gradFill") is None:
        return None
    color = drawing_color(ctx.palette, fill if fill is not None else reference)
    dash = child(stroke, "a:prstDash")
    kind = dash.get("val", "solid") if dash is not None else "solid"
    style = "solid" if kind == "solid" else "dotted" if "ot" in kind and "ash" not in kind else "dashed"
    heads = [child(stroke, f"a:{end}End") for end in ("head", "tail")]
    arrows = [head is not None and head.get("type", "none") != "none" for head in heads]
    return Outline(color, emu(stroke.get("w"), 0.75), style, (arrows[0], arrows[1]))


def _fill(ctx: LayoutContext, shape: Element) -> str:
    """Return the fill colour, or ""."""
    properties, reference = child(shape, "wps:spPr"), child(shape, "wps:style/a:fillRef")
    if child(properties, "a:noFill") is not None:
        return ""
    solid = child(properties, "a:solidFill")
    if solid is not None:
        return drawing_color(ctx.palette, solid, "FFFFFF") if opacity(solid) > 0.02 else ""
    # gradients are drawn in the colour of their first stop
    stop = child(properties, "a:gradFill/a:gsLst/a:gs")
    if stop is not None:
        return drawing_color(ctx.palette, stop, "FFFFFF")
    if reference is not None and reference.get("idx") != "0" and child(properties, "a:blipFill") is None:
        return drawing_color(ctx.palette, reference, "FFFFFF")
    return ""


def _draw_text_box(
    ctx: LayoutContext,
    container: ContainingBlock,
    shape: Element,
    size: tuple[float, float],
    outline: Outline | None,
    fill: str,
    radius: str,
) -> Node:
    """Return a box with the text in it."""
    width, height = size
    body_properties = child(shape, "wps:bodyPr")
    grows = child(body_properties, "a:spAutoFit") is not None
    border_width = outline.width if outline is not None else 0.0
    transparency = opacity(child(shape, "wps:spPr/a:solidFill"))
    red, green, blue = (int(fill[i : i + 2], 16) for i in (0, 2, 4)) if fill else (0, 0, 0)
    font = child(shape, "wps:style/a:fontRef")
    style = [
        "box-sizing:border-box;position:relative",
        "display:inline-block;text-align:left" if fits_to_text(shape) else f"width:{pt(width)}",
        f"{'min-height' if grows else 'height'}:{pt(height)}",
        outline_css(outline),
        f"background:rgba({red},{green},{blue},{css_number(transparency)})" if fill else "",
        f"border-radius:{radius}" if radius else "",
        f"color:#{drawing_color(ctx.palette, font)}" if font is not None else "",
    ]
    picture = _picture_fill(ctx, shape, width, height)
    content = _lay_out_text(ctx, container, shape, width - 2 * border_width, height - 2 * border_width, style)
    return node("div", *picture, *content, style=join_css(style))


def _picture_fill(ctx: LayoutContext, shape: Element, width: float, height: float) -> list[Node]:
    blip = child(shape, "wps:spPr/a:blipFill/a:blip")
    image = image_node(ctx, blip.get(R + "embed", ""), width, height) if blip is not None else None
    return (
        [node("div", image, style="position:absolute;left:0;top:0;z-index:-1")] if image is not None else []
    )


def _lay_out_text(
    ctx: LayoutContext,
    container: ContainingBlock,
    shape: Element,
    width: float,
    height: float,
    style: list[str],
) -> list[Node]:
    """Return the paragraphs of a box and add its insets to `style`."""
    text, body_properties = child(shape, "wps:txbx/w:txbxContent"), child(shape, "wps:bodyPr")
    if text is None:
        if child(shape, "wps:linkedTxbx") is not None:
            ctx.log.warn(msg("链接的文本框：文字都排在第一个文本框里。"))
        return []
    inset = {
        side: emu(body_properties.get(f"{side}Ins"), default) if body_properties is not None else default
        for side, default in _INSETS.items()
    }
    geometry = child(shape, "wps:spPr/a:prstGeom")
    shares = TEXT_INSETS.get(geometry.get("prst", "") if geometry is not None else "", (0.0,) * 4)
    for side, share, extent in zip("ltrb", shares, (width, height, width, height), strict=True):
        inset[side] += share * extent
    inner_width, inner_height = (
        max(1.0, width - inset["l"] - inset["r"]),
        max(1.0, height - inset["t"] - inset["b"]),
    )
    style.append(f"padding:{pt(inset['t'])} {pt(inset['r'])} {pt(inset['b'])} {pt(inset['l'])}")
    direction = body_properties.get("vert", "horz") if body_properties is not None else "horz"
    anchor = body_properties.get("anchor", "t") if body_properties is not None else "t"
    inner = container.inner_box(inner_width)
    if direction in VERTICAL:
        return [
            ctx.block_layout.compose_vertical(
                ctx, inner, text, (inner_width, inner_height), direction, anchor
            )
        ]
    first_text = len(ctx.texts)
    blocks = ctx.block_layout.compose(ctx, text, inner)
    content = blocks.nodes
    if child(body_properties, "a:spAutoFit") is None:
        warn_of_overflow(ctx, blocks, inner_height, first_text)
    degrees = number(body_properties.get("rot")) / 60_000 if body_properties is not None else 0.0
    if degrees:
        content = [node("div", *content, style=f"transform:rotate({css_number(degrees)}deg)")]
    return align_vertically(content, anchor, inner_height, blocks.height)


def warn_of_overflow(ctx: LayoutContext, blocks: ComposedBlocks, height: float, first_text: int) -> None:
    """Name the text of a box of fixed size that is higher than the box.

    `first_text` is its place among the texts of the document.
    """
    if blocks.text_height > height + _OVERFLOW_TOLERANCE:
        words = quote_beginning(ctx.texts[first_text:])
        ctx.log.warn_of_cut(msg("文本框的大小是固定的，放不下{words}，后面的字印不全。", words=words))


def align_vertically(content: list[Node], anchor: str, available: float, extent: float) -> list[Node]:
    """Move text to the middle or bottom of its box."""
    free = available - extent
    if not content or anchor not in ("ctr", "b") or free <= 0:
        return content
    return [node("div", *content, style=f"padding-top:{pt(free / 2 if anchor == 'ctr' else free)}")]
