"""Newspaper columns of different widths, where column breaks say what stands in which."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence

from formsvc.docxpdf.context import ContainingBlock, LayoutContext
from formsvc.docxpdf.html_tree import Node, join_css, node, pt
from formsvc.docxpdf.opc.xml import Element, W, attribute, local
from formsvc.docxpdf.page.section_properties import Columns

_KEPT = frozenset({"pPr"})


def divided(blocks: Iterable[Element]) -> list[list[Element]]:
    """The blocks of each column, as the column breaks between and within paragraphs divide them."""
    parts: list[list[Element]] = [[]]
    for block in blocks:
        rest: Element | None = block
        while rest is not None and local(rest) == "p" and (found := _break_in(rest)) is not None:
            before, rest = _parted(rest, found)
            if before is not None:
                parts[-1].append(before)
            parts.append([])
        if rest is not None:
            parts[-1].append(rest)
    return parts


def side_by_side(ctx: LayoutContext, columns: Columns, parts: Sequence[Sequence[Element]]) -> Node:
    """The columns beside one another, each as wide as it is to be."""
    cells, top = [], ctx.flow.y
    lowest = 0.0
    for place, width in enumerate(columns.widths):
        space = columns.spaces[place] if place < len(columns.widths) - 1 else 0.0
        part = parts[place] if place < len(parts) else []
        content = ctx.block_layout.compose(ctx, part, ContainingBlock(width))
        lowest = max(lowest, content.height)
        # the rule stands in the middle of the space
        rule = (
            f"border-right:0.5pt solid #000;padding-right:{pt(space / 2)}" if columns.ruled and space else ""
        )
        style = join_css(("display:table-cell;vertical-align:top;padding:0", f"width:{pt(width)}", rule))
        cells.append(node("div", *content.nodes, style=style))
        if space:
            gap = space / 2 if rule else space
            cells.append(node("div", style=f"display:table-cell;width:{pt(gap)}"))
    ctx.flow.y = top + lowest
    row = node("div", *cells, style="display:table-row")
    whole = sum(columns.widths) + sum(columns.spaces[: len(columns.widths) - 1])
    style = f"display:table;table-layout:fixed;border-collapse:separate;border-spacing:0;width:{pt(whole)}"
    return node("div", row, style=style)


def _break_in(paragraph: Element) -> Element | None:
    for run in paragraph.iterchildren(f"{W}r"):
        for element in run.iterchildren(f"{W}br"):
            if attribute(element, "type") == "column":
                return element
    return None


def _parted(paragraph: Element, at: Element) -> tuple[Element | None, Element | None]:
    """What of a paragraph stands before a break and what behind it; nothing where that is nothing but its mark."""
    before, behind = copy.deepcopy(paragraph), copy.deepcopy(paragraph)
    run = at.getparent()
    if run is None:
        return None, paragraph
    place, inner = paragraph.index(run), run.index(at)
    for element in list(before)[place + 1 :]:
        before.remove(element)
    for element in list(before[place])[inner:]:
        before[place].remove(element)
    for element in list(behind)[:place]:
        if local(element) not in _KEPT:
            behind.remove(element)
    first = next(iter(behind.iterchildren(f"{W}r")))
    for element in list(first)[: inner + 1]:
        if local(element) != "rPr":
            first.remove(element)
    for number in behind.findall(f"{W}pPr/{W}numPr"):
        number.getparent().remove(number)  # type: ignore[union-attr]
    return (before if _says_something(before) else None), (behind if _says_something(behind) else None)


def _says_something(paragraph: Element) -> bool:
    return (
        any(local(element) != "rPr" for run in paragraph.iter(f"{W}r") for element in run)
        or paragraph.find(f"{W}pPr/{W}sectPr") is not None
    )
