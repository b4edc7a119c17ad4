"""Tables written: fixed columns, merged cells, repeated heads, exact heights, tables pinned to the foot of the page."""

from __future__ import annotations

from dataclasses import replace

from formsvc.documents.ooxml.borders import border_css, border_width, is_drawn
from formsvc.documents.ooxml.desk import Desk, Frame
from formsvc.documents.ooxml.grids import SIDES, Cell, Grid, Row, cell_property, read_grid, shading
from formsvc.documents.ooxml.markup import Node, joined, node, pt
from formsvc.documents.ooxml.names import Element, attribute, child, flag, points, value_at
from formsvc.documents.ooxml.roles import tell_headers
from formsvc.documents.ooxml.styles import hex_color
from formsvc.sentences import say


def compose_table(desk: Desk, frame: Frame, table: Element) -> list[Node]:
    """The nodes of a ``w:tbl``."""
    grid = read_grid(desk, frame, table)
    heads = _leading_heads(grid.rows)
    rows = [_row(desk, frame, grid, row, index) for index, row in enumerate(grid.rows)]
    tell_headers(rows, heads)
    columns = [node("col", style=f"width:{pt(w)}") for w in grid.columns]
    parts = [node("colgroup", *columns)]
    if heads and heads < len(rows):
        parts.append(node("thead", *rows[:heads]))
        rows = rows[heads:]
    parts.append(node("tbody", *rows))
    placed = child(grid.properties, "w:tblpPr")
    left, right = _sides(desk, frame, grid, placed)
    css = f"border-collapse:collapse;table-layout:fixed;width:{pt(grid.width)};margin:0 {right} 0 {left}"
    made = node("table", *parts, style=css)
    return _placed(desk, frame, grid, placed, made)


def _leading_heads(rows: list[Row]) -> int:
    count = 0
    for row in rows:
        if not row.header:
            break
        count += 1
    return count


def _sides(desk: Desk, frame: Frame, grid: Grid, placed: Element | None) -> tuple[str, str]:
    """Left and right margins that put the table where it belongs."""
    align = value_at(grid.properties, "w:jc")
    room = frame.width - grid.width
    if placed is not None:
        align = attribute(placed, "tblpXSpec") or align
        if not attribute(placed, "tblpXSpec") and attribute(placed, "tblpX"):
            start = -desk.page.left if attribute(placed, "horzAnchor") == "page" else 0.0
            return pt(start + points(attribute(placed, "tblpX")) - _outside(desk, frame, grid)), "0"
    if align in ("center", "right", "end"):
        return pt(room / 2 if align == "center" else room), "0"
    indent = points(value_at(grid.properties, "w:tblInd", "w"))
    return pt(indent - _outside(desk, frame, grid)), "0"


def _outside(desk: Desk, frame: Frame, grid: Grid) -> float:
    """How far a table reaches out of the text to the left, so that its cells' text begins where the text does."""
    return 0.0 if desk.settings.table_edge_at_margin or frame.in_cell else grid.margins["left"]


def _placed(desk: Desk, frame: Frame, grid: Grid, placed: Element | None, made: Node) -> list[Node]:
    if placed is None:
        return [made]
    if attribute(placed, "tblpYSpec") == "bottom" and not frame.in_cell and not frame.running:
        return [node("div", made, class_="foot", style=f"width:{pt(frame.width)}")]
    if attribute(placed, "vertAnchor", "text") != "text":
        desk.journal.note(say("浮动表格按正文顺序排出，没有按页面位置放置。"))
    return [made]


def _row(desk: Desk, frame: Frame, grid: Grid, row: Row, index: int) -> Node:
    cells = [node("td", colspan=str(row.before))] if row.before else []
    outer, tallest = desk.reach, 0.0
    for place, cell in enumerate(row.cells):
        desk.journal.enter(say("第{row}行第{cell}格", row=index + 1, cell=place + 1))
        desk.reach = 0.0
        cells.append(_cell(desk, frame, grid, row, cell))
        tallest = max(tallest, desk.reach)
        desk.journal.leave()
    desk.reach = outer + tallest
    # A row higher than a page is divided from where it stands; moved first, it would leave a page half empty
    keeps, whole = _keeps_next(row), row.exact or (row.whole and tallest < desk.page.text_height)
    css = joined(("break-inside:avoid" if whole else "", "break-after:avoid" if keeps else ""))
    return node("tr", *cells, style=css)


def _keeps_next(row: Row) -> bool:
    """A row stays with the next where every cell's first paragraph is kept with the next."""
    first = [child(cell.element, "w:p") for cell in row.cells]
    return bool(first) and all(flag(child(p, "w:pPr/w:keepNext")) for p in first)


def _cell(desk: Desk, frame: Frame, grid: Grid, row: Row, cell: Cell) -> Node:
    width = grid.span(cell)
    edge = {side: border_width(cell.borders[side]) for side in SIDES}
    inner = max(1.0, width - cell.margins["left"] - cell.margins["right"])
    inside = replace(
        frame, width=inner, in_cell=True, table_run=cell.dress.run, table_paragraph=cell.dress.paragraph
    )
    content = desk.blocks(cell.element, inside)
    lost = cell.margins["top"] + cell.margins["bottom"] + (edge["top"] + edge["bottom"]) / 2
    height = max(0.0, row.height - lost) if cell.rows == 1 else 0.0
    if row.exact and height:
        content = [node("div", *content, style=f"max-height:{pt(height)};overflow:hidden")]
    css = _cell_css(cell, edge, height)
    direction = value_at(cell.properties, "w:textDirection")
    if direction in ("tbRl", "btLr", "tbRlV"):
        desk.journal.note(say("竖排文字按横排排出。"))
    spans = {
        "colspan": str(cell.columns) if cell.columns > 1 else "",
        "rowspan": str(cell.rows) if cell.rows > 1 else "",
    }
    return node("td", *content, class_=desk.sheet.name(css), **spans)


def _cell_css(cell: Cell, edge: dict[str, float], height: float) -> str:
    margins = cell.margins
    left, right = margins["left"] - edge["left"] / 2, margins["right"] - edge["right"] / 2
    padding = " ".join(pt(max(0.0, v)) for v in (margins["top"], right, margins["bottom"], left))
    align = {"center": "middle", "bottom": "bottom"}.get(cell_property(cell, "w:vAlign"), "top")
    fill = shading(cell)
    return joined(
        (
            *(border_css(s, cell.borders[s]) for s in SIDES if is_drawn(cell.borders[s])),
            f"padding:{padding}",
            f"vertical-align:{align}",
            f"background:#{hex_color(fill, 'FFFFFF')}" if fill else "",
            f"height:{pt(height)}" if height else "",
        )
    )
