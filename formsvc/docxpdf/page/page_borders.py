"""Page borders and the document's background."""

from __future__ import annotations

from formsvc.docxpdf.context import LayoutContext, PageGeometry
from formsvc.docxpdf.drawing.images import embed_image
from formsvc.docxpdf.html_tree import IMAGE_SCHEME, EmbeddedImage, css_number, pt
from formsvc.docxpdf.opc.xml import Element, R, attribute, attributes_of, child, number
from formsvc.docxpdf.wordml.borders import border_width, is_drawn
from formsvc.docxpdf.wordml.properties import Attributes
from formsvc.docxpdf.wordml.styles import hex_color

_DASHES = {
    "dotted": "1 1",
    "dashed": "3 2",
    "dashSmallGap": "3 1",
    "dotDash": "3 1 1 1",
    "dotDotDash": "3 1 1 1 1 1",
}
_SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="{w}pt" height="{h}pt" viewBox="0 0 {w} {h}">{lines}</svg>'
)


def page_border_css(ctx: LayoutContext, properties: Element | None) -> tuple[str, str]:
    """Return which pages show the section's border, and its CSS; "" for none."""
    borders = child(properties, "w:pgBorders")
    edges = {
        side: attributes_of(edge)
        for side in ("top", "right", "bottom", "left")
        if (edge := child(borders, f"w:{side}")) is not None and is_drawn(attributes_of(edge))
    }
    if not edges:
        return "", ""
    page = ctx.page
    lines = "".join(
        _draw_edge(page, edges, side, attribute(borders, "offsetFrom") == "page") for side in edges
    )
    w, h = css_number(page.width), css_number(page.height)
    svg = _SVG.format(w=w, h=h, lines=lines).encode()
    # CSS borders of @page do not reach into the margins, so the border is a background image
    address = f"{IMAGE_SCHEME}:page-border-{len(ctx.pictures)}"
    ctx.pictures[address] = EmbeddedImage(svg, "image/svg+xml")
    return attribute(borders, "display", "allPages"), _background_css(
        address, f"{pt(page.width)} {pt(page.height)}"
    )


def _background_css(address: str, size: str, repeat: str = "no-repeat") -> str:
    return (
        f"background-image:url({address});background-attachment:fixed;background-repeat:{repeat};"
        f"background-position:0 0;background-size:{size};"
    )


def _draw_edge(page: PageGeometry, edges: dict[str, Attributes], side: str, from_page: bool) -> str:
    inner = {
        name: _edge_offset(page, edges.get(name, {}), name, from_page)
        for name in ("top", "right", "bottom", "left")
    }
    left, right = inner["left"], page.width - inner["right"]
    top, bottom = inner["top"], page.height - inner["bottom"]
    line_ends = {
        "top": (left, top, right, top),
        "bottom": (left, bottom, right, bottom),
        "left": (left, top, left, bottom),
        "right": (right, top, right, bottom),
    }[side]
    edge = edges[side]
    width = border_width(edge)
    style = edge.get("val", "")
    double = style in ("double", "triple") or style.startswith(("thin", "thick")) and style != "thick"
    dash = _DASHES.get(style, "")
    if not double:
        return _line(line_ends, width, edge, dash)
    inward = {"top": (0, 1), "bottom": (0, -1), "left": (1, 0), "right": (-1, 0)}[side]
    step = width * 2 / 3
    inner_line = tuple(v + step * inward[i % 2] for i, v in enumerate(line_ends))
    return _line(line_ends, width / 3, edge, dash) + _line(
        (inner_line[0], inner_line[1], inner_line[2], inner_line[3]), width / 3, edge, dash
    )


def _line(line_ends: tuple[float, float, float, float], width: float, edge: Attributes, dash: str) -> str:
    x1, y1, x2, y2 = (css_number(v) for v in line_ends)
    pattern = " ".join(css_number(number(n) * width) for n in dash.split())
    dashed = f' stroke-dasharray="{pattern}"' if pattern else ""
    color = hex_color(edge.get("color", ""))
    cap = ' stroke-linecap="square"' if not dash else ""
    return f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="#{color}" stroke-width="{css_number(width)}"{dashed}{cap}/>'


def _edge_offset(page: PageGeometry, edge: Attributes, side: str, from_page: bool) -> float:
    """Return the distance of a border's middle from the paper's edge."""
    margin = {"top": page.top, "right": page.right, "bottom": page.bottom, "left": page.left}[side]
    if not edge:
        return 0.0 if from_page else margin
    space, half = number(edge.get("space")), border_width(edge) / 2
    return space + half if from_page else max(half, margin - space - half)


def page_background(ctx: LayoutContext) -> str:
    root = ctx.package.part(ctx.package.document)
    background = child(root, "w:background")
    if background is None or not ctx.settings.shows_background:
        return ""
    color = hex_color(attribute(background, "color"), "")
    css = f"background-color:#{color};" if color and color != "FFFFFF" else ""
    fill = child(background, "v:background/v:fill")
    relation = fill.get(R + "id", "") if fill is not None else ""
    if not relation:
        return css
    address = embed_image(ctx, relation)
    if address is None or fill is None:
        return css
    # VML fills are stretched over the page unless they are tiles or patterns
    tiled = fill.get("type") in ("tile", "pattern")
    return css + _background_css(
        address, "auto" if tiled else "100% 100%", "repeat" if tiled else "no-repeat"
    )
