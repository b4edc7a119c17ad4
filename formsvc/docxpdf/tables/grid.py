"""Table grid: rows and cells with their borders, margins and spans."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

from formsvc.docxpdf.context import ContainingBlock, LayoutContext
from formsvc.docxpdf.opc.xml import (
    Element,
    attribute,
    attributes_of,
    child,
    children,
    find_all,
    flag,
    points,
    value_at,
    whole,
    xml_text,
)
from formsvc.docxpdf.tables.column_widths import MAX_COLUMNS, CellSpan, cell_edges, column_widths
from formsvc.docxpdf.wordml.borders import border_width, is_drawn, shading_color
from formsvc.docxpdf.wordml.table_styles import CellFormat, CellPosition, TableStyle

SIDES = ("top", "right", "bottom", "left")
DIAGONALS = ("tl2br", "tr2bl")
_ENDS = {"start": "left", "end": "right"}
Edges = dict[str, dict[str, str]]


@dataclass
class CellLook:
    """Borders and margins, which many cells share.

    `css` holds their style sheet declarations by content height.
    """

    borders: Edges = field(default_factory=dict)
    margins: dict[str, float] = field(default_factory=dict)
    css: dict[float, str] = field(default_factory=dict)

    @cached_property
    def border_widths(self) -> dict[str, float]:
        return {side: border_width(self.borders[side]) for side in SIDES}

    @cached_property
    def has_diagonals(self) -> bool:
        return any(is_drawn(self.borders.get(diagonal, {})) for diagonal in DIAGONALS)


@dataclass
class TableCell:
    """A cell that is drawn, spanning `rows` and `columns`.

    `extent` is the height of its content with margins, set by the layout.
    """

    element: Element
    column: int
    columns: int
    rows: int = 1
    merged: str = ""
    look: CellLook = field(default_factory=CellLook)
    properties: Element | None = None
    style_format: CellFormat = field(default_factory=CellFormat)
    extent: float = 0.0

    @property
    def margins(self) -> dict[str, float]:
        return self.look.margins


@dataclass
class TableRow:
    """A row. `columns_before` are grid columns left empty at its start."""

    element: Element
    cells: list[TableCell]
    columns_before: int = 0
    height: float = 0.0
    exact_height: bool = False
    is_header: bool = False
    cant_split: bool = False


@dataclass
class TableGrid:
    properties: Element | None
    columns: list[float]
    rows: list[TableRow]
    margins: dict[str, float]

    @property
    def width(self) -> float:
        return sum(self.columns)

    def span(self, cell: TableCell) -> float:
        return sum(self.columns[cell.column : cell.column + cell.columns])


def read_grid(ctx: LayoutContext, container: ContainingBlock, table: Element) -> TableGrid:
    properties = child(table, "w:tblPr")
    style = value_at(properties, "w:tblStyle") or ctx.styles.default_style("table")
    layers = [child(e, "w:tblPr") for e in ctx.styles.style_chain(style, "")] + [properties]
    margins = {"left": 5.4, "right": 5.4, "top": 0.0, "bottom": 0.0}
    borders: Edges = {}
    for layer in layers:
        margins.update(_margins(child(layer, "w:tblCellMar")))
        borders.update(_edges(child(layer, "w:tblBorders")))
    rows = [_row(e) for e in _rows_of(table)]
    has_grid = bool(find_all(table, "w:tblGrid/w:gridCol"))
    widths = [] if has_grid else _place_by_widths(container, properties, rows)
    count = min(MAX_COLUMNS, max((c.column + c.columns for r in rows for c in r.cells), default=1))
    sides = margins["left"] + margins["right"]
    spans = [[CellSpan(c.column, c.columns, c.properties, c.element, sides) for c in r.cells] for r in rows]
    widths = widths or column_widths(ctx, container, table, spans, count)
    grid = TableGrid(properties, widths, rows, margins)
    _merge_down(rows)
    looks: dict[tuple[object, ...], CellLook] = {}
    table_style = TableStyle(ctx.styles, style, child(properties, "w:tblLook"))
    for index, row in enumerate(rows):
        for cell in row.cells:
            position = CellPosition(index, len(rows), cell.column, len(grid.columns), cell.columns, cell.rows)
            cell.style_format = table_style.cell_format(position)
            cell.look = _look(looks, grid, borders, row, index, cell)
    return grid


def _rows_of(table: Element) -> list[Element]:
    rows = []
    for name, element in children(table):
        if name == "tr":
            if child(element, "w:trPr/w:del") is None:
                rows.append(element)
        elif name in ("sdt", "customXml", "ins"):
            content = child(element, "w:sdtContent")
            rows += _rows_of(content if content is not None else element)
    return rows


def _cells_of(row: Element) -> list[Element]:
    cells = []
    for name, element in children(row):
        if name == "tc":
            # tracked deletions are shown as accepted
            if child(element, "w:tcPr/w:cellDel") is None:
                cells.append(element)
        elif name in ("sdt", "customXml"):
            content = child(element, "w:sdtContent")
            cells += _cells_of(content if content is not None else element)
    return cells


def _row(element: Element) -> TableRow:
    row_properties = child(element, "w:trPr")
    columns_before = column = min(MAX_COLUMNS, whole(value_at(row_properties, "w:gridBefore")))
    cells = []
    for cell in _cells_of(element):
        properties = child(cell, "w:tcPr")
        across = max(1, min(MAX_COLUMNS, whole(value_at(properties, "w:gridSpan"), 1)))
        v_merge = child(properties, "w:vMerge")
        merged = attribute(v_merge, "val", "continue") if v_merge is not None else ""
        cells.append(TableCell(cell, column, across, merged=merged, properties=properties))
        column += across
    height = child(row_properties, "w:trHeight")
    return TableRow(
        element,
        cells,
        columns_before,
        height=points(attribute(height)) if attribute(height, "hRule") != "auto" else 0.0,
        exact_height=attribute(height, "hRule") == "exact",
        is_header=flag(child(row_properties, "w:tblHeader")),
        cant_split=flag(child(row_properties, "w:cantSplit")),
    )


def _place_by_widths(
    container: ContainingBlock, properties: Element | None, rows: list[TableRow]
) -> list[float]:
    """Place the cells of a table without a grid; return its columns' widths.

    Rows of unequal cells then share the edges that are at one place, as in Word.
    """
    placed = [[(c.columns, c.properties) for c in row.cells] for row in rows]
    starts = [child(row.element, "w:trPr") for row in rows]
    widths, edges = cell_edges(container, properties, starts, placed)
    for row, places in zip(rows, edges, strict=True) if edges else ():
        row.columns_before = places[0]
        for cell, (start, end) in zip(row.cells, pairwise(places), strict=True):
            cell.column, cell.columns = start, max(1, end - start)
    return widths


def _merge_down(rows: list[TableRow]) -> None:
    """Extend cells that start a vertical merge over the rows that continue it."""
    open_cells: dict[int, TableCell] = {}
    for row in rows:
        continued: dict[int, TableCell] = {}
        remaining = []
        for cell in row.cells:
            above = open_cells.get(cell.column)
            if cell.merged == "continue" and above is not None and above.columns == cell.columns:
                above.rows += 1
                continued[cell.column] = above
                continue
            if cell.merged:
                continued[cell.column] = cell
            remaining.append(cell)
        row.cells = remaining
        open_cells = continued


def _margins(element: Element | None) -> dict[str, float]:
    return {
        _ENDS.get(n, n): points(attribute(e, "w"))
        for n, e in children(element)
        if attribute(e, "type", "dxa") == "dxa"
    }


def _edges(element: Element | None) -> Edges:
    edges: Edges = {}
    for name, entry in children(element):
        edges[_ENDS.get(name, name)] = attributes_of(entry)
    return edges


def _look(
    looks: dict[tuple[object, ...], CellLook],
    grid: TableGrid,
    borders: Edges,
    row: TableRow,
    index: int,
    cell: TableCell,
) -> CellLook:
    """Return a cell's borders and margins, one object for equal cells.

    Cells are equal if their XML, their row's exceptions, their edges of the table and their style are.
    """
    outer = {
        "top": index == 0,
        "bottom": index + cell.rows >= len(grid.rows),
        "left": cell.column == 0,
        "right": cell.column + cell.columns >= len(grid.columns),
    }
    # w:tblPrEx overrides the table's properties for one row
    exceptions = child(row.element, "w:tblPrEx")
    key = (xml_text(cell.properties), xml_text(exceptions), *outer.values(), id(cell.style_format))
    if key not in looks:
        looks[key] = _resolve_look(grid, borders, exceptions, outer, cell)
    return looks[key]


def _resolve_look(
    grid: TableGrid, borders: Edges, exceptions: Element | None, outer: dict[str, bool], cell: TableCell
) -> CellLook:
    """Resolve a cell's borders and margins.

    Order of precedence: its own, the row's exceptions, the style's, the table's.
    """
    look = CellLook()
    inner = {"top": "insideH", "bottom": "insideH", "left": "insideV", "right": "insideV"}
    table = {**borders, **_edges(child(exceptions, "w:tblBorders"))}
    own_borders = _edges(child(cell.properties, "w:tcBorders"))
    for side in SIDES:
        position = side if outer[side] else inner[side]
        edge = own_borders.get(side) or table.get(position, {})
        if side not in own_borders:
            for conditional in cell.style_format.cell_formats:
                styled = _edges(child(conditional.cell, "w:tcBorders"))
                edge = styled.get(side if side in conditional.edges else inner[side], edge)
        look.borders[side] = edge
    for diagonal in DIAGONALS:
        look.borders[diagonal] = own_borders.get(diagonal, {})
    for layer, name in ((exceptions, "w:tblCellMar"), (cell.properties, "w:tcMar")):
        look.margins = {**(look.margins or grid.margins), **_margins(child(layer, name))}
    return look


def cell_property(cell: TableCell, name: str, key: str = "val") -> str:
    """Return a cell's property or that of its table style, or ""."""
    for layer in (
        cell.properties,
        *(conditional.cell for conditional in reversed(cell.style_format.cell_formats)),
    ):
        if child(layer, name) is not None:
            return value_at(layer, name, key)
    return ""


def shading(cell: TableCell) -> str:
    """Return the fill colour of a cell, or ""."""
    for layer in (
        cell.properties,
        *(conditional.cell for conditional in reversed(cell.style_format.cell_formats)),
    ):
        fill = child(layer, "w:shd")
        if fill is not None:
            return shading_color(attributes_of(fill))
    return ""
