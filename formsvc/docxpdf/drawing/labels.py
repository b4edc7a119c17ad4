"""Single lines of text outside any paragraph: watermarks and placeholders."""

from __future__ import annotations

from dataclasses import dataclass

from formsvc.docxpdf.characters.classes import is_east_asian
from formsvc.docxpdf.context import LayoutContext
from formsvc.docxpdf.html_tree import Node, css_string, join_css, node, pt


@dataclass(frozen=True)
class TextSpans:
    """Spans of one line and their total width in points."""

    spans: list[Node]
    width: float


def text_spans(ctx: LayoutContext, words: str, family: str, size: float, *, bold: bool = False) -> TextSpans:
    spans: list[Node] = []
    width = 0.0
    for char in words:
        choice, em = ctx.fonts.chain(family, bold=bold, italic=False, east=is_east_asian(char)).find(char)
        weight = "font-weight:700" if choice.embolden else ""
        face = f'font-family:"{css_string(choice.face.family)}";font-size:{pt(size)}'
        spans.append(node("span", text=char, style=join_css((face, weight))))
        width += em * size
    return TextSpans(spans, width)


def placeholder(ctx: LayoutContext, name: str, width: float, height: float) -> Node:
    """Return a frame with a name in place of a picture."""
    size = min(8.0, max(4.0, height / 2))
    line = node(
        "p",
        *text_spans(ctx, name, "宋体", size).spans,
        style=f"color:#808080;line-height:{pt(1.3 * size)};font-size:{pt(size)}",
    )
    frame = "box-sizing:border-box;border:0.5pt dashed #808080;overflow:hidden"
    return node("div", line, style=f"{frame};width:{pt(width)};height:{pt(height)}")
