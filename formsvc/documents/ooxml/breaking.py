"""Lines broken as Word breaks Chinese: 避头尾, hanging punctuation, whole words and numbers, tab stops, justification."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from formsvc.documents.ooxml.atoms import BREAK, CHAR, TAB, Atom
from formsvc.documents.ooxml.characters import HANGING, NO_END, NO_START, PAIRED

_SLACK = 0.05
_JUSTIFIED = frozenset({"both", "distribute", "thaiDistribute", "lowKashida", "mediumKashida", "highKashida"})


@dataclass(frozen=True)
class TabStop:
    """A tab stop, measured from the left margin."""

    position: float
    kind: str
    leader: str


@dataclass(frozen=True)
class Measure:
    """The room a paragraph's lines have. ``left`` is the distance of their start from the margin."""

    width: float
    first: float = 0.0
    left: float = 0.0
    align: str = "left"
    hanging: bool = True
    avoid: bool = True
    whole_words: bool = True
    stretch_broken: bool = True
    stops: tuple[TabStop, ...] = ()
    default_tab: float = 36.0


@dataclass
class Line:
    """The atoms of one line as they are to be drawn; ``forced`` where a break ended it.

    ``skip`` is room left above it, ``inset`` room left at its right, both for what stands in its way.
    """

    atoms: list[Atom]
    indent: float = 0.0
    forced: str = ""
    last: bool = False
    tabs: dict[int, float] = field(default_factory=dict)
    skip: float = 0.0
    inset: float = 0.0


class LineBreaker:
    """Breaks one paragraph's atoms into lines."""

    def __init__(self, atoms: Sequence[Atom], measure: Measure) -> None:
        self._atoms, self._measure = atoms, measure

    def lines(self) -> list[Line]:
        """At least one line, the last one marked."""
        lines: list[Line] = []
        start, count = 0, len(self._atoms)
        while start < count or not lines:
            indent = self._measure.first if not lines else 0.0
            line, start = self._line(start, indent)
            lines.append(line)
        if lines[-1].forced == "line":
            lines.append(Line([]))
        lines[-1].last = True
        for line in lines:
            self._justify(line)
        return lines

    def _line(self, start: int, indent: float) -> tuple[Line, int]:
        x, at = indent, start
        tabs: dict[int, float] = {}
        while at < len(self._atoms):
            atom = self._atoms[at]
            if atom.kind == BREAK:
                return Line(self._trimmed(start, at), indent, atom.text, tabs=tabs), at + 1
            if atom.kind == TAB:
                tabs[at - start] = self._tab(atom, at, x)
                x += tabs[at - start]
                at += 1
                continue
            width = atom.width + (atom.gap if at > start else 0.0)
            if x + width > self._measure.width + _SLACK and at > start:
                at = self._turn(start, at)
                break
            x += width
            at += 1
        return Line(self._trimmed(start, at), indent, tabs=tabs), at

    def _turn(self, start: int, at: int) -> int:
        """Where the line that is full at ``at`` really ends."""
        atom = self._atoms[at]
        if atom.is_space:
            return self._past_spaces(at)
        if self._may_hang(at):
            return self._past_spaces(at + 1)
        end = at
        while end > start and not self._may_break(end):
            end -= 1
        return end if end > start else at

    def _past_spaces(self, at: int) -> int:
        while at < len(self._atoms) and self._atoms[at].is_space:
            at += 1
        return at

    def _may_hang(self, at: int) -> bool:
        if not self._measure.hanging or self._atoms[at].text not in HANGING:
            return False
        return at + 1 >= len(self._atoms) or self._atoms[at + 1].kind != CHAR or self._may_break(at + 1)

    def _may_break(self, at: int) -> bool:
        """Whether a line may end before the atom at ``at``."""
        before, after = self._atoms[at - 1], self._atoms[at]
        if before.kind != CHAR or after.kind != CHAR:
            return after.text not in NO_START or after.kind != CHAR
        if after.is_space:
            return False
        if before.is_space:
            return True
        if self._measure.avoid and (after.text in NO_START or before.text in NO_END):
            return False
        if before.text == after.text and before.text in PAIRED:
            return False
        return before.east or after.east or not self._measure.whole_words

    def _trimmed(self, start: int, end: int) -> list[Atom]:
        """The atoms without the blanks at the end, but with underlined blanks as far as they fit."""
        atoms = list(self._atoms[start:end])
        room = self._measure.width + _SLACK - sum(a.width + a.gap for a in atoms if a.kind != TAB)
        while atoms and atoms[-1].is_space and (not atoms[-1].format.underline or room < 0):
            room += atoms.pop().width
        return atoms

    def _tab(self, atom: Atom, at: int, x: float) -> float:
        """How wide a tab at ``x`` is."""
        stop = self._next_stop(x + self._measure.left)
        atom.leader = stop.leader
        gap = stop.position - self._measure.left - x
        if stop.kind in ("right", "center", "decimal"):
            following = self._following(at)
            gap -= following / 2 if stop.kind == "center" else following
        return max(0.0, gap)

    def _next_stop(self, x: float) -> TabStop:
        for stop in self._measure.stops:
            if stop.position > x + 0.5 and stop.kind not in ("clear", "bar"):
                return stop
        return TabStop(
            (math.floor(x / self._measure.default_tab + 1e-6) + 1) * self._measure.default_tab, "left", "none"
        )

    def _following(self, at: int) -> float:
        width = 0.0
        for atom in self._atoms[at + 1 :]:
            if atom.kind in (TAB, BREAK):
                break
            width += atom.width + atom.gap
        return width

    def _justify(self, line: Line) -> None:
        """Spread what room is left between the atoms of a full line."""
        spread = self._measure.align in ("distribute", "thaiDistribute")
        ended = line.last or (line.forced and not (line.forced == "line" and self._measure.stretch_broken))
        if self._measure.align not in _JUSTIFIED or (ended and not spread) or not line.atoms:
            return
        hung = line.atoms[-1].text in HANGING and self._natural(line) > self._measure.width + _SLACK
        atoms = line.atoms[:-1] if hung else line.atoms
        first = max(line.tabs, default=-1) + 1
        gaps = [i for i in range(first, len(atoms) - 1) if spread or _stretches(atoms[i], atoms[i + 1])]
        free = (
            self._measure.width
            - self._natural(line)
            + (line.atoms[-1].width + line.atoms[-1].gap if hung else 0.0)
        )
        if gaps and free > 0:
            for i in gaps:
                atoms[i].after = free / len(gaps)

    @staticmethod
    def _natural(line: Line) -> float:
        text = sum(a.width + (a.gap if i else 0.0) for i, a in enumerate(line.atoms) if a.kind != TAB)
        return line.indent + text + sum(line.tabs.values())


def _stretches(before: Atom, after: Atom) -> bool:
    if before.kind != CHAR or after.kind != CHAR:
        return before.kind == CHAR and before.is_space
    if before.text == after.text and before.text in PAIRED:
        return False
    return before.east or after.east or before.is_space
