"""Rows of placed lines as one box each, without boxes for cells.

WeasyPrint lays out a row's cells as blocks. A row of placed lines (line_row_cells.py) needs no more than sums; they are
added in WeasyPrint's order, so that the same lines stand at the same places to the last bit. A row that a page break may
divide gets its cells, and WeasyPrint lays it out as any other row. Import only after `FontCatalog.activate`: WeasyPrint
reads the font configuration on import.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from weasyprint.formatting_structure import boxes, build
from weasyprint.text.line_break import strut

from formsvc.docxpdf.html_tree import Node
from formsvc.docxpdf.pdf.fast_paths import absolute_lengths, resolve_borders
from formsvc.docxpdf.pdf.line_boxes import LineGroup, LinesOnly, SetLine, line_extent
from formsvc.docxpdf.pdf.line_row_cells import LineCell, LineRows
from formsvc.docxpdf.pdf.positioned_lines import PlacedLine

# pixels by which a row must fit at least; closer cases are left to WeasyPrint's own comparisons
_CLEARANCE = 0.01
_OWN = ("table", "is_head", "outlines", "styles", "_lines")
_SIDES = ("top", "right", "bottom", "left")
_ALIGNMENT = {"center": 0.5, "right": 1.0, "end": 1.0}


class _ParagraphMeasure:
    """Lengths of a paragraph's style, in pixels."""

    def __init__(self, style: Any) -> None:
        lengths = _lengths(style)
        self.style = style
        self.above, self.below = lengths["margin_top"], lengths["margin_bottom"]
        self.left, self.right = lengths["margin_left"], lengths["margin_right"]
        self.least, self.most = lengths["min_height"], lengths["max_height"]
        self.height, self.baseline = strut(style)
        self.align = _ALIGNMENT.get(style["text_align_all"], 0.0)


@dataclass
class _Document:
    """Rows of the document being rendered, and measures of its paragraphs."""

    rows: LineRows
    measures: dict[int, _ParagraphMeasure] = field(default_factory=dict)

    def measure(self, style: Any) -> _ParagraphMeasure:
        measure = self.measures.get(id(style))
        if measure is None:
            measure = self.measures[id(style)] = _ParagraphMeasure(style)
        return measure


# WeasyPrint passes nothing of ours through its layout; a process renders one document at a time
_document = _Document({})


def _lengths(style: Any) -> dict[str, Any]:
    """Return the lengths of a style; rows with others have cells."""
    absolute = absolute_lengths(style)
    return absolute.lengths if absolute else {}


@contextmanager
def line_rows(rows: LineRows) -> Iterator[None]:
    """Use these cells for their rows while a document is rendered."""
    global _document
    _document = _Document(rows)
    try:
        yield
    finally:
        _document = _Document({})


class _CellOutline:
    """Grid position, borders and lines of a cell that has no box."""

    rowspan = 1
    children = ()
    footnote = note = None
    border_top_width = border_right_width = border_bottom_width = border_left_width = 0.0
    grid_x = 0

    def __init__(self, cell: LineCell, styles: dict[Node, Any]) -> None:
        self.cell, self.colspan = cell, cell.columns
        self.style = styles[cell.model]
        self.lengths = _lengths(self.style)
        self.align = self.style["vertical_align"]
        self.paragraphs = [(_document.measure(styles[p.model]), p.lines) for p in cell.paragraphs]

    def lay_out(self, x: float, y: float, spanned: Sequence[float]) -> _CellLayout:
        """Set the lines of the cell from the top left corner of its border."""
        lengths = self.lengths
        sides = 0 + lengths["padding_left"] + lengths["padding_right"]
        width = sum(spanned) - (sides + self.border_left_width + self.border_right_width)
        left = x + lengths["padding_left"] + self.border_left_width
        top = at = y + lengths["padding_top"] + self.border_top_width
        lines: list[SetLine] = []
        below = 0.0
        for measure, placed in self.paragraphs:
            gap = max(below, measure.above)
            bottom = _stack_lines(measure, placed, lines, left, at + gap, width)
            start = at + (gap - measure.above) + measure.above
            at = start + max(min(max(0, bottom - start), measure.most), measure.least)
            below = measure.below
        content = max(0, at + below - top)
        wanted = lengths["height"]
        height = content if wanted == "auto" else max(content, wanted)
        height = height + lengths["padding_top"] + lengths["padding_bottom"]
        height = height + self.border_top_width + self.border_bottom_width
        spare = 0.0 if wanted == "auto" else wanted - content
        return _CellLayout(lines, height, self.align, spare)


