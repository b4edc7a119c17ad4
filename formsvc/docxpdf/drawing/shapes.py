"""One shape of a drawing: its outline, its fill, and the text in it."""

from __future__ import annotations

from formsvc.docxpdf.context import VERTICAL, ContainingBlock, LayoutContext
from formsvc.docxpdf.drawing.geometry import POLYGONS, Outline, border, free_form, line, polygon
from formsvc.docxpdf.drawing.images import picture_node
from formsvc.docxpdf.html_tree import Node, css_number, join_css, node, pt
from formsvc.docxpdf.opc.xml import Element, R, child, emu, number
from formsvc.docxpdf.wordml.colors import drawing_color, opacity
from formsvc.i18n.messages import msg

_LINES = frozenset({"line", "straightConnector1"})
_BOXES = frozenset({"rect", "flowChartProcess", "snip1Rect", "bracketPair", "textNoShape"})
_ROUNDED = {"roundRect": "10%", "ellipse": "50%", "flowChartTerminator": "40%", "flowChartConnector": "50%"}
_INSETS = {"l": 7.2, "t": 3.6, "r": 7.2, "b": 3.6}


def is_loose(shape: Element) -> bool:
    """Whether a box is as wide as its text."""
    body = child(shape, "wps:bodyPr")
    return body is not None and body.get("wrap") == "none" and child(body, "a:spAutoFit") is not None


def shape_node(
    ctx: LayoutContext, container: ContainingBlock, shape: Element, width: float, height: float
) -> Node:
    """A ``wps:wsp`` drawn at a size."""
    properties = child(shape, "wps:spPr")
    geometry = child(properties, "a:prstGeom")
    preset = geometry.get("prst", "rect") if geometry is not None else "rect"
    outline, fill = _outline(ctx, shape), _fill(ctx, shape)
    if preset in _LINES or "Connector" in preset and preset not in _ROUNDED:
        return line(width, height, outline or Outline(), flipped=_flips(child(properties, "a:xfrm")))
    drawn = _vector(properties, preset, width, height, outline, fill)
    if drawn is not None:
        text = _box(ctx, container, shape, (width, height), None, "", "")
        layers = (node("div", layer, style="position:absolute;left:0;top:0") for layer in (drawn, text))
        return node("div", *layers, style=f"position:relative;width:{pt(width)};height:{pt(height)}")
    if preset not in _BOXES and preset not in _ROUNDED:
        ctx.log.warn(msg("形状“{preset}”按矩形排出。", preset=preset))
    return _box(ctx, container, shape, (width, height), outline, fill, _ROUNDED.get(preset, ""))


def _flips(transform: Element | None) -> bool:
    return transform is not None and (transform.get("flipV") in ("1", "true")) != (
        transform.get("flipH") in ("1", "true")
    )


def _vector(
    properties: Element | None, preset: str, width: float, height: float, outline: Outline | None, fill: str
) -> Node | None:
    free = child(properties, "a:custGeom")
    if free is not None:
        return free_form(free, width, height, outline, fill)
    return polygon(preset, width, height, outline, fill) if preset in POLYGONS else None


def _outline(ctx: LayoutContext, shape: Element) -> Outline | None:
    """The line of a shape; None where it has none."""
    drawn, reference = child(shape, "wps:spPr/a:ln"), child(shape, "wps:style/a:lnRef")
    styled = reference is not None and reference.get("idx") != "0"
    if drawn is None:
        return Outline(drawing_color(ctx.palette, reference)) if styled else None
    if child(drawn, "a:noFill") is not None:
        return None
    fill = child(drawn, "a:solidFill")
    if fill is None and not styled and child(drawn, "a:gradFill") is None:
        return None
    color = drawing_color(ctx.palette, fill if fill is not None else reference)
    dash = child(drawn, "a:prstDash")
    kind = dash.get("val", "solid") if dash is not None else "solid"
    style = "solid" if kind == "solid" else "dotted" if "ot" in kind and "ash" not in kind else "dashed"
    heads = [child(drawn, f"a:{end}End") for end in ("head", "tail")]
    arrows = [head is not None and head.get("type", "none") != "none" for head in heads]
    return Outline(color, emu(drawn.get("w"), 0.75), style, (arrows[0], arrows[1]))


