"""Text columns of unequal width, divided by column breaks."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence

from formsvc.docxpdf.context import ContainingBlock, LayoutContext
from formsvc.docxpdf.html_tree import Node, join_css, node, pt
from formsvc.docxpdf.opc.xml import Element, W, attribute, local
from formsvc.docxpdf.page.section_properties import Columns

_COPIED = frozenset({"pPr"})


def split_at_column_breaks(blocks: Iterable[Element]) -> list[list[Element]]:
    parts: list[list[Element]] = [[]]
    for block in blocks:
        rest: Element | None = block
        while (
            rest is not None and local(rest) == "p" and (column_break := _find_column_break(rest)) is not None
        ):
            before, rest = _split_paragraph(rest, column_break)
            if before is not None:
                parts[-1].append(before)
            parts.append([])
        if rest is not None:
            parts[-1].append(rest)
    return parts


def lay_out_columns(ctx: LayoutContext, columns: Columns, parts: Sequence[Sequence[Element]]) -> Node:
    cells, top = [], ctx.flow.y
    tallest = 0.0
    for index, width in enumerate(columns.widths):
        space = columns.spaces[index] if index < len(columns.widths) - 1 else 0.0
        part = parts[index] if index < len(parts) else []
        content = ctx.block_layout.compose(ctx, part, ContainingBlock(width))
        tallest = max(tallest, content.height)
        # the separator is in the middle of the space
        rule = (
            f"border-right:0.5pt solid #000;padding-right:{pt(space / 2)}"
            if columns.has_separator and space
            else ""
        )
        style = join_css(("display:table-cell;vertical-align:top;padding:0", f"width:{pt(width)}", rule))
        cells.append(node("div", *content.nodes, style=style))
        if space:
            gap = space / 2 if rule else space
            cells.append(node("div", style=f"display:table-cell;width:{pt(gap)}"))
    ctx.flow.y = top + tallest
    row = node("div", *cells, style="display:table-row")
    total_width = sum(columns.widths) + sum(columns.spaces[: len(columns.widths) - 1])
    style = (
        f"display:table;table-layout:fixed;border-collapse:separate;border-spacing:0;width:{pt(total_width)}"
    )
    return node("div", row, style=style)


def _find_column_break(paragraph: Element) -> Element | None:
    for run in paragraph.iterchildren(f"{W}r"):
        for element in run.iterchildren(f"{W}br"):
            if attribute(element, "type") == "column":
                return element
    return None


def _split_paragraph(paragraph: Element, column_break: Element) -> tuple[Element | None, Element | None]:
    """Split a paragraph at a column break.

    A half that holds only the paragraph mark is None.
    """
    before, after = copy.deepcopy(paragraph), copy.deepcopy(paragraph)
    run = column_break.getparent()
    if run is None:
        return None, paragraph
    index, break_index = paragraph.index(run), run.index(column_break)
    for element in list(before)[index + 1 :]:
        before.remove(element)
    for element in list(before[index])[break_index:]:
        before[index].remove(element)
    for element in list(after)[:index]:
        if local(element) not in _COPIED:
            after.remove(element)
    first_run = next(iter(after.iterchildren(f"{W}r")))
    for element in list(first_run)[: break_index + 1]:
        if local(element) != "rPr":
            first_run.remove(element)
    # the second half is the same paragraph, so it is not numbered again
    for number in after.findall(f"{W}pPr/{W}numPr"):
        number.getparent().remove(number)  # type: ignore[union-attr]
    return (before if _has_content(before) else None), (after if _has_content(after) else None)


def _has_content(paragraph: Element) -> bool:
    return (
        any(local(element) != "rPr" for run in paragraph.iter(f"{W}r") for element in run)
        or paragraph.find(f"{W}pPr/{W}sectPr") is not None
    )
