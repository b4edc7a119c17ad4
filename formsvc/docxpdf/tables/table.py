"""Tables written: fixed columns, merged cells, repeated heads, exact heights, tables pinned to the foot of the page."""

from __future__ import annotations

from dataclasses import replace

from formsvc.docxpdf.context import VERTICAL, ComposedBlocks, ContainingBlock, LayoutContext
from formsvc.docxpdf.html_tree import Node, join_css, node, pt
from formsvc.docxpdf.opc.xml import Element, W, child, flag, points, value_at
from formsvc.docxpdf.tables.floating import float_table, placement
from formsvc.docxpdf.tables.grid import SIDES, Cell, Grid, Row, cell_property, read_grid, shading
from formsvc.docxpdf.wordml.borders import border_css, border_width, is_drawn
from formsvc.docxpdf.wordml.structure_roles import mark_header_cells
from formsvc.docxpdf.wordml.styles import hex_color
from formsvc.i18n.messages import msg

_BLOCKS = frozenset({f"{W}p", f"{W}tbl", f"{W}sdt"})
_NOTHING = frozenset({f"{W}bookmarkStart", f"{W}bookmarkEnd", f"{W}proofErr"})
_SPILLS = 5.0
"""Points that may reach out of a row of exact height without any letter showing."""


def compose_table(ctx: LayoutContext, container: ContainingBlock, table: Element) -> list[Node]:
    """The nodes of a ``w:tbl``."""
    grid = read_grid(ctx, container, table)
    heads = _leading_heads(grid.rows)
    rows = [_row(ctx, container, grid, row, index) for index, row in enumerate(grid.rows)]
    mark_header_cells(rows, heads)
    columns = [node("col", style=f"width:{pt(w)}") for w in grid.columns]
    parts = [node("colgroup", *columns)]
    if heads and heads < len(rows):
        parts.append(node("thead", *rows[:heads]))
        rows = rows[heads:]
    parts.append(node("tbody", *rows))
    heights = _heights(grid)
    css = f"border-collapse:collapse;table-layout:fixed;width:{pt(grid.width)}"
    placed = child(grid.properties, "w:tblpPr")
    if placed is None:
        return _in_flow(ctx, container, grid, heights, node("table", *parts, style=css))
    size = (grid.width, sum(heights))
    place = placement(ctx, container, placed, size, _outside(ctx, container, grid))
    left = min(place.x, container.width) if container.is_inside else place.x
    made = node("table", *parts, style=f"{css};margin:0 0 0 {pt(left)}")
    return float_table(ctx, container, made, place, size)


def _in_flow(
    ctx: LayoutContext, container: ContainingBlock, grid: Grid, heights: list[float], made: Node
) -> list[Node]:
    """A table among the paragraphs, below what stands in its way."""
    left = _left(ctx, container, grid)
    flow = ctx.flow
    skip = (
        0.0
        if flow.is_clear()
        else flow.find_space(flow.paragraph_top(0.0), heights[0], left, left + grid.width).skip
    )
    made.set("style", f"{made.get('style')};margin:{pt(skip)} 0 0 {pt(left)}")
    if skip:
        flow.add_space(skip)
    for height in heights:
        flow.add_block(height)
    return [made]


def _heights(grid: Grid) -> list[float]:
    """How high the rows come out."""
    heights = []
    for row in grid.rows:
        tallest = max((cell.extent for cell in row.cells if cell.rows == 1), default=0.0)
        heights.append(row.height if row.exact else max(row.height, tallest))
    for index, row in enumerate(grid.rows):
        for cell in row.cells:
            reached = slice(index, index + cell.rows)
            if cell.rows > 1 and (missing := cell.extent - sum(heights[reached])) > 0:
                heights[min(len(heights), index + cell.rows) - 1] += missing
    return heights or [0.0]


def _leading_heads(rows: list[Row]) -> int:
    count = 0
    for row in rows:
        if not row.header:
            break
        count += 1
    return count


def _left(ctx: LayoutContext, container: ContainingBlock, grid: Grid) -> float:
    """Where the table begins, from the left of the text."""
    align = value_at(grid.properties, "w:jc")
    room = container.width - grid.width
    if align in ("center", "right", "end"):
        return room / 2 if align == "center" else room
    return points(value_at(grid.properties, "w:tblInd", "w")) - _outside(ctx, container, grid)


def _outside(ctx: LayoutContext, container: ContainingBlock, grid: Grid) -> float:
    """How far a table reaches out of the text to the left, so that its cells' text begins where the text does."""
    return 0.0 if ctx.settings.table_edge_at_margin or container.in_cell else grid.margins["left"]


def _row(ctx: LayoutContext, container: ContainingBlock, grid: Grid, row: Row, index: int) -> Node:
    cells = [node("td", colspan=str(row.before))] if row.before else []
    outer, tallest = ctx.reach, 0.0
    for place, cell in enumerate(row.cells):
        ctx.log.push(msg("第{row}行第{cell}格", row=index + 1, cell=place + 1))
        ctx.reach = 0.0
        cells.append(_cell(ctx, container, grid, row, cell))
        tallest = max(tallest, ctx.reach)
        ctx.log.pop()
    ctx.reach = outer + tallest
    # A row higher than a page is divided from where it stands; moved first, it would leave a page half empty
    keeps, whole = _keeps_next(row), row.exact or (row.whole and tallest < ctx.page.text_height)
    css = join_css(("break-inside:avoid" if whole else "", "break-after:avoid" if keeps else ""))
    return node("tr", *cells, style=css)


