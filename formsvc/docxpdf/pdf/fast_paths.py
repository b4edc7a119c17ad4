"""Faster replacements for hot functions of WeasyPrint and pydyf.

Each builds a function that returns what the original returns; the ledger of weasyprint_patches says why. Import only
after `FontCatalog.activate`: WeasyPrint reads the font configuration on import.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pydyf
from tinycss2.color5 import parse_color
from weasyprint.css.computed_values import PHYSICAL_FUNCTIONS
from weasyprint.css.functions import check_math
from weasyprint.css.properties import INHERITED, INITIAL_NOT_COMPUTED, INITIAL_VALUES
from weasyprint.draw.color import get_color
from weasyprint.formatting_structure import boxes

_LEVEL = 6  # level 9 takes twice the time to save one per cent
# these have special cases in ComputedStyle.__missing__
_SPECIFIED = frozenset({"page", "position", "float", "display"})


def _is_plain(key: str) -> bool:
    """Return whether a property is only inherited or initial."""
    return key not in _SPECIFIED and not key.startswith("text_decoration_")


_PASSED_DOWN = frozenset(k for k in INHERITED if _is_plain(k) and k not in PHYSICAL_FUNCTIONS)
_INITIAL = {
    key: value
    for key, value in INITIAL_VALUES.items()
    if key not in INHERITED and key not in INITIAL_NOT_COMPUTED and _is_plain(key) and not check_math(value)
}
_LOGICAL = frozenset(
    function(block="ttb", inline=direction)
    for function in PHYSICAL_FUNCTIONS.values()
    for direction in ("ltr", "rtl")
)


def compute_plain_properties(original: Callable[[Any, str], Any]) -> Callable[[Any, str], Any]:
    def missing(style: Any, key: str) -> Any:
        cascaded = style.cascaded
        if key in cascaded:
            return original(style, key)
        if key in _PASSED_DOWN and style.parent_style is not None:
            value = style[key] = style.parent_style[key]
            return value
        # a logical property in the cascade may set this physical one, so only the original knows the value
        if key in _INITIAL and (key not in PHYSICAL_FUNCTIONS or _LOGICAL.isdisjoint(cascaded)):
            value = style[key] = _INITIAL[key]
            return value
        return original(style, key)

    return missing


def compress_once(_original: property) -> property:
    # the same bytes as pydyf 0.13, see Stream.data there
    def data(stream: Any) -> bytes:
        cached: bytes | None = stream.__dict__.get("_written")
        if cached is None:
            content = b"\n".join([pydyf._to_bytes(item) for item in stream.stream])
            extra = pydyf.Dictionary(stream.extra.copy())
            if stream.compress:
                extra["Filter"] = "/FlateDecode"
                content = zlib.compress(content, _LEVEL)
            extra["Length"] = len(content)
            cached = stream._written = b"\n".join((extra.data, b"stream", content, b"endstream"))
        return cached

    return property(data)


_LENGTHS = tuple(
    [f"{kind}_{side}" for kind in ("margin", "padding") for side in ("top", "right", "bottom", "left")]
    + [f"{bound}{size}" for bound in ("", "min_", "max_") for size in ("width", "height")]
)
_BORDERS = tuple(f"border_{side}_width" for side in ("top", "right", "bottom", "left"))


def resolve_absolute_lengths(original: Callable[[Any, Any], None]) -> Callable[[Any, Any], None]:
    def resolve_percentages(box: Any, containing_block: Any) -> None:
        cached = absolute_lengths(box.style)
        # the margins of a page box come from @page rules and the page size, not from its style alone
        if cached is None or isinstance(box, boxes.PageBox):
            original(box, containing_block)
            return
        lengths, borders, collapse = cached
        box.__dict__.update(lengths)
        if collapse:
            # the table has resolved conflicts between cells already and set the winning widths on the box
            for name, width in borders.items():
                if not hasattr(box, name):
                    box.__dict__[name] = width
        else:
            box.__dict__.update(borders)

    return resolve_percentages


class AbsoluteLengths(NamedTuple):
    """Used values of a style in pixels, and whether borders collapse."""

    lengths: dict[str, Any]
    borders: dict[str, Any]
    collapse: bool


def absolute_lengths(style: Any) -> AbsoluteLengths | None:
    """Return the lengths of a style, resolved once.

    None if a length depends on the containing block or the font.
    """
    kept = style.__dict__
    if "_lengths" not in kept:
        kept["_lengths"] = _resolve_lengths(style)
    found: AbsoluteLengths | None = kept["_lengths"]
    return found


def _resolve_lengths(style: Any) -> AbsoluteLengths | None:
    if style["box_sizing"] != "content-box":
        return None
    lengths = {}
    for name in _LENGTHS:
        value = style[name]
        if value == "auto":
            lengths[name] = 0 if name in ("min_width", "min_height") else value
        elif getattr(value, "unit", "") == "px":
            lengths[name] = value.value
        else:
            return None
    return AbsoluteLengths(
        lengths, {name: style[name] for name in _BORDERS}, style["border_collapse"] == "collapse"
    )


# ranks of border styles in a conflict (CSS 2.1, 17.6.2.1), and the two that are drawn as others
_RANKS = {
    style: rank
    for rank, style in enumerate(
        ("none", "inset", "groove", "outset", "ridge", "dotted", "dashed", "solid", "double", "hidden")
    )
}
_DRAWN_AS = {"inset": "ridge", "outset": "groove"}
_SIDES = ("top", "right", "bottom", "left")
_Edge = tuple[tuple[int, float, int], tuple[str, float, Any]]
_NO_EDGE: _Edge = (0, 0, _RANKS["none"]), ("none", 0, parse_color("transparent"))
_HIDDEN_EDGE: _Edge = (1, 0, _RANKS["hidden"]), ("hidden", 0, parse_color("transparent"))


class _BorderGrid:
    """Borders between the cells of a table: the strongest one wins.

    Of equal ones that is the first, so those of cells are entered before those of rows, columns and the table.
    """

    def __init__(self, width: int, height: int) -> None:
        self.upright = [[_NO_EDGE] * (width + 1) for _ in range(height)]
        self.level = [[_NO_EDGE] * width for _ in range(height + 1)]

    def hide_inside(self, left: int, top: int, right: int, bottom: int) -> None:
        """Hide the borders within a cell that spans columns or rows."""
        for y in range(top, bottom):
            for x in range(left + 1, right):
                self.upright[y][x] = _HIDDEN_EDGE
        for y in range(top + 1, bottom):
            for x in range(left, right):
                self.level[y][x] = _HIDDEN_EDGE

    def enter(self, style: Any, left: int, top: int, right: int, bottom: int) -> None:
        """Enter the borders of a box that takes these columns and rows."""
        edges = _edges(style)
        if edges is None:
            return
        above, after, below, before = edges
        for y in range(top, bottom):
            line = self.upright[y]
            if line[left][0] < before[0]:
                line[left] = before
            if line[right][0] < after[0]:
                line[right] = after
        first, last = self.level[top], self.level[bottom]
        for x in range(left, right):
            if first[x][0] < above[0]:
                first[x] = above
            if last[x][0] < below[0]:
                last[x] = below

    def set_widths(self, box: Any, left: int, top: int, right: int, bottom: int) -> None:
        """Set the borders of a box to its half of those around it."""
        box.border_top_width = max(edge[1][1] for edge in self.level[top][left:right]) / 2
        box.border_bottom_width = max(edge[1][1] for edge in self.level[bottom][left:right]) / 2
        box.border_left_width = max(line[left][1][1] for line in self.upright[top:bottom]) / 2
        box.border_right_width = max(line[right][1][1] for line in self.upright[top:bottom]) / 2


def _edges(style: Any) -> tuple[_Edge, ...] | None:
    """Return the four borders of a style, None if it has none."""
    kept = style.__dict__
    if "_edges" not in kept:
        edges = tuple(_edge(style, side) for side in _SIDES)
        kept["_edges"] = edges if any(edge[0] > _NO_EDGE[0] for edge in edges) else None
    found: tuple[_Edge, ...] | None = kept["_edges"]
    return found


def _edge(style: Any, side: str) -> _Edge:
    line, width = style[f"border_{side}_style"], style[f"border_{side}_width"]
    score = int(line == "hidden"), width, _RANKS[line]
    return score, (_DRAWN_AS.get(line, line), width, get_color(style, f"border_{side}_color"))


def resolve_borders(original: Callable[..., Any], table: Any, width: int, height: int) -> Any:
    """Resolve the borders of a table whose borders collapse.

    Return those along and those between its rows, as `original` does.
    """
    if not (width and height) or table.style["direction"] != "ltr":
        return original(table, width, height)
    grid = _BorderGrid(width, height)
    rows = [row for group in table.children for row in group.children]
    cells = [
        (cell, (cell.grid_x, top, cell.grid_x + cell.colspan, top + cell.rowspan))
        for top, row in enumerate(rows)
        for cell in row.children
    ]
    for cell, place in cells:
        grid.hide_inside(*place)
        grid.enter(cell.style, *place)
    for style, place in _outer_boxes(table, rows, width, height):
        grid.enter(style, *place)
    for cell, place in cells:
        grid.set_widths(cell, *place)
    column_boxes = [box for columns in table.column_groups for box in (columns, *columns.children)]
    for box in (*rows, *table.children, *column_boxes):
        box.border_top_width = box.border_right_width = box.border_bottom_width = box.border_left_width = 0.0
    grid.set_widths(table, 0, 0, width, height)
    # CSS 2.1, 17.6.2: the first row decides how wide the left and right border of the table are
    table.border_left_width, table.border_right_width = (grid.upright[0][x][1][1] / 2 for x in (0, width))
    return grid.upright, grid.level


def _outer_boxes(
    table: Any, rows: list[Any], width: int, height: int
) -> Iterator[tuple[Any, tuple[int, int, int, int]]]:
    """Yield the styles around the cells and what they enclose.

    The one that wins of equal ones comes first.
    """
    for top, row in enumerate(rows):
        yield row.style, (0, top, width, top + 1)
    top = 0
    for group in table.children:
        yield group.style, (0, top, width, top + len(group.children))
        top += len(group.children)
    for columns in table.column_groups:
        for column in columns.children:
            yield column.style, (column.grid_x, 0, column.grid_x + 1, height)
    for columns in table.column_groups:
        yield columns.style, (columns.grid_x, 0, columns.grid_x + columns.span, height)
    yield table.style, (0, 0, width, height)
