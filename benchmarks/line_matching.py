"""Comparison of two PDFs of a document: line ends and distance of glyphs."""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from benchmarks.pdf_lines import Glyph, Line, PdfText

MM = 25.4 / 72
_LONGEST_ALIGNED = 6000
_CELL_GAP = 1.8
_HANGING = frozenset("!,.:;?、。")


@dataclass(frozen=True)
class Likeness:
    """Measure of how alike two PDFs are.

    ``lost`` and ``added`` count characters of ours against the other.
    """

    pages: tuple[int, int]
    lines: int
    alike: int
    median_mm: float
    within_1_mm: float
    lost: int
    added: int
    differing: tuple[tuple[str, str], ...] = ()
    apart_mm: tuple[float, ...] = ()
    """The distance of each glyph matched; infinite where it stands on another page."""

    @property
    def same_pages(self) -> bool:
        return self.pages[0] == self.pages[1]

    @property
    def line_share(self) -> float:
        """Share of the other's line ends that ours has too."""
        return self.alike / self.lines if self.lines else 1.0


def compare(ours: PdfText, other: PdfText) -> Likeness:
    matches = LineMatching(ours.lines, other.lines)
    apart = [_distance(a, b) if a.page == b.page else math.inf for a, b in matches.glyphs]
    one, two = (Counter(char for line in p.lines for char in line.text) for p in (ours, other))
    return Likeness(
        pages=(ours.pages, other.pages),
        lines=len(other.lines),
        alike=matches.alike,
        median_mm=statistics.median(apart) if apart else 0.0,
        within_1_mm=sum(d <= 1 for d in apart) / max(1, len(apart)),
        lost=sum((two - one).values()),
        added=sum((one - two).values()),
        differing=tuple(matches.differing),
        apart_mm=tuple(apart),
    )


def _distance(one: Glyph, other: Glyph) -> float:
    return float(((one.x - other.x) ** 2 + (one.y - other.y) ** 2) ** 0.5) * MM


class LineMatching:
    """The lines of two printings put side by side.

    Lines of the same text in the same order come first; between them characters are put side by side, and an end of a
    line counts where it falls on the same character; at last lines left over count wherever the same text stands, for
    heads, feet and floating boxes are written in an order of each program's own.
    """

    def __init__(self, ours: Sequence[Line], other: Sequence[Line]) -> None:
        self.glyphs: list[tuple[Glyph, Glyph]] = []
        self.differing: list[tuple[str, str]] = []
        self._found: set[int] = set()
        blocks = list(_blocks(ours, other))
        for a, b in blocks:
            self._same(a, b) if [x.text for x in a] == [x.text for x in b] else self._partly(a, b)
        self._elsewhere(ours, other)
        self.alike = sum(id(line) in self._found for line in other)
        for a, b in blocks:
            mine, theirs = (" / ".join(x.text for x in lines if id(x) not in self._found) for lines in (a, b))
            if theirs:
                self.differing.append((mine, theirs))

    def _same(self, ours: Sequence[Line], other: Sequence[Line]) -> None:
        for a, b in zip(ours, other, strict=True):
            self._found |= {id(a), id(b)}
            self.glyphs += zip(a.glyphs, b.glyphs, strict=True)

    def _partly(self, ours: Sequence[Line], other: Sequence[Line]) -> None:
        a, b = ([g for line in lines for g in line.glyphs] for lines in (ours, other))
        if not a or not b or max(len(a), len(b)) > _LONGEST_ALIGNED:
            return
        ends = {id(g): id(line) for line in ours for g in _ends(line)}
        finished = {id(line.glyphs[-1]): id(line) for line in other}
        matcher = SequenceMatcher(None, [g.char for g in a], [g.char for g in b], autojunk=False)
        for start, begin, length in matcher.get_matching_blocks():
            for one, two in zip(a[start : start + length], b[begin : begin + length], strict=True):
                self.glyphs.append((one, two))
                if id(one) in ends and id(two) in finished:
                    self._found |= {ends[id(one)], finished[id(two)]}

    def _elsewhere(self, ours: Sequence[Line], other: Sequence[Line]) -> None:
        spare: dict[str, list[Line]] = {}
        for line in ours:
            if id(line) not in self._found:
                spare.setdefault(line.text, []).append(line)
        for line in other:
            if id(line) not in self._found and spare.get(line.text):
                self._found |= {id(spare[line.text].pop()), id(line)}


def _ends(line: Line) -> Iterator[Glyph]:
    """Yield the glyphs at which a line may end.

    It may end at its last glyph, at a gap almost as wide as that between two cells, or before the mark that hangs from it: LibreOffice loses some of those when it prints.
    """
    if len(line.glyphs) > 1 and line.glyphs[-1].char in _HANGING:
        yield line.glyphs[-2]
    for glyph, following in zip(line.glyphs, [*line.glyphs[1:], None], strict=True):
        if following is None or following.x - glyph.x > _CELL_GAP * max(glyph.size, following.size):
            yield glyph


def _blocks(ours: Sequence[Line], other: Sequence[Line]) -> Iterator[tuple[list[Line], list[Line]]]:
    matcher = SequenceMatcher(None, [x.text for x in ours], [x.text for x in other], autojunk=False)
    for _, i, j, k, m in matcher.get_opcodes():
        yield list(ours[i:j]), list(other[k:m])
