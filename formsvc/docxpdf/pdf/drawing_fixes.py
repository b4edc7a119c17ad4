"""Corrections of WeasyPrint's drawing; reasons are in weasyprint_patches."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

_BOLD = 600
# stroke width in em of letters of 14 points and more, and of 9 points and less: white parts of small letters close up
_STROKE_EM, _SMALL_STROKE_EM = 0.028, 0.014
_LARGE_SIZE, _SMALL_SIZE = 14 * 4 / 3, 9 * 4 / 3  # in CSS pixels
_FILL_AND_STROKE = 2  # PDF text rendering mode (ISO 32000-1, table 106)


@contextmanager
def emboldened(stream: Any, font_size: float, color: Any) -> Iterator[None]:
    """Stroke the outlines of the text drawn in this context."""
    with stream.stacked():
        stream.set_text_rendering(_FILL_AND_STROKE)
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
        original(stream, table)

    return draw_collapsed_borders
