"""Boxes of lines that are set already, and how the page engine lays them out and draws them.

Imported only once the fonts are active, for the page engine reads them when it is imported.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

import weasyprint.draw as draw
import weasyprint.layout as layout
from tinycss2.color5 import parse_color
from weasyprint import anchors, document, stacking
from weasyprint.draw.border import draw_line
from weasyprint.formatting_structure import boxes, build
from weasyprint.layout import background, block, preferred
from weasyprint.layout.float import avoid_collisions
from weasyprint.text.line_break import strut

from formsvc.docxpdf.pdf.positioned_lines import Run, SetLine
from formsvc.docxpdf.pdf.run_style import BOLDER


class Undecorated:
    """No margins, borders or padding."""

    margin_top = margin_right = margin_bottom = margin_left = 0.0
    padding_top = padding_right = padding_bottom = padding_left = 0.0
    border_top_width = border_right_width = border_bottom_width = border_left_width = 0.0
    border_top_left_radius = border_top_right_radius = (0.0, 0.0)
    border_bottom_left_radius = border_bottom_right_radius = (0.0, 0.0)
    background = None


class SetText(Undecorated, boxes.TextBox):  # type: ignore[misc]
    """The runs of one line."""

    line: SetLine


class SetLineBox(Undecorated, boxes.LineBox):  # type: ignore[misc]
    """All lines of a paragraph before layout, one of them after."""

    lines: list[SetLine]

    @classmethod
    def of(cls, parent: Any, lines: list[SetLine]) -> SetLineBox:
        """The box of a paragraph's lines."""
        made: SetLineBox = cls.anonymous_from(parent, [])
        made.lines = lines
        made.children = [SetText.anonymous_from(parent, " ")]
        return made


class Placement:
    """The paragraphs whose lines are set, while one document is rendered."""

    def __init__(self) -> None:
        self.lines: Mapping[Any, list[SetLine]] = {}
        self._numbers: dict[str, int] = {}

    def install(self) -> None:
        """Teach the page engine these boxes, once for the interpreter."""
        self._into_blocks("inline_in_block")
        self._into_blocks("block_in_inline")
        self._number_pages()
        _lay_out_set_lines()
        _draw_set_lines()
        _pass_over_set_lines()

    def _into_blocks(self, name: str) -> None:
        original = getattr(build, name)

        def patched(box: Any) -> Any:
            lines = self.lines.get(box.element)
            if lines is None or not isinstance(box, boxes.BlockContainerBox):
                return original(box)
            if lines and not box.children:
                box.children = [SetLineBox.of(box, [self._numbered(line) for line in lines])]
            return box

        setattr(build, name, patched)

    def _numbered(self, line: SetLine) -> SetLine:
        return line.numbered(self._numbers) if line.counts else line

    def _number_pages(self) -> None:
        original = layout.make_margin_boxes

        def make_margin_boxes(context: Any, page: Any, state: Any) -> Iterator[Any]:
            counters = state[1]
            self._numbers = {name: counters[name][-1] for name in ("page", "pages") if counters.get(name)}
            yield from original(context, page, state)

        layout.make_margin_boxes = make_margin_boxes


def _lay_out_set_lines() -> None:
    ordinary, widths = block.iter_line_boxes, preferred.inline_line_widths

    def iter_line_boxes(
        context: Any, box: Any, position_y: float, bottom_space: float, skip_stack: Any, *rest: Any
    ) -> Iterator[tuple[Any, Any]]:
        if isinstance(box, SetLineBox):
            return _laid_out(context, box, position_y, skip_stack, rest[0])
        laid: Iterator[tuple[Any, Any]] = ordinary(context, box, position_y, bottom_space, skip_stack, *rest)
        return laid

    def inline_line_widths(context: Any, box: Any, *rest: Any, **named: Any) -> Iterator[Any]:
        if isinstance(box, SetLineBox):
            return iter([line.width for line in box.lines])
        found: Iterator[Any] = widths(context, box, *rest, **named)
        return found

    block.iter_line_boxes = iter_line_boxes
    preferred.inline_line_widths = inline_line_widths


def _laid_out(
    context: Any, box: SetLineBox, position_y: float, skip_stack: Any, parent: Any
) -> Iterator[tuple[Any, Any]]:
    height, baseline = strut(box.style)
    start = 0 if skip_stack is None else next(iter(skip_stack))
    align = box.style["text_align_all"]
    left, room = parent.content_box_x(), parent.width
    for number in range(start, len(box.lines)):
        set_line = box.lines[number]
        top, bottom = _reach(set_line, baseline, height)
        line = box.copy()
        if context.excluded_shapes:
            line.position_x, line.position_y = left, position_y
            line.width, line.height = set_line.width, bottom - top
            left, position_y, room = avoid_collisions(context, line, parent, outer=False)
        offset = 0.0
        if align in ("center", "right", "end") and set_line.width < room:
            offset = (room - set_line.width) / (2 if align == "center" else 1)
        _place(line, set_line, left + offset, position_y, bottom - top, -top)
        position_y += bottom - top
        yield line, ({number + 1: None} if number + 1 < len(box.lines) else None)


