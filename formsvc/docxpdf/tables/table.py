"""Layout of tables (`w:tbl`) as HTML tables of fixed columns."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from functools import partial

from formsvc.docxpdf.context import VERTICAL, ComposedBlocks, ContainingBlock, LayoutContext
from formsvc.docxpdf.html_tree import (
    IMAGE_SCHEME,
    EmbeddedImage,
    Node,
    join_css,
    node,
    pt,
    quote_beginning,
)
from formsvc.docxpdf.opc.xml import Element, W, attribute, child, flag, points, value_at
from formsvc.docxpdf.tables.floating import float_table, read_position
from formsvc.docxpdf.tables.grid import (
    DIAGONALS,
    SIDES,
    TableCell,
    TableGrid,
    TableRow,
    cell_property,
    read_grid,
    shading,
)
from formsvc.docxpdf.wordml.borders import border_css, border_width, is_drawn
from formsvc.docxpdf.wordml.structure_roles import mark_header_cells
from formsvc.docxpdf.wordml.styles import hex_color
from formsvc.i18n.messages import msg

_BLOCKS = frozenset({f"{W}p", f"{W}tbl", f"{W}sdt"})
_MARKERS = frozenset({f"{W}bookmarkStart", f"{W}bookmarkEnd", f"{W}proofErr"})
# the content of a row of exact height may overflow so far (points) without any glyph being cut
_OVERFLOW_TOLERANCE = 5.0


def compose_table(ctx: LayoutContext, container: ContainingBlock, table: Element) -> list[Node]:
    """Return the nodes of a `w:tbl`."""
    grid = read_grid(ctx, container, table)
    header_count = _count_header_rows(grid.rows)
    rows = [_row(ctx, container, grid, row, index) for index, row in enumerate(grid.rows)]
    mark_header_cells(rows, header_count)
    columns = [node("col", style=f"width:{pt(w)}") for w in grid.columns]
    parts = [node("colgroup", *columns)]
    if header_count and header_count < len(rows):
        parts.append(node("thead", *rows[:header_count]))
        rows = rows[header_count:]
    parts.append(node("tbody", *rows))
    heights = _row_heights(grid)
    css = f"border-collapse:collapse;table-layout:fixed;width:{pt(grid.width)}"
    position_properties = child(grid.properties, "w:tblpPr")
    if position_properties is None:
        return _place_in_flow(ctx, container, grid, heights, node("table", *parts, style=css))
    size = (grid.width, sum(heights))
    position = read_position(ctx, container, position_properties, size, _outdent(ctx, container, grid))
    left = min(position.x, container.width) if container.is_inside else position.x
    table_node = node("table", *parts, style=f"{css};margin:0 0 0 {pt(left)}")
    return float_table(ctx, container, table_node, position, size, _line_behind(ctx, container, table))


def _line_behind(ctx: LayoutContext, container: ContainingBlock, table: Element) -> float | None:
    """Return the exact line height of the empty line behind a table.

    That is the empty paragraph that ends a page, in points; 0 if it has none or more follows on its page, None if what
    is behind is no empty paragraph.
    """
    behind = table.getnext()
    if behind is None:
        return 0.0
    if behind.tag != f"{W}p" or any(behind.itertext(f"{W}t")):
        return None
    following = behind.getnext()
    is_last = following is None or following.tag == f"{W}sectPr"
    if not is_last and not any(attribute(br, "type") == "page" for br in behind.iter(f"{W}br")):
        return 0.0
    own = child(behind, "w:pPr")
    spacing = ctx.styles.paragraph_properties(own, {}, container.table_paragraph).get("spacing", {})
    return points(spacing.get("line")) if spacing.get("lineRule") == "exact" else 0.0


def _place_in_flow(
    ctx: LayoutContext, container: ContainingBlock, grid: TableGrid, heights: list[float], table_node: Node
) -> list[Node]:
    """Place a table below the exclusions in its way."""
    left = _left_edge(ctx, container, grid)
    flow = ctx.flow
    skip = (
        0.0
        if flow.is_clear()
        else flow.find_space(flow.paragraph_top(0.0), heights[0], left, left + grid.width).skip
    )
    table_node.set("style", f"{table_node.get('style')};margin:{pt(skip)} 0 0 {pt(left)}")
    if skip:
        flow.add_space(skip)
    for height in heights:
        flow.add_block(height)
    return [table_node]


def _row_heights(grid: TableGrid) -> list[float]:
    heights = []
    for row in grid.rows:
        tallest = max((cell.extent for cell in row.cells if cell.rows == 1), default=0.0)
        heights.append(row.height if row.exact_height else max(row.height, tallest))
    for index, row in enumerate(grid.rows):
        for cell in row.cells:
            spanned = slice(index, index + cell.rows)
            if cell.rows > 1 and (missing := cell.extent - sum(heights[spanned])) > 0:
                # a merged cell's surplus goes to the last row it spans
                heights[min(len(heights), index + cell.rows) - 1] += missing
    return heights or [0.0]


def _count_header_rows(rows: list[TableRow]) -> int:
    count = 0
    for row in rows:
        if not row.is_header:
            break
        count += 1
    return count


def _left_edge(ctx: LayoutContext, container: ContainingBlock, grid: TableGrid) -> float:
    """Return the table's left edge, from the left of the text."""
    align = value_at(grid.properties, "w:jc")
    available = container.width - grid.width
    if align in ("center", "right", "end"):
        return available / 2 if align == "center" else available
    return points(value_at(grid.properties, "w:tblInd", "w")) - _outdent(ctx, container, grid)


