"""Order of right-to-left text (Arabic, Uyghur, Hebrew) on the line.

The page engine orders the letters within a span. A phrase falls into several spans where its blanks or digits come
from another font, and those spans are put in order here. python-bidi (UAX #9) is no substitute: it returns a
reordered string, neither levels nor positions, and clusters carry widths and formats besides their text.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from itertools import groupby

from formsvc.docxpdf.text.clusters import CHAR, Cluster
from formsvc.docxpdf.text.line_breaker import Line
from formsvc.docxpdf.wordml.styles import RunFormat

_RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
# bidirectional classes of UAX #9: letters of right-to-left scripts …
_STRONG = frozenset({"R", "AL"})
# … and what may stand between two of them within one phrase
_WITHIN_PHRASE = frozenset({"EN", "AN", "ES", "ET", "CS", "NSM", "BN", "WS", "ON"})


def has_rtl_text(text: str) -> bool:
    return _RIGHT_TO_LEFT.search(text) is not None


def reorder_rtl_phrases(line: Line) -> Line:
    """Return a left-to-right line with right-to-left phrases reordered."""
    # positions after a tab are fixed already; such lines stay in logical order
    if line.tabs:
        return line
    clusters = list(line.clusters)
    at = 0
    while at < len(clusters):
        end = _phrase_end(clusters, at)
        if end > at:
            clusters[at:end] = _reverse_spans(clusters[at:end])
        at = max(end, at + 1)
    return replace(line, clusters=clusters)


def reorder_rtl_line(line: Line) -> Line:
    """Return a line of a right-to-left paragraph in visual order.

    Numbers and Western or Chinese words keep their own order.
    """
    if line.tabs:
        return line
    directions = _directions(line.clusters)
    groups = [
        (direction, [cluster for cluster, _ in group])
        for direction, group in groupby(zip(line.clusters, directions, strict=True), key=lambda pair: pair[1])
    ]
    for _, group in groups:
        _separate_format(group)
    ordered = [_reverse_spans(group) if direction == "R" else group for direction, group in groups]
    return replace(line, clusters=[cluster for group in reversed(ordered) for cluster in group])


def _directions(clusters: list[Cluster]) -> list[str]:
    """Return ``L``, ``R`` or ``N`` (a number) for each cluster.

    Blanks and marks take the direction of two like neighbours, else ``B``.
    """
    directions: list[str] = []
    for cluster in clusters:
        bidi_class = _bidi_class(cluster)
        if bidi_class in _STRONG:
            directions.append("R")
        elif bidi_class in ("EN", "AN"):
            before = next((d for d in reversed(directions) if d), "R")
            directions.append("L" if before == "L" else "N")
        else:
            directions.append("L" if bidi_class in ("", "L") else "")
    for at, direction in enumerate(directions):
        if not direction:
            before = next((d for d in reversed(directions[:at]) if d), "R")
            after = next((d for d in directions[at + 1 :] if d), "R")
            directions[at] = before if before == after else "B"
    return directions


def _separate_format(group: list[Cluster]) -> None:
    # clusters share a span if they share a format object; a copy keeps the group in spans of its own
    copies: dict[int, RunFormat] = {}
    for cluster in group:
        cluster.format = copies.setdefault(id(cluster.format), replace(cluster.format))


def _bidi_class(cluster: Cluster) -> str:
    return unicodedata.bidirectional(cluster.text[:1]) if cluster.kind == CHAR else ""


def _phrase_end(clusters: list[Cluster], start: int) -> int:
    """Return the index after the right-to-left phrase at ``start``.

    Return ``start`` if none begins there. The phrase ends with its last strong letter: blanks and digits
    after it belong to the text around.
    """
    if _bidi_class(clusters[start]) not in _STRONG:
        return start
    end = start + 1
    for at in range(start + 1, len(clusters)):
        bidi_class = _bidi_class(clusters[at])
        if bidi_class in _STRONG:
            end = at + 1
        elif bidi_class not in _WITHIN_PHRASE or clusters[at].east_asian:
            break
    return end


def _reverse_spans(phrase: list[Cluster]) -> list[Cluster]:
    spans = [list(group) for _, group in groupby(phrase, key=lambda c: (c.font, id(c.format), c.space_after))]
    return [cluster for span in reversed(spans) for cluster in span]
