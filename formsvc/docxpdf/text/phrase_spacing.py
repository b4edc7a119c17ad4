"""Letter spacing that keeps names, dates and amounts on one line.

Word breaks 冯｜文书 and 9月｜21日: to it every ideograph may end a line. Word joiners (U+200D, U+2060) stay in the
file, hide the name from a search and have no effect between ideographs in LibreOffice. Typists space the preceding
characters until the phrase no longer fits; that works in every word processor and leaves the text unchanged. In a
justified line the result looks like ordinary justification.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from formsvc.docxpdf.characters.unbreakable_phrases import PhraseFinder
from formsvc.docxpdf.opc.xml import Element
from formsvc.docxpdf.text.clusters import CHAR, Cluster
from formsvc.docxpdf.text.line_breaker import SPREAD, Line, LineBreaker, Measure
from formsvc.docxpdf.text.line_ends import find_line_ends

# Em a character may be spaced at most; a phone number at the end of a line needs more and is left as it is
MAX_SPACING = 0.25
# Word stores letter spacing in twentieths of a point
_TWENTIETHS = 20
# Share of the phrase's first part that stays free: other programs measure a little differently
_RESERVE = 0.25


@dataclass(frozen=True)
class LetterSpacing:
    """Extra spacing of characters of a paragraph, in twentieths of a point."""

    start: int
    end: int
    twentieths: int


@dataclass(frozen=True)
class SpacedParagraph:
    """A paragraph's text and the spacings that keep its phrases whole.

    ``line_ends``: the characters before which a line break does so, in a paragraph that is not spread to both margins.
    """

    text: str
    spacings: list[LetterSpacing]
    line_ends: tuple[int, ...] = ()


class PhraseProtector:
    """Line breaking that keeps phrases whole by letter spacing.

    ``spaced`` holds the paragraphs that needed it.
    """

    def __init__(self, finder: PhraseFinder) -> None:
        self._finder = finder
        self.spaced: dict[Element, SpacedParagraph] = {}

    def break_lines(self, paragraph: Element, clusters: list[Cluster], measure: Measure) -> list[Line]:
        """Return the lines of a ``w:p``, and record the letter spacing they take."""
        # a placeholder for tabs, breaks and boxes keeps the positions in the text and in the clusters equal
        spans = self._finder.find_spans("".join(c.text if c.kind == CHAR else "\0" for c in clusters))
        if ends := find_line_ends(clusters, measure, spans):
            places = list(accumulate((len(c.text) for c in clusters), initial=0))
            text = "".join(c.text for c in clusters)
            self.spaced[paragraph] = SpacedParagraph(text, [], tuple(places[end] for end in ends))
        if measure.align not in SPREAD:
            return LineBreaker(clusters, measure).break_lines()
        breaking = _PhraseBreaking(clusters, measure, spans)
        lines = breaking.break_lines()
        if breaking.spacings:
            text = "".join(c.text for c in clusters if c.kind == CHAR)
            self.spaced[paragraph] = SpacedParagraph(text, breaking.spacings)
        return lines


@dataclass(frozen=True)
class _Breaks:
    """Lines of a paragraph, and the index of each line's first cluster."""

    lines: list[Line]
    starts: list[int]


