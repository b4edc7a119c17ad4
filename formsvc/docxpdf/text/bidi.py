"""Words written from right to left (Arabic, Uyghur, Hebrew) put in the order in which they stand on the line.

Within a span the page engine sees to the order itself; a phrase falls into several spans where its blanks or
digits come out of another face, and those have to be laid from right to left here.
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
_STRONG = frozenset({"R", "AL"})
_CARRIED_ALONG = frozenset({"EN", "AN", "ES", "ET", "CS", "NSM", "BN", "WS", "ON"})


def runs_backwards(text: str) -> bool:
    """Whether a text has anything to be put in another order."""
    return _RIGHT_TO_LEFT.search(text) is not None


def in_visual_order(line: Line) -> Line:
    """The line with the spans of right-to-left phrases from left to right as they stand."""
    if line.tabs:
        return line
    clusters = list(line.clusters)
    at = 0
    while at < len(clusters):
        end = _phrase_end(clusters, at)
        if end > at:
            clusters[at:end] = _turned(clusters[at:end])
        at = max(end, at + 1)
    return replace(line, clusters=clusters)


def from_right_to_left(line: Line) -> Line:
    """A line of a right-to-left paragraph: it begins at the right; numbers and Western or Chinese words in it run on as ever."""
    if line.tabs:
        return line
    kinds = _kinds(line.clusters)
    groups = [
        (kind, [cluster for cluster, _ in group])
        for kind, group in groupby(zip(line.clusters, kinds, strict=True), key=lambda pair: pair[1])
    ]
    for _, group in groups:
        _apart(group)
    turned = [_turned(group) if kind == "R" else group for kind, group in groups]
    return replace(line, clusters=[cluster for group in reversed(turned) for cluster in group])


def _kinds(clusters: list[Cluster]) -> list[str]:
    """``L``, ``R`` or ``N`` (a number) for each cluster; blanks and marks go with two like neighbours, else they are ``B``."""
    kinds: list[str] = []
    for cluster in clusters:
        direction = _direction(cluster)
        if direction in _STRONG:
            kinds.append("R")
        elif direction in ("EN", "AN"):
            kinds.append("L" if next((k for k in reversed(kinds) if k), "R") == "L" else "N")
        else:
            kinds.append("L" if direction in ("", "L") else "")
    for at, kind in enumerate(kinds):
        if not kind:
            before = next((k for k in reversed(kinds[:at]) if k), "R")
            after = next((k for k in kinds[at + 1 :] if k), "R")
            kinds[at] = before if before == after else "B"
    return kinds


def _apart(group: list[Cluster]) -> None:
    """Let a group be written in spans of its own, whatever its neighbours look like."""
    copies: dict[int, RunFormat] = {}
    for cluster in group:
        cluster.format = copies.setdefault(id(cluster.format), replace(cluster.format))


def _direction(cluster: Cluster) -> str:
    return unicodedata.bidirectional(cluster.text[:1]) if cluster.kind == CHAR else ""


def _phrase_end(clusters: list[Cluster], start: int) -> int:
    """Behind the last right-to-left letter that only blanks, marks and digits part from the one at ``start``."""
    if _direction(clusters[start]) not in _STRONG:
        return start
    end = start + 1
    for at in range(start + 1, len(clusters)):
        kind = _direction(clusters[at])
        if kind in _STRONG:
            end = at + 1
        elif kind not in _CARRIED_ALONG or clusters[at].east_asian:
            break
    return end


def _turned(phrase: list[Cluster]) -> list[Cluster]:
    spans = [list(group) for _, group in groupby(phrase, key=lambda a: (a.font, id(a.format), a.space_after))]
    return [cluster for span in reversed(spans) for cluster in span]
