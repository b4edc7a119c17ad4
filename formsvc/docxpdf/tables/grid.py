"""A table read: its grid, rows and cells with the borders, margins and spans that hold for each."""

from __future__ import annotations

from dataclasses import dataclass, field

from formsvc.docxpdf.context import ContainingBlock, LayoutContext
from formsvc.docxpdf.opc.xml import (
    Element,
    attribute,
    attributes_of,
    child,
    children,
    flag,
    points,
    value_at,
    whole,
)
from formsvc.docxpdf.tables.column_widths import MAX_COLUMNS, Span, column_widths
from formsvc.docxpdf.wordml.borders import shading_color
from formsvc.docxpdf.wordml.table_styles import CellFormat, CellPosition, TableStyle

SIDES = ("top", "right", "bottom", "left")
_ENDS = {"start": "left", "end": "right"}
Edges = dict[str, dict[str, str]]


@dataclass
class Cell:
    """A cell that is drawn; ``rows`` it reaches down over and ``columns`` across."""

    element: Element
    column: int
    columns: int
    rows: int = 1
    merged: str = ""
    borders: Edges = field(default_factory=dict)
    margins: dict[str, float] = field(default_factory=dict)
    properties: Element | None = None
    dress: CellFormat = field(default_factory=CellFormat)
    extent: float = 0.0
    """How high its content with its margins is, once it has been composed."""


@dataclass
class Row:
    """A row with its wishes about height and page ends."""

    element: Element
    cells: list[Cell]
    before: int = 0
    height: float = 0.0
    exact: bool = False
    header: bool = False
    whole: bool = False


@dataclass
class Grid:
    """A whole table before it is written."""

    properties: Element | None
    columns: list[float]
    rows: list[Row]
    margins: dict[str, float]

    @property
    def width(self) -> float:
        """Width of all columns."""
        return sum(self.columns)

    def span(self, cell: Cell) -> float:
        """Width of a cell."""
        return sum(self.columns[cell.column : cell.column + cell.columns])


def read_grid(ctx: LayoutContext, container: ContainingBlock, table: Element) -> Grid:
    """Read a ``w:tbl``."""
    own = child(table, "w:tblPr")
    style = value_at(own, "w:tblStyle") or ctx.styles.default_style("table")
    layers = [child(e, "w:tblPr") for e in ctx.styles.style_chain(style, "")] + [own]
    margins = {"left": 5.4, "right": 5.4, "top": 0.0, "bottom": 0.0}
    borders: Edges = {}
    for layer in layers:
        margins.update(_margins(child(layer, "w:tblCellMar")))
        borders.update(_edges(child(layer, "w:tblBorders")))
    rows = [_row(e) for e in _rows_of(table)]
    count = min(MAX_COLUMNS, max((c.column + c.columns for r in rows for c in r.cells), default=1))
    sides = margins["left"] + margins["right"]
    spans = [[Span(c.column, c.columns, c.properties, c.element, sides) for c in r.cells] for r in rows]
    grid = Grid(own, column_widths(ctx, container, table, spans, count), rows, margins)
    _merge_down(rows)
    dresser = TableStyle(ctx.styles, style, child(own, "w:tblLook"))
    for index, row in enumerate(rows):
        for cell in row.cells:
            place = CellPosition(index, len(rows), cell.column, len(grid.columns), cell.columns, cell.rows)
            cell.dress = dresser.cell_format(place)
            _dress(grid, borders, row, index, cell)
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
            if child(element, "w:tcPr/w:cellDel") is None:
                cells.append(element)
        elif name in ("sdt", "customXml"):
            content = child(element, "w:sdtContent")
            cells += _cells_of(content if content is not None else element)
    return cells


def _row(element: Element) -> Row:
    own = child(element, "w:trPr")
    before = column = min(MAX_COLUMNS, whole(value_at(own, "w:gridBefore")))
    cells = []
    for cell in _cells_of(element):
        properties = child(cell, "w:tcPr")
        across = max(1, min(MAX_COLUMNS, whole(value_at(properties, "w:gridSpan"), 1)))
        down = child(properties, "w:vMerge")
        merged = attribute(down, "val", "continue") if down is not None else ""
        cells.append(Cell(cell, column, across, merged=merged, properties=properties))
        column += across
    height = child(own, "w:trHeight")
    return Row(
        element,
        cells,
        before,
        height=points(attribute(height)) if attribute(height, "hRule") != "auto" else 0.0,
        exact=attribute(height, "hRule") == "exact",
        header=flag(child(own, "w:tblHeader")),
        whole=flag(child(own, "w:cantSplit")),
    )


def _merge_down(rows: list[Row]) -> None:
    """Let a cell that begins a vertical merge reach over the rows that continue it."""
    open_cells: dict[int, Cell] = {}
    for row in rows:
        continued: dict[int, Cell] = {}
        kept = []
        for cell in row.cells:
            above = open_cells.get(cell.column)
            if cell.merged == "continue" and above is not None and above.columns == cell.columns:
                above.rows += 1
                continued[cell.column] = above
                continue
            if cell.merged:
                continued[cell.column] = cell
            kept.append(cell)
        row.cells = kept
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


def _dress(grid: Grid, borders: Edges, row: Row, index: int, cell: Cell) -> None:
    """Borders and margins of a cell: its own, the row's exceptions', the style's, the table's."""
    outer = {
        "top": index == 0,
        "bottom": index + cell.rows >= len(grid.rows),
        "left": cell.column == 0,
        "right": cell.column + cell.columns >= len(grid.columns),
    }
    inner = {"top": "insideH", "bottom": "insideH", "left": "insideV", "right": "insideV"}
    exceptions = child(row.element, "w:tblPrEx")
    table = {**borders, **_edges(child(exceptions, "w:tblBorders"))}
    own = _edges(child(cell.properties, "w:tcBorders"))
    for side in SIDES:
        place = side if outer[side] else inner[side]
        edge = own.get(side) or table.get(place, {})
        if side not in own:
            for said in cell.dress.cell_formats:
                styled = _edges(child(said.cell, "w:tcBorders"))
                edge = styled.get(side if side in said.edges else inner[side], edge)
        cell.borders[side] = edge
    for layer, name in ((exceptions, "w:tblCellMar"), (cell.properties, "w:tcMar")):
        cell.margins = {**(cell.margins or grid.margins), **_margins(child(layer, name))}


def cell_property(cell: Cell, name: str, key: str = "val") -> str:
    """A property of a cell, or what its table's style says."""
    for layer in (cell.properties, *(said.cell for said in reversed(cell.dress.cell_formats))):
        if child(layer, name) is not None:
            return value_at(layer, name, key)
    return ""


def shading(cell: Cell) -> str:
    """The fill of a cell, empty where it has none."""
    for layer in (cell.properties, *(said.cell for said in reversed(cell.dress.cell_formats))):
        described = child(layer, "w:shd")
        if described is not None:
            return shading_color(attributes_of(described))
    return ""
