"""Layout and drawing of placed lines within WeasyPrint.

Functions with an `original` build the replacement of a name in the ledger of weasyprint_patches. Import only after
`FontCatalog.activate`: WeasyPrint reads the font configuration on import.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import pydyf
from tinycss2.color5 import parse_color
from weasyprint.draw.border import draw_line
from weasyprint.formatting_structure import boxes
from weasyprint.layout.float import avoid_collisions
from weasyprint.text.line_break import strut

from formsvc.docxpdf.pdf.drawing_fixes import emboldened
from formsvc.docxpdf.pdf.positioned_lines import PlacedLine, PlacedRun
from formsvc.docxpdf.pdf.spaced_glyphs import is_read_apart, show_spaced_glyphs


class NoDecorations:
    """Box geometry without margins, borders or padding."""

    margin_top = margin_right = margin_bottom = margin_left = 0.0
    padding_top = padding_right = padding_bottom = padding_left = 0.0
    border_top_width = border_right_width = border_bottom_width = border_left_width = 0.0
    border_top_left_radius = border_top_right_radius = (0.0, 0.0)
    border_bottom_left_radius = border_bottom_right_radius = (0.0, 0.0)
    background = None


class LinesOnly:
    """Mark of boxes that show nothing but placed lines."""

    background = None


class PlacedText(NoDecorations, boxes.TextBox):  # type: ignore[misc]
    """Text box that holds the runs of one line."""

    line: PlacedLine


class PlacedLineBox(LinesOnly, NoDecorations, boxes.LineBox):  # type: ignore[misc]
    """Line box with all lines of a paragraph before layout, and one after."""

    lines: list[PlacedLine]

    @classmethod
    def of(cls, parent: Any, lines: list[PlacedLine]) -> PlacedLineBox:
        line_box: PlacedLineBox = cls.anonymous_from(parent, [])
        line_box.lines = lines
        line_box.children = [PlacedText.anonymous_from(parent, " ")]
        return line_box


@dataclass(slots=True)
class SetLine:
    """Placed line at its place on the page, in the style of its paragraph."""

    style: Any
    line: PlacedLine
    x: float
    y: float
    baseline: float


class LineGroup(LinesOnly, NoDecorations, boxes.LineBox):  # type: ignore[misc]
    """Lines that stand anywhere in a row of a table, in place of its cells."""

    computed_height = "auto"
    empty = False

    def __init__(self, row: Any, lines: list[SetLine], height: float) -> None:
        super().__init__(row.element_tag, row.style, row.element, ())
        self.lines = lines
        self.position_x, self.position_y = row.position_x, row.position_y
        self.width, self.height, self.baseline = row.width, height, 0.0

    def translate(self, dx: float = 0, dy: float = 0, ignore_floats: bool = False) -> None:
        super().translate(dx, dy, ignore_floats)
        for line in self.lines:
            line.x += dx
            line.y += dy


@dataclass
class _Document:
    """Lines of the document being rendered, and the page counters reached."""

    lines: Mapping[Any, list[PlacedLine]]
    counters: dict[str, int] = field(default_factory=dict)


# WeasyPrint passes nothing of ours through its layout; a process renders one document at a time
_document = _Document({})


@contextmanager
def placed_lines(lines: Mapping[Any, list[PlacedLine]]) -> Iterator[None]:
    """Use these lines for their paragraphs while a document is rendered.

    The keys are the paragraphs' elements.
    """
    global _document
    _document = _Document(lines)
    try:
        yield
    finally:
        _document = _Document({})


def insert_line_boxes(original: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def build_box(box: Any) -> Any:
        lines = _document.lines.get(box.element)
        if lines is None or not isinstance(box, boxes.BlockContainerBox):
            return original(box)
        if lines and not box.children:
            counters = _document.counters
            box.children = [
                PlacedLineBox.of(
                    box, [line.with_counters(counters) if line.has_counters else line for line in lines]
                )
            ]
        return box

    return build_box


def read_page_counters(original: Callable[..., Iterator[Any]]) -> Callable[..., Iterator[Any]]:
    def make_margin_boxes(context: Any, page: Any, state: Any) -> Iterator[Any]:
        counters = state[1]
        _document.counters = {name: counters[name][-1] for name in ("page", "pages") if counters.get(name)}
        yield from original(context, page, state)

    return make_margin_boxes


def lay_out_placed_lines(original: Callable[..., Iterator[Any]]) -> Callable[..., Iterator[Any]]:
    def iter_line_boxes(
        context: Any, box: Any, position_y: float, bottom_space: float, skip_stack: Any, *rest: Any
    ) -> Iterator[tuple[Any, Any]]:
        if isinstance(box, PlacedLineBox):
            return _stack_lines(context, box, position_y, skip_stack, rest[0])
        return original(context, box, position_y, bottom_space, skip_stack, *rest)

    return iter_line_boxes


def measure_placed_lines(original: Callable[..., Iterator[Any]]) -> Callable[..., Iterator[Any]]:
    def inline_line_widths(context: Any, box: Any, *rest: Any, **options: Any) -> Iterator[Any]:
        if isinstance(box, PlacedLineBox):
            return iter([line.width for line in box.lines])
        return original(context, box, *rest, **options)

    return inline_line_widths


def _stack_lines(
    context: Any, box: PlacedLineBox, position_y: float, skip_stack: Any, parent: Any
) -> Iterator[tuple[Any, Any]]:
    height, baseline = strut(box.style)
    start = 0 if skip_stack is None else next(iter(skip_stack))
    align = box.style["text_align_all"]
    left, available = parent.content_box_x(), parent.width
    for number in range(start, len(box.lines)):
        placed_line = box.lines[number]
        top, bottom = line_extent(placed_line, baseline, height)
        line = box.copy()
        # floats next to the text: move down or aside as WeasyPrint does for its own lines
        if context.excluded_shapes:
            line.position_x, line.position_y = left, position_y
            line.width, line.height = placed_line.width, bottom - top
            left, position_y, available = avoid_collisions(context, line, parent, outer=False)
        # justified lines have their spacing in the runs, so only alignment is left
        offset = 0.0
        if align in ("center", "right", "end") and placed_line.width < available:
            offset = (available - placed_line.width) / (2 if align == "center" else 1)
        _position_line(line, placed_line, left + offset, position_y, bottom - top, -top)
        position_y += bottom - top
        yield line, ({number + 1: None} if number + 1 < len(box.lines) else None)


def line_extent(line: PlacedLine, baseline: float, height: float) -> tuple[float, float]:
    """Return how far a line reaches above (negative) and below its baseline."""
    top, bottom = -baseline, height - baseline
    for run in line.runs:
        metrics = run.font.shaper.typeface.metrics
        # a large run raises the line only by what reaches out of its strut
        middle = (metrics.descent - metrics.ascent) / 2 * run.style.size
        top, bottom = min(top, middle), max(bottom, middle)
    return top, bottom


def _position_line(
    line: PlacedLineBox, placed_line: PlacedLine, x: float, y: float, height: float, baseline: float
) -> None:
    line.position_x, line.position_y = x, y
    line.width, line.height, line.baseline = placed_line.width, height, baseline
    text = line.children[0].copy()
    text.text, text.line = placed_line.text or " ", placed_line
    text.position_x, text.position_y = x, y
    text.width, text.height, text.baseline = placed_line.width, height, baseline
    line.children = [text]


def draw_placed_lines(original: Callable[..., None]) -> Callable[..., None]:
    def draw_inline_level(stream: Any, page: Any, box: Any, *rest: Any, **options: Any) -> None:
        if isinstance(box, LineGroup):
            for line in box.lines:
                _draw_runs(stream, line.line, line.style, line.x, line.y + line.baseline)
            return
        if not isinstance(box, PlacedLineBox):
            original(stream, page, box, *rest, **options)
            return
        for text in box.children:
            with stream.marked(text, "Span"):
                _draw_runs(stream, text.line, text.style, text.position_x, text.position_y + text.baseline)

    return draw_inline_level


def skip_backgrounds(original: Callable[..., None]) -> Callable[..., None]:
    def layout_box_backgrounds(page: Any, box: Any, *rest: Any, **options: Any) -> None:
        if not isinstance(box, LinesOnly):
            original(page, box, *rest, **options)

    return layout_box_backgrounds


def skip_anchors(original: Callable[..., None]) -> Callable[..., None]:
    def gather_anchors(box: Any, *rest: Any, **options: Any) -> None:
        if not isinstance(box, LinesOnly):
            original(box, *rest, **options)

    return gather_anchors


def skip_stacking(original: Callable[..., Any]) -> Callable[..., Any]:
    def dispatch(box: Any, page: Any, contexts: Any, blocks: Any, floats: Any, cells: dict[Any, Any]) -> Any:
        if not isinstance(box, LinesOnly):
            return original(box, page, contexts, blocks, floats, cells)
        if isinstance(box, boxes.TableRowBox):
            # its lines are drawn in the order of the cells
            cells[box] = {}
        return box

    return dispatch


@lru_cache(maxsize=256)
def _color(text: str) -> Any:
    return parse_color(text)


def _draw_runs(stream: Any, line: PlacedLine, box_style: Any, left: float, baseline: float) -> None:
    if box_style["visibility"] != "visible":
        return
    text_color = box_style["color"]
    for run in line.runs:
        color = _color(run.style.color) if run.style.color else text_color
        x, y = left + run.x, baseline - run.style.rise
        if run.style.underline:
            middle = y + run.style.underline_offset + run.style.thickness / 2
            draw_line(
                stream,
                x,
                middle,
                x + run.width,
                middle,
                run.style.thickness,
                run.style.underline,
                color,
                run.x,
            )
        if not run.is_blank:
            _draw_run(stream, run, color, x, y)


def _draw_run(stream: Any, run: PlacedRun, color: Any, x: float, y: float) -> None:
    if not run.style.bold:
        _show_glyphs(stream, run, color, x, y)
        return
    with emboldened(stream, run.style.size, color):
        _show_glyphs(stream, run, color, x, y)


def _show_glyphs(stream: Any, run: PlacedRun, color: Any, x: float, y: float) -> None:
    font = run.font
    # WeasyPrint writes every font in this table when it finishes the file
    stream._fonts.setdefault(("set", font.family), font)
    codes = font.codes
    # choosing a colour takes longer than comparing what was chosen last, and few runs have another
    chosen = stream.__dict__.get("_chosen", (None, None, None))
    if chosen[0] is not color or chosen[1:] != (stream._current_color, stream._current_alpha):
        stream.set_color(color)
        stream._chosen = color, stream._current_color, stream._current_alpha
    stream.begin_text()
    # page coordinates point down here, text coordinates up
    stream.stream.append(b"1 0 0 -1 %b %b Tm" % (pydyf._to_bytes(x), pydyf._to_bytes(y)))
    stream.set_font_size(font.hash, run.style.size)
    # every glyph of a tagged file needs a character (ISO 14289-1, 7.21.7), which the cells have not
    if stream._tags is None and is_read_apart(run):
        show_spaced_glyphs(stream, run)
        stream.end_text()
        return
    if run.spacing:
        stream.stream.append(b"%a Tc" % round(run.spacing, 4))
    stream.stream.append(_show_operator(run, codes))
    if run.spacing:
        stream.stream.append(b"0 Tc")
    stream.end_text()


def _show_operator(run: PlacedRun, codes: Mapping[int, str]) -> bytes:
    """Return the PDF operator that shows the glyphs of a run."""
    if not any(glyph.kern for glyph in run.glyphs):
        return f"<{''.join([codes[glyph.number] for glyph in run.glyphs])}> Tj".encode()
    pieces = [f"{codes[g.number]}>{-g.kern * 1000:.3f}<" if g.kern else codes[g.number] for g in run.glyphs]
    return f"[<{''.join(pieces)}>] TJ".encode()
