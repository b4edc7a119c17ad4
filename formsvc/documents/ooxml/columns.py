"""How wide the columns of a table are: by its grid, by its cells, or all alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from formsvc.documents.ooxml.desk import Desk, Frame
from formsvc.documents.ooxml.names import Element, attribute, child, find_all, number, points, value_at
from formsvc.sentences import say

MAX_COLUMNS = 256
_NEAR = 0.02
_LEAST = 1.0


@dataclass(frozen=True)
class Span:
    """The columns a cell reaches over, with its ``w:tcPr``."""

    start: int
    count: int
    properties: Element | None


def column_widths(
    desk: Desk, frame: Frame, table: Element, rows: Sequence[Sequence[Span]], count: int
) -> list[float]:
    """The grid's widths; the cells' own where the grid is missing or contradicts the width of the table."""
    own = child(table, "w:tblPr")
    grid = [points(attribute(c, "w")) for c in find_all(table, "w:tblGrid/w:gridCol")][:MAX_COLUMNS]
    whole = _table_width(own, frame)
    if len(grid) < count or not all(grid):
        if len(grid) < count:
            desk.journal.note(say("表格没有完整的列宽，按单元格宽度或平均分配排出。"))
        return _by_cells(rows, count, whole or frame.width) or [(whole or frame.width) / count] * count
    if value_at(own, "w:tblW", "type") == "pct" and whole:
        return [w * whole / sum(grid) for w in grid]
    if whole and not _near(sum(grid), whole) and value_at(own, "w:tblLayout", "type") != "fixed":
        cells = _by_cells(rows, count, whole)
        if cells and _near(sum(cells), whole):
            return cells
    return grid


def _near(one: float, other: float) -> bool:
    return abs(one - other) <= _NEAR * other


def _table_width(own: Element | None, frame: Frame) -> float:
    """The width a table asks for, nothing where it asks for none."""
    return _length(child(own, "w:tblW"), frame.width)


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
