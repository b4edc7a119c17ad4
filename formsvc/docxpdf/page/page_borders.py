"""What lies behind a page: its border, and the colour or picture of the document's background."""

from __future__ import annotations

from formsvc.docxpdf.context import LayoutContext, PageGeometry
from formsvc.docxpdf.drawing.images import kept_picture
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
    '<svg xmlns="http://www.w3.org/2000/svg" width="{w}pt" height="{h}pt" viewBox="0 0 {w} {h}">{drawn}</svg>'
)


def page_frame(ctx: LayoutContext, properties: Element | None) -> tuple[str, str]:
    """The pages that show a section's page border, and the declarations that draw it; empty where there is none."""
    borders = child(properties, "w:pgBorders")
    edges = {
        side: attributes_of(edge)
        for side in ("top", "right", "bottom", "left")
        if (edge := child(borders, f"w:{side}")) is not None and is_drawn(attributes_of(edge))
    }
    if not edges:
        return "", ""
    page = ctx.page
    lines = "".join(_edge(page, edges, side, attribute(borders, "offsetFrom") == "page") for side in edges)
    w, h = css_number(page.width), css_number(page.height)
    drawn = _SVG.format(w=w, h=h, drawn=lines).encode()
    address = f"{IMAGE_SCHEME}:page-border-{len(ctx.pictures)}"
    ctx.pictures[address] = EmbeddedImage(drawn, "image/svg+xml")
    return attribute(borders, "display", "allPages"), _behind(address, f"{pt(page.width)} {pt(page.height)}")


def _behind(address: str, size: str, repeat: str = "no-repeat") -> str:
    return (
        f"background-image:url({address});background-attachment:fixed;background-repeat:{repeat};"
        f"background-position:0 0;background-size:{size};"
    )


def _edge(page: PageGeometry, edges: dict[str, Attributes], side: str, from_page: bool) -> str:
    inner = {
        name: _offset(page, edges.get(name, {}), name, from_page)
        for name in ("top", "right", "bottom", "left")
    }
    left, right = inner["left"], page.width - inner["right"]
    top, bottom = inner["top"], page.height - inner["bottom"]
    ends = {
        "top": (left, top, right, top),
        "bottom": (left, bottom, right, bottom),
        "left": (left, top, left, bottom),
        "right": (right, top, right, bottom),
    }[side]
    edge = edges[side]
    width = border_width(edge)
    kind = edge.get("val", "")
    double = kind in ("double", "triple") or kind.startswith(("thin", "thick")) and kind != "thick"
    dash = _DASHES.get(kind, "")
    if not double:
        return _line(ends, width, edge, dash)
    inward = {"top": (0, 1), "bottom": (0, -1), "left": (1, 0), "right": (-1, 0)}[side]
    step = width * 2 / 3
    second = tuple(v + step * inward[i % 2] for i, v in enumerate(ends))
    return _line(ends, width / 3, edge, dash) + _line(
        (second[0], second[1], second[2], second[3]), width / 3, edge, dash
    )


def _line(ends: tuple[float, float, float, float], width: float, edge: Attributes, dash: str) -> str:
    x1, y1, x2, y2 = (css_number(v) for v in ends)
    pattern = " ".join(css_number(number(n) * width) for n in dash.split())
    dashed = f' stroke-dasharray="{pattern}"' if pattern else ""
    color = hex_color(edge.get("color", ""))
    cap = ' stroke-linecap="square"' if not dash else ""
    return f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="#{color}" stroke-width="{css_number(width)}"{dashed}{cap}/>'


def _offset(page: PageGeometry, edge: Attributes, side: str, from_page: bool) -> float:
    """Distance of a border's middle from the edge of the paper."""
    margin = {"top": page.top, "right": page.right, "bottom": page.bottom, "left": page.left}[side]
    if not edge:
        return 0.0 if from_page else margin
    space, half = number(edge.get("space")), border_width(edge) / 2
    return space + half if from_page else max(half, margin - space - half)


def page_background(ctx: LayoutContext) -> str:
    """The document's background as declarations for every page."""
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
    address = kept_picture(ctx, relation)
    if address is None or fill is None:
        return css
    tiled = fill.get("type") in ("tile", "pattern")
    return css + _behind(address, "auto" if tiled else "100% 100%", "repeat" if tiled else "no-repeat")
