"""How wide the columns of a table are: by its grid, by its cells, or all alike."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from formsvc.docxpdf.context import ContainingBlock, LayoutContext
from formsvc.docxpdf.opc.xml import Element, attribute, child, find_all, number, points, value_at
from formsvc.docxpdf.tables.autofit import Wish, shared_out, wish_of

MAX_COLUMNS = 256
_NEAR = 0.02
_LEAST = 1.0
_SLACK = 0.5
_WIDE_LETTER = 10.0
_LATIN = re.compile(r"[!-~]{2,}")


@dataclass(frozen=True)
class Span:
    """The columns a cell reaches over, the cell with its ``w:tcPr`` and its margins left and right."""

    start: int
    count: int
    properties: Element | None
    cell: Element
    margins: float


def column_widths(
    ctx: LayoutContext, container: ContainingBlock, table: Element, rows: Sequence[Sequence[Span]], count: int
) -> list[float]:
    """The grid's widths; the cells' own, or what their words ask for, where the grid is missing, contradicted or outdated."""
    own = child(table, "w:tblPr")
    grid = [points(attribute(c, "w")) for c in find_all(table, "w:tblGrid/w:gridCol")][:MAX_COLUMNS]
    whole = _table_width(own, container)
    fits = ctx.profile.autofit_columns and value_at(own, "w:tblLayout", "type") != "fixed"
    if len(grid) < count or not all(grid):
        cells = _by_cells(rows, count, whole or container.width)
        if cells:
            return cells
        return (
            _by_words(ctx, container, rows, count, whole)
            if fits
            else [(whole or container.width) / count] * count
        )
    if value_at(own, "w:tblW", "type") == "pct" and whole:
        grid = [w * whole / sum(grid) for w in grid]
    elif whole and not _near(sum(grid), whole) and value_at(own, "w:tblLayout", "type") != "fixed":
        cells = _by_cells(rows, count, whole)
        if not ctx.profile.autofit_columns:
            return [w * whole / sum(grid) for w in grid]
        grid = cells if cells and _near(sum(cells), whole) else grid
    return _refitted(ctx, container, rows, grid, whole) if fits else grid


def _by_words(
    ctx: LayoutContext, container: ContainingBlock, rows: Sequence[Sequence[Span]], count: int, whole: float
) -> list[float]:
    wishes = column_wishes(ctx, rows, count)
    return shared_out(wishes, [0.0] * count, whole or container.width, fills=bool(whole))


def _refitted(
    ctx: LayoutContext,
    container: ContainingBlock,
    rows: Sequence[Sequence[Span]],
    grid: list[float],
    whole: float,
) -> list[float]:
    """The grid, unless a word no longer fits its column, or columns without a width of their own have outgrown it."""
    given = any(_length(child(s.properties, "w:tcW"), whole or container.width) for row in rows for s in row)
    if container.is_inside or ((given or whole) and not _has_long_words(rows, grid)):
        return grid
    wishes = column_wishes(ctx, rows, len(grid))
    if any(wish.least > width + _SLACK for wish, width in zip(wishes, grid, strict=True)):
        return shared_out(wishes, grid, max(whole, sum(grid)), fills=bool(whole))
    outgrown = any(wish.most > width + _SLACK for wish, width in zip(wishes, grid, strict=True))
    if not given and not whole and outgrown and sum(grid) < container.width - _SLACK:
        return shared_out(wishes, [0.0] * len(grid), container.width, fills=False)
    return grid


def _has_long_words(rows: Sequence[Sequence[Span]], grid: list[float]) -> bool:
    """Whether any word could be too long for its column, reckoned by letters, which is quick."""
    for row in rows:
        for span in row:
            room = sum(grid[span.start : span.start + span.count]) - span.margins
            words = _LATIN.findall("".join(map(str, span.cell.itertext())))
            if words and max(map(len, words)) * _WIDE_LETTER > room:
                return True
    return False


def column_wishes(ctx: LayoutContext, rows: Sequence[Sequence[Span]], count: int) -> list[Wish]:
    """What the cells of each column ask for; a wide cell asks for what its columns do not yet give."""
    wishes = [Wish()] * count
    spans = sorted((s for row in rows for s in row), key=lambda s: s.count)
    for span in spans:
        columns = range(span.start, min(count, span.start + span.count))
        if not columns:
            continue
        wish = wish_of(ctx, span.cell, span.margins)
        least, most = (sum(getattr(wishes[c], side) for c in columns) for side in ("least", "most"))
        more = Wish(max(0.0, wish.least - least) / len(columns), max(0.0, wish.most - most) / len(columns))
        for column in columns:
            wishes[column] = Wish(wishes[column].least + more.least, wishes[column].most + more.most)
    return wishes


def _near(one: float, other: float) -> bool:
    return abs(one - other) <= _NEAR * other


def _table_width(own: Element | None, container: ContainingBlock) -> float:
    """The width a table asks for, nothing where it asks for none."""
    return _length(child(own, "w:tblW"), container.width)


def _length(element: Element | None, whole: float) -> float:
    """A width in points: a length, or a share of the whole (in fiftieths of a per cent or with a per cent sign)."""
    text, kind = attribute(element, "w"), attribute(element, "type", "dxa")
    if kind == "pct" or text.endswith("%"):
        return max(0.0, number(text.rstrip("%")) / (100 if text.endswith("%") else 5000) * whole)
    return max(0.0, points(text)) if kind == "dxa" else 0.0


def _by_cells(rows: Sequence[Sequence[Span]], count: int, whole: float) -> list[float]:
    """Widths from the cells: those of one column first, then what wider cells leave for the columns not yet known.

    Columns no cell speaks of share what is left of the table. Empty where no cell has a width.
    """
    widths = [0.0] * count
    cells = [(s, _length(child(s.properties, "w:tcW"), whole)) for row in rows for s in row]
    for span, width in sorted(cells, key=lambda entry: entry[0].count):
        columns = range(span.start, min(count, span.start + span.count))
        unknown = [c for c in columns if not widths[c]]
        left = width - sum(widths[c] for c in columns)
        if width and unknown and left > 0:
            for column in unknown:
                widths[column] = left / len(unknown)
    if not any(widths):
        return []
    unknown = [c for c in range(count) if not widths[c]]
    rest = max(_LEAST * len(unknown), whole - sum(widths))
    return [width or rest / len(unknown) for width in widths]
