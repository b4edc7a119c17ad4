"""Lines beside and below what stands in their way: pictures, text boxes and tables that text wraps around."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from formsvc.docxpdf.context import Desk, Frame
from formsvc.docxpdf.page_flow import Flow, Room
from formsvc.docxpdf.paragraph.metrics import Shape, line_box
from formsvc.docxpdf.text.clusters import Atom
from formsvc.docxpdf.text.inline_items import AnchoredPiece
from formsvc.docxpdf.text.line_breaker import Line, LineBreaker, Measure
from formsvc.docxpdf.wordml.styles import RunFormat

FORCED = frozenset({"page", "column"})
"""Ends of lines that are ends of pages or columns."""
Height = Callable[[Sequence[Atom]], float]


def lines_in_flow(
    desk: Desk,
    frame: Frame,
    shape: Shape,
    mark: RunFormat,
    atoms: list[Atom],
    measure: Measure,
    anchored: Sequence[AnchoredPiece],
) -> list[Line]:
    """The lines of a paragraph that comes next, clear of what stands in its way and of what it brings along."""
    flow, top = desk.flow, desk.flow.top(shape.before)
    start = top - max(0.0, shape.before - flow.after)
    flow.obstacles += [o for piece in anchored if (o := piece.obstacle(start, inside=frame.is_inside))]
    if flow.clear():
        return desk.keeper.lines(atoms, measure) if desk.keeper else LineBreaker(atoms, measure).lines()
    return wrapped_lines(flow, atoms, measure, top, lambda some: line_box(desk, shape, some, mark).whole)


def follow(desk: Desk, shape: Shape, mark: RunFormat, lines: Sequence[Line], *, breaks_before: bool) -> None:
    """Reckon where the text has come to after a paragraph."""
    flow, before = desk.flow, shape.before
    if breaks_before:
        flow.new_page()
    heights: list[float] = []
    for line in lines:
        heights.append(line_box(desk, shape, line.atoms, mark).whole + line.skip)
        if line.forced in FORCED:
            flow.paragraph(before, heights, 0.0)
            flow.new_page()
            heights, before = [], 0.0
    flow.paragraph(before, heights, shape.after)


def wrapped_lines(
    flow: Flow, atoms: Sequence[Atom], measure: Measure, top: float, height: Height
) -> list[Line]:
    """The lines of a paragraph that begins at ``top`` of the flow, each in the room it has there."""
    lines: list[Line] = []
    start, y, turned = 0, top, False
    while start < len(atoms) or not lines:
        estimate = height(atoms[start : start + 1])
        if y + estimate > flow.page and y > 0:
            y, turned = 0.0, True
        room = Room() if turned else flow.room(y, estimate, measure.left, measure.left + measure.width)
        line, used = LineBreaker(atoms[start:], _narrowed(measure, room, first=not lines)).first()
        start += used
        line.indent += room.left
        line.skip, line.inset = room.skip, room.right
        lines.append(line)
        y += room.skip + height(line.atoms)
        if start >= len(atoms) and line.forced == "line":
            lines.append(Line([], last=True))
    return lines


def _narrowed(measure: Measure, room: Room, *, first: bool) -> Measure:
    return replace(
        measure,
        width=max(1.0, measure.width - room.left - room.right),
        left=measure.left + room.left,
        first=measure.first if first else 0.0,
    )