class _PhraseBreaking:
    """The lines of one paragraph, ended before each phrase that would be torn."""

    def __init__(self, clusters: list[Cluster], measure: Measure, spans: Sequence[tuple[int, int]]) -> None:
        self._clusters, self._measure, self._spans = clusters, measure, spans
        # width and space after of each cluster before the line breaker justifies: breaking changes both
        self._natural = [(cluster.width, cluster.space_after) for cluster in clusters]
        self.spacings: list[LetterSpacing] = []

    def break_lines(self) -> list[Line]:
        breaks = self._break()
        at = 0
        while self._spans and at < len(breaks.starts) - 1:
            breaks = self._protect_line(breaks, at)
            at += 1
        return breaks.lines

    def _protect_line(self, breaks: _Breaks, at: int) -> _Breaks:
        """End line ``at`` before a torn phrase if acceptable spacing suffices."""
        start, end = breaks.starts[at], breaks.starts[at + 1]
        # letter spacing moves no forced break, and shifts what a tab has aligned
        if breaks.lines[at].break_kind or breaks.lines[at].tabs or end >= len(self._clusters):
            return breaks
        torn = [(a, b) for a, b in self._spans if start < a < end < b]
        # the outermost phrase first: whole, it keeps those within it whole as well
        for phrase in sorted(torn, key=lambda span: (span[0], -span[1])):
            protected = self._end_before(breaks, at, phrase)
            if protected is not None:
                return protected
        self._reset()
        return self._break() if torn else breaks

    def _end_before(self, breaks: _Breaks, at: int, phrase: tuple[int, int]) -> _Breaks | None:
        """Space line ``at`` so that it ends before a phrase.

        Return None, with nothing changed, if that does not work.
        """
        allows_break = LineBreaker(self._clusters, self._measure).allows_break
        start, (first, last) = breaks.starts[at], phrase
        while first > start and not allows_break(first):
            first -= 1
        # not the paragraph's first character: an indent in characters is measured by it
        members = [i for i in range(start + (not at), first - 1) if self._clusters[i].east_asian]
        if not members or any(self._clusters[i].kind != CHAR for i in range(start, first)):
            return None
        self._reset()
        free = self._measure.width - breaks.lines[at].indent - self._width(start, first)
        first_part = next((i for i in range(first + 1, last) if allows_break(i)), last)
        needed = free - _RESERVE * self._width(first, first_part)
        twentieths = math.floor(needed / len(members) * _TWENTIETHS)
        # letters that the author spread are not spread further
        if any(self._clusters[i].format.spacing > 0 for i in members):
            return None
        size = min(self._clusters[i].format.size for i in members)
        if twentieths < 1 or free / len(members) > MAX_SPACING * size:
            return None
        return self._try_spacing(breaks, at, first, members, twentieths)

    def _try_spacing(
        self, breaks: _Breaks, at: int, end: int, members: list[int], twentieths: int
    ) -> _Breaks | None:
        """Break again with the members spaced.

        Keep the result if line ``at`` ends at ``end`` and the lines above are unchanged, else return None.
        """
        before = [self._natural[i] for i in members]
        for i, (width, after) in zip(members, before, strict=True):
            self._natural[i] = (width + twentieths / _TWENTIETHS, after)
        self._reset()
        spaced = self._break()
        if spaced.starts[: at + 2] == [*breaks.starts[: at + 1], end]:
            self.spacings += _spacings(self._clusters, members, twentieths)
            return spaced
        for i, natural in zip(members, before, strict=True):
            self._natural[i] = natural
        return None

    def _break(self) -> _Breaks:
        breaker = LineBreaker(self._clusters, self._measure)
        return _Breaks(breaker.break_lines(), breaker.starts)

    def _reset(self) -> None:
        for cluster, (width, after) in zip(self._clusters, self._natural, strict=True):
            cluster.width, cluster.space_after = width, after

    def _width(self, start: int, end: int) -> float:
        clusters = self._clusters[start:end]
        return sum(c.width + (c.gap_before if i else 0.0) for i, c in enumerate(clusters))


def _spacings(
    clusters: Sequence[Cluster], members: Sequence[int], twentieths: int
) -> Iterator[LetterSpacing]:
    """Yield one spacing for each unbroken row of members.

    Western letters between them keep their spacing.
    """
    characters = (i for i, cluster in enumerate(clusters) if cluster.kind == CHAR)
    position = {cluster: place for place, cluster in enumerate(characters)}
    start = end = position[members[0]]
    for place in map(position.__getitem__, members):
        if place > end:
            yield LetterSpacing(start, end, twentieths)
            start = place
        end = place + 1
    yield LetterSpacing(start, end, twentieths)