def _keeps_next(row: Row) -> bool:
    """A row stays with the next where every cell's first paragraph is kept with the next."""
    first = [child(cell.element, "w:p") for cell in row.cells]
    return bool(first) and all(flag(child(p, "w:pPr/w:keepNext")) for p in first)


def _cell(ctx: LayoutContext, container: ContainingBlock, grid: Grid, row: Row, cell: Cell) -> Node:
    width = grid.span(cell)
    edge = {side: border_width(cell.borders[side]) for side in SIDES}
    inner = max(1.0, width - cell.margins["left"] - cell.margins["right"])
    inside = replace(
        container,
        width=inner,
        in_cell=True,
        lines_on_grid=_on_grid(ctx, container, grid),
        table_run=cell.dress.run_properties,
        table_paragraph=cell.dress.paragraph_properties,
    )
    direction = value_at(cell.properties, "w:textDirection")
    if direction in VERTICAL:
        blocks = _vertical(ctx, inside, grid, row, cell, direction)
    else:
        blocks = ctx.block_layout.compose(ctx, _content(cell.element), inside)
    content = blocks.nodes
    cell.extent = blocks.height + cell.margins["top"] + cell.margins["bottom"]
    lost = cell.margins["top"] + cell.margins["bottom"] + (edge["top"] + edge["bottom"]) / 2
    height = max(0.0, row.height - lost) if cell.rows == 1 else 0.0
    if row.exact and height:
        # what is cut off is drawn apart from the rest, out of the order of the text; so only where it must be
        cut = ";overflow:hidden" if blocks.height > height + _SPILLS else ""
        content = [node("div", *content, style=f"max-height:{pt(height)}{cut}")]
    css = _cell_css(cell, edge, height)
    spans = {
        "colspan": str(cell.columns) if cell.columns > 1 else "",
        "rowspan": str(cell.rows) if cell.rows > 1 else "",
    }
    return node("td", *content, class_=ctx.stylesheet.class_name(css), **spans)


def _content(cell: Element) -> list[Element]:
    """What stands in a cell. Every cell must end with a paragraph; an empty one behind a table takes no room.

    Source: LibreOffice's setting COLLAPSE_EMPTY_CELL_PARA, made for files of Word (sw/source/core/txtnode).
    """
    parts = [part for part in cell if part.tag in _BLOCKS]
    if len(parts) > 1 and parts[-1].tag == f"{W}p" and parts[-2].tag == f"{W}tbl" and _is_empty(parts[-1]):
        return [part for part in cell if part is not parts[-1]]
    return list(cell)


def _is_empty(paragraph: Element) -> bool:
    runs = [part for part in paragraph if part.tag != f"{W}pPr" and part.tag not in _NOTHING]
    return all(run.tag == f"{W}r" and all(x.tag == f"{W}rPr" for x in run) for run in runs)


def _vertical(
    ctx: LayoutContext, inside: ContainingBlock, grid: Grid, row: Row, cell: Cell, direction: str
) -> ComposedBlocks:
    """A cell whose text runs from top to bottom: as high as its rows ask, or as its longest paragraph is."""
    first = next(i for i, one in enumerate(grid.rows) if one is row)
    asked = sum(one.height for one in grid.rows[first : first + cell.rows])
    height = asked - cell.margins["top"] - cell.margins["bottom"]
    if height <= 0:
        height = ctx.block_layout.vertical_length(ctx, inside, cell.element)
    anchor = cell_property(cell, "w:vAlign") or "top"
    made = ctx.block_layout.compose_vertical(
        ctx, inside, cell.element, (inside.width, height), direction, anchor
    )
    return ComposedBlocks([made], height)


def _on_grid(ctx: LayoutContext, container: ContainingBlock, grid: Grid) -> bool:
    """Whether the lines of a table's cells keep to the page's grid."""
    floats = child(grid.properties, "w:tblpPr") is not None and not ctx.profile.floats_on_grid
    asked = ctx.settings.cells_on_grid or ctx.profile.cells_always_on_grid
    return container.lines_on_grid and asked and not floats


def _cell_css(cell: Cell, edge: dict[str, float], height: float) -> str:
    margins = cell.margins
    left, right = margins["left"] - edge["left"] / 2, margins["right"] - edge["right"] / 2
    padding = " ".join(pt(max(0.0, v)) for v in (margins["top"], right, margins["bottom"], left))
    align = {"center": "middle", "bottom": "bottom"}.get(cell_property(cell, "w:vAlign"), "top")
    fill = shading(cell)
    return join_css(
        (
            *(border_css(s, cell.borders[s]) for s in SIDES if is_drawn(cell.borders[s])),
            f"padding:{padding}",
            f"vertical-align:{align}",
            f"background:#{hex_color(fill, 'FFFFFF')}" if fill else "",
            f"height:{pt(height)}" if height else "",
        )
    )
