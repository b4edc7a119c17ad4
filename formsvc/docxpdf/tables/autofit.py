"""Intrinsic widths of table columns, and how columns share a width."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from formsvc.docxpdf.characters.classes import is_east_asian
from formsvc.docxpdf.context import LayoutContext
from formsvc.docxpdf.opc.xml import Element, attribute, child, children, emu, find_all, points
from formsvc.docxpdf.text.clusters import font_chain

_TRANSPARENT = frozenset(
    {"ins", "hyperlink", "smartTag", "sdtContent", "sdt", "customXml", "moveTo", "fldSimple"}
)
# keeps a paragraph that is just as wide as its column on one line
_ROUNDING = 0.2


@dataclass(frozen=True)
class IntrinsicWidths:
    """Min-content and max-content width of a cell or column, in points."""

    min_content: float = 0.0
    max_content: float = 0.0

    def union(self, other: IntrinsicWidths) -> IntrinsicWidths:
        return IntrinsicWidths(
            max(self.min_content, other.min_content), max(self.max_content, other.max_content)
        )


def intrinsic_widths(ctx: LayoutContext, cell: Element, margins: float) -> IntrinsicWidths:
    """Return the widths of a `w:tc` with its margins."""
    intrinsic = IntrinsicWidths()
    for name, block in children(cell):
        if name == "p":
            intrinsic = intrinsic.union(paragraph_widths(ctx, block))
        elif name == "tbl":
            # a nested table is as wide as its grid
            nested_width = sum(points(attribute(c, "w")) for c in find_all(block, "w:tblGrid/w:gridCol"))
            intrinsic = intrinsic.union(IntrinsicWidths(nested_width, nested_width))
        elif name == "sdt":
            content = child(block, "w:sdtContent")
            intrinsic = (
                intrinsic.union(intrinsic_widths(ctx, content, -_ROUNDING))
                if content is not None
                else intrinsic
            )
    return IntrinsicWidths(
        intrinsic.min_content + margins + _ROUNDING, intrinsic.max_content + margins + _ROUNDING
    )


def paragraph_widths(ctx: LayoutContext, paragraph: Element) -> IntrinsicWidths:
    properties = child(paragraph, "w:pPr")
    style = ctx.styles.paragraph_style_id(properties)
    min_content = max_content = line = word = 0.0
    for run in _runs(paragraph):
        for width, is_break, is_line_end in _run_advances(ctx, style, run):
            line += width
            word = width if is_break else word + width
            min_content = max(min_content, word)
            if is_break:
                word = 0.0
            if is_line_end:
                max_content, line = max(max_content, line), 0.0
    indent = ctx.styles.paragraph_properties(properties, {}, {}).get("ind", {})
    indents = sum(max(0.0, points(indent.get(side))) for side in ("left", "right"))
    first = max(0.0, points(indent.get("firstLine")))
    return IntrinsicWidths(min_content + indents, max(max_content, line) + indents + first)


def _runs(parent: Element) -> Iterator[Element]:
    for name, element in children(parent):
        if name == "r":
            yield element
        elif name in _TRANSPARENT:
            yield from _runs(element)


def _run_advances(ctx: LayoutContext, style: str, run: Element) -> Iterator[tuple[float, bool, bool]]:
    """Yield widths, each with: may a line end there, does it end there."""
    run_format = ctx.styles.run_format(style, child(run, "w:rPr"))
    if run_format.hidden:
        return
    for name, element in children(run):
        if name == "t":
            for char in element.text or "":
                east = is_east_asian(char, run_format.east_hint)
                _, em = font_chain(ctx.fonts, run_format, east).find(char)
                yield em * run_format.size * run_format.scale + run_format.spacing, east or char == " ", False
        elif name in ("br", "cr"):
            yield 0.0, True, True
        elif name == "tab":
            yield run_format.size, True, False
        elif name == "drawing":
            extent = child(element, "wp:inline/wp:extent")
            yield (emu(extent.get("cx")) if extent is not None else 0.0), True, False


def distribute(
    widths_by_column: Sequence[IntrinsicWidths], preferences: Sequence[float], available: float, *, fill: bool
) -> list[float]:
    """Return column widths within `available`.

    A column gets its preference (0 for none: its max-content width), but at least its min-content width. `fill` widens
    the columns until nothing is left.
    """
    preferred = [
        max(intrinsic.min_content, preference or intrinsic.max_content)
        for intrinsic, preference in zip(widths_by_column, preferences, strict=True)
    ]
    total, min_content = sum(preferred), sum(intrinsic.min_content for intrinsic in widths_by_column)
    if total <= available:
        return [width * available / total for width in preferred] if fill and total else preferred
    if min_content >= available:
        return [intrinsic.min_content for intrinsic in widths_by_column]
    # columns give way in proportion to what they have beyond their min-content width
    ratio = (available - min_content) / (total - min_content)
    return [
        intrinsic.min_content + (width - intrinsic.min_content) * ratio
        for intrinsic, width in zip(widths_by_column, preferred, strict=True)
    ]