def _stack_lines(
    measure: _ParagraphMeasure,
    placed: list[PlacedLine],
    lines: list[SetLine],
    x: float,
    y: float,
    width: float,
) -> float:
    """Add the lines of a paragraph. Return where the last one ends."""
    left, style, align = x + measure.left, measure.style, measure.align
    available = max(0, width - measure.left - measure.right)
    for line in placed:
        top, bottom = line_extent(line, measure.baseline, measure.height)
        offset = (available - line.width) * align if align and line.width < available else 0.0
        lines.append(SetLine(style, line, left + offset, y, -top))
        y += bottom - top
    return y


@dataclass(slots=True)
class _CellLayout:
    """Lines of a cell, its height, and the space its content leaves."""

    lines: list[SetLine]
    height: float
    align: str
    spare: float

    def align_lines(self, extra: float) -> None:
        """Move the lines in a row that is higher than the cell by `extra`."""
        share = {"top": 0.0, "middle": 0.5, "bottom": 1.0}[self.align]
        for shift in (extra * share, max(0.0, self.spare * share)):
            if shift:
                for line in self.lines:
                    line.y += shift


class LineRowBox(boxes.TableRowBox):  # type: ignore[misc]
    """Row of placed lines before layout, without boxes for its cells."""

    table: Any
    is_head: bool
    outlines: list[_CellOutline]
    styles: dict[Node, Any]
    _lines: LineGroup | None

    @property
    def children(self) -> Any:
        """No boxes, or those of the cells once a page break may divide the row."""
        if not hasattr(self.table, "page_space"):
            return ()
        # WeasyPrint has a width for a row only while it lays it out; a head's borders are read at other times too
        if self.__dict__.get("width", "auto") == "auto":
            return self.outlines
        if self._lines is None:
            self._lines = self._lay_out()
            if self._lines is None:
                self.build_cells()
                return self.children
        return ()

    @children.setter
    def children(self, boxes: Any) -> None:
        # passes over the box tree set what they read, which is nothing
        pass

    def _lay_out(self) -> LineGroup | None:
        """Return the lines of the row, or None if a page break may divide it."""
        table, y = self.table, self.position_y
        widths, positions = table.column_widths, table.column_positions
        cells = []
        for outline in self.outlines:
            first = outline.grid_x
            spanned = widths[first : first + outline.colspan]
            if len(spanned) < outline.colspan:
                return None
            cells.append(outline.lay_out(positions[first], y, spanned))
        bottom = max(y + cell.height for cell in cells)
        if not self._stays_whole(bottom):
            return None
        for cell in cells:
            cell.align_lines(bottom - (y + cell.height))
        height = max(cell.height for cell in cells)
        return LineGroup(self, [line for cell in cells for line in cell.lines], height)

    def _stays_whole(self, bottom: float) -> bool:
        """Return whether no page break can divide the row: it fits, or moves."""
        space = self.table.page_space
        if not space.context.overflows_page(space.bottom_space, bottom + _CLEARANCE):
            return True
        # WeasyPrint moves a row that avoids breaks to the next page unless it is the first of its page
        moves = self.style["break_inside"] == "avoid" and (self.is_head or not space.is_page_empty)
        return moves and bool(space.context.overflows_page(space.bottom_space, bottom - _CLEARANCE))

    def copy_with_children(self, new_children: Any) -> Any:
        """Return the row as it is on the page."""
        space = self.table.page_space
        space.is_page_empty &= self.is_head
        row = _LaidOutRow.__new__(_LaidOutRow)
        row.__dict__.update(self.__dict__)
        for name in _OWN:
            del row.__dict__[name]
        row.children = [self._lines]
        self.width, self._lines = "auto", None
        return row

    def build_cells(self) -> None:
        """Become an ordinary row with boxes for the cells."""
        cells = _build_cells(self.element, [outline.cell for outline in self.outlines], self.styles)
        for cell, outline in zip(cells, self.outlines, strict=True):
            cell.grid_x = outline.grid_x
            for side in _SIDES:
                name = f"border_{side}_width"
                cell.__dict__[name] = getattr(outline, name)
        self.__class__ = boxes.TableRowBox
        for name in _OWN:
            del self.__dict__[name]
        self.children = cells