def _outdent(ctx: LayoutContext, container: ContainingBlock, grid: TableGrid) -> float:
    """Return how far the table reaches out to the left."""
    # until Word 2010 the text of the cells, since then the table's edge lines up with the paragraphs around
    return 0.0 if ctx.settings.table_edge_at_margin or container.in_cell else grid.margins["left"]


def _row(ctx: LayoutContext, container: ContainingBlock, grid: TableGrid, row: TableRow, index: int) -> Node:
    cells = [node("td", colspan=str(row.columns_before))] if row.columns_before else []
    outer, tallest = ctx.reach, 0.0
    for position, cell in enumerate(row.cells):
        ctx.log.push(partial(_place_in_table, index + 1, position + 1))
        ctx.reach = 0.0
        cells.append(_cell(ctx, container, grid, row, cell))
        tallest = max(tallest, ctx.reach)
        ctx.log.pop()
    ctx.reach = outer + tallest
    keeps_with_next = _keeps_with_next(row)
    # a row higher than a page is divided where it starts; moved first, it would leave a page half empty
    keeps_together = row.exact_height or (row.cant_split and tallest < ctx.page.text_height)
    css = join_css(
        ("break-inside:avoid" if keeps_together else "", "break-after:avoid" if keeps_with_next else "")
    )
    return node("tr", *cells, style=css)


def _place_in_table(row: int, cell: int) -> str:
    return msg("第{row}行第{cell}格", row=row, cell=cell)


def _keeps_with_next(row: TableRow) -> bool:
    """Return whether the first paragraph of every cell is kept with the next."""
    first = [child(cell.element, "w:p") for cell in row.cells]
    return bool(first) and all(flag(child(p, "w:pPr/w:keepNext")) for p in first)


def _cell(
    ctx: LayoutContext, container: ContainingBlock, grid: TableGrid, row: TableRow, cell: TableCell
) -> Node:
    width = grid.span(cell)
    border_widths = cell.look.border_widths
    inner_width = max(1.0, width - cell.margins["left"] - cell.margins["right"])
    inner = replace(
        container,
        width=inner_width,
        in_cell=True,
        lines_on_grid=_snaps_to_grid(ctx, container, grid),
        table_run=cell.style_format.run_properties,
        table_paragraph=cell.style_format.paragraph_properties,
    )
    direction, first_text = value_at(cell.properties, "w:textDirection"), len(ctx.texts)
    if direction in VERTICAL:
        blocks = _vertical_content(ctx, inner, grid, row, cell, direction)
    else:
        blocks = ctx.block_layout.compose(ctx, _cell_blocks(cell.element), inner)
    content = blocks.nodes
    cell.extent = blocks.height + cell.margins["top"] + cell.margins["bottom"]
    margins_and_borders = (
        cell.margins["top"] + cell.margins["bottom"] + (border_widths["top"] + border_widths["bottom"]) / 2
    )
    height = max(0.0, row.height - margins_and_borders) if cell.rows == 1 else 0.0
    if row.exact_height and height:
        overflows = blocks.height > height + _OVERFLOW_TOLERANCE
        if blocks.text_height > height + _OVERFLOW_TOLERANCE:
            words = quote_beginning(ctx.texts[first_text:])
            ctx.log.warn_of_cut(msg("这一格的高度是固定的，放不下{words}，后面的字印不全。", words=words))
        content = [_clipped(content, inner_width, height) if overflows else _capped(content, height)]
    css = cell.look.css.get(height)
    if css is None:
        css = cell.look.css[height] = _cell_css(cell, height)
    spans = {
        "colspan": str(cell.columns) if cell.columns > 1 else "",
        "rowspan": str(cell.rows) if cell.rows > 1 else "",
    }
    css = join_css((css, _diagonals(ctx, cell, width, max(row.height, cell.extent))))
    return node("td", *content, class_=ctx.stylesheet.class_name(css), **spans)


