"""Corrections of WeasyPrint's drawing; reasons are in weasyprint_patches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import pydyf
from weasyprint.draw.border import draw_line
from weasyprint.draw.color import styled_color

_BOLD = 600
# stroke width in em of letters of 14 points and more, and of 9 points and less: white parts of small letters close up
_STROKE_EM, _SMALL_STROKE_EM = 0.028, 0.014
_LARGE_SIZE, _SMALL_SIZE = 14 * 4 / 3, 9 * 4 / 3  # in CSS pixels
# operators of a plain line: save twice, transparency, colour, width; move, line, stroke, restore twice
_LINE_OPERATORS, _BEGIN_OPERATORS = 10, 5
FILL_AND_STROKE = 2  # PDF text rendering mode (ISO 32000-1, table 106)


@contextmanager
def emboldened(stream: Any, font_size: float, color: Any) -> Iterator[None]:
    """Stroke the outlines of the text drawn in this context."""
    with stream.stacked():
        stream.set_text_rendering(FILL_AND_STROKE)
        stream.set_line_width(font_size * _stroke(font_size))
        stream.set_color(color, stroke=True)
        yield


def _stroke(font_size: float) -> float:
    share = min(1.0, max(0.0, (font_size - _SMALL_SIZE) / (_LARGE_SIZE - _SMALL_SIZE)))
    return _SMALL_STROKE_EM + share * (_STROKE_EM - _SMALL_STROKE_EM)


def embolden_text(original: Callable[..., None]) -> Callable[..., None]:
    def draw_text(stream: Any, textbox: Any, *rest: Any) -> None:
        if textbox.style["font_weight"] < _BOLD:
            original(stream, textbox, *rest)
            return
        with emboldened(stream, textbox.style["font_size"], textbox.style["color"]):
            original(stream, textbox, *rest)

    return draw_text


def keep_fractions(_original: None) -> Callable[[Any], Any]:
    """Build an `int` for the module of `draw_text` that rounds to thousandths.

    The module calls `int` for kerning and for `text-overflow: ellipsis`, which our style sheets never use.
    """
    return lambda value: value if isinstance(value, int) else round(value, 3)


def close_broken_rows(original: Callable[..., None]) -> Callable[..., None]:
    def draw_collapsed_borders(stream: Any, table: Any) -> None:
        table.skip_cell_border_top = table.skip_cell_border_bottom = False
        if _is_plain(stream, table):
            _draw_borders(stream, sorted(_borders(table), key=_border_score))
        else:
            original(stream, table)

    return draw_collapsed_borders


def _is_plain(stream: Any, table: Any) -> bool:
    """Return whether a table has rows, from left to right, in an untagged PDF."""
    # tags mark each line as an artifact
    if stream._tags is not None or table.style["direction"] != "ltr" or not table.column_widths:
        return False
    return any(group.children for group in table.children) and not table.children[-1].is_footer


class _Border(NamedTuple):
    """Border of one side of a cell, from one point to another."""

    kind: tuple[Any, tuple[str, float, Any]]
    side: str
    x1: float
    y1: float
    x2: float
    y2: float


def _border_score(border: _Border) -> Any:
    """Return the rank of a border; higher ones are painted over others."""
    return border.kind[0]


def _borders(table: Any) -> Iterator[_Border]:
    """Yield the borders of the rows on a page, from above.

    Of each cell these are the left and the lower one; the upper ones of the first row come first.
    """
    rows = [row for group in table.children for row in group.children]
    tops = [row.position_y for row in rows]
    tops.append(tops[-1] + rows[-1].height)
    lefts = [*table.column_positions, table.column_positions[-1] + table.column_widths[-1]]
    upright, level = _visible_grid(table, len(rows))
    # borders reach half the width of those they cross beyond the corners
    across = [_half_widths([line[:1], *zip(line, line[1:], strict=False), line[-1:]]) for line in level]
    around = [upright[0], *upright, upright[-1]]
    along = [_half_widths(zip(*pair, strict=True)) for pair in zip(around, around[1:], strict=False)]

    def level_border(x: int, y: int) -> _Border:
        left = lefts[x] - along[y][x]
        return _Border(
            level[y][x], "top", left, tops[y], left + (lefts[x + 1] + along[y][x + 1] - left), tops[y]
        )

    def upright_border(x: int, y: int) -> _Border:
        top = tops[y] - across[y][x]
        bottom = top + (tops[y + 1] + across[y + 1][x] - top)
        return _Border(upright[y][x], "left", lefts[x], top, lefts[x], bottom)

    columns = range(len(lefts) - 1)
    yield from (level_border(x, 0) for x in columns)
    for y in range(len(rows)):
        yield upright_border(0, y)
        for x in columns:
            yield upright_border(x + 1, y)
            yield level_border(x, y + 1)


def _visible_grid(table: Any, count: int) -> tuple[list[Any], list[Any]]:
    """Return the borders along and between the rows on a page."""
    heads = len(table.children[0].children) if table.children[0].is_header else 0
    skipped = table.skipped_rows - heads if table.skipped_rows else 0
    upright, level = table.collapsed_border_grid
    return (
        [upright[y if y < heads else y + skipped] for y in range(count)],
        # the border below the heads is theirs
        [level[y if heads and y <= heads else y + skipped] for y in range(count + 1)],
    )


def _half_widths(crossings: Iterable[Iterable[Any]]) -> list[float]:
    return [max(width for _, (_, width, _) in borders) / 2 for borders in crossings]


def _draw_borders(stream: Any, borders: list[_Border]) -> None:
    begins: dict[tuple[float, int], bytes] = {}
    digits = _Digits()
    for (_, (style, width, color)), side, x1, y1, x2, y2 in borders:
        if width == 0 or color.alpha == 0:
            continue
        key = width, id(color)
        begin = begins.get(key) if style == "solid" else None
        if begin is not None:
            line = digits[x1], digits[y1], digits[x2], digits[y2]
            stream.stream.append(b"%b\n%b %b m\n%b %b l\nS\nQ\nQ" % (begin, *line))
            continue
        written = len(stream.stream)
        with stream.stacked():
            draw_line(stream, x1, y1, x2, y2, width, style, styled_color(style, color, side))
        operators = stream.stream[written:]
        if style == "solid" and len(operators) == _LINE_OPERATORS:
            begins[key] = b"\n".join(operators[:_BEGIN_OPERATORS])


class _Digits(dict[float, bytes]):
    """Numbers as the PDF writes them; a table repeats its coordinates."""

    def __missing__(self, number: float) -> bytes:
        digits: bytes = pydyf._to_bytes(number)
        self[number] = digits
        return digits