class _LaidOutRow(LinesOnly, boxes.TableRowBox):  # type: ignore[misc]
    """Row of placed lines on its page."""


def outline_line_rows(original: Callable[..., Any]) -> Callable[..., Any]:
    def collapse_table_borders(table: Any, grid_width: int, grid_height: int) -> Any:
        heads = [row for group in table.children if group.is_header for row in group.children]
        rows = [row for group in table.children for row in group.children]
        found = [row for row in rows if row.element in _document.rows]
        if not found:
            return resolve_borders(original, table, grid_width, grid_height)
        styles = {
            part.element: part.style
            for row in rows
            for cell in row.children
            for part in (cell, *cell.children)
        }
        outlined = [row for row in found if _outline(row, styles)]
        for row in found:
            grid_width = max(grid_width, row.children[-1].grid_x + row.children[-1].colspan)
        borders = resolve_borders(original, table, grid_width, grid_height)
        for row in outlined:
            outlines = row.__dict__.pop("children")
            row.__class__ = LineRowBox
            row.__dict__.update(
                table=table, outlines=outlines, styles=styles, is_head=row in heads, _lines=None
            )
        return borders

    return collapse_table_borders


def _outline(row: Any, styles: dict[Node, Any]) -> bool:
    """Give a row outlines of its cells. Return False if it got cells.

    Cells whose lengths are not absolute need boxes.
    """
    cells = _document.rows[row.element]
    styles[row.element] = row.style
    for cell in cells:
        styles[cell.element] = styles[cell.model]
        styles.update((paragraph.element, styles[paragraph.model]) for paragraph in cell.paragraphs)
    elements = [part for cell in cells for part in (cell.element, *(p.element for p in cell.paragraphs))]
    is_absolute = all(absolute_lengths(styles[element]) for element in elements)
    row.children = (
        [_CellOutline(cell, styles) for cell in cells]
        if is_absolute
        else _build_cells(row.element, cells, styles)
    )
    column = 0
    for cell in row.children:
        cell.grid_x = column
        column += cell.colspan
    return is_absolute


def _build_cells(element: Node, cells: list[LineCell], styles: dict[Node, Any]) -> list[Any]:
    """Return boxes of the cells of a row as WeasyPrint builds them."""

    def style_for(part: Node, pseudo_type: str | None = None) -> Any:
        return None if pseudo_type else styles[part]

    element[:] = [cell.element for cell in cells]
    # plain elements, see line_row_cells: no images, targets, counters or footnotes
    (row,) = build.element_to_box(element, style_for, None, None, None, None, [])
    row.process_whitespace()
    return list(build.create_anonymous_boxes(row).children)


@dataclass
class _PageSpace:
    """Space that a table finds on a page."""

    context: Any
    bottom_space: float
    is_page_empty: bool


def note_page_space(original: Callable[..., Any]) -> Callable[..., Any]:
    def table_layout(
        context: Any, table: Any, bottom_space: float, skip: Any, block: Any, is_page_empty: bool, *rest: Any
    ) -> Any:
        # rows of placed lines decide by it whether a page break could divide them
        table.page_space = _PageSpace(context, bottom_space, is_page_empty)
        try:
            return original(context, table, bottom_space, skip, block, is_page_empty, *rest)
        finally:
            del table.page_space

    return table_layout