def _capped(content: list[Node], height: float) -> Node:
    return node("div", *content, style=f"max-height:{pt(height)}")


def _clipped(content: list[Node], width: float, height: float) -> Node:
    """Return the content cut off at a height.

    It is drawn after the rest of the page, out of text order. In the flow its hidden part would push the row to the
    next page.
    """
    placed = node("div", *content, style=f"position:absolute;top:0;left:0;width:{pt(width)}")
    return node("div", placed, style=f"position:relative;height:{pt(height)};overflow:hidden")


def _diagonals(ctx: LayoutContext, cell: TableCell, width: float, height: float) -> str:
    """Return the CSS of a cell's diagonal borders, "" for none."""
    if not cell.look.has_diagonals:
        return ""
    edges = {name: cell.look.borders[name] for name in DIAGONALS}
    lines = "".join(
        f'<path d="{path}" stroke="#{hex_color(edges[name].get("color", ""))}" stroke-width="{border_width(edges[name])}"/>'
        for name, path in (
            ("tl2br", f"M0 0L{width:.2f} {height:.2f}"),
            ("tr2bl", f"M{width:.2f} 0L0 {height:.2f}"),
        )
        if is_drawn(edges[name])
    )
    # stretched to the cell: its height is known only when the rows are laid out
    size = f'viewBox="0 0 {width:.2f} {height:.2f}" preserveAspectRatio="none"'
    drawing = f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{lines}</svg>'.encode()
    address = f"{IMAGE_SCHEME}:diagonal-{hashlib.sha256(drawing).hexdigest()[:16]}"
    ctx.pictures[address] = EmbeddedImage(drawing, "image/svg+xml")
    return f"background-image:url({address});background-size:100% 100%;background-repeat:no-repeat"


def _cell_blocks(cell: Element) -> list[Element]:
    """Return a cell's blocks, less the empty paragraph behind a nested table.

    Every cell must end with a paragraph; Word gives an empty one behind a table no height. Source: LibreOffice's setting
    COLLAPSE_EMPTY_CELL_PARA for files of Word (sw/source/core/txtnode).
    """
    parts = [part for part in cell if part.tag in _BLOCKS]
    if len(parts) > 1 and parts[-1].tag == f"{W}p" and parts[-2].tag == f"{W}tbl" and _is_empty(parts[-1]):
        return [part for part in cell if part is not parts[-1]]
    return list(cell)


def _is_empty(paragraph: Element) -> bool:
    runs = [part for part in paragraph if part.tag != f"{W}pPr" and part.tag not in _MARKERS]
    return all(run.tag == f"{W}r" and all(x.tag == f"{W}rPr" for x in run) for run in runs)


def _vertical_content(
    ctx: LayoutContext,
    inner: ContainingBlock,
    grid: TableGrid,
    row: TableRow,
    cell: TableCell,
    direction: str,
) -> ComposedBlocks:
    """Lay out a cell with vertical text."""
    first = next(i for i, one in enumerate(grid.rows) if one is row)
    requested = sum(one.height for one in grid.rows[first : first + cell.rows])
    height = requested - cell.margins["top"] - cell.margins["bottom"]
    if height <= 0:
        # without a row height the cell is as high as its longest paragraph
        height = ctx.block_layout.vertical_length(ctx, inner, cell.element)
    anchor = cell_property(cell, "w:vAlign") or "top"
    box = ctx.block_layout.compose_vertical(
        ctx, inner, cell.element, (inner.width, height), direction, anchor
    )
    return ComposedBlocks([box], height)


def _snaps_to_grid(ctx: LayoutContext, container: ContainingBlock, grid: TableGrid) -> bool:
    """Return whether the lines of the cells snap to the document grid."""
    floats = child(grid.properties, "w:tblpPr") is not None and not ctx.profile.floats_on_grid
    requested = ctx.settings.cells_on_grid or ctx.profile.cells_always_on_grid
    return container.lines_on_grid and requested and not floats


def _cell_css(cell: TableCell, height: float) -> str:
    margins, border_widths, borders = cell.margins, cell.look.border_widths, cell.look.borders
    left, right = margins["left"] - border_widths["left"] / 2, margins["right"] - border_widths["right"] / 2
    padding = " ".join(pt(max(0.0, v)) for v in (margins["top"], right, margins["bottom"], left))
    align = {"center": "middle", "bottom": "bottom"}.get(cell_property(cell, "w:vAlign"), "top")
    fill = shading(cell)
    return join_css(
        (
            *(border_css(s, borders[s]) for s in SIDES if is_drawn(borders[s])),
            f"padding:{padding}",
            f"vertical-align:{align}",
            f"background:#{hex_color(fill, 'FFFFFF')}" if fill else "",
            f"height:{pt(height)}" if height else "",
        )
    )