def _fill(ctx: LayoutContext, shape: Element) -> str:
    """The colour a shape is filled with, empty where it is not."""
    properties, reference = child(shape, "wps:spPr"), child(shape, "wps:style/a:fillRef")
    if child(properties, "a:noFill") is not None:
        return ""
    solid = child(properties, "a:solidFill")
    if solid is not None:
        return drawing_color(ctx.palette, solid, "FFFFFF") if opacity(solid) > 0.02 else ""
    stop = child(properties, "a:gradFill/a:gsLst/a:gs")
    if stop is not None:
        return drawing_color(ctx.palette, stop, "FFFFFF")
    if reference is not None and reference.get("idx") != "0" and child(properties, "a:blipFill") is None:
        return drawing_color(ctx.palette, reference, "FFFFFF")
    return ""


def _box(
    ctx: LayoutContext,
    container: ContainingBlock,
    shape: Element,
    size: tuple[float, float],
    outline: Outline | None,
    fill: str,
    radius: str,
) -> Node:
    """A box with what is written in it."""
    width, height = size
    body = child(shape, "wps:bodyPr")
    grows = child(body, "a:spAutoFit") is not None
    edge = outline.width if outline is not None else 0.0
    transparency = opacity(child(shape, "wps:spPr/a:solidFill"))
    red, green, blue = (int(fill[i : i + 2], 16) for i in (0, 2, 4)) if fill else (0, 0, 0)
    font = child(shape, "wps:style/a:fontRef")
    style = [
        "box-sizing:border-box;position:relative",
        "display:inline-block;text-align:left" if is_loose(shape) else f"width:{pt(width)}",
        f"{'min-height' if grows else 'height'}:{pt(height)}",
        border(outline),
        f"background:rgba({red},{green},{blue},{css_number(transparency)})" if fill else "",
        f"border-radius:{radius}" if radius else "",
        f"color:#{drawing_color(ctx.palette, font)}" if font is not None else "",
    ]
    picture = _filled_with_picture(ctx, shape, width, height)
    content = _text(ctx, container, shape, width - 2 * edge, height - 2 * edge, style)
    return node("div", *picture, *content, style=join_css(style))


def _filled_with_picture(ctx: LayoutContext, shape: Element, width: float, height: float) -> list[Node]:
    blip = child(shape, "wps:spPr/a:blipFill/a:blip")
    drawn = picture_node(ctx, blip.get(R + "embed", ""), width, height) if blip is not None else None
    return (
        [node("div", drawn, style="position:absolute;left:0;top:0;z-index:-1")] if drawn is not None else []
    )


def _text(
    ctx: LayoutContext,
    container: ContainingBlock,
    shape: Element,
    width: float,
    height: float,
    style: list[str],
) -> list[Node]:
    """The paragraphs of a box, with the box's inner margins added to its style."""
    text, body = child(shape, "wps:txbx/w:txbxContent"), child(shape, "wps:bodyPr")
    if text is None:
        if child(shape, "wps:linkedTxbx") is not None:
            ctx.log.warn(msg("链接的文本框：文字都排在第一个文本框里。"))
        return []
    inset = {
        side: emu(body.get(f"{side}Ins"), default) if body is not None else default
        for side, default in _INSETS.items()
    }
    wide, high = max(1.0, width - inset["l"] - inset["r"]), max(1.0, height - inset["t"] - inset["b"])
    style.append(f"padding:{pt(inset['t'])} {pt(inset['r'])} {pt(inset['b'])} {pt(inset['l'])}")
    direction = body.get("vert", "horz") if body is not None else "horz"
    anchor = body.get("anchor", "t") if body is not None else "t"
    inner = container.inner_box(wide)
    if direction in VERTICAL:
        return [ctx.block_layout.compose_vertical(ctx, inner, text, (wide, high), direction, anchor)]
    blocks = ctx.block_layout.compose(ctx, text, inner)
    turn = number(body.get("rot")) / 60_000 if body is not None else 0.0
    content = blocks.nodes
    if turn:
        content = [node("div", *content, style=f"transform:rotate({css_number(turn)}deg)")]
    return raised(content, anchor, high, blocks.height)


def raised(content: list[Node], anchor: str, room: float, extent: float) -> list[Node]:
    """Text in the middle or at the bottom of its box."""
    free = room - extent
    if not content or anchor not in ("ctr", "b") or free <= 0:
        return content
    return [node("div", *content, style=f"padding-top:{pt(free / 2 if anchor == 'ctr' else free)}")]
