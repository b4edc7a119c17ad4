"""Line breaking of Word in Chinese text.

It covers kinsoku (避头尾), hanging punctuation, whole words, tab stops and justification.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from formsvc.docxpdf.characters.classes import CLOSING, DOUBLED, OPENING
from formsvc.docxpdf.opc.xml import Element
from formsvc.docxpdf.text.break_rules import LineBreakOptions, WordBreakRules
from formsvc.docxpdf.text.clusters import BREAK, CHAR, TAB, Cluster
from formsvc.docxpdf.text.libreoffice_break_rules import LibreOfficeBreakRules

# Points a line may exceed its width: widths of fonts are rounded
_SLACK = 0.05
# Clusters looked ahead for the end of a word that compressed punctuation might make room for
_LONGEST_COMPRESSED = 24
# Ending of an alignment tab that is relative to the margins and ignores the indents (w:ptab w:relativeTo)
_RELATIVE_TO_MARGIN = " margin"
SPREAD = frozenset({"both", "distribute", "thaiDistribute", "lowKashida", "mediumKashida", "highKashida"})


@dataclass(frozen=True)
class TabStop:
    """A tab stop. ``position`` counts from the left margin in points."""

    position: float
    kind: str
    leader: str


@dataclass(frozen=True)
class Measure:
    """Width and rules of a paragraph's lines, in points.

    ``first`` is the indent of the first line, ``left`` the distance of all lines from the left margin.
    """

    width: float
    first: float = 0.0
    left: float = 0.0
    align: str = "left"
    break_options: LineBreakOptions = field(default_factory=LineBreakOptions)
    libreoffice: bool = False
    # narrow the punctuation of a justified line, to half its width at most, if one more character then fits
    compress_to_fit: bool = False
    justification_step: float = 0.0
    justify_broken_lines: bool = True
    # width between the margins, for alignment tabs that ignore the indents
    margin_width: float = 0.0
    stops: tuple[TabStop, ...] = ()
    default_tab: float = 36.0


@dataclass
class Line:
    """The clusters of one line in drawing order.

    ``break_kind`` is ``line``, ``page`` or ``column`` if a break ended it. ``tabs`` maps the index of a tab to its
    width. ``space_above`` and ``right_inset`` keep the line clear of exclusions.
    """

    clusters: list[Cluster]
    indent: float = 0.0
    break_kind: str = ""
    last: bool = False
    tabs: dict[int, float] = field(default_factory=dict)
    space_above: float = 0.0
    right_inset: float = 0.0


class LineBreaking(Protocol):
    """A way to break the paragraphs of a document into lines."""

    def break_lines(self, paragraph: Element, clusters: list[Cluster], measure: Measure) -> list[Line]:
        """Return the lines of a ``w:p``, at least one, the last one marked."""


class PlainLineBreaking:
    """Line breaking as the word processor does it."""

    def break_lines(self, _paragraph: Element, clusters: list[Cluster], measure: Measure) -> list[Line]:
        return LineBreaker(clusters, measure).break_lines()


class LineBreaker:
    """Line breaking of one paragraph; justification changes its clusters."""

    def __init__(self, clusters: Sequence[Cluster], measure: Measure) -> None:
        self._clusters, self._measure = clusters, measure
        rules = LibreOfficeBreakRules if measure.libreoffice else WordBreakRules
        self._rules: WordBreakRules = rules(clusters, measure.break_options)
        self._justified = measure.align in SPREAD
        # distributed text spreads its last line too
        self._distributes = measure.align in ("distribute", "thaiDistribute")
        # index of the first cluster of each line
        self.starts: list[int] = []

    def allows_break(self, at: int) -> bool:
        return self._rules.allows_break(at)

    def break_lines(self) -> list[Line]:
        """Return at least one line, the last one marked."""
        lines: list[Line] = []
        start, count = 0, len(self._clusters)
        while start < count or not lines:
            indent = self._measure.first if not lines else 0.0
            self.starts.append(start)
            line, start = self._line(start, indent)
            lines.append(line)
        # a line break at the end of the text opens an empty line
        if lines[-1].break_kind == "line":
            lines.append(Line([]))
        lines[-1].last = True
        for line in lines:
            self._justify(line)
        return lines

    def break_first_line(self) -> tuple[Line, int]:
        """Return the first line and the index of the cluster after it."""
        line, end = self._line(0, self._measure.first)
        line.last = end >= len(self._clusters)
        self._justify(line)
        return line, end

    def _line(self, start: int, indent: float) -> tuple[Line, int]:
        x, at = indent, start
        tabs: dict[int, float] = {}
        limit = self._measure.width + _SLACK
        while at < len(self._clusters):
            cluster = self._clusters[at]
            if cluster.kind == BREAK:
                return Line(self._trim_clusters(start, at), indent, cluster.text, tabs=tabs), at + 1
            if cluster.kind == TAB:
                tabs[at - start] = self._tab(cluster, at, x)
                x += tabs[at - start]
                if cluster.text.endswith(_RELATIVE_TO_MARGIN):
                    limit = max(limit, self._measure.margin_width - self._measure.left + _SLACK)
                at += 1
                continue
            width = cluster.width + (cluster.gap_before if at > start else 0.0)
            if x + width > limit and at > start:
                at = self._compressed_end(start, at, x) or self._rules.line_end(start, at)
                break
            x += width
            at += 1
        # a tab that the line's end came before belongs to the next line
        tabs = {place: wide for place, wide in tabs.items() if place < at - start}
        return Line(self._trim_clusters(start, at), indent, tabs=tabs), at

    def _compressed_end(self, start: int, at: int, x: float) -> int:
        """Narrow the line's punctuation so that the next word fits.

        Return the line's end, 0 if the word does not fit.
        """
        if not (self._measure.compress_to_fit and self._justified) or self._clusters[at].is_space:
            return 0
        end, need = at, x - self._measure.width
        while (
            end < len(self._clusters) and self._clusters[end].kind == CHAR and end - at < _LONGEST_COMPRESSED
        ):
            need += self._clusters[end].width + self._clusters[end].gap_before
            end += 1
            if end == len(self._clusters) or self._rules.allows_break(end):
                break
        else:
            return 0
        spare = {place: self._spare_width(place, start) for place in range(start, end)}
        if need > sum(spare.values()):
            return 0
        for place, width in spare.items():
            if width:
                self._narrow(place, width * need / sum(spare.values()))
        return self._rules.skip_spaces(end)

    def _spare_width(self, place: int, start: int) -> float:
        """Return the width that a punctuation mark can still give up.

        This is its blank half, less what is closed up already.
        """
        cluster = self._clusters[place]
        if not cluster.east_asian or cluster.kind != CHAR:
            return 0.0
        half = cluster.format.size * cluster.format.scale / 2
        if cluster.text in CLOSING:
            taken = -self._clusters[place + 1].gap_before if place + 1 < len(self._clusters) else 0.0
            return max(0.0, half - max(0.0, taken))
        opens = cluster.text in OPENING and place > start and not cluster.gap_before
        return half if opens and self._clusters[place - 1].east_asian else 0.0

    def _narrow(self, place: int, less: float) -> None:
        # the blank half of a closing mark is on its right, that of an opening one on its left
        self._clusters[place].width -= less
        self._clusters[place if self._clusters[place].text in CLOSING else place - 1].space_after -= less

    def _trim_clusters(self, start: int, end: int) -> list[Cluster]:
        """Return the clusters without trailing blanks.

        Underlined blanks are fields to fill in: they stay as far as they fit.
        """
        clusters = list(self._clusters[start:end])
        room = self._measure.width + _SLACK - sum(a.width + a.gap_before for a in clusters if a.kind != TAB)
        while clusters and self._is_trimmed(clusters[-1]) and (not clusters[-1].format.underline or room < 0):
            room += clusters.pop().width
        return clusters

    def _is_trimmed(self, cluster: Cluster) -> bool:
        return cluster.kind == CHAR and self._rules.is_trimmed(cluster.text)

    def _tab(self, cluster: Cluster, at: int, x: float) -> float:
        """Return the width of the tab ``at``, which begins at ``x``."""
        stop = self._alignment_stop(cluster) or self._next_stop(x + self._measure.left)
        cluster.leader = stop.leader
        gap = stop.position - self._measure.left - x
        if stop.kind in ("right", "center", "decimal"):
            following = self._width_to_next_tab(at, decimal=stop.kind == "decimal")
            gap -= following / 2 if stop.kind == "center" else following
        return max(0.0, gap)

    def _alignment_stop(self, cluster: Cluster) -> TabStop | None:
        """Return the stop of a ``w:ptab``, None for an ordinary tab."""
        if cluster.text == "\t":
            return None
        kind, leader, measured = cluster.text.split(" ")
        measure = self._measure
        start, width = (measure.left, measure.width) if measured == "indent" else (0.0, measure.margin_width)
        share = {"center": 0.5, "right": 1.0}.get(kind, 0.0)
        return TabStop(start + share * width, kind, leader)

    def _next_stop(self, x: float) -> TabStop:
        for stop in self._measure.stops:
            if stop.position > x + 0.5 and stop.kind not in ("clear", "bar"):
                return stop
        return TabStop(
            (math.floor(x / self._measure.default_tab + 1e-6) + 1) * self._measure.default_tab, "left", "none"
        )

    def _width_to_next_tab(self, at: int, *, decimal: bool) -> float:
        """Return the width of the text up to the next tab or decimal point."""
        width, seen = 0.0, False
        for cluster in self._clusters[at + 1 :]:
            if cluster.kind in (TAB, BREAK) or (
                decimal and seen and not (cluster.text.isdigit() or cluster.text == ",")
            ):
                break
            seen = seen or cluster.text.isdigit()
            width += cluster.width + cluster.gap_before
        return width

    def _justify(self, line: Line) -> None:
        """Spread the free width of a full line over its gaps."""
        if not line.clusters or not self._is_spread(line):
            return
        marks = self._measure.break_options.marks.hanging
        free = self._measure.width - self._natural_width(line)
        hangs = line.clusters[-1].text in marks and free < -_SLACK
        clusters = line.clusters
        if hangs:
            free += clusters[-1].width + clusters[-1].gap_before
            clusters = clusters[:-1]
        # what stands before the last tab keeps its place
        first = max(line.tabs, default=-1) + 1
        gaps = [i for i in range(first, len(clusters) - 1) if self._stretches(clusters[i], clusters[i + 1])]
        if gaps and free > 0:
            share, step = free / len(gaps), self._measure.justification_step
            if step:
                share = math.floor(share / step) * step
            for i in gaps:
                clusters[i].space_after += share

    def _is_spread(self, line: Line) -> bool:
        if not self._justified:
            return False
        if self._distributes:
            return True
        broken = line.break_kind and not (line.break_kind == "line" and self._measure.justify_broken_lines)
        return not line.last and not broken

    @staticmethod
    def _natural_width(line: Line) -> float:
        text = sum(
            a.width + (a.gap_before if i else 0.0) for i, a in enumerate(line.clusters) if a.kind != TAB
        )
        return line.indent + text + sum(line.tabs.values())

    def _stretches(self, before: Cluster, after: Cluster) -> bool:
        """Return whether justification widens the gap between two clusters."""
        if self._distributes and not self._measure.libreoffice:
            return True
        if before.kind != CHAR or after.kind != CHAR:
            return before.kind == CHAR and before.is_space
        if not self._measure.libreoffice and before.text == after.text and before.text in DOUBLED:
            return False
        return before.east_asian or after.east_asian or before.is_space
