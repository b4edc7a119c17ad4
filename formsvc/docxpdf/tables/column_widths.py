"""Column widths of a table: from its grid, its cells or their content."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from formsvc.docxpdf.context import ContainingBlock, LayoutContext
from formsvc.docxpdf.opc.xml import Element, attribute, child, find_all, number, points, value_at
from formsvc.docxpdf.tables.autofit import IntrinsicWidths, distribute, intrinsic_widths

MAX_COLUMNS = 256
_NEAR = 0.02
_LEAST = 1.0
_SLACK = 0.5
_WIDE_LETTER = 10.0
_LATIN = re.compile(r"[!-~]{2,}")


@dataclass(frozen=True)
class CellSpan:
    """Columns that a cell spans; `margins` is the sum of left and right."""

    start: int
    count: int
    properties: Element | None
    cell: Element
    margins: float


def column_widths(
    ctx: LayoutContext,
    container: ContainingBlock,
    table: Element,
    rows: Sequence[Sequence[CellSpan]],
    count: int,
) -> list[float]:
    """Return the columns' widths.

    The grid is authoritative unless it is missing, contradicted by the table's width, or outdated; then the cells' own
    widths or their content decide.
    """
    properties = child(table, "w:tblPr")
    grid = [points(attribute(c, "w")) for c in find_all(table, "w:tblGrid/w:gridCol")][:MAX_COLUMNS]
    table_width = _table_width(properties, container)
    fits = ctx.profile.autofit_columns and value_at(properties, "w:tblLayout", "type") != "fixed"
    if len(grid) < count or not all(grid):
        cells = _widths_from_cells(rows, count, table_width or container.width)
        if cells:
            return cells
        return (
            _widths_from_content(ctx, container, rows, count, table_width)
            if fits
            else [(table_width or container.width) / count] * count
        )
    if value_at(properties, "w:tblW", "type") == "pct" and table_width:
        grid = [w * table_width / sum(grid) for w in grid]
    elif (
        table_width
        and not _is_close(sum(grid), table_width)
        and value_at(properties, "w:tblLayout", "type") != "fixed"
    ):
        cells = _widths_from_cells(rows, count, table_width)
        if not ctx.profile.autofit_columns:
            return [w * table_width / sum(grid) for w in grid]
        # Word prefers the cells' widths to a grid that contradicts the table's
        grid = cells if cells and _is_close(sum(cells), table_width) else grid
    return _refit_grid(ctx, container, rows, grid, table_width) if fits else grid


def _widths_from_content(
    ctx: LayoutContext,
    container: ContainingBlock,
    rows: Sequence[Sequence[CellSpan]],
    count: int,
    table_width: float,
) -> list[float]:
    widths_by_column = column_intrinsic_widths(ctx, rows, count)
    return distribute(widths_by_column, [0.0] * count, table_width or container.width, fill=bool(table_width))


def _refit_grid(
    ctx: LayoutContext,
    container: ContainingBlock,
    rows: Sequence[Sequence[CellSpan]],
    grid: list[float],
    table_width: float,
) -> list[float]:
    """Return the grid, unless words or columns have outgrown it."""
    has_widths = any(
        _resolve_width(child(s.properties, "w:tcW"), table_width or container.width)
        for row in rows
        for s in row
    )
    if container.is_inside or ((has_widths or table_width) and not _has_long_words(rows, grid)):
        return grid
    widths_by_column = column_intrinsic_widths(ctx, rows, len(grid))
    if any(
        intrinsic.min_content > width + _SLACK
        for intrinsic, width in zip(widths_by_column, grid, strict=True)
    ):
        return distribute(widths_by_column, grid, max(table_width, sum(grid)), fill=bool(table_width))
    is_outgrown = any(
        intrinsic.max_content > width + _SLACK
        for intrinsic, width in zip(widths_by_column, grid, strict=True)
    )
    if not has_widths and not table_width and is_outgrown and sum(grid) < container.width - _SLACK:
        return distribute(widths_by_column, [0.0] * len(grid), container.width, fill=False)
    return grid


def _has_long_words(rows: Sequence[Sequence[CellSpan]], grid: list[float]) -> bool:
    """Return whether a word may be too long for its column."""
    for row in rows:
        for span in row:
            available = sum(grid[span.start : span.start + span.count]) - span.margins
            # counting letters is quick; only if it fails is the text measured
            words = _LATIN.findall("".join(map(str, span.cell.itertext())))
            if words and max(map(len, words)) * _WIDE_LETTER > available:
                return True
    return False


def column_intrinsic_widths(
    ctx: LayoutContext, rows: Sequence[Sequence[CellSpan]], count: int
) -> list[IntrinsicWidths]:
    """Return each column's widths; spanning cells add what is still missing."""
    widths_by_column = [IntrinsicWidths()] * count
    spans = sorted((s for row in rows for s in row), key=lambda s: s.count)
    for span in spans:
        columns = range(span.start, min(count, span.start + span.count))
        if not columns:
            continue
        intrinsic = intrinsic_widths(ctx, span.cell, span.margins)
        min_content, max_content = (
            sum(getattr(widths_by_column[c], side) for c in columns)
            for side in ("min_content", "max_content")
        )
        missing = IntrinsicWidths(
            max(0.0, intrinsic.min_content - min_content) / len(columns),
            max(0.0, intrinsic.max_content - max_content) / len(columns),
        )
        for column in columns:
            widths_by_column[column] = IntrinsicWidths(
                widths_by_column[column].min_content + missing.min_content,
                widths_by_column[column].max_content + missing.max_content,
            )
    return widths_by_column


