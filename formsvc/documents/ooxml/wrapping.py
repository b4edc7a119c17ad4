"""Lines beside and below what stands in their way: pictures, text boxes and tables that text wraps around."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from formsvc.documents.ooxml.atoms import Atom
from formsvc.documents.ooxml.breaking import Line, LineBreaker, Measure
from formsvc.documents.ooxml.flow import Flow, Room

Height = Callable[[Sequence[Atom]], float]


def wrapped_lines(flow: Flow, atoms: Sequence[Atom], measure: Measure, top: float, height: Height) -> list[Line]:
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
