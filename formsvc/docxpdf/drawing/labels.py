"""A few words set outside any paragraph: watermarks, and the name of what cannot be shown."""

from __future__ import annotations

from dataclasses import dataclass

from formsvc.docxpdf.characters.classes import is_east_asian
from formsvc.docxpdf.context import LayoutContext
from formsvc.docxpdf.html_tree import Node, css_string, join_css, node, pt


@dataclass(frozen=True)
class Lettering:
    """Spans of one line, and how wide they come out."""

    spans: list[Node]
    width: float


def letters(ctx: LayoutContext, words: str, family: str, size: float, *, bold: bool = False) -> Lettering:
    """The words in a font of the document."""
    spans: list[Node] = []
    width = 0.0
    for char in words:
        drawn, em = ctx.fonts.chain(family, bold=bold, italic=False, east=is_east_asian(char)).find(char)
        weight = "font-weight:700" if drawn.embolden else ""
        face = f'font-family:"{css_string(drawn.face.family)}";font-size:{pt(size)}'
        spans.append(node("span", text=char, style=join_css((face, weight))))
        width += em * size
    return Lettering(spans, width)


def placeholder(ctx: LayoutContext, name: str, width: float, height: float) -> Node:
    """A frame with a name where a picture would stand."""
    size = min(8.0, max(4.0, height / 2))
    line = node(
        "p",
        *letters(ctx, name, "宋体", size).spans,
        style=f"color:#808080;line-height:{pt(1.3 * size)};font-size:{pt(size)}",
    )
    frame = "box-sizing:border-box;border:0.5pt dashed #808080;overflow:hidden"
    return node("div", line, style=f"{frame};width:{pt(width)};height:{pt(height)}")
