"""Names, dates and amounts kept on one line by setting the line before them a little wider.

Word tears 冯｜文书 and 9月｜21日: to it every ideograph may end a line. Joiners (U+200D, U+2060) are hidden characters
that a search for the name stumbles over and that LibreOffice does not heed between ideographs. What a typist does
works in every word processor and leaves the words as they are: the characters before the word are spaced by so much
that it finds no room. In a justified line it looks as justification would have made it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from formsvc.docxpdf.characters.unbreakable_phrases import Tokens
from formsvc.docxpdf.opc.package import Package
from formsvc.docxpdf.opc.xml import Element
from formsvc.docxpdf.text.clusters import CHAR, Cluster
from formsvc.docxpdf.text.line_breaker import Line, LineBreaker, Measure

LOOSEST = 0.25
"""How much wider than the type's own square a character may stand, in em: a phone number that finds no room does more."""
_TWENTIETHS = 20
_LEFT_OVER = 0.25
"""The share of the first piece's width that is left free, so that small differences of measure tear nothing."""


@dataclass(frozen=True)
class LetterSpacing:
    """Characters of a paragraph, counted over its text alone, that are to stand further apart, in twentieths of a point."""

    start: int
    end: int
    twentieths: int


@dataclass(frozen=True)
class _Ends:
    """A way to break a paragraph: its lines and where each begins."""

    lines: list[Line]
    starts: list[int]


class PhraseProtector:
    """Breaks paragraphs so that certain words stay whole, and remembers what was widened for it."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self.package: Package | None = None
        self.widened: dict[Element, tuple[str, list[LetterSpacing]]] = {}
        self._last: list[LetterSpacing] = []

    def lines(self, clusters: list[Cluster], measure: Measure) -> list[Line]:
        """The lines of a paragraph."""
        self._last = []
        bare = [(cluster.width, cluster.after) for cluster in clusters]
        ends = _broken(clusters, measure)
        spans = self._tokens.spans("".join(a.text if a.kind == CHAR else "\0" for a in clusters))
        at = 0
        while spans and at < len(ends.starts) - 1:
            ends = self._mended(clusters, measure, bare, ends, at, spans)
            at += 1
        return ends.lines

    def note(self, paragraph: Element, clusters: Sequence[Cluster]) -> None:
        """Remember what was widened last as that of a ``w:p``."""
        if not self._last:
            return
        text = "".join(a.text for a in clusters if a.kind == CHAR)
        self.widened[paragraph] = (text, list(self._last))
        self._last = []

    def _mended(
        self,
        clusters: list[Cluster],
        measure: Measure,
        bare: list[tuple[float, float]],
        ends: _Ends,
        at: int,
        spans: Sequence[tuple[int, int]],
    ) -> _Ends:
        """The lines with the one numbered ``at`` ended before the word it tears, where it does and that can be borne."""
        start, cut = ends.starts[at], ends.starts[at + 1]
        if ends.lines[at].forced or ends.lines[at].tabs or cut >= len(clusters):
            return ends
        torn = sorted(((a, b) for a, b in spans if start < a < cut < b), key=lambda span: (span[0], -span[1]))
        may_end = LineBreaker(clusters, measure).may_end
        for first, last in torn:
            fresh = self._ended_before(clusters, measure, bare, (ends, at), (first, last), may_end)
            if fresh is not None:
                return fresh
        _reset(clusters, bare)
        return _broken(clusters, measure) if torn else ends

    def _ended_before(
        self,
        clusters: list[Cluster],
        measure: Measure,
        bare: list[tuple[float, float]],
        line: tuple[_Ends, int],
        token: tuple[int, int],
        may_end: Callable[[int], bool],
    ) -> _Ends | None:
        ends, at = line
        start, (first, last) = ends.starts[at], token
        while first > start and not may_end(first):
            first -= 1
        # an indent in characters is measured by the first one of the paragraph
        members = [i for i in range(start + (not at), first - 1) if clusters[i].east]
        if not members or any(clusters[i].kind != CHAR for i in range(start, first)):
            return None
        _reset(clusters, bare)
        room = measure.width - ends.lines[at].indent - _natural(clusters[start:first])
        piece = next((p for p in range(first + 1, last) if may_end(p)), last)
        enough = room - _LEFT_OVER * _natural(clusters[first:piece])
        twentieths = math.floor(enough / len(members) * _TWENTIETHS)
        if any(clusters[i].format.spacing for i in members):
            return None
        size = min(clusters[i].format.size for i in members)
        if twentieths < 1 or room / len(members) > LOOSEST * size:
            return None
        spread = twentieths / _TWENTIETHS
        kept = [bare[i] for i in members]
        for i in members:
            bare[i] = (bare[i][0] + spread, bare[i][1])
        _reset(clusters, bare)
        fresh = _broken(clusters, measure)
        if fresh.starts[: at + 2] == [*ends.starts[: at + 1], first]:
            self._last += _in_groups(clusters, members, twentieths)
            return fresh
        for i, was in zip(members, kept, strict=True):
            bare[i] = was
        return None


def _in_groups(
    clusters: Sequence[Cluster], members: Sequence[int], twentieths: int
) -> Iterator[LetterSpacing]:
    """The ideographs one after another, letters and digits between them left as they are."""
    letters = (i for i, cluster in enumerate(clusters) if cluster.kind == CHAR)
    place = {cluster: letter for letter, cluster in enumerate(letters)}
    start = end = place[members[0]]
    for letter in map(place.__getitem__, members):
        if letter > end:
            yield LetterSpacing(start, end, twentieths)
            start = letter
        end = letter + 1
    yield LetterSpacing(start, end, twentieths)


def _broken(clusters: list[Cluster], measure: Measure) -> _Ends:
    breaker = LineBreaker(clusters, measure)
    return _Ends(breaker.lines(), breaker.starts)


def _reset(clusters: Sequence[Cluster], bare: Sequence[tuple[float, float]]) -> None:
    for cluster, (width, after) in zip(clusters, bare, strict=True):
        cluster.width, cluster.after = width, after


def _natural(clusters: Sequence[Cluster]) -> float:
    return sum(a.width + (a.gap if i else 0.0) for i, a in enumerate(clusters))
