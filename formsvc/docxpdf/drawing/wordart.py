"""WordArt of the older drawing language, as watermarks are made of it: a text stretched over its box."""

from __future__ import annotations

from formsvc.docxpdf.context import LayoutContext
from formsvc.docxpdf.drawing.labels import letters
from formsvc.docxpdf.html_tree import Node, css_number, join_css, node, pt
from formsvc.docxpdf.opc.xml import Element, child, number
from formsvc.docxpdf.wordml.colors import parse_vml_color

_EM = 100.0
"""The size the letters are set in before they are stretched."""
_LETTER_HEIGHT = 1.0


def word_art(ctx: LayoutContext, shape: Element, art: Element, width: float, height: float) -> Node:
    """The text of a ``v:textpath``, one line, filling its box."""
    words = dict(part.partition(":")[::2] for part in (art.get("style") or "").split(";"))
    family = words.get("font-family", "宋体").strip("\"' ")
    text = (art.get("string") or "").replace("\n", " ")
    made = letters(ctx, text, family, _EM, bold="bold" in words.get("font-weight", ""))
    ctx.texts.append(text)
    wide = made.width
    across, down = width / (wide or 1.0), height / (_EM * _LETTER_HEIGHT)
    fill = child(shape, "v:fill")
    color = (
        "none" if shape.get("filled") in ("f", "false") else parse_vml_color(shape.get("fillcolor"), "C0C0C0")
    )
    css = (
        f"position:absolute;left:0;top:0;transform:scale({css_number(across)},{css_number(down)});transform-origin:0 0",
        f"font-size:{pt(_EM)};line-height:{pt(_EM * _LETTER_HEIGHT)};color:#{color if color != 'none' else 'C0C0C0'}",
        f"opacity:{css_number(_opacity(fill))}",
    )
    line = node("p", *made.spans, style=join_css(css))
    return node("div", line, style=f"position:relative;width:{pt(width)};height:{pt(height)}")


def _opacity(fill: Element | None) -> float:
    """How opaque: a number, or 65536ths with an f behind."""
    text = fill.get("opacity", "1") if fill is not None else "1"
    share = number(text[:-1]) / 65_536 if text.endswith("f") else number(text, 1.0)
    return min(1.0, max(0.0, share))
