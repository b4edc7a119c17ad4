"""Line ends by sense, where a paragraph is not spread to both margins.

Words that belong together come whole to the next line, by a line break before them. A title in large type is broken as
GB/T 9704-2012, 7.3.1, asks: whole in sense, and in the shape of a trapezium or a rhombus.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

from formsvc.docxpdf.characters.title_words import TITLE_WORDS
from formsvc.docxpdf.text.clusters import CHAR, Cluster
from formsvc.docxpdf.text.line_breaker import SPREAD, LineBreaker, Measure

# smallest type of a title, in points
_TITLE_SIZE = 18.0
# share of a line that may stay empty before a phrase that comes whole to the next
_EMPTY_SHARE = 0.4
# cost of a title's line end, by what stands around it
_BEFORE_SUBJECT, _AT_MARK, _BETWEEN_WORDS, _ANYWHERE = 0.0, 2.0, 4.0, 12.0
# cost of a line of half the width of its neighbour, and of lines that are narrow in the middle
_UNEQUAL, _HOURGLASS = 6.0, 3.0
_SUBJECT = "关于"
_OPENING, _CLOSING = "《〈“‘（〔【", "》〉”’）〕】、，；"
_NEVER_FIRST = "的之和与及等" + _CLOSING + "。：！？"
_NEVER_LAST = "和与及" + _OPENING
_LABEL = re.compile("(?<=\u3000)[㐀-鿿（）]{2,12}：")
_WORD = re.compile("|".join(sorted(map(re.escape, TITLE_WORDS), key=lambda w: (-len(w), w))))


def find_line_ends(
    clusters: Sequence[Cluster], measure: Measure, spans: Sequence[tuple[int, int]]
) -> list[int]:
    """Return the clusters before which a line break keeps the sense.

    ``spans``: the phrases that stay whole. Empty where the lines are well as they are.
    """
    if measure.align in SPREAD or any(cluster.kind != CHAR for cluster in clusters):
        return []
    if measure.align == "center" and clusters and clusters[0].format.nominal_size >= _TITLE_SIZE:
        return _title_ends(clusters, measure, spans)
    return _phrase_ends(clusters, measure, spans)


def _phrase_ends(
    clusters: Sequence[Cluster], measure: Measure, spans: Sequence[tuple[int, int]]
) -> list[int]:
    allows_break = LineBreaker(clusters, measure).allows_break
    spans = [*spans, *_labels(clusters, spans)]
    ends: list[int] = []
    start = 0
    while True:
        rest = replace(measure, first=0.0) if start else measure
        _, length = LineBreaker(clusters[start:], rest).break_first_line()
        end = start + length
        if end >= len(clusters):
            return ends
        least = (1 - _EMPTY_SHARE) * measure.width
        before = None
        for first, _ in sorted((a, -b) for a, b in spans if start < a < end < b):
            place = first
            # an opening bracket comes with the phrase
            while place > start and not allows_break(place):
                place -= 1
            if _width(clusters[start:place]) >= least:
                before = place
                break
        if before is not None:
            ends.append(before)
        start = end if before is None else before


def _labels(clusters: Sequence[Cluster], spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the labels of a row of particulars, 　主要负责人：, with a phrase."""
    if any(len(cluster.text) != 1 for cluster in clusters):
        return []
    ends: dict[int, int] = {}
    for start, end in spans:
        ends[start] = max(end, ends.get(start, 0))
    labels = _LABEL.finditer("".join(cluster.text for cluster in clusters))
    return [(label.start(), ends.get(label.end(), label.end())) for label in labels]


def _width(clusters: Iterable[Cluster]) -> float:
    return sum(cluster.width + cluster.gap_before for cluster in clusters)


@dataclass(frozen=True)
class _Title:
    """Characters of a title with their widths, and what a line end costs."""

    text: str
    widths: tuple[float, ...]
    width: float
    costs: tuple[float | None, ...]


def _title_ends(clusters: Sequence[Cluster], measure: Measure, spans: Sequence[tuple[int, int]]) -> list[int]:
    natural = LineBreaker(clusters, measure)
    natural.break_lines()
    if len(natural.starts) < 2 or any(len(cluster.text) != 1 for cluster in clusters):
        return []
    text = "".join(cluster.text for cluster in clusters)
    whole = {place for a, b in spans for place in range(a + 1, b)}
    costs = tuple(None if place in whole else _cost(text, place) for place in range(len(text)))
    widths = tuple(cluster.width + cluster.gap_before for cluster in clusters)
    title = _Title(text, widths, measure.width, costs)
    # a title that cannot be broken well in so many lines takes one more
    ends = _cheapest_ends(title, len(natural.starts)) or _cheapest_ends(title, len(natural.starts) + 1)
    return [] if ends is None or list(ends) == natural.starts[1:] else list(ends)


def _cost(text: str, place: int) -> float | None:
    """Return what a line end before a character costs; None: forbidden."""
    before, after = text[place - 1 : place], text[place]
    if not before or after in _NEVER_FIRST or before in _NEVER_LAST:
        return None
    begins, inside = _words(text)
    if place in inside:
        return None
    if text.startswith(_SUBJECT, place):
        return _BEFORE_SUBJECT
    if after in _OPENING or before in _CLOSING:
        return _AT_MARK
    return _BETWEEN_WORDS if place in begins else _ANYWHERE


@lru_cache(maxsize=64)
def _words(text: str) -> tuple[frozenset[int], frozenset[int]]:
    """Return where known words begin or end, and the places within them."""
    spans = [match.span() for match in _WORD.finditer(text)]
    edges = {place for span in spans for place in span}
    return frozenset(edges), frozenset(place for a, b in spans for place in range(a + 1, b))


def _cheapest_ends(title: _Title, lines: int) -> tuple[int, ...] | None:
    """Return the line ends of a title in so many lines, None without any."""
    candidates: list[tuple[float, tuple[int, ...]]] = []
    _collect_ends(title, lines, 0, (), candidates)
    return min(candidates, default=(0.0, None))[1]


def _collect_ends(
    title: _Title,
    lines: int,
    start: int,
    ends: tuple[int, ...],
    candidates: list[tuple[float, tuple[int, ...]]],
) -> None:
    if lines == 1:
        if sum(title.widths[start:]) <= title.width:
            candidates.append((_total_cost(title, ends), ends))
        return
    for end in range(start + 1, len(title.text)):
        if sum(title.widths[start:end]) > title.width:
            break
        if title.costs[end] is not None:
            _collect_ends(title, lines - 1, end, (*ends, end), candidates)


def _total_cost(title: _Title, ends: tuple[int, ...]) -> float:
    widths = [sum(title.widths[a:b]) for a, b in pairwise((0, *ends, len(title.text)))]
    unequal = sum(_UNEQUAL * (1 - min(a, b) / max(a, b)) for a, b in pairwise(widths))
    narrow = sum(_HOURGLASS for a, b, c in zip(widths, widths[1:], widths[2:], strict=False) if b < min(a, c))
    return sum(title.costs[end] or 0.0 for end in ends) + unequal + narrow
