"""Lines broken as Word breaks Chinese: 避头尾, hanging punctuation, whole words and numbers, tab stops, justification."""

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

_SLACK = 0.05
_LONGEST_PULLED = 24
_BY_MARGIN = " margin"
"""How an alignment tab ends that goes from the margins, whatever the indents."""
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
    break_options: LineBreakOptions = field(default_factory=LineBreakOptions)
    libreoffice: bool = False
    """Lines end as LibreOffice ends them."""
    compress_to_fit: bool = False
    """The marks of a justified line are narrowed, down to half their width, for one more character."""
    justification_step: float = 0.0
    justify_broken_lines: bool = True
    margin_width: float = 0.0
    """The width alignment tabs are measured by that go from the margins."""
    stops: tuple[TabStop, ...] = ()
    default_tab: float = 36.0


@dataclass
class Line:
    """The clusters of one line as they are to be drawn; ``forced`` where a break ended it.

    ``skip`` is room left above it, ``inset`` room left at its right, both for what stands in its way.
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
    """Lines as the word processor breaks them."""

    def break_lines(self, _paragraph: Element, clusters: list[Cluster], measure: Measure) -> list[Line]:
        """Return the lines of a ``w:p``."""
        return LineBreaker(clusters, measure).break_lines()


class LineBreaker:
    """Breaks one paragraph's clusters into lines."""

    def __init__(self, clusters: Sequence[Cluster], measure: Measure) -> None:
        self._clusters, self._measure = clusters, measure
        self._rules: WordBreakRules = (LibreOfficeBreakRules if measure.libreoffice else WordBreakRules)(
            clusters, measure.break_options
        )
        self._justified = measure.align in _JUSTIFIED
        self.starts: list[int] = []
        """Where each of the lines begins."""

    def allows_break(self, at: int) -> bool:
        """Whether a line may end before an cluster."""
        return self._rules.allows_break(at)

    def break_lines(self) -> list[Line]:
        """At least one line, the last one marked."""
        lines: list[Line] = []
        start, count = 0, len(self._clusters)
        while start < count or not lines:
            indent = self._measure.first if not lines else 0.0
            self.starts.append(start)
            line, start = self._line(start, indent)
            lines.append(line)
        if lines[-1].break_kind == "line":
            lines.append(Line([]))
        lines[-1].last = True
        for line in lines:
            self._justify(line)
        return lines

    def break_first_line(self) -> tuple[Line, int]:
        """The first line alone, and where the next begins."""
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
                return Line(self._trimmed(start, at), indent, cluster.text, tabs=tabs), at + 1
            if cluster.kind == TAB:
                tabs[at - start] = self._tab(cluster, at, x)
                x += tabs[at - start]
                if cluster.text.endswith(_BY_MARGIN):
                    limit = max(limit, self._measure.margin_width - self._measure.left + _SLACK)
                at += 1
                continue
            width = cluster.width + (cluster.gap_before if at > start else 0.0)
            if x + width > limit and at > start:
                at = self._pulled_in(start, at, x) or self._rules.line_end(start, at)
                break
            x += width
            at += 1
        tabs = {place: wide for place, wide in tabs.items() if place < at - start}
        return Line(self._trimmed(start, at), indent, tabs=tabs), at

    def _pulled_in(self, start: int, at: int, x: float) -> int:
        """The end of a line whose marks give up enough room for what comes up to there; 0 where they do not."""
        if not (self._measure.compress_to_fit and self._justified) or self._clusters[at].is_space:
            return 0
        end, need = at, x - self._measure.width
        while end < len(self._clusters) and self._clusters[end].kind == CHAR and end - at < _LONGEST_PULLED:
            need += self._clusters[end].width + self._clusters[end].gap_before
            end += 1
            if end == len(self._clusters) or self._rules.allows_break(end):
                break
        else:
            return 0
        room = {place: self._blank_of(place, start) for place in range(start, end)}
        if need > sum(room.values()):
            return 0
        for place, blank in room.items():
            if blank:
                self._narrow(place, blank * need / sum(room.values()))
        return self._rules.skip_spaces(end)

    def _blank_of(self, place: int, start: int) -> float:
        """How much narrower a mark may become: half its square, less what stands closed up already."""
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
        """Take the blank from behind a closing mark, from before an opening one."""
        self._clusters[place].width -= less
        self._clusters[place if self._clusters[place].text in CLOSING else place - 1].space_after -= less

    def _trimmed(self, start: int, end: int) -> list[Cluster]:
        """The clusters without the blanks at the end, but with underlined blanks as far as they fit."""
        clusters = list(self._clusters[start:end])
        room = self._measure.width + _SLACK - sum(a.width + a.gap_before for a in clusters if a.kind != TAB)
        while (
            clusters and self._is_swallowed(clusters[-1]) and (not clusters[-1].format.underline or room < 0)
        ):
            room += clusters.pop().width
        return clusters

    def _is_swallowed(self, cluster: Cluster) -> bool:
        return cluster.kind == CHAR and self._rules.is_trimmed(cluster.text)

    def _tab(self, cluster: Cluster, at: int, x: float) -> float:
        """How wide a tab at ``x`` is."""
        stop = self._place_of(cluster) or self._next_stop(x + self._measure.left)
        cluster.leader = stop.leader
        gap = stop.position - self._measure.left - x
        if stop.kind in ("right", "center", "decimal"):
            following = self._following(at, decimal=stop.kind == "decimal")
            gap -= following / 2 if stop.kind == "center" else following
        return max(0.0, gap)

    def _place_of(self, cluster: Cluster) -> TabStop | None:
        """Where an alignment tab goes: an edge or the middle of the margins, or of the paragraph's indents."""
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

    def _following(self, at: int, *, decimal: bool) -> float:
        """The width of the text up to the next tab, or up to its decimal point."""
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
        """Spread what room is left between the clusters of a full line."""
        spread = self._measure.align in ("distribute", "thaiDistribute")
        ended = line.last or (
            line.break_kind and not (line.break_kind == "line" and self._measure.justify_broken_lines)
        )
        if not self._justified or (ended and not spread) or not line.clusters:
            return
        marks = self._measure.break_options.marks.hanging
        hung = line.clusters[-1].text in marks and self._natural(line) > self._measure.width + _SLACK
        clusters = line.clusters[:-1] if hung else line.clusters
        first = max(line.tabs, default=-1) + 1
        everywhere = spread and not self._measure.libreoffice
        gaps = [
            i
            for i in range(first, len(clusters) - 1)
            if everywhere or self._stretches(clusters[i], clusters[i + 1])
        ]
        free = (
            self._measure.width
            - self._natural(line)
            + (line.clusters[-1].width + line.clusters[-1].gap_before if hung else 0.0)
        )
        if gaps and free > 0:
            share = free / len(gaps)
            if self._measure.justification_step:
                share = (
                    math.floor(share / self._measure.justification_step) * self._measure.justification_step
                )
            for i in gaps:
                clusters[i].space_after += share

    @staticmethod
    def _natural(line: Line) -> float:
        text = sum(
            a.width + (a.gap_before if i else 0.0) for i, a in enumerate(line.clusters) if a.kind != TAB
        )
        return line.indent + text + sum(line.tabs.values())

    def _stretches(self, before: Cluster, after: Cluster) -> bool:
        if before.kind != CHAR or after.kind != CHAR:
            return before.kind == CHAR and before.is_space
        if not self._measure.libreoffice and before.text == after.text and before.text in DOUBLED:
            return False
        return before.east_asian or after.east_asian or before.is_space