def _reach(line: SetLine, baseline: float, height: float) -> tuple[float, float]:
    """How far a line reaches above (negative) and below its baseline: its own height, and where large runs stand."""
    top, bottom = -baseline, height - baseline
    for run in line.runs:
        metrics = run.font.finder.typeface.metrics
        middle = (metrics.descent - metrics.ascent) / 2 * run.ink.size
        top, bottom = min(top, middle), max(bottom, middle)
    return top, bottom


def _place(line: SetLineBox, set_line: SetLine, x: float, y: float, height: float, baseline: float) -> None:
    line.position_x, line.position_y = x, y
    line.width, line.height, line.baseline = set_line.width, height, baseline
    text = line.children[0].copy()
    text.text, text.line = set_line.text or " ", set_line
    text.position_x, text.position_y = x, y
    text.width, text.height, text.baseline = set_line.width, height, baseline
    line.children = [text]


def _draw_set_lines() -> None:
    ordinary = draw.draw_inline_level

    def draw_inline_level(stream: Any, page: Any, box: Any, *rest: Any, **named: Any) -> None:
        if not isinstance(box, SetLineBox):
            ordinary(stream, page, box, *rest, **named)
            return
        for text in box.children:
            with stream.marked(text, "Span"):
                _draw(stream, text)

    draw.draw_inline_level = draw_inline_level


def _pass_over_set_lines() -> None:
    """Set lines have no backgrounds, links or layers to look for."""
    for module, name, answers in (
        (background, "layout_box_backgrounds", False),
        (anchors, "gather_anchors", False),
        (document, "gather_anchors", False),
        (stacking, "_dispatch", True),
    ):
        setattr(
            module, name, _passing_over(getattr(module, name), 1 if name.startswith("layout") else 0, answers)
        )


def _passing_over(ordinary: Any, place: int, answers: bool) -> Any:
    def passing(*arguments: Any, **named: Any) -> Any:
        box = arguments[place]
        if isinstance(box, SetLineBox):
            return box if answers else None
        return ordinary(*arguments, **named)

    return passing


@lru_cache(maxsize=256)
def _color(text: str) -> Any:
    return parse_color(text)


def _draw(stream: Any, box: SetText) -> None:
    if box.style["visibility"] != "visible":
        return
    plain = box.style["color"]
    baseline = box.position_y + box.baseline
    for run in box.line.runs:
        color = _color(run.ink.color) if run.ink.color else plain
        x, y = box.position_x + run.x, baseline - run.ink.rise
        if run.ink.underline:
            middle = y + run.ink.underline_offset + run.ink.thickness / 2
            draw_line(
                stream, x, middle, x + run.width, middle, run.ink.thickness, run.ink.underline, color, run.x
            )
        if not run.blank:
            _draw_run(stream, run, color, x, y)


def _draw_run(stream: Any, run: Run, color: Any, x: float, y: float) -> None:
    if not run.ink.bold:
        _show(stream, run, color, x, y)
        return
    with stream.stacked():
        stream.set_text_rendering(2)
        stream.set_line_width(run.ink.size * BOLDER)
        stream.set_color(color, stroke=True)
        _show(stream, run, color, x, y)


def _show(stream: Any, run: Run, color: Any, x: float, y: float) -> None:
    font = run.font
    stream._fonts.setdefault(("set", font.family), font)
    codes = font.codes
    stream.set_color(color)
    stream.begin_text()
    stream.set_text_matrix(1, 0, 0, -1, x, y)
    stream.set_font_size(font.hash, run.ink.size)
    if run.spacing:
        stream.stream.append(b"%a Tc" % round(run.spacing, 4))
    stream.stream.append(_shown(run, codes))
    if run.spacing:
        stream.stream.append(b"0 Tc")
    stream.end_text()


def _shown(run: Run, codes: Mapping[int, str]) -> bytes:
    """The operator that shows the glyphs of a run."""
    if not any(glyph.kern for glyph in run.glyphs):
        return f"<{''.join([codes[glyph.number] for glyph in run.glyphs])}> Tj".encode()
    pieces = [f"{codes[g.number]}>{-g.kern * 1000:.3f}<" if g.kern else codes[g.number] for g in run.glyphs]
    return f"[<{''.join(pieces)}>] TJ".encode()
