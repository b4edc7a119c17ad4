"""Lines beside and below what stands in their way: pictures, text boxes and tables that text wraps around."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from formsvc.documents.ooxml.atoms import BREAK, Atom
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
        line, start = _one(atoms, start, _narrowed(measure, room, first=not lines))
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


def _one(atoms: Sequence[Atom], start: int, measure: Measure) -> tuple[Line, int]:
    """The first line of what is left, and where the next begins."""
    rest = atoms[start:]
    for atom in rest:
        atom.after = 0.0
    lines = LineBreaker(rest, measure).lines()
    line = lines[0]
    if len(lines) == 1:
        return line, len(atoms)
    if line.forced:
        begun = next((i for i, a in enumerate(rest) if line.atoms and a is line.atoms[-1]), -1) + 1
        return line, start + next(i for i in range(begun, len(rest)) if rest[i].kind == BREAK) + 1
    follower = lines[1].atoms[0] if lines[1].atoms else None
    return line, next((start + i for i, a in enumerate(rest) if a is follower), len(atoms))