def _is_close(one: float, other: float) -> bool:
    return abs(one - other) <= _NEAR * other


def _table_width(properties: Element | None, container: ContainingBlock) -> float:
    """Return the preferred width of the table, 0 for none."""
    return _resolve_width(child(properties, "w:tblW"), container.width)


def _resolve_width(element: Element | None, reference: float) -> float:
    """Return a width in points; percentages refer to `reference`."""
    text, kind = attribute(element, "w"), attribute(element, "type", "dxa")
    if kind == "pct" or text.endswith("%"):
        # w:w counts in fiftieths of a per cent, or has a per cent sign (ECMA-376 part 1, 17.18.90)
        return max(0.0, number(text.rstrip("%")) / (100 if text.endswith("%") else 5000) * reference)
    return max(0.0, points(text)) if kind == "dxa" else 0.0


def cell_edges(
    container: ContainingBlock,
    properties: Element | None,
    rows: Sequence[Element | None],
    cells: Sequence[Sequence[tuple[int, Element | None]]],
) -> tuple[list[float], list[list[int]]]:
    """Return columns' widths, and the columns that each row's edges are at.

    ``rows`` are ``w:trPr``; ``cells`` are spans and ``w:tcPr``. Return nothing if a cell has no width, or all rows have
    the same number of columns.
    """
    if len({sum(count for count, _ in row) for row in cells}) < 2 and not any(
        c > 1 for r in cells for c, _ in r
    ):
        return [], []
    width = _table_width(properties, container) or container.width
    edges: list[list[float]] = []
    for row, row_cells in zip(rows, cells, strict=True):
        places = [_resolve_width(child(row, "w:wBefore"), width)]
        for _, cell in row_cells:
            own = _resolve_width(child(cell, "w:tcW"), width)
            if not own:
                return [], []
            places.append(places[-1] + own)
        edges.append(places)
    columns: list[float] = [0.0]
    for place in sorted(place for row in edges for place in row):
        if place - columns[-1] > _SLACK:
            columns.append(place)
    if len(columns) > MAX_COLUMNS:
        return [], []
    widths = [right - left for left, right in pairwise(columns)]
    return widths, [[bisect_right(columns, place + 0.01) - 1 for place in row] for row in edges]


def _widths_from_cells(rows: Sequence[Sequence[CellSpan]], count: int, table_width: float) -> list[float]:
    """Return widths from the cells' `w:tcW`; empty if none has one.

    Cells of one column count first, then wider cells; columns without any width share what is left of the table.
    """
    widths = [0.0] * count
    cells = [(s, _resolve_width(child(s.properties, "w:tcW"), table_width)) for row in rows for s in row]
    for span, width in sorted(cells, key=lambda entry: entry[0].count):
        columns = range(span.start, min(count, span.start + span.count))
        unknown = [c for c in columns if not widths[c]]
        remaining = width - sum(widths[c] for c in columns)
        if width and unknown and remaining > 0:
            for column in unknown:
                widths[column] = remaining / len(unknown)
    if not any(widths):
        return []
    unknown = [c for c in range(count) if not widths[c]]
    remainder = max(_LEAST * len(unknown), table_width - sum(widths))
    return [width or remainder / len(unknown) for width in widths]
